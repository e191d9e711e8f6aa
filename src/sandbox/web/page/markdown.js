import { h } from './dom.js';

/** What stands within a line, in Discord's markdown. */
const SPAN = new RegExp(
  [
    String.raw`\\([!-/:-@\[-\x60{-~])`, // 1: escaped punctuation
    '``((?:(?!``)[^\\n])+)``|`([^`\\n]+)`', // 2, 3: code
    String.raw`\[([^\]\n]+)\]\(<?(https?://[^\s)>]+)>?(?: "[^"\n]*")?\)`, // 4, 5: masked link
    String.raw`<?(https?://[^\s<>)]*[^\s<>).,:;!?'"\]])>?`, // 6: link
    String.raw`<t:(-?\d{1,13})(?::([tTdDfFR]))?>`, // 7, 8: timestamp
    String.raw`<(\/[^:>\n]+):\d+>`, // 9: command mention
    String.raw`<a?(:\w+:)\d+>`, // 10: custom emoji
    String.raw`<(?:@[!&]?|#)(\d+)>`, // 11: mention
    String.raw`\*\*(?=\S)(.+?)\*\*(?!\*)`, // 12: bold
    '__(?=\\S)(.+?)__', // 13: underlined
    '~~(?=\\S)(.+?)~~', // 14: struck
    String.raw`\|\|(?=\S)(.+?)\|\|`, // 15: spoiler
    String.raw`\*(?![\s*])([^*\n]+)(?<!\s)\*`, // 16: italics
    '(?<!\\w)_(?![\\s_])([^_\\n]+)(?<!\\s)_(?!\\w)', // 17: italics
  ].join('|'),
  'gs',
);

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const TIME_STYLES = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
};

/** @type {[limit: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][]} */
const UNITS = [
  [60, 'second', 1],
  [3_600, 'minute', 60],
  [86_400, 'hour', 3_600],
  [2_592_000, 'day', 86_400],
  [31_536_000, 'month', 2_592_000],
  [Number.POSITIVE_INFINITY, 'year', 31_536_000],
];

/** @param {number} seconds */
function relative(seconds) {
  const distance = seconds - Date.now() / 1_000;
  const [, unit, length] = UNITS.find(([limit]) => Math.abs(distance) < limit) ?? ['', 'day', 86_400];
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(Math.round(distance / length), unit);
}

/**
 * @param {string} unix
 * @param {string} style
 */
function timeElement(unix, style) {
  const date = new Date(Number(unix) * 1_000);
  if (Number.isNaN(date.getTime())) return document.createTextNode(unix);
  const options = TIME_STYLES[style] ?? TIME_STYLES.f;
  const text = style === 'R' ? relative(Number(unix)) : new Intl.DateTimeFormat('en-GB', options).format(date);
  return h('time', { class: 'mention', dateTime: date.toISOString(), title: date.toString() }, text);
}

/** @typedef {(id: string) => string | undefined} NameOf */

/** @param {string} text */
function link(text, url = text) {
  return h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, text);
}

/** @param {Node[]} children */
function spoiler(children) {
  const reveal = (/** @type {Event} */ event) => {
    const { currentTarget } = event;
    if (currentTarget instanceof HTMLElement) currentTarget.classList.add('shown');
  };
  return h('button', { type: 'button', class: 'spoiler', title: 'Show', onclick: reveal }, h('span', {}, ...children));
}

/**
 * @param {(string | undefined)[]} groups
 * @param {NameOf} nameOf
 * @param {string} all
 * @returns {Node}
 */
function spanNode(groups, nameOf, all) {
  const [escaped, code2, code1, label, url, bare, unix, style, command, emoji, mentioned, ...marked] = groups;
  if (escaped !== undefined) return document.createTextNode(escaped);
  const code = code2 ?? code1;
  if (code !== undefined) return h('code', {}, code);
  if (label !== undefined && url !== undefined) {
    const anchor = link('', url);
    anchor.append(...inline(label, nameOf));
    return anchor;
  }
  if (bare !== undefined) return link(bare);
  if (unix !== undefined) return timeElement(unix, style ?? 'f');
  if (command !== undefined) return h('span', { class: 'mention' }, command);
  if (emoji !== undefined) return document.createTextNode(emoji);
  if (mentioned !== undefined) return h('span', { class: 'mention' }, nameOf(mentioned) ?? all);
  const [bold, underlined, struck, hidden, italic1, italic2] = marked;
  const tags = /** @type {const} */ ([
    ['strong', bold],
    ['u', underlined],
    ['s', struck],
    ['em', italic1 ?? italic2],
  ]);
  for (const [tag, text] of tags) if (text !== undefined) return h(tag, {}, ...inline(text, nameOf));
  return hidden === undefined ? document.createTextNode(all) : spoiler(inline(hidden, nameOf));
}

/**
 * What stands within lines: emphasis, code, links, mentions, times.
 *
 * @param {string} text
 * @param {NameOf} nameOf
 * @returns {Node[]}
 */
export function inline(text, nameOf) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(SPAN)) {
    nodes.push(document.createTextNode(text.slice(end, match.index)));
    nodes.push(spanNode(match.slice(1, 18), nameOf, match[0]));
    end = match.index + match[0].length;
  }
  nodes.push(document.createTextNode(text.slice(end)));
  return nodes.filter((node) => node.textContent !== '' || node instanceof Element);
}

/** Lines that are more than text: the pattern takes the mark off. */
const LINES = /** @type {const} */ ([
  [/^(#{1,3}) +(.+)$/, 'heading'],
  [/^-# +(.+)$/, 'small'],
  [/^> ?(.*)$/, 'quote'],
  [/^( *)[-*] +(.+)$/, 'item'],
  [/^( *)(\d{1,9})\. +(.+)$/, 'numbered'],
]);

/**
 * @param {string} line
 * @param {NameOf} nameOf
 * @returns {HTMLElement | null}
 */
function lineElement(line, nameOf) {
  for (const [pattern, kind] of LINES) {
    const match = pattern.exec(line);
    if (!match) continue;
    const content = inline(match.at(-1) ?? '', nameOf);
    const depth = kind === 'item' || kind === 'numbered' ? Math.floor((match[1]?.length ?? 0) / 2) : 0;
    const level = kind === 'heading' ? ` heading-${match[1]?.length}` : '';
    const mark = kind === 'item' ? '•' : kind === 'numbered' ? `${match[2]}.` : null;
    return h(
      'div',
      { class: `line ${kind}${level} depth-${Math.min(depth, 3)}` },
      mark && h('span', { class: 'bullet' }, mark),
      h('span', {}, ...content),
    );
  }
  return null;
}

/**
 * @param {string} text
 * @param {NameOf} nameOf
 */
function paragraph(text, nameOf) {
  const nodes = [];
  /** @type {string[]} */
  let plain = [];
  const flush = () => {
    if (plain.length > 0) nodes.push(...inline(plain.join('\n'), nameOf));
    plain = [];
  };
  for (const line of text.split('\n')) {
    const special = lineElement(line, nameOf);
    if (special) {
      flush();
      nodes.push(special);
    } else plain.push(line);
  }
  flush();
  return nodes;
}

/**
 * Discord's markdown as nodes. Everything in it is text to the browser: nothing becomes markup but what is made here.
 *
 * @param {string} text
 * @param {NameOf} nameOf
 * @returns {Node[]}
 */
export function markdown(text, nameOf) {
  const parts = text.split(/```(?:[\w+-]+\n|\n)?([\s\S]*?)\n?```\n?/);
  return parts.flatMap((part, index) => {
    if (index % 2 === 1) return [h('pre', { tabIndex: 0 }, h('code', {}, part))];
    return part === '' ? [] : paragraph(part.replace(/\n$/, ''), nameOf);
  });
}
