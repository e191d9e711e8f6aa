import { type APIMessage, MessageFlags } from 'discord.js';
import { type InteractionRecord, TOKEN_LIFETIME_MS } from '../interactions.ts';
import { asJson } from '../json.ts';
import { isEphemeral, isLoading, type StoredMessage } from '../messages.ts';
import { checkMessage } from '../validate/message.ts';
import { applyFields, blankMessage, SETTABLE_FLAGS } from './compose.ts';
import { invalidWebhookToken, unknownMessage, unknownWebhook, validated } from './errors.ts';
import { interactionMessage } from './interaction-message.ts';
import type { RestReply, RestRequest, Route } from './route.ts';

/** The message that the first response made; everything else is an id. */
const ORIGINAL = '@original';

/** The interaction behind a webhook token: acknowledged, and not older than 15 minutes. */
function findAcknowledged(request: RestRequest): InteractionRecord {
  const { state, params } = request;
  if (params.application !== state.world.application.id) throw unknownWebhook();
  const record = state.interactions.byToken(params.token ?? '');
  if (!record) throw invalidWebhookToken();
  if (state.now() - record.createdAt > TOKEN_LIFETIME_MS) throw invalidWebhookToken();
  if (!record.response) throw unknownWebhook();
  return record;
}

function findMessage(request: RestRequest, record: InteractionRecord): StoredMessage {
  const id = request.params.message ?? record.originalId;
  const message = id === null ? undefined : request.state.messages.find(id);
  if (!message) throw unknownMessage();
  const own = message.interactionId === record.id || message.api.id === record.originalId;
  if (!own) throw unknownMessage();
  return message;
}

function noteIgnoredFlags(request: RestRequest, current: APIMessage, flags: number): void {
  if (flags & MessageFlags.Ephemeral && !isEphemeral(current))
    request.state.notice('An edit cannot make a public reply ephemeral: the flag was ignored.');
}

/** Edits a message with the body of the request; an edit takes the placeholder away. */
function edit(request: RestRequest, record: InteractionRecord, message: StoredMessage): APIMessage {
  const { state, body, files } = request;
  const current = message.api;
  const context = { files, message: current };
  const fields = validated((spot) => checkMessage(spot, asJson(body), context));
  noteIgnoredFlags(request, current, fields.flags);
  const settable = MessageFlags.IsComponentsV2 | MessageFlags.SuppressEmbeds;
  const flags = ((current.flags ?? 0) & ~MessageFlags.Loading) | (fields.flags & settable);
  const next = applyFields(state, { ...current, flags }, fields, files);
  message.api = isLoading(current) ? next : { ...next, edited_timestamp: new Date(state.now()).toISOString() };
  state.interactions.note(record, 'edit', message.api);
  return message.api;
}

function getMessage(request: RestRequest): RestReply {
  return { status: 200, body: findMessage(request, findAcknowledged(request)).api };
}

function patchMessage(request: RestRequest): RestReply {
  const record = findAcknowledged(request);
  return { status: 200, body: edit(request, record, findMessage(request, record)) };
}

function deleteMessage(request: RestRequest): RestReply {
  const record = findAcknowledged(request);
  const message = findMessage(request, record);
  message.deleted = true;
  request.state.interactions.note(record, 'delete', message.api);
  return { status: 204 };
}

function placeholderOf(request: RestRequest, record: InteractionRecord): StoredMessage | undefined {
  const original = record.originalId === null ? undefined : request.state.messages.find(record.originalId);
  return original && isLoading(original.api) ? original : undefined;
}

/** A follow-up. The first one after a defer fills the placeholder, which Discord calls deprecated. */
function postFollowUp(request: RestRequest): RestReply {
  const { state, body, files } = request;
  const record = findAcknowledged(request);
  const placeholder = placeholderOf(request, record);
  if (placeholder) {
    state.notice('The first follow-up after a defer was used as the edit of the placeholder (deprecated).');
    return { status: 200, body: edit(request, record, placeholder) };
  }
  const fields = validated((spot) => checkMessage(spot, asJson(body), { files, message: null }));
  const blank = blankMessage(state, record.channelId, fields.flags & SETTABLE_FLAGS);
  const api = interactionMessage(request, record, applyFields(state, blank, fields, files));
  const visibleTo = isEphemeral(api) ? record.userId : null;
  state.messages.add({ api, visibleTo, interactionId: record.id, deleted: false });
  record.followUpIds.push(api.id);
  state.interactions.note(record, 'followUp', api);
  return { status: 200, body: api };
}

const MESSAGES = '/webhooks/:application/:token/messages';

export const webhookRoutes: readonly Route[] = [
  ...[`${MESSAGES}/${ORIGINAL}`, `${MESSAGES}/:message`].flatMap((pattern) => [
    { method: 'GET', pattern, authorized: false, handle: getMessage },
    { method: 'PATCH', pattern, authorized: false, handle: patchMessage },
    { method: 'DELETE', pattern, authorized: false, handle: deleteMessage },
  ]),
  { method: 'POST', pattern: '/webhooks/:application/:token', authorized: false, handle: postFollowUp },
];
