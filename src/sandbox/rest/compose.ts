import { type APIMessage, MessageFlags } from 'discord.js';
import { userObject } from '../entities.ts';
import type { UploadedFile } from '../files.ts';
import { asArray, asText, isJson, type Json } from '../json.ts';
import type { State } from '../state.ts';
import { storedEmbed } from '../validate/embeds.ts';
import type { MessageFields } from '../validate/message.ts';
import { emptyMessage } from './errors.ts';
import { mentionsOf } from './mentions.ts';

/** Turning checked message fields into message objects. */

/** Flags that a create may set; Discord drops the others without a word. */
export const SETTABLE_FLAGS =
  MessageFlags.SuppressEmbeds |
  MessageFlags.Ephemeral |
  MessageFlags.SuppressNotifications |
  MessageFlags.IsComponentsV2;

/** Components as Discord gives them back: every one has a numeric id. */
function withIds(components: readonly Json[]): APIMessage['components'] {
  let next = 0;
  const number = (value: unknown): unknown => {
    if (!isJson(value) || typeof value.type !== 'number') return value;
    next += 1;
    const id = typeof value.id === 'number' && value.id > 0 ? value.id : next;
    const children = Array.isArray(value.components) ? { components: value.components.map(number) } : {};
    const accessory = isJson(value.accessory) ? { accessory: number(value.accessory) } : {};
    return { ...value, id, ...children, ...accessory };
  };
  return components.map(number) as APIMessage['components'];
}

/** The files of the request as attachments, with the names and descriptions that the `attachments` list gives them. */
function storeFiles(
  state: State,
  channelId: string,
  files: readonly UploadedFile[],
  fields: MessageFields,
): APIMessage['attachments'] {
  return files.map((file) => {
    const entry = fields.attachments?.find((item) => String(item.id) === String(file.index));
    const name = asText(entry?.filename) || file.name;
    const description = typeof entry?.description === 'string' ? entry.description : undefined;
    return state.files.add(channelId, { ...file, name }, description);
  });
}

/** Puts the fields on a message: those not mentioned stay as they are. Throws 50006 when nothing is left to show. */
export function applyFields(
  state: State,
  base: APIMessage,
  fields: MessageFields,
  files: readonly UploadedFile[],
): APIMessage {
  const kept = fields.attachments
    ? base.attachments.filter((attachment) => fields.attachments?.some((item) => item.id === attachment.id))
    : base.attachments;
  const attachments = [...kept, ...storeFiles(state, base.channel_id, files, fields)];
  const urlOf = (url: string): string => {
    const name = /^attachment:\/\/(.*)$/.exec(url)?.[1];
    return attachments.find((attachment) => attachment.filename === name)?.url ?? url;
  };
  const text = fields.content ?? base.content;
  const next: APIMessage = {
    ...base,
    content: text,
    ...mentionsOf(state, text, fields.components ?? base.components, fields.allowedMentions),
    embeds: fields.embeds ? fields.embeds.map((embed) => storedEmbed(embed, urlOf)) : base.embeds,
    components: (fields.components ? withIds(fields.components) : base.components) ?? [],
    attachments,
  };
  const isV2 = ((next.flags ?? 0) & MessageFlags.IsComponentsV2) !== 0;
  const shown = text !== '' || next.embeds.length > 0 || attachments.length > 0;
  if (isV2 ? asArray(next.components).length === 0 : !shown) throw emptyMessage();
  return next;
}

/** A message by the bot with nothing in it yet. */
export function blankMessage(state: State, channelId: string, flags: number): APIMessage {
  const blank = {
    id: state.nextId(),
    type: 0,
    channel_id: channelId,
    author: userObject(state.world.bot),
    content: '',
    timestamp: new Date(state.now()).toISOString(),
    edited_timestamp: null,
    tts: false,
    mention_everyone: false,
    mentions: [],
    mention_roles: [],
    attachments: [],
    embeds: [],
    components: [],
    pinned: false,
    flags,
    application_id: state.world.application.id,
  };
  return blank as unknown as APIMessage;
}
