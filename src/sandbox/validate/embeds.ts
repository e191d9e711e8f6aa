import type { APIEmbed } from 'discord.js';
import { asArray, asJson, asText, discordLength, isAbsent, type Json } from '../json.ts';
import type { Spot } from './issues.ts';
import { checkBoolean, checkInteger, checkList, checkObject, checkText, checkUrl, failRequired } from './values.ts';

/** "Embed Limits" of Discord's message resource; all inclusive. */
export const EMBED_LIMITS = {
  embeds: 10,
  title: 256,
  description: 4096,
  fields: 25,
  fieldName: 256,
  fieldValue: 1024,
  footer: 2048,
  author: 256,
  /** Over all embeds of a message. */
  total: 6000,
} as const;

const MAX_COLOR = 0xff_ff_ff;
const LINK_SCHEMES = ['http', 'https'];
const MEDIA_SCHEMES = ['http', 'https', 'attachment'];

function checkField(spot: Spot, value: unknown): void {
  const field = checkObject(spot, value);
  if (!field) return;
  checkText(spot.at('name'), field.name, { max: EMBED_LIMITS.fieldName, required: true });
  checkText(spot.at('value'), field.value, { max: EMBED_LIMITS.fieldValue, required: true });
  checkBoolean(spot.at('inline'), field.inline);
}

function checkParts(spot: Spot, embed: Json): void {
  if (!isAbsent(embed.footer)) {
    const footer = asJson(embed.footer);
    checkText(spot.at('footer').at('text'), footer.text, { max: EMBED_LIMITS.footer, required: true });
    checkUrl(spot.at('footer').at('icon_url'), footer.icon_url, MEDIA_SCHEMES);
  }
  if (!isAbsent(embed.author)) {
    const author = asJson(embed.author);
    checkText(spot.at('author').at('name'), author.name, { max: EMBED_LIMITS.author, required: true });
    checkUrl(spot.at('author').at('url'), author.url, LINK_SCHEMES);
    checkUrl(spot.at('author').at('icon_url'), author.icon_url, MEDIA_SCHEMES);
  }
  for (const key of ['image', 'thumbnail']) {
    const media = embed[key];
    if (isAbsent(media)) continue;
    if (isAbsent(asJson(media).url)) failRequired(spot.at(key).at('url'));
    checkUrl(spot.at(key).at('url'), asJson(media).url, MEDIA_SCHEMES);
  }
}

function isEmptyEmbed(embed: Json): boolean {
  const texts = [embed.title, embed.description, asJson(embed.footer).text, asJson(embed.author).name];
  const hasText = texts.some((text) => discordLength(asText(text)) > 0);
  return !hasText && asArray(embed.fields).length === 0 && isAbsent(embed.image) && isAbsent(embed.thumbnail);
}

function checkEmbed(spot: Spot, value: unknown): void {
  const embed = checkObject(spot, value);
  if (!embed) return;
  checkText(spot.at('title'), embed.title, { max: EMBED_LIMITS.title });
  checkText(spot.at('description'), embed.description, { max: EMBED_LIMITS.description });
  checkUrl(spot.at('url'), embed.url, LINK_SCHEMES);
  checkInteger(spot.at('color'), embed.color, 0, MAX_COLOR);
  if (!isAbsent(embed.timestamp) && Number.isNaN(Date.parse(String(embed.timestamp))))
    spot.at('timestamp').fail('DATE_TIME_TYPE_PARSE', `Could not parse ${String(embed.timestamp)}. Should be ISO8601.`);
  checkParts(spot, embed);
  const fields = checkList(spot.at('fields'), embed.fields, { max: EMBED_LIMITS.fields });
  for (const [index, field] of fields.entries()) checkField(spot.at('fields').at(index), field);
  if (isEmptyEmbed(embed)) failRequired(spot.at('description'));
}

/** Characters that count towards the 6000: title, description, field names and values, footer and author. */
export function embedTextLength(value: unknown): number {
  const embed = asJson(value);
  const fields = asArray(embed.fields).flatMap((field) => [asJson(field).name, asJson(field).value]);
  const texts = [embed.title, embed.description, asJson(embed.footer).text, asJson(embed.author).name, ...fields];
  return texts.reduce((sum: number, text) => sum + discordLength(asText(text)), 0);
}

/** Checks the `embeds` member of a message; returns undefined when it is absent (an edit leaves embeds as they are). */
export function checkEmbeds(spot: Spot, value: unknown): readonly Json[] | undefined {
  if (value === undefined) return undefined;
  const embeds = checkList(spot, value, { max: EMBED_LIMITS.embeds });
  for (const [index, embed] of embeds.entries()) checkEmbed(spot.at(index), embed);
  const total = embeds.reduce((sum: number, embed) => sum + embedTextLength(embed), 0);
  if (total > EMBED_LIMITS.total)
    spot.fail('MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${EMBED_LIMITS.total}`);
  return embeds.map(asJson);
}

function trimmed(text: unknown): { text: string } | undefined {
  return typeof text === 'string' && text.trim() !== '' ? { text: text.trim() } : undefined;
}

/**
 * An embed as Discord gives it back: type `rich`, texts trimmed, `inline` filled in, and `attachment://` replaced by
 * the URL of the file of that name, where there is one.
 */
export function storedEmbed(embed: Json, urlOf: (url: string) => string): APIEmbed {
  const fields = asArray(embed.fields).map((field) => ({
    name: asText(asJson(field).name).trim(),
    value: asText(asJson(field).value).trim(),
    inline: asJson(field).inline === true,
  }));
  const media = (key: string) => {
    const url = asText(asJson(embed[key]).url);
    return url === '' ? {} : { [key]: { url: urlOf(url), width: 0, height: 0 } };
  };
  const stored = {
    type: 'rich',
    ...(trimmed(embed.title) ? { title: trimmed(embed.title)?.text } : {}),
    ...(trimmed(embed.description) ? { description: trimmed(embed.description)?.text } : {}),
    ...(typeof embed.url === 'string' ? { url: embed.url } : {}),
    ...(typeof embed.timestamp === 'string' ? { timestamp: embed.timestamp } : {}),
    ...(isAbsent(embed.color) ? {} : { color: Number(embed.color) }),
    ...(isAbsent(embed.footer) ? {} : { footer: embed.footer }),
    ...(isAbsent(embed.author) ? {} : { author: embed.author }),
    ...(fields.length > 0 ? { fields } : {}),
    ...media('image'),
    ...media('thumbnail'),
  };
  // Validated above, member by member.
  return stored as unknown as APIEmbed;
}
