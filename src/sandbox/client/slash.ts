import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type APIApplicationCommand,
  ApplicationCommandOptionType,
  InteractionType,
  PermissionFlagsBits,
} from 'discord.js';
import type { UploadedFile } from '../files.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { asArray, asJson, type Json } from '../json.ts';
import type { State } from '../state.ts';
import { permissionsOf } from '../world.ts';
import { type Actor, resolveActor, type Where } from './actor.ts';
import { dispatchInteraction, type Outgoing } from './dispatch.ts';
import type { Choice, InteractionHandle } from './handle.ts';
import { listOf, nameOf, type ParsedLine, parseLine, type TypedOption } from './line.ts';
import { ClientRefusal } from './refusal.ts';
import { type ResolvedValue, resolveValue } from './values.ts';

export interface SlashOptions extends Where {
  /** Files for attachment options, by option name. Without an entry the option's text is read as a path. */
  readonly attachments?: Readonly<
    Record<string, { readonly name: string; readonly data: Uint8Array; readonly contentType?: string }>
  >;
}

const GUILD_CONTEXT = 0;
const CHAT_INPUT = 1;

/** `ManageGuild` as people know it: Manage Server. */
function permissionName(key: string): string {
  return key.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replace('Guild', 'Server');
}

/** Refuses a command that Discord would not offer this person in this place. */
function checkOffered(state: State, command: APIApplicationCommand, { person, guild, channel }: Actor): void {
  const contexts = command.contexts;
  if (contexts && !contexts.includes(GUILD_CONTEXT))
    throw new ClientRefusal(`/${command.name} is not offered in a server.`);
  const needed = command.default_member_permissions;
  if (needed === null || needed === undefined) return;
  const permissions = permissionsOf(state.world, guild, person.id, channel);
  const allowed =
    needed === '0'
      ? (permissions & PermissionFlagsBits.Administrator) !== 0n
      : (permissions & BigInt(needed)) === BigInt(needed);
  if (allowed) return;
  const names = Object.entries(PermissionFlagsBits)
    .filter(([, bit]) => BigInt(needed) & bit)
    .map(([name]) => permissionName(name));
  const who = needed === '0' ? 'administrators' : `members with ${listOf([...new Set(names)])}`;
  throw new ClientRefusal(
    `/${command.name} is not offered to ${person.displayName}: it is for ${who}. Try it as owner or admin.`,
  );
}

async function attach(state: State, actor: Actor, option: TypedOption, options: SlashOptions): Promise<ResolvedValue> {
  const given = options.attachments?.[option.name];
  const data = given?.data ?? (await readFile(option.text).catch(() => null));
  if (!data) throw new ClientRefusal(`${option.name}: there is no file ${option.text}.`);
  const file: Omit<UploadedFile, 'index'> = {
    name: given?.name ?? basename(option.text),
    contentType: given?.contentType ?? 'application/octet-stream',
    data,
  };
  const object = state.files.add(actor.channel.id, file);
  return { value: object.id, resolved: [{ kind: 'attachments', id: object.id, object }] };
}

function usageOf(parsed: ParsedLine): string {
  return [`/${parsed.command.name}`, ...parsed.path.map(nameOf)].join(' ');
}

function refuseMissing(parsed: ParsedLine, given: readonly string[]): void {
  const required = parsed.declared.filter((option) => option.required === true).map(nameOf);
  const missing = required.filter((name) => !given.includes(name));
  if (missing.length === 0) return;
  const example = required.map((name) => `${name}:…`).join(' ');
  throw new ClientRefusal(`${usageOf(parsed)} needs ${listOf(missing)}. Write ${usageOf(parsed)} ${example}`);
}

/** Wraps option values in their subcommand and group. */
function nest(path: readonly Json[], options: readonly Json[]): readonly Json[] {
  return path.reduceRight<readonly Json[]>(
    (inner, step) => [{ name: step.name, type: step.type, options: inner }],
    options,
  );
}

function commandData(parsed: ParsedLine, actor: Actor, options: readonly Json[], resolved: Json): Json {
  const { command } = parsed;
  const nested = nest(parsed.path, options);
  return {
    id: command.id,
    name: command.name,
    type: CHAT_INPUT,
    ...(nested.length > 0 ? { options: nested } : {}),
    ...(Object.keys(resolved).length > 0 ? { resolved } : {}),
    ...(command.guild_id ? { guild_id: actor.guild.id } : {}),
  };
}

function mergeResolved(values: readonly ResolvedValue[]): Json {
  const merged: Record<string, Record<string, unknown>> = {};
  for (const { kind, id, object } of values.flatMap((value) => value.resolved ?? []))
    merged[kind] = { ...merged[kind], [id]: object };
  return merged;
}

/** Types a command line and sends it. Throws ClientRefusal for what Discord's client would not send. */
export async function sendSlash(
  state: State,
  gateway: Gateway,
  line: string,
  options: SlashOptions,
): Promise<InteractionHandle> {
  const actor = resolveActor(state.world, options);
  const parsed = parseLine(line, state.commands.visibleIn(actor.guild.id));
  checkOffered(state, parsed.command, actor);
  const implied = parsed.declared
    .filter(
      (option) => options.attachments?.[nameOf(option)] && !parsed.options.some((typed) => typed.name === option.name),
    )
    .map((declaration) => ({ declaration, name: nameOf(declaration), text: '' }));
  const typed = [...parsed.options, ...implied];
  refuseMissing(
    parsed,
    typed.map((option) => option.name),
  );
  const values = await Promise.all(
    typed.map((option) =>
      option.declaration.type === ApplicationCommandOptionType.Attachment
        ? attach(state, actor, option, options)
        : resolveValue(option, state.world, actor.guild),
    ),
  );
  const sent = typed.map((option, index) => ({
    name: option.name,
    type: option.declaration.type,
    value: values[index]?.value,
  }));
  const data = commandData(parsed, actor, sent, mergeResolved(values));
  return dispatchInteraction(state, gateway, actor, { type: InteractionType.ApplicationCommand, data });
}

/** Options whose text counts as it stands while the person is still typing. */
function draftOption(option: TypedOption, focused: boolean): Json {
  const { declaration, name, text } = option;
  const isNumber =
    declaration.type === ApplicationCommandOptionType.Integer ||
    declaration.type === ApplicationCommandOptionType.Number;
  const isBoolean = declaration.type === ApplicationCommandOptionType.Boolean;
  const finished = isBoolean ? text.toLowerCase() === 'true' : isNumber && text !== '' ? Number(text) : text;
  return { name, type: declaration.type, value: focused ? text : finished, ...(focused ? { focused: true } : {}) };
}

/**
 * Asks the bot for choices for the last option on the line. Returns none when that option has no autocomplete, or when
 * the bot does not answer within `timeoutMs` (3000, as long as Discord waits).
 */
export async function askChoices(
  state: State,
  gateway: Gateway,
  line: string,
  options: Where & { readonly timeoutMs?: number },
): Promise<readonly Choice[]> {
  const actor = resolveActor(state.world, options);
  const parsed = parseLine(line, state.commands.visibleIn(actor.guild.id));
  checkOffered(state, parsed.command, actor);
  const last = parsed.options.at(-1);
  if (last?.declaration.autocomplete !== true) return staticChoices(last);
  const drafts = parsed.options.map((option) => draftOption(option, option === last));
  const outgoing: Outgoing = {
    type: InteractionType.ApplicationCommandAutocomplete,
    data: commandData(parsed, actor, drafts, {}),
  };
  const handle = dispatchInteraction(state, gateway, actor, outgoing);
  await handle.acknowledged(options.timeoutMs ?? 3000);
  return handle.choices();
}

function staticChoices(option: TypedOption | undefined): readonly Choice[] {
  const declared = asArray(option?.declaration.choices).map(asJson);
  return declared
    .filter((choice) =>
      nameOf(choice)
        .toLowerCase()
        .startsWith(option?.text.toLowerCase() ?? ''),
    )
    .map((choice) => ({ name: nameOf(choice), value: choice.value as string | number }));
}
