import { h } from './dom.js';
import { inline, markdown } from './markdown.js';

/** @import { APIAttachment, APIEmbed, APIMessage } from 'discord.js' */
/** @import { NameOf } from './markdown.js' */

/**
 * Where the page finds a file of the sandbox: on its own origin. Pictures from elsewhere are not fetched.
 *
 * @param {string} url
 * @param {readonly APIAttachment[]} attachments
 */
export function localPath(url, attachments) {
  const name = url.startsWith('attachment://') ? url.slice('attachment://'.length) : null;
  const own = name === null ? url : attachments.find((file) => file.filename === name)?.url;
  const path = own === undefined ? null : URL.parse(own);
  if (!path || !/^\/(?:ephemeral-)?attachments\//.test(path.pathname)) return null;
  return path.pathname + path.search;
}

/**
 * @param {string} url
 * @param {readonly APIAttachment[]} attachments
 */
function picture(url, attachments) {
  const path = localPath(url, attachments);
  if (path === null) return h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, 'Picture');
  const attachment = attachments.find((file) => localPath(file.url, []) === path);
  const alt = attachment?.description ?? attachment?.filename ?? 'Picture';
  return h('a', { class: 'picture', href: path, target: '_blank' }, h('img', { src: path, alt, loading: 'lazy' }));
}

/** @param {number | undefined} colour */
function hex(colour) {
  return colour === undefined ? 'var(--line)' : `#${colour.toString(16).padStart(6, '0')}`;
}

/**
 * @param {APIEmbed['fields']} fields
 * @param {NameOf} nameOf
 */
function fieldsElement(fields, nameOf) {
  if (!fields || fields.length === 0) return null;
  const elements = fields.map(({ name, value, inline: beside }) =>
    h(
      'discord-embed-field',
      { inline: beside ?? false },
      h('div', { class: 'field-title' }, ...inline(name, nameOf)),
      h('div', { class: 'markup' }, ...markdown(value, nameOf)),
    ),
  );
  return h('discord-embed-fields', { slot: 'fields' }, ...elements);
}

/**
 * @param {APIEmbed} embed
 * @param {Pick<APIMessage, 'attachments'>} message
 * @param {NameOf} nameOf
 */
export function embedElement(embed, { attachments }, nameOf) {
  const { title, description, url, fields, footer, image, author, timestamp } = embed;
  const heading = title === undefined ? [] : inline(title, nameOf);
  const when = timestamp === undefined ? '' : new Date(timestamp).toLocaleString('en-GB');
  const below = [footer?.text ?? '', when].filter((text) => text !== '').join(' • ');
  return h(
    'discord-embed',
    { slot: 'embeds', color: hex(embed.color) },
    author && h('div', { slot: 'description', class: 'embed-author' }, author.name),
    title === undefined
      ? null
      : h(
          'div',
          { slot: 'description', class: 'embed-title' },
          ...(url ? [h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, ...heading)] : heading),
        ),
    description === undefined
      ? null
      : h('discord-embed-description', { slot: 'description', class: 'markup' }, ...markdown(description, nameOf)),
    fieldsElement(fields, nameOf),
    image ? h('div', { slot: 'footer', class: 'embed-image' }, picture(image.url, attachments)) : null,
    below === '' ? null : h('discord-embed-footer', { slot: 'footer' }, below),
  );
}

/** Pictures that an embed shows are not shown a second time. */
/** @param {APIMessage} message */
function unshown({ attachments, embeds }) {
  const shown = embeds.map((embed) => embed.image && localPath(embed.image.url, attachments));
  return attachments.filter((file) => !shown.includes(localPath(file.url, [])));
}

/** @param {number} bytes */
function size(bytes) {
  if (bytes < 1024) return { bytes, bytesUnit: 'B' };
  return bytes < 1024 * 1024
    ? { bytes: Math.round(bytes / 102.4) / 10, bytesUnit: 'KiB' }
    : { bytes: Math.round(bytes / 104_857.6) / 10, bytesUnit: 'MiB' };
}

/** @param {APIMessage} message */
export function attachmentsElement(message) {
  const files = unshown(message);
  if (files.length === 0) return null;
  const elements = files.map((file) => {
    const path = localPath(file.url, []) ?? file.url;
    if (file.content_type?.startsWith('image/'))
      return h('discord-image-attachment', { customImageElement: true }, picture(file.url, files));
    return h('discord-file-attachment', {
      name: file.filename,
      href: path,
      target: '_blank',
      rel: 'noopener',
      ...size(file.size),
    });
  });
  return h('discord-attachments', { slot: 'attachments' }, ...elements);
}
