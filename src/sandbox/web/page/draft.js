import { lineOf } from './commands.js';
import { h } from './dom.js';
import { pill } from './pill.js';

/** @import { SentFile } from '../protocol.ts' */
/** @import { Option, Typable } from './commands.js' */
/** @import { Pill } from './pill.js' */

/**
 * What is done with the fields of options.
 * @typedef {{ input: (one: Pill) => void, focus: (one: Pill) => void, key: (event: KeyboardEvent, one: Pill) => void }} PillEvents
 */

/**
 * The command that is being typed, as fields: its name, one field for each option that is wanted so far, and a last one
 * (the tail) for whatever comes next: `/` and a name, or another option.
 *
 * @param {string} suggestionsId
 * @param {PillEvents} events
 */
export function draft(suggestionsId, events) {
  const name = h('span', { class: 'command-name', hidden: true });
  const tail = h('input', {
    class: 'tail',
    type: 'text',
    role: 'combobox',
    autocomplete: 'off',
    spellcheck: false,
    autocapitalize: 'off',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': suggestionsId,
  });
  const element = h('div', { class: 'fields' }, name, tail);
  /** @type {Typable | null} */
  let command = null;
  /** @type {Pill[]} */
  let pills = [];

  element.addEventListener('click', ({ target }) => {
    if (target === element || target === name) tail.focus();
  });

  /** @param {Option} option */
  function add(option) {
    const known = pills.find((one) => one.option === option);
    if (known) return known;
    const added = pill(option, suggestionsId);
    pills.push(added);
    element.insertBefore(added.element, tail);
    added.field.addEventListener('input', () => events.input(added));
    added.field.addEventListener('focus', () => events.focus(added));
    added.field.addEventListener('keydown', (event) => events.key(event, added));
    return added;
  }

  function clear() {
    for (const one of pills) one.element.remove();
    pills = [];
    command = null;
    name.hidden = true;
    tail.value = '';
  }

  const given = () => pills.filter((one) => !one.isEmpty && !one.isFile);

  return {
    element,
    tail,
    add,
    clear,
    get command() {
      return command;
    },
    get pills() {
      return pills;
    },
    /** @param {Pill} removed */
    remove(removed) {
      removed.element.remove();
      pills = pills.filter((one) => one !== removed);
    },
    /**
     * Begins a command, with fields for what it requires and for what is given. Returns the field to go on in.
     * @param {Typable} chosen
     * @param {Readonly<Record<string, string>>} values
     */
    begin(chosen, values = {}) {
      clear();
      command = chosen;
      name.textContent = `/${chosen.path}`;
      name.hidden = false;
      for (const option of chosen.options) {
        const value = values[option.name];
        if (option.required || value !== undefined) add(option);
        if (value !== undefined) pills.at(-1)?.set(value);
      }
      return pills.find((one) => one.isEmpty)?.field ?? tail;
    },
    /** Back from the options to the name. */
    unbegin() {
      const path = command?.path ?? '';
      clear();
      tail.value = `/${path}`;
      tail.focus();
    },
    /** Options that have no field yet. */
    rest: () => (command?.options ?? []).filter((option) => !pills.some((one) => one.option === option)),
    /** The field to go on in after one is filled. */
    next: () => pills.find((one) => one.isEmpty && one.option.required)?.field ?? tail,
    missing: () => pills.filter((one) => one.option.required && one.isEmpty),
    /**
     * What was typed; with `last`, that option comes last, whether or not it is empty.
     * @param {Pill} [last]
     */
    typed(last) {
      const others = given().filter((one) => one !== last);
      const options = Object.fromEntries(
        [...others, ...(last ? [last] : [])].map((one) => [one.option.name, one.value]),
      );
      return { command: command?.path ?? '', options };
    },
    /** The same as a line, as it is shown. */
    line() {
      const options = Object.fromEntries(given().map((one) => [one.option.name, one.field.value]));
      return lineOf({ command: command?.path ?? '', options });
    },
    async files() {
      /** @type {Record<string, SentFile>} */
      const files = {};
      for (const one of pills.filter(({ isFile }) => isFile)) {
        const file = await one.file();
        if (file) files[one.option.name] = file;
      }
      return files;
    },
  };
}

/** @typedef {ReturnType<typeof draft>} Draft */
