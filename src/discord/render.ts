import type { APIActionRowComponent, APIComponentInMessageActionRow, APIEmbed, APIEmbedField } from 'discord.js';
import { ButtonStyle, ComponentType } from 'discord.js';
import { ENGLISH, type Translator, translate } from '../i18n/translator.ts';
import type { Button, Card, Menu, Picture, Tone, Words } from './card.ts';
import { LIMITS } from './limits.ts';
import { inLanguage, type Markdown, md, mdCounted, trusted } from './markdown.ts';

/** A message as discord.js sends it; `files` hold UTF-8 text, or a PNG with its description. */
export interface RenderedMessage {
  readonly embeds: readonly APIEmbed[];
  readonly components: readonly APIActionRowComponent<APIComponentInMessageActionRow>[];
  readonly files: readonly RenderedFile[];
}

export interface RenderedFile {
  readonly name: string;
  readonly attachment: Buffer;
  readonly description?: string;
}

const COLOURS: Record<Tone, number> = {
  good: 0x2e_a0_43,
  info: 0x1f_6f_eb,
  notice: 0xd2_99_22,
  danger: 0xda_36_33,
  refused: 0x6e_76_81,
  failed: 0x8b_1a_1a,
};

/** Characters that the description keeps when the sections are long, and that each section keeps. */
const DESCRIPTION_RESERVE = 1_500;
const SECTION_MINIMUM = 100;

const MAX_MENUS = 4;

const STYLES: Record<Button['style'], ButtonStyle.Primary | ButtonStyle.Secondary | ButtonStyle.Danger> = {
  primary: ButtonStyle.Primary,
  secondary: ButtonStyle.Secondary,
  danger: ButtonStyle.Danger,
};

/**
 * The one function that turns a card into a Discord message and makes it fit: embed limits and the 6,000 characters over
 * all parts. Lines are dropped whole from the end of a part, with their number in words; when any was dropped and the
 * card has an attachment, the attachment goes along and the last line names it. The same card gives the same message.
 */
export function renderCard(card: Card, translator: Translator = ENGLISH): RenderedMessage {
  const say = (markdown: Markdown) => inLanguage(markdown, translator);
  const title = orDash(clip(say(card.title), LIMITS.embedTitle));
  const footer = card.footer ? clip(say(card.footer), LIMITS.embedFooter / 4) : '';
  const more = moreLine(card.attachment?.name, translator);
  const sections = (card.sections ?? [])
    .filter(({ lines }) => lines.length > 0)
    .slice(0, LIMITS.embedFields)
    .map(({ heading, lines }) => ({ heading: say(heading), lines: lines.map(say) }));

  const lines = (card.lines ?? []).map(say);
  // Sections are summaries and come first in the budget; the description holds the long list that can be cut.
  const reserved = Math.min(DESCRIPTION_RESERVE, lengthOf(lines));
  const room = LIMITS.embedTotal - title.length - footer.length - reserved;
  const { fields, left, cut: fieldsCut } = fitSections(sections, room, more);
  const description = fitLines(lines, Math.min(LIMITS.embedDescription, left + reserved), more);
  const cut = description.cut || fieldsCut;

  const embed: APIEmbed = {
    color: COLOURS[card.tone],
    title,
    ...(description.text.trim() === '' ? {} : { description: description.text }),
    ...(fields.length === 0 ? {} : { fields }),
    ...(footer.trim() === '' ? {} : { footer: { text: footer } }),
    ...(card.picture && { image: { url: `attachment://${card.picture.name}` } }),
  };
  const words = (text: Words) => (typeof text === 'string' ? text : translate(text, translator));
  const own = card.attachment && (cut || card.attachment.always) ? [card.attachment] : [];
  const files = [...own, ...(card.files ?? [])].slice(0, LIMITS.files - (card.picture ? 1 : 0));
  return {
    embeds: [embed],
    components: [
      ...renderButtons(card.buttons ?? [], words),
      ...(card.menus ?? []).slice(0, MAX_MENUS).flatMap((menu) => renderMenu(menu, words)),
    ],
    files: [
      ...files.map((attachment) => ({ name: attachment.name, attachment: Buffer.from(attachment.content(), 'utf8') })),
      ...(card.picture ? [pictureFile(card.picture, words)] : []),
    ],
  };
}

type Say = (text: Words) => string;

function pictureFile({ name, description, png }: Picture, words: Say): RenderedFile {
  return { name, attachment: Buffer.from(png), description: clip(words(description), LIMITS.attachmentDescription) };
}

/** Sections in order, each as long as it may be while the later ones keep a minimum. */
interface Said {
  readonly heading: string;
  readonly lines: readonly string[];
}

function fitSections(sections: readonly Said[], room: number, more: More) {
  const names = sections.map(({ heading }) => orDash(clip(heading, LIMITS.fieldName)));
  const fields: APIEmbedField[] = [];
  let left = room;
  let cut = false;
  for (const [i, { lines }] of sections.entries()) {
    const name = names[i] ?? '';
    const later = names.slice(i + 1).reduce((sum, { length }) => sum + length + SECTION_MINIMUM, 0);
    const own = Math.min(LIMITS.fieldValue, left - name.length - later);
    if (own < SECTION_MINIMUM) {
      cut = true;
      continue;
    }
    const fitted = fitLines(lines, own, more);
    const field = { name, value: orDash(fitted.text), inline: false };
    fields.push(field);
    cut ||= fitted.cut;
    left -= name.length + field.value.length;
  }
  return { fields, left, cut };
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, { length }) => sum + length + 1, 0);
}

/** Discord refuses a part that is blank. */
function orDash(text: string): string {
  return text.trim() === '' ? '\u2013' : text;
}

/** As many whole lines as fit into `room`, and a last line that says how many did not. */
function fitLines(said: readonly string[], room: number, more: More): { text: string; cut: boolean } {
  // Blank lines at the end say nothing that could be missed.
  const lines = said.slice(0, said.findLastIndex((line) => line.trim() !== '') + 1);
  const whole = lines.join('\n');
  if (whole.length <= room) return { text: whole, cut: false };
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    if (length + line.length + 1 + more(lines.length - kept.length).length > room) break;
    kept.push(line);
    length += line.length + 1;
  }
  return { text: [...kept, more(lines.length - kept.length)].join('\n').slice(0, room), cut: true };
}

/** What stands in the place of lines that had to be left out. */
type More = (count: number) => string;

function moreLine(fileName: string | undefined, translator: Translator): More {
  return (count) => {
    const left = mdCounted(count, md`…and ${count} more line`, md`…and ${count} more lines`);
    return inLanguage(fileName ? md`${left}, all of it in ${trusted(fileName)}` : left, translator);
  };
}

function clip(text: string, max: number): string {
  return text.length <= max
    ? text
    : `${text
        .slice(0, max - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`;
}

function renderButtons(
  buttons: readonly Button[],
  words: Say,
): APIActionRowComponent<APIComponentInMessageActionRow>[] {
  if (buttons.length === 0) return [];
  const components = buttons.slice(0, 5).map((button) => ({
    type: ComponentType.Button as const,
    style: STYLES[button.style],
    label: clip(words(button.label), LIMITS.buttonLabel),
    custom_id: button.customId,
  }));
  return [{ type: ComponentType.ActionRow, components }];
}

function renderMenu(
  { placeholder, customId, options }: Menu,
  words: Say,
): APIActionRowComponent<APIComponentInMessageActionRow>[] {
  if (options.length === 0) return [];
  const select = {
    type: ComponentType.StringSelect as const,
    custom_id: customId,
    placeholder: clip(words(placeholder), LIMITS.menuText),
    options: options.slice(0, LIMITS.choices).map(({ label, value, description }) => ({
      label: orDash(clip(words(label), LIMITS.menuText)),
      value,
      ...(description !== undefined && { description: clip(words(description), LIMITS.menuText) }),
    })),
  };
  return [{ type: ComponentType.ActionRow, components: [select] }];
}
