import { type APIMessage, ButtonStyle, ComponentType, InteractionType } from 'discord.js';
import type { Gateway } from '../gateway/gateway.ts';
import { asArray, asJson, asText, isJson, type Json } from '../json.ts';
import { isVisibleTo, type StoredMessage } from '../messages.ts';
import type { State } from '../state.ts';
import { findChannel, findDmPerson, type Person } from '../world.ts';
import { type Actor, type Place, resolveActor, type Where } from './actor.ts';
import { dispatchInteraction } from './dispatch.ts';
import type { InteractionHandle } from './handle.ts';
import { listOf } from './line.ts';
import { ClientRefusal } from './refusal.ts';
import { resolveValue } from './values.ts';

/** Who uses the component. Default: the person whom the message answers, else `admin`. */
export type ComponentOptions = Pick<Where, 'as'>;

/** Values of a modal's inputs by custom id; lists for selects. */
export type ModalFields = Readonly<Record<string, string | readonly string[]>>;

/** Every component of a message or modal at any depth. */
export function flattenComponents(components: unknown): readonly Json[] {
  return asArray(components).flatMap((item) => {
    if (!isJson(item)) return [];
    const nested = [item.accessory, item.component].filter(isJson).flatMap((child) => flattenComponents([child]));
    return [item, ...flattenComponents(item.components), ...nested];
  });
}

/** Somebody in the channel of a message. Direct messages are read by one person alone. */
function resolveIn(state: State, channelId: string, as: Person | string, where: Place): Actor {
  const place = findChannel(state.world, channelId);
  if (place) return resolveActor(state.world, { as, guild: place.guild, channel: place.channel, where });
  const reader = findDmPerson(state.world, channelId);
  if (!reader) throw new ClientRefusal('The channel of this message does not exist any more.');
  const actor = resolveActor(state.world, { as, where: 'dm' });
  if (actor.person.id !== reader.id)
    throw new ClientRefusal(`${actor.person.displayName} does not see this message: it is ${reader.displayName}'s.`);
  return actor;
}

function findVisible(
  state: State,
  message: APIMessage | string,
  options: ComponentOptions,
): { source: StoredMessage; actor: Actor } {
  const source = state.messages.find(typeof message === 'string' ? message : message.id);
  if (!source) throw new ClientRefusal('This message does not exist any more.');
  const metadata = source.api.interaction_metadata;
  const installed = Object.hasOwn(metadata?.authorizing_integration_owners ?? { '0': '' }, '0');
  const as = options.as ?? metadata?.user.id ?? 'admin';
  const actor = resolveIn(state, source.api.channel_id, as, installed ? 'guild' : 'user-install');
  if (!isVisibleTo(source, actor.person.id))
    throw new ClientRefusal(`${actor.person.displayName} does not see this message: only its reader does.`);
  return { source, actor };
}

/** The message as a component interaction shows it. */
function use(
  state: State,
  gateway: Gateway,
  source: StoredMessage,
  actor: Actor,
  component: Json,
  data: Json,
): InteractionHandle {
  return dispatchInteraction(state, gateway, actor, {
    type: InteractionType.MessageComponent,
    data: { custom_id: component.custom_id, component_type: component.type, id: component.id, ...data },
    message: source.api as unknown as Json,
    sourceMessageId: source.api.id,
  });
}

/** Presses a button. Throws ClientRefusal when nobody could press it: not there, not visible, disabled, a link. */
export function clickButton(
  state: State,
  gateway: Gateway,
  message: APIMessage | string,
  wanted: string,
  options: ComponentOptions,
): InteractionHandle {
  const { source, actor } = findVisible(state, message, options);
  const buttons = flattenComponents(source.api.components).filter((item) => item.type === ComponentType.Button);
  const found =
    buttons.find((item) => item.custom_id === wanted) ??
    buttons.find((item) => item.label === wanted) ??
    buttons.find((item) => asText(item.label).toLowerCase() === wanted.toLowerCase());
  if (!found) {
    const labels = buttons.map((item) => asText(item.label) || asText(asJson(item.emoji).name));
    throw new ClientRefusal(`There is no button "${wanted}". There are: ${listOf(labels)}.`);
  }
  if (found.style === ButtonStyle.Link) throw new ClientRefusal(`"${wanted}" is a link: ${asText(found.url)}`);
  if (found.disabled === true) throw new ClientRefusal(`The button "${wanted}" is disabled.`);
  return use(state, gateway, source, actor, found, {});
}

const ENTITY_OPTION: Readonly<Record<number, number>> = {
  [ComponentType.UserSelect]: 6,
  [ComponentType.RoleSelect]: 8,
  [ComponentType.MentionableSelect]: 9,
  [ComponentType.ChannelSelect]: 7,
};

function checkCount(select: Json, count: number): void {
  const least = typeof select.min_values === 'number' ? select.min_values : 1;
  const most = typeof select.max_values === 'number' ? select.max_values : 1;
  if (count < least || count > most)
    throw new ClientRefusal(
      `"${asText(select.custom_id)}" takes ${least === most ? least : `${least} to ${most}`} values, not ${count}.`,
    );
}

/** The `values` (and `resolved`) of a select: option values or labels, or entities by name or id. */
function selectData(state: State, actor: Actor, select: Json, values: readonly string[]): Json {
  checkCount(select, values.length);
  if (select.type === ComponentType.StringSelect) {
    const options = asArray(select.options).map(asJson);
    const chosen = values.map((value) => {
      const option = options.find((item) => item.value === value) ?? options.find((item) => item.label === value);
      if (!option)
        throw new ClientRefusal(
          `"${value}" is no option. There are: ${listOf(options.map((item) => asText(item.label)))}.`,
        );
      return asText(option.value);
    });
    return { values: chosen };
  }
  const declaration = { type: ENTITY_OPTION[Number(select.type)] };
  const name = asText(select.custom_id);
  const resolvedValues = values.map((text) => resolveValue({ declaration, name, text }, state.world, actor));
  const resolved: Record<string, Record<string, unknown>> = {};
  for (const { kind, id, object } of resolvedValues.flatMap((value) => value.resolved ?? []))
    resolved[kind] = { ...resolved[kind], [id]: object };
  return { values: resolvedValues.map((value) => String(value.value)), resolved };
}

/** Chooses in a select. Throws ClientRefusal for values that cannot be chosen, and as `clickButton` does. */
export function chooseValues(
  state: State,
  gateway: Gateway,
  message: APIMessage | string,
  customId: string,
  values: readonly string[],
  options: ComponentOptions,
): InteractionHandle {
  const { source, actor } = findVisible(state, message, options);
  const selects = flattenComponents(source.api.components).filter(
    (item) => Number(item.type) in ENTITY_OPTION || item.type === ComponentType.StringSelect,
  );
  const select = selects.find((item) => item.custom_id === customId);
  if (!select)
    throw new ClientRefusal(
      `There is no select "${customId}". There are: ${listOf(selects.map((item) => asText(item.custom_id)))}.`,
    );
  if (select.disabled === true) throw new ClientRefusal(`The select "${customId}" is disabled.`);
  return use(state, gateway, source, actor, select, selectData(state, actor, select, values));
}

function textValue(input: Json, given: string | readonly string[] | undefined): string {
  const value = typeof given === 'string' ? given : asText(input.value);
  const name = asText(input.custom_id);
  if (value === '' && input.required !== false) throw new ClientRefusal(`The input "${name}" must be filled in.`);
  const least = typeof input.min_length === 'number' ? input.min_length : 0;
  const most = typeof input.max_length === 'number' ? input.max_length : 4000;
  if (value !== '' && value.length < least)
    throw new ClientRefusal(`The input "${name}" needs at least ${least} characters.`);
  if (value.length > most) throw new ClientRefusal(`The input "${name}" takes at most ${most} characters.`);
  return value;
}

function filledIn(state: State, actor: Actor, input: Json, fields: ModalFields): Json {
  const given = fields[asText(input.custom_id)];
  const base = { type: input.type, custom_id: input.custom_id };
  if (input.type === ComponentType.TextInput) return { ...base, value: textValue(input, given) };
  const values = typeof given === 'string' ? [given] : (given ?? []);
  return { ...base, ...selectData(state, actor, input, values) };
}

/** Sends the modal that an interaction opened. Throws ClientRefusal when it opened none or a value does not fit. */
export function sendModal(
  state: State,
  gateway: Gateway,
  handle: InteractionHandle,
  fields: ModalFields,
  options: ComponentOptions,
): InteractionHandle {
  const modal = handle.modal();
  const record = state.interactions.find(handle.id);
  if (!modal || !record) throw new ClientRefusal('No modal is open.');
  const installed = Object.hasOwn(asJson(record.payload.authorizing_integration_owners), '0');
  const as = options.as ?? record.userId;
  const actor = resolveIn(state, record.channelId, as, installed ? 'guild' : 'user-install');
  const known = flattenComponents(modal.components)
    .map((item) => asText(item.custom_id))
    .filter((id) => id !== '');
  const unknown = Object.keys(fields).find((id) => !known.includes(id));
  if (unknown !== undefined)
    throw new ClientRefusal(`The modal has no input "${unknown}". There are: ${listOf(known)}.`);
  const rows = asArray(modal.components)
    .map(asJson)
    .map((row, index) => {
      if (row.type === ComponentType.ActionRow)
        return {
          type: row.type,
          id: index + 1,
          components: asArray(row.components).map((input) => filledIn(state, actor, asJson(input), fields)),
        };
      if (isJson(row.component))
        return { type: row.type, id: index + 1, component: filledIn(state, actor, row.component, fields) };
      return { type: row.type, id: index + 1 };
    });
  const source = record.sourceMessageId === null ? undefined : state.messages.find(record.sourceMessageId);
  return dispatchInteraction(state, gateway, actor, {
    type: InteractionType.ModalSubmit,
    data: { custom_id: modal.custom_id, components: rows },
    ...(source ? { message: source.api as unknown as Json, sourceMessageId: source.api.id } : {}),
  });
}
