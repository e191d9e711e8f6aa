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

export interface RenderOptions {
  readonly style?: TextStyle;
  /** The name of a mentioned person, role or channel. Without it, or when unknown, the mention stays as it is. */
  readonly nameOf?: (id: string) => string | undefined;
}

type NameOf = NonNullable<RenderOptions['nameOf']>;

const unknownName: NameOf = () => undefined;

interface Look {
  readonly style: TextStyle;
  readonly nameOf: NameOf;
}

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
    '``((?:(?!``)[^\\n])+)``|`([^`]+)`', // 2, 3: code
    '\\[([^\\]\\n]+)\\]\\(<?(https?://[^\\s)>]+)>?(?: "[^"\\n]*")?\\)', // 4, 5: masked link
    '<t:(-?\\d{1,13})(?::[tTdDfFR])?>', // 6: timestamp
    '<(/[^:>\\n]+):\\d+>', // 7: command mention
    '<a?(:\\w+:)\\d+>', // 8: custom emoji
    '(?<![\\w*])\\*(?![\\s*])([^*\\n]+)(?<!\\s)\\*(?![\\w*])', // 9: italics
    '<(?:@[!&]?|#)(\\d+)>', // 10: mention
    '\\*\\*|__|~~|\\|\\|',
  ].join('|'),
  'g',
);

function timestamp(seconds: string): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? seconds : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function plainSpans(text: string, nameOf: NameOf): string {
  const withoutMarks = text.replaceAll(/^(?:-# |#{1,3} )/gm, '');
  return withoutMarks.replaceAll(SPAN, (all: string, ...groups: (string | undefined)[]) => {
    const [escaped, code2, code1, label, url, unix, command, emoji, italic, mentioned] = groups;
    if (label !== undefined) return `${plainSpans(label, nameOf)} (${url})`;
    if (unix !== undefined) return timestamp(unix);
    if (italic !== undefined) return plainSpans(italic, nameOf);
    if (mentioned !== undefined) return nameOf(mentioned) ?? all;
    return escaped ?? code2 ?? code1 ?? command ?? emoji ?? '';
  });
}

/** Discord's markdown as plain text: marks taken off, links written out, the lines of code blocks kept as they are. */
export function plainText(markdown: string, nameOf: NameOf = unknownName): string {
  const parts = safeText(markdown).split(/```(?:[\w+-]+\n|\n)?([\s\S]*?)\n?```/);
  return parts.map((part, index) => (index % 2 === 1 ? part : plainSpans(part, nameOf))).join('');
}

function byteSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function oneLine(text: string): string {
  return safeText(text).replaceAll('\n', ' ');
}

function renderEmbed(embed: APIEmbed, { style, nameOf }: Look): string {
  const plain = (text: string): string => plainText(text, nameOf);
  const blocks = [
    embed.author ? oneLine(embed.author.name) : '',
    embed.title ? style.strong(plain(embed.title)) : '',
    embed.description ? plain(embed.description) : '',
    ...(embed.fields ?? []).map((field) => `${style.strong(plain(field.name))}\n${plain(field.value)}`),
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

function renderComponent(component: Json, look: Look): string {
  const children = (): string[] =>
    asArray(component.components)
      .filter(isJson)
      .map((child) => renderComponent(child, look));
  switch (component.type) {
    case ComponentType.ActionRow:
      return asArray(component.components).filter(isJson).map(controlText).join(' ');
    case ComponentType.TextDisplay:
      return plainText(asText(component.content), look.nameOf);
    case ComponentType.Section:
      return [...children(), ...(isJson(component.accessory) ? [renderComponent(component.accessory, look)] : [])].join(
        '\n',
      );
    case ComponentType.Container:
      return children().join('\n');
    case ComponentType.Separator:
      return look.style.faint('---');
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
export function renderMessage(message: APIMessage, options: RenderOptions = {}): string {
  const { style = PLAIN_STYLE, nameOf = unknownName } = options;
  const look = { style, nameOf };
  const files = message.attachments.map((file) => `[file: ${oneLine(file.filename)}, ${byteSize(file.size)}]`);
  const components = (message.components ?? []).map((component) => renderComponent(component as unknown as Json, look));
  const blocks = [
    isEphemeral(message) ? style.faint('(only you can see this)') : '',
    isLoading(message) ? style.faint('thinking…') : '',
    plainText(message.content, nameOf),
    ...message.embeds.map((embed) => renderEmbed(embed, look)),
    files.join('\n'),
    components.filter((text) => text !== '').join('\n'),
  ];
  return blocks
    .map((block) => block.trimEnd())
    .filter((block) => block !== '')
    .join('\n\n');
}
