import { Refusal } from './connection.js';
import { optionsOf } from './controls.js';
import { freshId, h } from './dom.js';

/** @import { GuildView } from '../protocol.ts' */
/** @import { Component } from './controls.js' */

const TEXT_INPUT = 4;
const LABEL = 18;
const TEXT_DISPLAY = 10;
const PARAGRAPH = 2;

/**
 * A field of a form: what it shows, and what was filled in.
 * @typedef {{ element: HTMLElement, id: string, value: () => string | string[] }} Field
 */

/**
 * @param {Component} input
 * @param {string} label
 * @param {string | undefined} about
 * @returns {Field}
 */
function textField(input, label, about) {
  const id = freshId('field');
  const field = h(input.style === PARAGRAPH ? 'textarea' : 'input', {
    id,
    value: input.value ?? '',
    placeholder: input.placeholder ?? '',
    required: input.required !== false,
    ...(input.max_length ? { maxLength: input.max_length } : {}),
    ...(input.min_length ? { minLength: input.min_length } : {}),
    ...(input.style === PARAGRAPH ? { rows: 4 } : { type: 'text', autocomplete: 'off' }),
  });
  const element = fieldElement(id, label, about, field, input.required !== false);
  return { element, id: input.custom_id ?? '', value: () => /** @type {HTMLInputElement} */ (field).value };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {string | undefined} about
 * @param {HTMLElement} field
 * @param {boolean} isRequired
 */
function fieldElement(id, label, about, field, isRequired) {
  const mark = isRequired ? h('span', { class: 'required', 'aria-hidden': 'true' }, ' *') : null;
  return h(
    'div',
    { class: 'form-field' },
    h('label', { for: id }, label, mark),
    about ? h('p', { class: 'form-about' }, about) : null,
    field,
  );
}

/**
 * @param {Component} menu
 * @param {string} label
 * @param {string | undefined} about
 * @param {GuildView | undefined} guild
 * @returns {Field}
 */
function menuField(menu, label, about, guild) {
  const id = freshId('field');
  const multiple = (menu.max_values ?? 1) > 1;
  const isRequired = menu.required !== false;
  const options = optionsOf(menu, guild).map((option) =>
    h('option', { value: option.value, selected: 'default' in option && option.default === true }, option.label),
  );
  const none = multiple ? [] : [h('option', { value: '' }, menu.placeholder ?? '')];
  const field = h('select', { id, multiple, required: isRequired }, ...none, ...options);
  const chosen = () => [...field.selectedOptions].map(({ value }) => value).filter((value) => value !== '');
  return { element: fieldElement(id, label, about, field, isRequired), id: menu.custom_id ?? '', value: chosen };
}

/**
 * @param {Component} component
 * @param {GuildView | undefined} guild
 * @returns {Field[]}
 */
function fieldsOf(component, guild) {
  const wrapped = component.type === LABEL ? component.component : component.components?.[0];
  if (!wrapped) return [];
  const label = component.label ?? wrapped.label ?? '';
  return wrapped.type === TEXT_INPUT
    ? [textField(wrapped, label, component.description)]
    : [menuField(wrapped, label, component.description, guild)];
}

/**
 * Shows the form that the bot opened. Escape and Cancel close it, and the bot hears nothing of that, as in Discord.
 *
 * @param {{ title?: unknown, components?: unknown }} modal
 * @param {{ guild: GuildView | undefined, submit: (fields: Record<string, string | string[]>) => Promise<unknown> }} options
 */
export function showModal(modal, { guild, submit }) {
  const components = /** @type {Component[]} */ (modal.components ?? []);
  const fields = components.flatMap((component) => fieldsOf(component, guild));
  const texts = components.filter(({ type }) => type === TEXT_DISPLAY).map(({ content }) => h('p', {}, content ?? ''));
  const titleId = freshId('title');
  const problem = h('p', { class: 'problem', role: 'alert' });
  const form = h(
    'form',
    { class: 'form' },
    h('h2', { id: titleId }, String(modal.title ?? '')),
    ...texts,
    ...fields.map(({ element }) => element),
    problem,
    h(
      'div',
      { class: 'form-buttons' },
      h('button', { type: 'button', class: 'plain', onclick: () => dialog.close() }, 'Cancel'),
      h('button', { type: 'submit', class: 'primary' }, 'Submit'),
    ),
  );
  const dialog = h('dialog', { class: 'modal', 'aria-labelledby': titleId }, form);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      await submit(Object.fromEntries(fields.map(({ id, value }) => [id, value()])));
      dialog.close();
    } catch (error) {
      problem.textContent = error instanceof Refusal ? error.message : String(error);
    }
  });
  const { activeElement: before } = document;
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (!(before instanceof HTMLElement)) return;
    // Chromium gives the focus back while the page is still inert: keys would arrive and write nothing.
    before.blur();
    before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}
