import { namedBy, valuesIn } from './commands.js';
import { Refusal } from './connection.js';
import { h } from './dom.js';
import { draft as createDraft } from './draft.js';
import { suggester } from './suggest.js';
import { suggestionList } from './suggestions.js';

/** @import { Typable } from './commands.js' */
/** @import { Ask } from './connection.js' */
/** @import { Pill } from './pill.js' */
/** @import { Store } from './store.js' */

const REQUIRED = 'This option is required. Specify a value.';

/** @typedef {{ readonly command: string, readonly options: Readonly<Record<string, string>> }} Typed */

/**
 * Where commands are typed.
 *
 * @param {Store} store
 * @param {Ask} ask
 * @param {(typed: Typed) => void} onSent
 */
export function composer(store, ask, onSent) {
  const list = suggestionList();
  const draft = createDraft(list.id, { input: typedIn, focus: focused, key: pillKey });
  const { tail } = draft;
  const suggest = suggester({ store, ask, list, draft, choose: (command) => choose(command) });
  const problem = h('div', { class: 'problem', role: 'alert' });
  const hint = h('div', { class: 'hint', role: 'status' });
  const sendButton = h('button', { type: 'submit', class: 'send', 'aria-label': 'Send' }, '➤');
  const form = h(
    'form',
    { class: 'composer', noValidate: true, 'aria-label': 'Type a command' },
    list.element,
    problem,
    hint,
    h('div', { class: 'bar' }, draft.element, sendButton),
  );
  let sending = false;
  let knownPlace = '';

  function describe() {
    const { command, pills } = draft;
    const about = pills.find(({ field }) => field === document.activeElement)?.option;
    if (about) hint.textContent = `${about.name}: ${about.description}`;
    else hint.textContent = command ? `/${command.path}: ${command.description}` : '';
    const left = draft.rest().length;
    const where = store.place.guild === null ? store.channelName : `#${store.channelName}`;
    const more = left > 0 ? `+${left} optional` : '';
    tail.placeholder = command ? more : `Message ${where}, or type /`;
    tail.setAttribute('aria-label', command ? 'More options' : `Message ${where}, type / for commands`);
  }

  function clear() {
    draft.clear();
    problem.textContent = '';
    suggest.stop();
    describe();
  }

  /**
   * @param {Typable} command
   * @param {Readonly<Record<string, string>>} [values]
   */
  function choose(command, values) {
    problem.textContent = '';
    suggest.stop();
    const next = draft.begin(command, values);
    if (next === document.activeElement) suggest.forTail();
    next.focus();
    describe();
  }

  function backToName() {
    draft.unbegin();
    suggest.forTail();
    describe();
  }

  /** @param {Pill} one */
  function focused(one) {
    describe();
    // What was offered for the field before is not for this one.
    suggest.stop();
    if (!one.isFile) suggest.forPill(one);
  }

  /** Whoever types a whole line by hand names options within a field: `… ports:` goes on in that option. */
  /** @param {Pill} one */
  function typedIn(one) {
    one.complain('');
    problem.textContent = '';
    if (one.isFile) return;
    const own = `${one.option.name}:`;
    if (one.field.value.startsWith(own)) one.set(one.field.value.slice(own.length).trimStart());
    const [, before = '', name = '', after = ''] = /^(.*\s|)([\w-]+):(.*)$/s.exec(one.field.value) ?? [];
    const option = draft.rest().find((candidate) => candidate.name === name);
    if (!option) return suggest.forPill(one);
    one.set(before.trim());
    const next = draft.add(option);
    if (after.trim() !== '') next.set(after.trim());
    next.field.focus();
  }

  function tailTyped() {
    problem.textContent = '';
    const text = tail.value;
    if (draft.command) {
      const option = draft.rest().find(({ name }) => text.trim() === `${name}:`);
      if (!option) return suggest.forTail();
      tail.value = '';
      draft.add(option).field.focus();
      return;
    }
    const named = text.startsWith('/') ? namedBy(suggest.commands, text) : undefined;
    if (named) chooseTyped(named);
    else suggest.forTail();
  }

  /** A command that was named in full, with what was typed after it before the page took notice. */
  /** @param {{ command: Typable, rest: string }} named */
  function chooseTyped({ command, rest }) {
    const { values, before } = valuesIn(rest, command.options);
    choose(command, values);
    const { activeElement } = document;
    if (before === '' || !(activeElement instanceof HTMLInputElement)) return;
    activeElement.value = before;
    activeElement.dispatchEvent(new Event('input'));
  }

  function leave() {
    if (list.isOpen) return suggest.stop();
    clear();
    tail.focus();
  }

  /** Keys of the list of suggestions. True when the key was used. */
  /** @param {KeyboardEvent} event */
  function listKey(event) {
    const { key, isComposing, shiftKey } = event;
    if (isComposing || (!list.isOpen && !(key === 'Escape' && draft.command))) return false;
    if (key === 'ArrowDown' || key === 'ArrowUp') list.move(key === 'ArrowDown' ? 1 : -1);
    else if (key === 'Escape') leave();
    else if ((key !== 'Enter' && key !== 'Tab') || shiftKey || !list.take()) return false;
    event.preventDefault();
    return true;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Pill} one
   */
  function pillKey(event, one) {
    if (listKey(event) || event.key !== 'Backspace' || one.field.value !== '') return;
    event.preventDefault();
    if (one.option.required === true) return backToName();
    draft.remove(one);
    suggest.stop();
    tail.focus();
    describe();
  }

  /** @param {KeyboardEvent} event */
  function tailKey(event) {
    if (listKey(event) || event.key !== 'Backspace' || tail.value !== '' || !draft.command) return;
    event.preventDefault();
    const last = draft.pills.at(-1);
    if (last) last.field.focus();
    else backToName();
  }

  /** What cannot be sent, since it is no command that was chosen. */
  /** @param {string} text */
  function unsendable(text) {
    if (text === '') return '';
    if (!text.startsWith('/')) return 'Nobody else is here: this place is for commands. They start with a slash.';
    return suggest.commands.length === 0 ? 'The bot offers no commands here.' : `There is no command ${text} here.`;
  }

  /** Enter after a name, or after a whole line that was typed faster than the page knew the commands. */
  async function chooseNamed() {
    await suggest.learn();
    const text = tail.value.trim();
    const named = draft.command ? undefined : namedBy(suggest.commands, `${text} `);
    if (named) chooseTyped(named);
    else if (!draft.command) problem.textContent = unsendable(text);
  }

  async function send() {
    if (!draft.command) await chooseNamed();
    if (!draft.command) return;
    const missing = draft.missing();
    for (const one of missing) one.complain(REQUIRED);
    missing[0]?.field.focus();
    if (missing.length > 0) return;
    const typed = draft.typed();
    const text = draft.line();
    const { channel } = store.place;
    const { interaction } = await ask({ do: 'slash', place: store.place, typed, files: await draft.files() });
    store.typed.set(interaction, text);
    store.pending.set(interaction, { interaction, channel, text, failed: false, isCommand: true });
    clear();
    tail.focus();
    store.changed();
    onSent(typed);
  }

  /** The field that a refusal is about is marked. */
  /** @param {unknown} error */
  function refused(error) {
    const text = error instanceof Refusal ? error.message : String(error);
    const about = draft.pills.find((one) => text.startsWith(`${one.option.name}: `));
    if (!about) problem.textContent = text;
    about?.complain(text.slice(about.option.name.length + 2));
    about?.field.focus();
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (sending) return;
    sending = true;
    suggest.stop();
    await send().catch(refused);
    sending = false;
  });
  tail.addEventListener('input', tailTyped);
  tail.addEventListener('keydown', tailKey);
  tail.addEventListener('focus', () => {
    describe();
    if (draft.command) suggest.forTail();
    else void suggest.learn().then(() => tail.value.startsWith('/') && !draft.command && tailTyped());
  });
  form.addEventListener('focusout', ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && form.contains(relatedTarget))) suggest.stop();
  });
  store.subscribe(() => {
    const place = `${store.person?.key} ${store.place.channel}`;
    if (knownPlace !== place) {
      knownPlace = place;
      clear();
      if (store.person) void suggest.learn();
    }
    describe();
  });

  return {
    element: form,
    /** Fills in a command, so that Enter sends it. */
    /** @param {Typed} typed */
    async fill(typed) {
      await suggest.learn();
      const known = suggest.commands.find(({ path }) => path === typed.command);
      if (known) choose(known, typed.options);
      else problem.textContent = `/${typed.command} is not offered here.`;
      suggest.stop();
    },
  };
}
