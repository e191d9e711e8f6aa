import { freshId, h } from './dom.js';

/**
 * A select menu that keys can reach, which the one of the components cannot: a button with a list box.
 *
 * @typedef {{ label: string, value: string, description?: string, default?: boolean }} MenuOption
 * @typedef {{ id: string, placeholder: string, options: readonly MenuOption[], least: number, most: number,
 *   disabled: boolean }} Menu
 */

/** @param {MenuOption} option */
function optionElement({ label, description, default: chosen }) {
  return h(
    'li',
    { role: 'option', id: freshId('option'), 'aria-selected': String(chosen === true) },
    h('span', { class: 'option-label' }, label),
    description ? h('span', { class: 'option-about' }, description) : null,
  );
}

/**
 * @param {Menu} menu
 * @param {(values: string[]) => void} choose
 */
export function menuElement(menu, choose) {
  const listId = freshId('menu');
  const label = h('span', { class: 'menu-label' }, menu.placeholder);
  const button = h(
    'button',
    {
      type: 'button',
      class: 'menu-button',
      disabled: menu.disabled,
      role: 'combobox',
      'data-control': menu.id,
      'aria-haspopup': 'listbox',
      'aria-expanded': 'false',
      'aria-controls': listId,
      'aria-label': menu.placeholder,
    },
    label,
    h('span', { class: 'menu-arrow', 'aria-hidden': 'true' }, '▾'),
  );
  const several = menu.most > 1;
  const items = menu.options.map(optionElement);
  const list = h(
    'ul',
    { id: listId, role: 'listbox', class: 'menu-list', hidden: true, 'aria-label': menu.placeholder },
    ...items,
  );
  if (several) list.setAttribute('aria-multiselectable', 'true');
  const element = h('div', { class: 'menu' }, button, list);
  let active = -1;

  const chosen = () => menu.options.filter((_, index) => items[index]?.getAttribute('aria-selected') === 'true');
  const isOpen = () => !list.hidden;

  /** @param {number} index */
  function activate(index) {
    items[active]?.classList.remove('active');
    active = Math.max(0, Math.min(items.length - 1, index));
    const item = items[active];
    item?.classList.add('active');
    item?.scrollIntoView({ block: 'nearest' });
    button.setAttribute('aria-activedescendant', item?.id ?? '');
  }
  /** @param {boolean} open */
  function toggle(open) {
    list.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (open) activate(Math.max(0, active));
    else button.removeAttribute('aria-activedescendant');
  }
  /** @param {number} index */
  function pick(index) {
    const option = menu.options[index];
    const item = items[index];
    if (!option || !item) return;
    if (!several) {
      toggle(false);
      choose([option.value]);
      return;
    }
    const isChosen = item.getAttribute('aria-selected') === 'true';
    if (isChosen || chosen().length < menu.most) item.setAttribute('aria-selected', String(!isChosen));
    label.textContent =
      chosen().length === 0
        ? menu.placeholder
        : chosen()
            .map((one) => one.label)
            .join(', ');
  }
  /** Leaving a menu of several sends what was chosen in it, as in Discord. */
  function close() {
    if (!isOpen()) return;
    toggle(false);
    const values = chosen().map(({ value }) => value);
    if (several && values.length >= menu.least) choose(values);
  }

  button.addEventListener('click', () => (isOpen() ? close() : toggle(true)));
  button.addEventListener('blur', close);
  /** @type {Readonly<Record<string, () => void>>} */
  const keys = {
    ArrowDown: () => activate(active + 1),
    ArrowUp: () => activate(active - 1),
    Home: () => activate(0),
    End: () => activate(items.length - 1),
    Enter: () => pick(active),
    ' ': () => pick(active),
    Escape: close,
  };
  button.addEventListener('keydown', (event) => {
    const open = () => event.key === 'ArrowDown' && toggle(true);
    const act = isOpen() ? keys[event.key] : event.key === 'ArrowDown' ? open : undefined;
    if (!act) return;
    event.preventDefault();
    act();
  });
  // Before the button loses focus, which closes the list.
  list.addEventListener('pointerdown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const index = items.findIndex((item) => event.target instanceof Node && item.contains(event.target));
    if (index >= 0) pick(index);
  });
  return element;
}
