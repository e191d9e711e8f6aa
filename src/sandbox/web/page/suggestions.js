import { freshId, h } from './dom.js';

/**
 * Something that may be chosen while typing.
 * @typedef {{ label: string, about?: string, mark?: string, group: string, apply: () => void }} Suggestion
 */

/** The list above the composer. It never has the focus: the field that is typed in keeps it, and names the active item. */
export function suggestionList() {
  const id = freshId('suggestions');
  const element = h('div', { id, class: 'suggestions', role: 'listbox', 'aria-label': 'Suggestions', hidden: true });
  /** @type {readonly Suggestion[]} */
  let shown = [];
  /** @type {HTMLElement[]} */
  let items = [];
  /** @type {HTMLElement | null} */
  let field = null;
  let active = -1;

  /** @param {number} index */
  function activate(index) {
    items[active]?.setAttribute('aria-selected', 'false');
    active = index;
    const item = items[active];
    item?.setAttribute('aria-selected', 'true');
    item?.scrollIntoView({ block: 'nearest' });
    if (item) field?.setAttribute('aria-activedescendant', item.id);
    else field?.removeAttribute('aria-activedescendant');
  }

  /** @param {Suggestion} suggestion */
  function itemElement({ label, about, mark }) {
    return h(
      'div',
      { role: 'option', id: freshId('suggestion'), class: 'suggestion', 'aria-selected': 'false' },
      h('span', { class: 'suggestion-label' }, label),
      mark ? h('span', { class: 'suggestion-mark' }, mark) : null,
      about ? h('span', { class: 'suggestion-about' }, about) : null,
    );
  }

  function hide() {
    element.hidden = true;
    shown = [];
    items = [];
    active = -1;
    field?.setAttribute('aria-expanded', 'false');
    field?.removeAttribute('aria-activedescendant');
  }

  // Before the field loses focus.
  element.addEventListener('pointerdown', (event) => event.preventDefault());
  element.addEventListener('click', ({ target }) => {
    const index = items.findIndex((item) => target instanceof Node && item.contains(target));
    shown[index]?.apply();
  });

  return {
    element,
    id,
    hide,
    get isOpen() {
      return !element.hidden;
    },
    /**
     * @param {HTMLElement} typedIn
     * @param {readonly Suggestion[]} suggestions
     * @param {boolean} firstActive whether Enter takes the first one
     */
    show(typedIn, suggestions, firstActive) {
      hide();
      if (suggestions.length === 0) return;
      field = typedIn;
      shown = suggestions;
      items = suggestions.map(itemElement);
      const groups = [...new Set(suggestions.map(({ group }) => group))];
      element.replaceChildren(
        ...groups.map((group) => {
          const members = items.filter((_, index) => suggestions[index]?.group === group);
          const heading = h('div', { class: 'suggestion-group', 'aria-hidden': 'true' }, group);
          return h('div', { role: 'group', 'aria-label': group }, heading, ...members);
        }),
      );
      element.hidden = false;
      field.setAttribute('aria-expanded', 'true');
      if (firstActive) activate(0);
    },
    /** @param {1 | -1} step */
    move(step) {
      if (items.length === 0) return;
      activate(active < 0 && step < 0 ? items.length - 1 : (active + step + items.length) % items.length);
    },
    /** Takes the active one. False when none is. */
    take() {
      const suggestion = shown[active];
      suggestion?.apply();
      return suggestion !== undefined;
    },
  };
}

/** @typedef {ReturnType<typeof suggestionList>} SuggestionList */
