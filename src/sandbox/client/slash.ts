import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { ApplicationCommandOptionType, InteractionType } from 'discord.js';
import type { Gateway } from '../gateway/gateway.ts';
import { asArray, asJson, type Json } from '../json.ts';
import { MAX_FILE_BYTES } from '../rest/body.ts';
import type { State } from '../state.ts';
import { type Actor, resolveActor, type Where } from './actor.ts';
import { dispatchInteraction, type Outgoing } from './dispatch.ts';
import type { Choice, InteractionHandle } from './handle.ts';
import { listOf, nameOf, type ParsedLine, readTyped, type TypedCommand, type TypedOption } from './line.ts';
import { checkOffered, commandsFor } from './offer.ts';
import { ClientRefusal } from './refusal.ts';
import { type ResolvedValue, resolveValue } from './values.ts';

export interface SlashOptions extends Where {
  /** Files for attachment options, by option name. Without an entry the option's text is read as a path. */
  readonly files?: Readonly<Record<string, GivenFile>>;
  /** The same, with the content under another name. */
  readonly attachments?: Readonly<Record<string, Omit<GivenFile, 'content'> & { readonly data: Uint8Array }>>;
}

export interface GivenFile {
  readonly name: string;
  /** Text is sent as UTF-8. */
  readonly content: string | Uint8Array;
  /** Default: what the name's ending says. */
  readonly contentType?: string;
}

const CHAT_INPUT = 1;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

function givenFile(name: string, { files, attachments }: SlashOptions): GivenFile | undefined {
  const attached = attachments?.[name];
  return files?.[name] ?? (attached && { ...attached, content: attached.data });
}

/** Uploads the file of an attachment option, as the client does before it sends the command. */
async function attach(state: State, actor: Actor, option: TypedOption, options: SlashOptions): Promise<ResolvedValue> {
  const given = givenFile(option.name, options);
  const content = given?.content ?? (await readFile(option.text).catch(() => null));
  if (content === null) throw new ClientRefusal(`${option.name}: there is no file ${option.text}.`);
  const data = typeof content === 'string' ? Buffer.from(content) : content;
  if (data.byteLength > MAX_FILE_BYTES) throw new ClientRefusal(`${option.name}: the file is larger than 10 MiB.`);
  const name = given?.name ?? basename(option.text);
  const contentType = given?.contentType ?? CONTENT_TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream';
  const object = state.files.addEphemeral(actor.channel.id, { name, contentType, data });
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

function commandData(parsed: ParsedLine, options: readonly Json[], resolved: Json): Json {
  const { command } = parsed;
  const nested = nest(parsed.path, options);
  return {
    id: command.id,
    name: command.name,
    type: CHAT_INPUT,
    ...(nested.length > 0 ? { options: nested } : {}),
    ...(Object.keys(resolved).length > 0 ? { resolved } : {}),
    ...(command.guild_id ? { guild_id: command.guild_id } : {}),
  };
}

function mergeResolved(values: readonly ResolvedValue[]): Json {
  const merged: Record<string, Record<string, unknown>> = {};
  for (const { kind, id, object } of values.flatMap((value) => value.resolved ?? []))
    merged[kind] = { ...merged[kind], [id]: object };
  return merged;
}

/** Types a command and sends it. Throws ClientRefusal for what Discord's client would not send. */
export async function sendSlash(
  state: State,
  gateway: Gateway,
  line: string | TypedCommand,
  options: SlashOptions,
): Promise<InteractionHandle> {
  const actor = resolveActor(state.world, options);
  const parsed = readTyped(line, commandsFor(state, actor));
  checkOffered(state, parsed.command, actor);
  const implied = parsed.declared
    .filter(
      (option) => givenFile(nameOf(option), options) && !parsed.options.some((typed) => typed.name === option.name),
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
        : resolveValue(option, state.world, actor),
    ),
  );
  const sent = typed.map((option, index) => ({
    name: option.name,
    type: option.declaration.type,
    value: values[index]?.value,
  }));
  const data = commandData(parsed, sent, mergeResolved(values));
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
 * Asks the bot for choices for the last option that was typed. Returns none when that option has no autocomplete, or when
 * the bot does not answer within `timeoutMs` (3000, as long as Discord waits).
 */
export async function askChoices(
  state: State,
  gateway: Gateway,
  line: string | TypedCommand,
  options: Where & { readonly timeoutMs?: number },
): Promise<readonly Choice[]> {
  const actor = resolveActor(state.world, options);
  const parsed = readTyped(line, commandsFor(state, actor));
  checkOffered(state, parsed.command, actor);
  const last = parsed.options.at(-1);
  if (last?.declaration.autocomplete !== true) return staticChoices(last);
  const drafts = parsed.options.map((option) => draftOption(option, option === last));
  const outgoing: Outgoing = {
    type: InteractionType.ApplicationCommandAutocomplete,
    data: commandData(parsed, drafts, {}),
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
