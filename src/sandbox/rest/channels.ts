import { type APIMessage, MessageFlags, PermissionFlagsBits } from 'discord.js';
import { channelObject } from '../entities.ts';
import { asArray, asJson } from '../json.ts';
import type { StoredMessage } from '../messages.ts';
import { checkMessage } from '../validate/message.ts';
import { type Channel, findChannel, permissionsOf } from '../world.ts';
import { applyFields, blankMessage, SETTABLE_FLAGS } from './compose.ts';
import {
  foreignMessage,
  missingAccess,
  missingPermissions,
  unknownChannel,
  unknownMessage,
  validated,
} from './errors.ts';
import type { RestReply, RestRequest, Route } from './route.ts';

const { ViewChannel, SendMessages, EmbedLinks, AttachFiles, ReadMessageHistory } = PermissionFlagsBits;
const DEFAULT_PAGE = 50;
const MAX_PAGE = 100;

/** The channel of the request, when the bot may see it. */
function channelOf(request: RestRequest): { channel: Channel; permissions: bigint } {
  const { state, params } = request;
  const found = findChannel(state.world, params.channel ?? '');
  if (!found) throw unknownChannel();
  if (found.guild.bot === 'removed') throw missingAccess();
  const permissions = permissionsOf(state.world, found.guild, state.world.bot.id, found.channel);
  if (!(permissions & ViewChannel)) throw missingAccess();
  return { channel: found.channel, permissions };
}

function messageOf(request: RestRequest): StoredMessage {
  const message = request.state.messages.find(request.params.message ?? '');
  const { channel } = channelOf(request);
  // An ephemeral message exists for its reader only; the bot reaches it through the interaction's token alone.
  if (!message || message.api.channel_id !== channel.id || message.visibleTo !== null) throw unknownMessage();
  return message;
}

function requirePermissions(request: RestRequest, permissions: bigint): void {
  const body = asJson(request.body);
  const needed =
    SendMessages | (asArray(body.embeds).length > 0 ? EmbedLinks : 0n) | (request.files.length > 0 ? AttachFiles : 0n);
  if ((permissions & needed) !== needed) throw missingPermissions();
}

function send(request: RestRequest): RestReply {
  const { state, body, files } = request;
  const { channel, permissions } = channelOf(request);
  requirePermissions(request, permissions);
  const fields = validated((spot) => checkMessage(spot, asJson(body), { files, message: null }));
  const { nonce, enforce_nonce: once } = asJson(body);
  const said = once === true && typeof nonce === 'string' ? sentWith(request, channel, nonce) : undefined;
  if (said) return { status: 200, body: said };
  const flags = fields.flags & SETTABLE_FLAGS & ~MessageFlags.Ephemeral;
  const blank = { ...blankMessage(state, channel.id, flags), tts: fields.tts };
  const api = applyFields(state, blank, fields, files);
  if (typeof nonce === 'string') api.nonce = nonce;
  state.messages.add({ api, visibleTo: null, interactionId: null, deleted: false });
  return { status: 200, body: api };
}

/** The bot's own message with this nonce, which must not be there twice. Discord remembers it for a few minutes. */
function sentWith({ state }: RestRequest, { id }: Channel, nonce: string): APIMessage | undefined {
  const own = state.messages.inChannel(id).filter(({ api }) => api.author.id === state.world.bot.id);
  return own.find(({ api }) => api.nonce === nonce)?.api;
}

/** A reply may also be changed by the bot itself; whoever waits for the interaction wants to hear of it. */
function noteForInteraction({ state }: RestRequest, message: StoredMessage, kind: 'edit' | 'delete'): void {
  const record = message.interactionId === null ? undefined : state.interactions.find(message.interactionId);
  if (record) state.interactions.note(record, kind, message.api);
}

function edit(request: RestRequest): RestReply {
  const { state, body, files } = request;
  const message = messageOf(request);
  const current = message.api;
  if (current.author.id !== state.world.bot.id) throw foreignMessage();
  const context = { files, message: current };
  const fields = validated((spot) => checkMessage(spot, asJson(body), context));
  const flags = (current.flags ?? 0) | (fields.flags & (MessageFlags.IsComponentsV2 | MessageFlags.SuppressEmbeds));
  const next = applyFields(state, { ...current, flags }, fields, files);
  message.api = { ...next, edited_timestamp: new Date(state.now()).toISOString() };
  noteForInteraction(request, message, 'edit');
  return { status: 200, body: message.api };
}

function remove(request: RestRequest): RestReply {
  const message = messageOf(request);
  message.deleted = true;
  noteForInteraction(request, message, 'delete');
  return { status: 204 };
}

function list(request: RestRequest): RestReply {
  const { channel, permissions } = channelOf(request);
  if (!(permissions & ReadMessageHistory)) return { status: 200, body: [] };
  const limit = Math.min(Number(request.query.get('limit') ?? DEFAULT_PAGE), MAX_PAGE);
  const messages = request.state.messages.inChannel(channel.id).filter((message) => message.visibleTo === null);
  const newestFirst = messages.map((message) => message.api).reverse();
  return { status: 200, body: newestFirst.slice(0, limit) };
}

const MESSAGES = '/channels/:channel/messages';
const MESSAGE = `${MESSAGES}/:message`;

export const channelRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/channels/:channel',
    authorized: true,
    handle: (request) => ({ status: 200, body: channelObject(channelOf(request).channel, request.state.world.bot.id) }),
  },
  { method: 'GET', pattern: MESSAGES, authorized: true, handle: list },
  { method: 'POST', pattern: MESSAGES, authorized: true, handle: send },
  {
    method: 'GET',
    pattern: MESSAGE,
    authorized: true,
    handle: (request) => ({ status: 200, body: messageOf(request).api }),
  },
  { method: 'PATCH', pattern: MESSAGE, authorized: true, handle: edit },
  { method: 'DELETE', pattern: MESSAGE, authorized: true, handle: remove },
];
