import { Refusal } from './connection.js';
import { h } from './dom.js';

/** @import { FaultName, LogEntry } from '../protocol.ts' */
/** @import { Ask } from './connection.js' */

const MAX_SHOWN = 300;

/** @type {readonly [FaultName, string][]} */
const FAULTS = [
  ['drop', 'Drop the socket'],
  ['reconnect', 'Ask to reconnect'],
  ['slow', 'Slow API'],
  ['rate-limit', '429'],
  ['restart', 'Restart the bot'],
];

/** @type {Readonly<Record<LogEntry['kind'], string>>} */
const DIRECTIONS = { request: 'bot → API', sent: 'gateway → bot', received: 'bot → gateway', notice: 'note' };

/** @param {LogEntry} entry */
function entryElement({ at, kind, title, outcome, refused, detail }) {
  const time = new Date(at).toTimeString().slice(0, 8);
  const head = [
    h('span', { class: 'log-meta' }, `${time} ${DIRECTIONS[kind]} `),
    h('span', { class: 'log-title' }, title),
    outcome === '' ? null : h('span', { class: 'log-outcome' }, ` ${outcome}`),
  ];
  const name = `log ${kind}${refused ? ' refused' : ''}`;
  if (detail === null) return h('div', { class: name }, ...head);
  const details = h('details', { class: name }, h('summary', {}, ...head));
  // Most are never opened.
  details.addEventListener('toggle', () => details.append(h('pre', { tabIndex: 0 }, JSON.stringify(detail, null, 2))), {
    once: true,
  });
  return details;
}

/**
 * What goes over the wire, as it happens, and buttons that make something go wrong.
 *
 * @param {Ask} ask
 * @param {() => void} close
 */
export function panel(ask, close) {
  const said = h('p', { class: 'fault-said', role: 'status' });
  /** @param {FaultName} name */
  const make = async (name) => {
    said.textContent = '…';
    const answer = await ask({ do: 'fault', name }).catch((error) => ({
      said: error instanceof Refusal ? error.message : String(error),
    }));
    said.textContent = answer.said;
  };
  const log = h('div', { class: 'wire', tabIndex: 0, role: 'region', 'aria-label': 'Requests and gateway events' });
  const onlyRefused = h('input', {
    type: 'checkbox',
    id: 'only-refused',
    onchange: () => log.classList.toggle('only-refused', onlyRefused.checked),
  });
  const element = h(
    'aside',
    { class: 'panel', id: 'panel', 'aria-label': 'For developers', hidden: true },
    h(
      'div',
      { class: 'panel-head' },
      h('h2', {}, 'On the wire'),
      h('button', { type: 'button', class: 'plain', 'aria-label': 'Close the panel', onclick: close }, '✕'),
    ),
    h(
      'div',
      { class: 'faults', role: 'group', 'aria-label': 'Make something go wrong' },
      ...FAULTS.map(([name, label]) => h('button', { type: 'button', onclick: () => make(name) }, label)),
    ),
    said,
    h('p', { class: 'only' }, onlyRefused, h('label', { for: 'only-refused' }, ' Only what was refused')),
    log,
  );
  /** @type {Map<number, HTMLElement>} */
  const shown = new Map();

  /** @param {LogEntry} entry */
  function put(entry) {
    const next = entryElement(entry);
    const known = shown.get(entry.id);
    if (known) known.replaceWith(next);
    else log.append(next);
    shown.set(entry.id, next);
    const oldest = shown.entries().next();
    if (shown.size <= MAX_SHOWN || oldest.done) return;
    oldest.value[1].remove();
    shown.delete(oldest.value[0]);
  }

  return {
    element,
    /** @param {readonly LogEntry[]} entries */
    add(entries) {
      const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
      for (const entry of entries) put(entry);
      if (atEnd) log.scrollTop = log.scrollHeight;
    },
    /** Before everything is told again. */
    empty() {
      shown.clear();
      log.replaceChildren();
    },
    /** @param {boolean} open */
    show(open) {
      element.hidden = !open;
      if (open) log.scrollTop = log.scrollHeight;
    },
  };
}
