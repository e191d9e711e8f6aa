import '@skyra/discord-components-core/discord-messages.js';
import '@skyra/discord-components-core/discord-message.js';
import '@skyra/discord-components-core/discord-command.js';
import '@skyra/discord-components-core/discord-embed.js';
import '@skyra/discord-components-core/discord-embed-description.js';
import '@skyra/discord-components-core/discord-embed-fields.js';
import '@skyra/discord-components-core/discord-embed-field.js';
import '@skyra/discord-components-core/discord-embed-footer.js';
import '@skyra/discord-components-core/discord-attachments.js';
import '@skyra/discord-components-core/discord-image-attachment.js';
import '@skyra/discord-components-core/discord-file-attachment.js';
import '@skyra/discord-components-core/discord-action-row.js';
import '@skyra/discord-components-core/discord-button.js';

/**
 * What the components' own styles leave to be wished: contrast of 4.5 (WCAG 1.4.3), a focus ring, and a width that fits a
 * phone. The colours are the page's, so that light and dark need no other markup.
 */
const CORRECTIONS = {
  'discord-messages': ':host { border: 0; line-height: 1.5; color: var(--text); }',
  'discord-message': `
    :host { color: var(--text) !important; padding-right: 1em; }
    .discord-message-timestamp, .discord-message-edited { color: var(--muted) !important; }
    .discord-message-timestamp { font-size: 0 !important; }
    .discord-message-timestamp::after { content: var(--time); font-size: 12px; }
    .discord-message-content { min-width: 0; }
    .discord-author-avatar img { cursor: default; }
    @media (max-width: 600px) {
      :host { padding-left: 0.6em; padding-right: 0.6em; }
      .discord-author-avatar { margin-right: 10px; min-width: 32px; }
      .discord-author-avatar img { width: 32px; height: 32px; }
    }`,
  'discord-author-info': '.discord-author-username { color: var(--strong) !important; }',
  'discord-verified-author-tag': ':host { background-color: #4752c4; }',
  'discord-command': `
    :host { color: var(--muted) !important; }
    :host .discord-replied-message-username { color: var(--text) !important; opacity: 1; }
    :host .discord-slash-command-name { color: var(--link) !important; background-color: var(--mention) !important; }`,
  'discord-embed': `
    :host { color: var(--text) !important; max-width: 520px; }
    .discord-embed-root { flex: 1; }
    .discord-embed-wrapper { background-color: var(--card) !important; border-color: var(--line) !important; width: 100%; }
    .discord-embed-image { max-width: 100%; height: auto; }
    .discord-embed-wrapper .discord-embed-grid { grid-template-columns: minmax(0, 1fr); }`,
  'discord-embed-field': '.discord-field-title { color: var(--strong) !important; }',
  'discord-embed-footer': ':host { color: var(--muted) !important; }',
  'discord-button': `
    button, a { color: #fff; }
    button:focus-visible, a:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
    .success { background-color: #248046; }
    .destructive { background-color: #c9302f; }
    .secondary { background-color: var(--button) !important; color: var(--button-text) !important; }
    button:disabled { cursor: not-allowed; }`,
  'discord-file-attachment': `
    .discord-file-attachment-mosaic-style { background-color: var(--card) !important; border-color: var(--line) !important; }
    .discord-file-attachment-metadata { color: var(--muted) !important; }
    .discord-button-download-attachment { display: none !important; }`,
  'discord-link': 'a { color: var(--link) !important; }',
};

for (const [name, css] of Object.entries(CORRECTIONS)) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  // Where Lit keeps the styles of all elements of a class, before the first of them is made.
  const { elementStyles } = /** @type {{ elementStyles: CSSStyleSheet[] }} */ (
    /** @type {unknown} */ (customElements.get(name))
  );
  elementStyles.push(sheet);
}
