import { type APIMessage, MessageFlags } from 'discord.js';
import type { UploadedFile } from '../files.ts';
import { asArray, asJson, asText, isAbsent, isJson, type Json } from '../json.ts';
import { checkComponents } from './components.ts';
import { checkEmbeds } from './embeds.ts';
import type { Spot } from './issues.ts';
import { checkBoolean, checkChoice, checkInteger, checkList, checkObject, checkText } from './values.ts';

export const CONTENT_LIMIT = 2000;
export const MAX_FILES = 10;
const MENTION_TYPES = ['roles', 'users', 'everyone'];
const MAX_ALLOWED_MENTION_IDS = 100;

/** What a create or edit asks for. `undefined` means "not mentioned", which an edit leaves alone. */
export interface MessageFields {
  readonly content: string | undefined;
  readonly embeds: readonly Json[] | undefined;
  readonly components: readonly Json[] | undefined;
  readonly flags: number;
  /** The `attachments` list: kept ones by id, new ones by the number of their file. */
  readonly attachments: readonly Json[] | undefined;
  readonly tts: boolean;
  readonly allowedMentions: Json | undefined;
}

export interface MessageContext {
  readonly files: readonly UploadedFile[];
  /** The message as it is before an edit; null for a new one. */
  readonly message: APIMessage | null;
}

function checkAllowedMentions(spot: Spot, value: unknown): void {
  if (isAbsent(value)) return;
  const mentions = checkObject(spot, value);
  if (!mentions) return;
  const parse = checkList(spot.at('parse'), mentions.parse, { max: MENTION_TYPES.length });
  for (const [index, type] of parse.entries()) checkChoice(spot.at('parse').at(index), type, MENTION_TYPES);
  for (const kind of ['users', 'roles']) {
    const ids = checkList(spot.at(kind), mentions[kind], { max: MAX_ALLOWED_MENTION_IDS });
    if (ids.length > 0 && parse.includes(kind))
      spot.fail(
        'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
        `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
      );
  }
  checkBoolean(spot.at('replied_user'), mentions.replied_user);
}

function existing(context: MessageContext): APIMessage['attachments'] {
  return context.message?.attachments ?? [];
}

/** Checks the list of attachments against the files that came along and those that the message has. */
function checkAttachments(spot: Spot, value: unknown, context: MessageContext): readonly Json[] | undefined {
  if (isAbsent(value)) return undefined;
  const list = checkList(spot, value, { max: MAX_FILES });
  for (const [index, item] of list.entries()) {
    const attachment = checkObject(spot.at(index), item);
    if (!attachment) continue;
    const id = String(attachment.id);
    const known =
      context.files.some((file) => String(file.index) === id) || existing(context).some((file) => file.id === id);
    if (!known) spot.at(index).at('id').fail('ATTACHMENT_NOT_FOUND', `No file was sent for attachment ${id}.`);
    checkText(spot.at(index).at('description'), attachment.description, { max: 1024 });
    checkText(spot.at(index).at('filename'), attachment.filename, { max: 1024 });
  }
  return list.map(asJson);
}

/** Names that `attachment://` may refer to once the request is done. */
function attachmentNames(attachments: readonly Json[] | undefined, context: MessageContext): ReadonlySet<string> {
  const kept = attachments
    ? existing(context).filter((file) => attachments.some((item) => item.id === file.id))
    : existing(context);
  const renamed = asArray(attachments).map((item) => asText(asJson(item).filename));
  return new Set([...context.files.map((file) => file.name), ...kept.map((file) => file.filename), ...renamed]);
}

/**
 * Checks the body of any request that creates or edits a message, and reads it. Failures go to `spot`; what is returned
 * may only be used when there were none. Limits: "Message" and "Components" in Discord's reference.
 */
export function checkMessage(spot: Spot, body: Json, context: MessageContext): MessageFields {
  const content = body.content === null ? '' : checkText(spot.at('content'), body.content, { max: CONTENT_LIMIT });
  const embeds = checkEmbeds(spot.at('embeds'), body.embeds === null ? [] : body.embeds);
  const flags = checkInteger(spot.at('flags'), body.flags, 0, Number.MAX_SAFE_INTEGER) ?? 0;
  checkAllowedMentions(spot.at('allowed_mentions'), body.allowed_mentions);
  checkBoolean(spot.at('tts'), body.tts);
  const attachments = checkAttachments(spot.at('attachments'), body.attachments, context);
  const v2 = ((flags | (context.message?.flags ?? 0)) & MessageFlags.IsComponentsV2) !== 0;
  const names = attachmentNames(attachments, context);
  const components = checkComponents(spot.at('components'), body.components === null ? [] : body.components, {
    v2,
    names,
  });
  if (v2) checkNoLegacyFields(spot, body, context.message);
  const allowedMentions = isJson(body.allowed_mentions) ? body.allowed_mentions : undefined;
  return { content: content?.trim(), embeds, components, flags, attachments, tts: body.tts === true, allowedMentions };
}

/** Text and embeds go with Components V2 neither in the request nor as what an edit leaves on the message. */
function checkNoLegacyFields(spot: Spot, body: Json, message: APIMessage | null): void {
  const code = 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2';
  const text =
    "The 'content', 'embeds', 'stickers' and 'poll' fields cannot be used with MessageFlags.IS_COMPONENTS_V2";
  const content = body.content === undefined ? message?.content : body.content;
  const embeds = body.embeds === undefined ? message?.embeds : body.embeds;
  if (asText(content) !== '') spot.at('content').fail(code, text);
  if (asArray(embeds).length > 0) spot.at('embeds').fail(code, text);
  if (asArray(body.sticker_ids).length > 0) spot.at('sticker_ids').fail(code, text);
  if (!isAbsent(body.poll)) spot.at('poll').fail(code, text);
}
