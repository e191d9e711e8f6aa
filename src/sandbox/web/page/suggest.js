import { matching, typables } from './commands.js';
import { offersFor } from './offers.js';

/** @import { Typable } from './commands.js' */
/** @import { Ask } from './connection.js' */
/** @import { Draft } from './draft.js' */
/** @import { Pill } from './pill.js' */
/** @import { Store } from './store.js' */
/** @import { SuggestionList } from './suggestions.js' */

/** How long nothing is typed before the bot is asked for choices. */
const DEBOUNCE_MS = 150;

/**
 * Fills the list of suggestions: commands and options from what the bot has declared, values from the page or the bot.
 *
 * @param {{ store: Store, ask: Ask, list: SuggestionList, draft: Draft, choose: (command: Typable) => void }} context
 */
export function suggester({ store, ask, list, draft, choose }) {
  /** @type {Typable[]} */
  let commands = [];
  let turn = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /**
   * @param {Pill} one
   * @param {readonly { name: string, value: string | number }[]} choices
   */
  function showChoices(one, choices) {
    if (document.activeElement !== one.field) return;
    const suggestions = choices.map((choice) => ({
      group: one.option.name,
      label: choice.name,
      apply: () => {
        one.set(choice.name, String(choice.value));
        one.complain('');
        draft.next().focus();
      },
    }));
    list.show(one.field, suggestions, false);
  }

  /** @param {string} wanted */
  function showOptions(wanted) {
    const suggestions = draft
      .rest()
      .filter(({ name }) => name.includes(wanted))
      .map((option) => ({
        group: 'Options',
        label: option.name,
        about: option.description,
        apply: () => {
          draft.tail.value = '';
          draft.add(option).field.focus();
        },
      }));
    list.show(draft.tail, suggestions, wanted !== '');
  }

  return {
    get commands() {
      return commands;
    },
    /** What the bot offers here to who acts; it may have changed. */
    async learn() {
      const answer = await ask({ do: 'commands', place: store.place }).catch(() => ({ commands: [] }));
      commands = typables(answer.commands);
    },
    forTail() {
      const typed = draft.tail.value;
      if (draft.command) return showOptions(typed.trim().toLowerCase());
      if (!typed.startsWith('/')) return list.hide();
      const suggestions = matching(commands, typed.slice(1)).map((one) => ({
        group: store.welcome.bot.name,
        label: `/${one.path}`,
        about: one.description,
        mark: one.options.flatMap(({ name, required }) => (required ? [name] : [])).join(' '),
        apply: () => choose(one),
      }));
      list.show(draft.tail, suggestions, true);
    },
    /** The bot is asked once nothing was typed for a moment, and only its latest answer counts. */
    /** @param {Pill} one */
    forPill(one) {
      clearTimeout(timer);
      turn += 1;
      const asked = turn;
      const own = offersFor(one.option, store.guild, one.field.value);
      if (own || !one.option.autocomplete) return showChoices(one, own ?? []);
      timer = setTimeout(async () => {
        const request = { do: /** @type {const} */ ('choices'), place: store.place, typed: draft.typed(one) };
        const { choices } = await ask(request).catch(() => ({ choices: [] }));
        if (asked === turn) showChoices(one, choices);
      }, DEBOUNCE_MS);
    },
    /** Nothing that was asked for is wanted any more. */
    stop() {
      clearTimeout(timer);
      turn += 1;
      list.hide();
    },
  };
}
