import { OptionType } from './commands.js';
import { freshId, h } from './dom.js';

/** @import { SentFile } from '../protocol.ts' */
/** @import { Option } from './commands.js' */

/** @param {File} file */
async function sentFile(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { name: file.name, contentType: file.type, data: btoa(binary) };
}

/**
 * The field of one option: its name, and what is typed for it.
 *
 * @param {Option} option
 * @param {string} suggestionsId
 */
export function pill(option, suggestionsId) {
  const isFile = option.type === OptionType.Attachment;
  const id = freshId('option');
  const errorId = `${id}-error`;
  const field = h('input', {
    id,
    type: isFile ? 'file' : 'text',
    class: 'pill-field',
    autocomplete: 'off',
    'aria-describedby': errorId,
    ...(option.required ? { 'aria-required': 'true' } : {}),
    ...(isFile
      ? {}
      : {
          role: 'combobox',
          spellcheck: false,
          autocapitalize: 'off',
          'aria-autocomplete': 'list',
          'aria-expanded': 'false',
          'aria-controls': suggestionsId,
        }),
  });
  const error = h('span', { id: errorId, class: 'pill-error', hidden: true });
  const element = h('span', { class: 'pill' }, h('label', { class: 'pill-name', for: id }, option.name), field, error);
  /** What was chosen from the list: its value is not what the field shows. @type {{ shown: string, value: string } | null} */
  let chosen = null;

  function resize() {
    if (!isFile) field.style.width = `${Math.max(4, Math.min(48, [...field.value].length + 1))}ch`;
  }
  field.addEventListener('input', resize);
  resize();

  return {
    element,
    field,
    option,
    isFile,
    get value() {
      return chosen?.shown === field.value ? chosen.value : field.value;
    },
    get isEmpty() {
      return isFile ? !field.files || field.files.length === 0 : field.value.trim() === '';
    },
    /** @returns {Promise<SentFile | null>} */
    async file() {
      const file = field.files?.item(0);
      return file ? await sentFile(file) : null;
    },
    /**
     * @param {string} shown
     * @param {string} value
     */
    set(shown, value = shown) {
      chosen = { shown, value };
      field.value = shown;
      resize();
    },
    /** @param {string} text empty for none */
    complain(text) {
      error.textContent = text;
      error.hidden = text === '';
      element.classList.toggle('wrong', text !== '');
      if (text === '') field.removeAttribute('aria-invalid');
      else field.setAttribute('aria-invalid', 'true');
    },
  };
}

/** @typedef {ReturnType<typeof pill>} Pill */
