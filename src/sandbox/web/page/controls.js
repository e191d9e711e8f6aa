import { h } from './dom.js';
import { menuElement } from './menu.js';

/** @import { GuildView } from '../protocol.ts' */

/**
 * A component of a message as it comes over the wire.
 * @typedef {{ type: number, custom_id?: string, label?: string, style?: number, url?: string, disabled?: boolean,
 *   emoji?: { name?: string }, components?: Component[], component?: Component, placeholder?: string, content?: string,
 *   options?: { label: string, value: string, description?: string, default?: boolean, emoji?: { name?: string } }[],
 *   min_values?: number, max_values?: number, min_length?: number, max_length?: number, required?: boolean,
 *   value?: string, description?: string }} Component
 */

/**
 * What is done with a control: its custom id, and the values of a menu.
 * @typedef {(customId: string, values: readonly string[] | null) => void} Use
 */

/** @type {Readonly<Record<number, string>>} */
const STYLES = { 1: 'primary', 2: 'secondary', 3: 'success', 4: 'destructive', 5: 'secondary' };
const BUTTON = 2;
const LINK_STYLE = 5;

/**
 * @param {Component} button
 * @param {Use} use
 */
function buttonElement(button, use) {
  const label = [button.emoji?.name, button.label].filter(Boolean).join(' ');
  const { custom_id: id = '', disabled = false } = button;
  const isLink = button.style === LINK_STYLE;
  const element = h('discord-button', {
    type: STYLES[button.style ?? 2] ?? 'secondary',
    disabled,
    ...(isLink ? { url: button.url } : { 'data-control': id }),
  });
  element.append(label);
  if (isLink) return element;
  element.addEventListener('click', () => !disabled && use(id, null));
  // The component only looks disabled.
  const { updateComplete } = /** @type {{ updateComplete?: Promise<unknown> }} */ (/** @type {unknown} */ (element));
  void updateComplete?.then(() => {
    const inner = element.shadowRoot?.querySelector('button');
    if (inner) Object.assign(inner, { disabled, type: 'button' });
  });
  return element;
}

/**
 * What a menu of people, roles or channels offers: Discord's client knows them, the bot does not send them.
 *
 * @param {Component} menu
 * @param {GuildView | undefined} guild
 */
export function optionsOf(menu, guild) {
  if (menu.options) return menu.options;
  const people = guild?.members ?? [];
  const roles = guild?.roles ?? [];
  const channels = (guild?.channels ?? []).map(({ id, name }) => ({ id, name: `#${name}` }));
  /** @type {Readonly<Record<number, readonly { id: string, name: string }[]>>} */
  const byType = { 5: people, 6: roles, 7: [...people, ...roles], 8: channels };
  return (byType[menu.type] ?? []).map(({ id, name }) => ({ label: name, value: id }));
}

/**
 * The rows of buttons and menus of a message.
 *
 * @param {readonly Component[]} rows
 * @param {GuildView | undefined} guild
 * @param {Use} use
 */
export function controlsElement(rows, guild, use) {
  if (rows.length === 0) return null;
  const elements = rows.map((row) => {
    const controls = (row.components ?? []).map((control) => {
      if (control.type === BUTTON) return buttonElement(control, use);
      return menuElement(
        {
          id: control.custom_id ?? '',
          placeholder: control.placeholder ?? 'Make a selection',
          options: optionsOf(control, guild),
          least: control.min_values ?? 1,
          most: control.max_values ?? 1,
          disabled: control.disabled ?? false,
        },
        (values) => use(control.custom_id ?? '', values),
      );
    });
    return h('discord-action-row', {}, ...controls);
  });
  return h('div', { slot: 'components' }, ...elements);
}
