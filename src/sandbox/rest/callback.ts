import { type APIMessage, InteractionType, MessageFlags, InteractionResponseType as Reply } from 'discord.js';
import { ACKNOWLEDGE_WITHIN_MS, type InteractionRecord } from '../interactions.ts';
import { asArray, asJson, type Json } from '../json.ts';
import { isEphemeral, isLoading, type StoredMessage } from '../messages.ts';
import { checkAutocomplete } from '../validate/autocomplete.ts';
import { checkMessage } from '../validate/message.ts';
import { checkModal } from '../validate/modal.ts';
import { checkChoice, checkInteger, failRequired } from '../validate/values.ts';
import { applyFields, blankMessage, SETTABLE_FLAGS } from './compose.ts';
import { alreadyAcknowledged, invalidJson, unknownInteraction, validated } from './errors.ts';
import { interactionMessage } from './interaction-message.ts';
import type { RestReply, RestRequest, Route } from './route.ts';

/** Which responses fit which interaction ("Interaction Callback Type"). */
const ALLOWED: Readonly<Partial<Record<InteractionType, readonly number[]>>> = {
  [InteractionType.ApplicationCommand]: [
    Reply.ChannelMessageWithSource,
    Reply.DeferredChannelMessageWithSource,
    Reply.Modal,
  ],
  [InteractionType.MessageComponent]: [
    Reply.ChannelMessageWithSource,
    Reply.DeferredChannelMessageWithSource,
    Reply.DeferredMessageUpdate,
    Reply.UpdateMessage,
    Reply.Modal,
  ],
  [InteractionType.ApplicationCommandAutocomplete]: [Reply.ApplicationCommandAutocompleteResult],
  [InteractionType.ModalSubmit]: [
    Reply.ChannelMessageWithSource,
    Reply.DeferredChannelMessageWithSource,
    Reply.DeferredMessageUpdate,
    Reply.UpdateMessage,
  ],
};

/** Flags that a deferred reply may carry; Discord documents `EPHEMERAL` and passes over the other two. */
const DEFER_FLAGS =
  MessageFlags.Ephemeral |
  MessageFlags.SuppressNotifications |
  MessageFlags.SuppressEmbeds |
  MessageFlags.IsComponentsV2;

/** The interaction, when it may still be answered for the first time. */
function findPending(request: RestRequest): InteractionRecord {
  const { state, params } = request;
  const record = state.interactions.find(params.interaction ?? '');
  if (!record || record.token !== params.token) throw unknownInteraction();
  if (record.response) throw alreadyAcknowledged();
  if (state.now() - record.createdAt > ACKNOWLEDGE_WITHIN_MS) throw unknownInteraction();
  return record;
}

function focusedType(options: unknown): number {
  for (const option of asArray(options).map(asJson)) {
    if (option.focused === true) return Number(option.type);
    const nested = focusedType(option.options);
    if (nested > 0) return nested;
  }
  return 0;
}

function sourceMessage(request: RestRequest, record: InteractionRecord): StoredMessage | undefined {
  return record.sourceMessageId === null ? undefined : request.state.messages.find(record.sourceMessageId);
}

/** Type 4: a message. Type 5: its placeholder. */
function respondWithMessage(
  request: RestRequest,
  record: InteractionRecord,
  data: Json,
  deferred: boolean,
): APIMessage {
  const { state, files } = request;
  if (deferred) {
    const flags = validated((spot) => {
      const value = checkInteger(spot.at('data').at('flags'), data.flags, 0, Number.MAX_SAFE_INTEGER) ?? 0;
      if (value & ~DEFER_FLAGS)
        spot.at('data').at('flags').fail('MESSAGE_FLAGS_INVALID', 'Only EPHEMERAL may be set on a deferred reply.');
      return value;
    });
    if (flags & ~MessageFlags.Ephemeral)
      state.notice('Deferred reply with flags besides EPHEMERAL: they have no effect.');
    const kept = (flags & MessageFlags.Ephemeral) | MessageFlags.Loading;
    return interactionMessage(request, record, blankMessage(state, record.channelId, kept));
  }
  const context = { files, message: null };
  const fields = validated((spot) => checkMessage(spot.at('data'), data, context));
  const blank = blankMessage(state, record.channelId, fields.flags & SETTABLE_FLAGS);
  return interactionMessage(request, record, applyFields(state, blank, fields, files));
}

/** Type 7: changes the message whose component was used. */
function updateSource(request: RestRequest, source: StoredMessage, data: Json): APIMessage {
  const { state, files } = request;
  const context = { files, message: source.api };
  const fields = validated((spot) => checkMessage(spot.at('data'), data, context));
  const upgraded = (source.api.flags ?? 0) | (fields.flags & MessageFlags.IsComponentsV2);
  const next = applyFields(state, { ...source.api, flags: upgraded }, fields, files);
  source.api = { ...next, edited_timestamp: new Date(state.now()).toISOString() };
  return source.api;
}

/** Does what the response says and returns the message it made or changed. */
function perform(request: RestRequest, record: InteractionRecord, type: number, data: Json): APIMessage | null {
  switch (type) {
    case Reply.ChannelMessageWithSource:
    case Reply.DeferredChannelMessageWithSource: {
      const deferred = type === Reply.DeferredChannelMessageWithSource;
      const api = respondWithMessage(request, record, data, deferred);
      record.originalId = api.id;
      const visibleTo = isEphemeral(api) ? record.userId : null;
      request.state.messages.add({ api, visibleTo, interactionId: record.id, deleted: false });
      return api;
    }
    case Reply.DeferredMessageUpdate:
    case Reply.UpdateMessage: {
      const source = sourceMessage(request, record);
      if (!source) throw unknownInteraction();
      record.originalId = source.api.id;
      return type === Reply.UpdateMessage ? updateSource(request, source, data) : source.api;
    }
    case Reply.ApplicationCommandAutocompleteResult:
      validated((spot) => checkAutocomplete(spot.at('data'), data, focusedType(asJson(record.payload.data).options)));
      return null;
    default:
      validated((spot) => checkModal(spot.at('data'), data));
      return null;
  }
}

function checkType(record: InteractionRecord, value: unknown): number {
  return validated((spot) => {
    if (value === undefined) failRequired(spot.at('type'));
    else {
      const allowed = ALLOWED[record.type] ?? [];
      const withoutSource = record.sourceMessageId === null;
      const updates: readonly number[] = [Reply.DeferredMessageUpdate, Reply.UpdateMessage];
      checkChoice(spot.at('type'), value, withoutSource ? allowed.filter((type) => !updates.includes(type)) : allowed);
    }
    return Number(value);
  });
}

/** The body that `with_response=true` asks for ("Interaction Callback Response Object"). */
function callbackResponse(record: InteractionRecord, type: number, message: APIMessage | null): Json {
  const interaction = {
    id: record.id,
    type: record.type,
    channel_id: record.channelId,
    ...(record.guildId === null ? {} : { guild_id: record.guildId }),
    ...(message === null
      ? {}
      : {
          response_message_id: message.id,
          response_message_loading: isLoading(message),
          response_message_ephemeral: isEphemeral(message),
        }),
  };
  return message === null ? { interaction } : { interaction, resource: { type, message } };
}

function handleCallback(request: RestRequest): RestReply {
  const { state, body, query } = request;
  const record = findPending(request);
  if (body === null) throw invalidJson();
  const type = checkType(record, asJson(body).type);
  const data = asJson(asJson(body).data);
  const message = perform(request, record, type, data);
  const latencyMs = performance.now() - record.dispatchedAtMs;
  record.response = { type, at: state.now(), latencyMs, data };
  state.interactions.note(record, 'response', message);
  if (query.get('with_response') !== 'true') return { status: 204 };
  return { status: 200, body: callbackResponse(record, type, message) };
}

export const callbackRoutes: readonly Route[] = [
  { method: 'POST', pattern: '/interactions/:interaction/:token/callback', authorized: false, handle: handleCallback },
];
