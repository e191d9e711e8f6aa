import { stripVTControlCharacters } from 'node:util';
import { type APIEmbed, type APIMessage, ButtonStyle, ComponentType } from 'discord.js';
import { asArray, asJson, asText, isJson, type Json } from './json.ts';
import { isEphemeral, isLoading } from './messages.ts';

/** How emphasis is shown; the default shows none, for pipes and files. */
export interface TextStyle {
  strong(text: string): string;
  faint(text: string): string;
}

export const PLAIN_STYLE: TextStyle = { strong: (text) => text, faint: (text) => text };

/** For a terminal: bold and dim by SGR codes (ECMA-48). */
export const TERMINAL_STYLE: TextStyle = {
  strong: (text) => `\u001B[1m${text}\u001B[22m`,
  faint: (text) => `\u001B[2m${text}\u001B[22m`,
};

/** C0 without line feed, DEL, C1, line and paragraph separators, and the characters that turn the writing direction. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Text that can do nothing to a terminal but be read: no escape sequences, no control characters but line feeds. */
export function safeText(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').replaceAll('\t', '  ');
  return stripVTControlCharacters(lines).replaceAll(UNSAFE, (character) => (character === '\n' ? '\n' : ''));
}

const SPAN = new RegExp(
  [
    '\\\\([!-/:-@[-`{-~])', // 1: escaped punctuation
    '``([^`]+)``|`([^`]+)`', // 2, 3: code
    '\\[([^\\]\\n]+)\\]\\(<?(https?://[^\\s)>]+)>?(?: "[^"\\n]*")?\\)', // 4, 5: masked link
    '<t:(-?\\d{1,13})(?::[tTdDfFR])?>', // 6: timestamp
    '<(/[^:>\\n]+):\\d+>', // 7: command mention
    '<a?(:\\w+:)\\d+>', // 8: custom emoji
    '(?<![\\w*])\\*(?![\\s*])([^*\\n]+)(?<!\\s)\\*(?![\\w*])', // 9: italics
    '\\*\\*|__|~~|\\|\\|',
  ].join('|'),
  'g',
);

function timestamp(seconds: string): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? seconds : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function plainSpans(text: string): string {
  const withoutMarks = text.replaceAll(/^(?:-# |#{1,3} )/gm, '');
  return withoutMarks.replaceAll(SPAN, (_all, escaped, code2, code1, label, url, unix, command, emoji, italic) => {
    if (label !== undefined) return `${plainSpans(label)} (${url})`;
    if (unix !== undefined) return timestamp(unix);
    if (italic !== undefined) return plainSpans(italic);
    return escaped ?? code2 ?? code1 ?? command ?? emoji ?? '';
  });
}

/** Discord's markdown as plain text: marks taken off, links written out, the lines of code blocks kept as they are. */
export function plainText(markdown: string): string {
  const parts = safeText(markdown).split(/```(?:[\w+-]+\n|\n)?([\s\S]*?)\n?```/);
  return parts.map((part, index) => (index % 2 === 1 ? part : plainSpans(part))).join('');
}

function byteSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function oneLine(text: string): string {
  return safeText(text).replaceAll('\n', ' ');
}

function renderEmbed(embed: APIEmbed, style: TextStyle): string {
  const blocks = [
    embed.author ? oneLine(embed.author.name) : '',
    embed.title ? style.strong(plainText(embed.title)) : '',
    embed.description ? plainText(embed.description) : '',
    ...(embed.fields ?? []).map((field) => `${style.strong(plainText(field.name))}\n${plainText(field.value)}`),
    embed.footer ? style.faint(safeText(embed.footer.text)) : '',
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

function buttonText(button: Json): string {
  const emoji = asText(asJson(button.emoji).name);
  const label = [emoji, asText(button.label)].filter((part) => part !== '').join(' ');
  const suffix =
    button.style === ButtonStyle.Link ? `: ${asText(button.url)}` : button.disabled === true ? ' (disabled)' : '';
  return oneLine(`[${label}${suffix}]`);
}

function controlText(control: Json): string {
  if (control.type === ComponentType.Button) return buttonText(control);
  const options = asArray(control.options).map((option) => asText(asJson(option).label));
  const placeholder = asText(control.placeholder) || 'Choose';
  return oneLine(options.length > 0 ? `[${placeholder} ▾ ${options.join(' | ')}]` : `[${placeholder} ▾]`);
}

function renderComponent(component: Json, style: TextStyle): string {
  const children = (): string[] =>
    asArray(component.components)
      .filter(isJson)
      .map((child) => renderComponent(child, style));
  switch (component.type) {
    case ComponentType.ActionRow:
      return asArray(component.components).filter(isJson).map(controlText).join(' ');
    case ComponentType.TextDisplay:
      return plainText(asText(component.content));
    case ComponentType.Section:
      return [
        ...children(),
        ...(isJson(component.accessory) ? [renderComponent(component.accessory, style)] : []),
      ].join('\n');
    case ComponentType.Container:
      return children().join('\n');
    case ComponentType.Separator:
      return style.faint('---');
    case ComponentType.Button:
      return buttonText(component);
    default:
      return '';
  }
}

/**
 * A message as a person would read it: who sees it, text, embeds, files, then what can be pressed. Whatever is in the
 * message, the result holds no control characters but line feeds and those of `style`.
 */
export function renderMessage(message: APIMessage, style: TextStyle = PLAIN_STYLE): string {
  const files = message.attachments.map((file) => `[file: ${oneLine(file.filename)}, ${byteSize(file.size)}]`);
  const components = (message.components ?? []).map((component) =>
    renderComponent(component as unknown as Json, style),
  );
  const blocks = [
    isEphemeral(message) ? style.faint('(only you can see this)') : '',
    isLoading(message) ? style.faint('thinking…') : '',
    plainText(message.content),
    ...message.embeds.map((embed) => renderEmbed(embed, style)),
    files.join('\n'),
    components.filter((text) => text !== '').join('\n'),
  ];
  return blocks
    .map((block) => block.trimEnd())
    .filter((block) => block !== '')
    .join('\n\n');
}
