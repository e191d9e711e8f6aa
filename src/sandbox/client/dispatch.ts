import { randomBytes } from 'node:crypto';
import { InteractionContextType, InteractionType, PermissionFlagsBits } from 'discord.js';
import { channelObject, dmChannelObject, interactionMember, userObject } from '../entities.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { InteractionRecord } from '../interactions.ts';
import { asJson, asText, type Json } from '../json.ts';
import { MAX_FILE_BYTES } from '../rest/body.ts';
import { blankMessage } from '../rest/compose.ts';
import type { State } from '../state.ts';
import { permissionsOf } from '../world.ts';
import { type Actor, resolveActor, type Where } from './actor.ts';
import { createHandle, type InteractionHandle } from './handle.ts';

export interface Outgoing {
  readonly type: InteractionType;
  readonly data: Json;
  /** The message on which a component was used, as the payload shows it. */
  readonly message?: Json;
  readonly sourceMessageId?: string;
}

/** What an app may always do where it is no member, and in direct messages. */
const { AttachFiles, EmbedLinks, MentionEveryone } = PermissionFlagsBits;
const APP_PERMISSIONS_OUTSIDE = (AttachFiles | EmbedLinks | MentionEveryone).toString();

function tokenFor(id: string): string {
  return Buffer.from(`interaction:${id}:${randomBytes(48).toString('hex')}`).toString('base64url');
}

/** Who and where: `member` and the server in a server, `user` in direct messages. */
function placeOf({ world }: State, { person, guild, channel, where }: Actor): Json {
  if (!guild) {
    return {
      channel_id: channel.id,
      channel: dmChannelObject(person),
      user: userObject(person),
      app_permissions: APP_PERMISSIONS_OUTSIDE,
      // "0" stands for the direct messages with an app that servers installed.
      authorizing_integration_owners: { '0': '0' },
      context: InteractionContextType.BotDM,
    };
  }
  const isMember = where === 'guild';
  return {
    guild_id: guild.id,
    guild: { id: guild.id, locale: guild.locale, features: [] },
    channel_id: channel.id,
    channel: channelObject(channel, world.bot.id),
    member: interactionMember(world, guild, person, channel),
    app_permissions: isMember ? permissionsOf(world, guild, world.bot.id, channel).toString() : APP_PERMISSIONS_OUTSIDE,
    guild_locale: guild.locale,
    authorizing_integration_owners: isMember ? { '0': guild.id } : { '1': person.id },
    context: InteractionContextType.Guild,
  };
}

function payloadOf(state: State, actor: Actor, outgoing: Outgoing): Json {
  const id = state.nextId();
  return {
    id,
    application_id: state.world.application.id,
    type: outgoing.type,
    token: tokenFor(id),
    version: 1,
    data: outgoing.data,
    ...(outgoing.message ? { message: outgoing.message } : {}),
    ...placeOf(state, actor),
    locale: actor.person.locale,
    entitlements: [],
    entitlement_sku_ids: [],
    attachment_size_limit: MAX_FILE_BYTES,
  };
}

/**
 * Sends INTERACTION_CREATE and returns the handle of what comes back. `overrides` replace members of the payload
 * (undefined takes a member away), which is how a test makes what no client would send.
 */
export function dispatchInteraction(
  state: State,
  gateway: Gateway,
  actor: Actor,
  outgoing: Outgoing,
  overrides: Json = {},
): InteractionHandle {
  const merged = { ...payloadOf(state, actor, outgoing), ...overrides };
  const payload: Json = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
  const user = asJson(asJson(payload.member).user ?? payload.user);
  const record: InteractionRecord = {
    id: asText(payload.id),
    token: asText(payload.token),
    type: Number(payload.type),
    createdAt: state.now(),
    dispatchedAtMs: performance.now(),
    userId: asText(user.id) || actor.person.id,
    channelId: asText(payload.channel_id) || actor.channel.id,
    guildId: typeof payload.guild_id === 'string' ? payload.guild_id : null,
    payload,
    sourceMessageId: outgoing.sourceMessageId ?? null,
    response: null,
    originalId: null,
    followUpIds: [],
    history: [],
    listeners: new Set(),
  };
  state.interactions.add(record);
  gateway.dispatch('INTERACTION_CREATE', payload);
  return createHandle(state, record);
}

/** A message by the bot for a component to be on, when a test does not say which. */
function addCarrier(state: State, channelId: string): string {
  const api = { ...blankMessage(state, channelId, 0), content: 'A message of the bot.' };
  state.messages.add({ api, visibleTo: null, interactionId: null, deleted: false });
  return api.id;
}

/** Dispatches whatever the overrides make of a realistic payload. A component stands on a message of the bot. */
export function dispatchRaw(state: State, gateway: Gateway, overrides: Json, where: Where): InteractionHandle {
  const actor = resolveActor(state.world, where);
  const outgoing: Outgoing = { type: InteractionType.ApplicationCommand, data: {} };
  if (overrides.type !== InteractionType.MessageComponent)
    return dispatchInteraction(state, gateway, actor, outgoing, overrides);
  const sourceMessageId = asText(asJson(overrides.message).id) || addCarrier(state, actor.channel.id);
  const source = state.messages.find(sourceMessageId);
  const message = source ? { message: source.api as unknown as Json } : {};
  return dispatchInteraction(state, gateway, actor, { ...outgoing, ...message, sourceMessageId }, overrides);
}
