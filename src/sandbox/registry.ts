import type { APIApplicationCommand } from 'discord.js';
import { asArray, asJson, type Json } from './json.ts';

/** The commands of one application: global ones, and those of single servers. */
export interface CommandRegistry {
  /** Bulk overwrite: what is not in the list is gone, what keeps its name keeps its id. */
  overwrite(guildId: string | null, commands: readonly Json[]): readonly APIApplicationCommand[];
  list(guildId: string | null): readonly APIApplicationCommand[];
  /** What people in a server are offered: its own commands and the global ones. */
  visibleIn(guildId: string): readonly APIApplicationCommand[];
  remove(guildId: string | null, commandId: string): boolean;
}

const GLOBAL = 'global';

/** Members that Discord leaves out of its answer when they have their default value. */
const DROPPED_WHEN_FALSE = new Set(['required', 'autocomplete']);

function normaliseOption(option: Json): Json {
  const entries = Object.entries(option).filter(
    ([key, value]) => value !== undefined && value !== null && !(DROPPED_WHEN_FALSE.has(key) && value === false),
  );
  const kept = Object.fromEntries(entries);
  if (!Array.isArray(option.options)) return kept;
  return { ...kept, options: option.options.map((child) => normaliseOption(asJson(child))) };
}

function bitfield(value: unknown): string | null {
  return value === undefined || value === null ? null : BigInt(String(value)).toString();
}

/** The declaration with the members that Discord adds; ids come from the caller. */
function normalise(command: Json, guildId: string | null): Json {
  const options = asArray(command.options).map((option) => normaliseOption(asJson(option)));
  const scoped = guildId === null ? { dm_permission: command.dm_permission ?? true } : { guild_id: guildId };
  return {
    ...scoped,
    default_member_permissions: bitfield(command.default_member_permissions),
    type: command.type ?? 1,
    name: command.name,
    name_localizations: command.name_localizations ?? null,
    description: command.description ?? '',
    description_localizations: command.description_localizations ?? null,
    contexts: command.contexts ?? null,
    integration_types: command.integration_types ?? [0],
    nsfw: command.nsfw ?? false,
    ...(options.length > 0 ? { options } : {}),
  };
}

function sameDeclaration(existing: APIApplicationCommand, next: Json): boolean {
  const { id: _id, application_id: _application, version: _version, ...rest } = existing;
  return JSON.stringify(rest) === JSON.stringify(next);
}

export function createCommandRegistry(applicationId: string, nextId: () => string): CommandRegistry {
  const scopes = new Map<string, readonly APIApplicationCommand[]>();
  const list = (guildId: string | null) => scopes.get(guildId ?? GLOBAL) ?? [];
  return {
    overwrite(guildId, commands) {
      const previous = new Map(list(guildId).map((command) => [`${command.type}:${command.name}`, command]));
      const stored = commands.map((command) => {
        const declaration = normalise(command, guildId);
        const existing = previous.get(`${String(declaration.type)}:${String(declaration.name)}`);
        if (existing && sameDeclaration(existing, declaration)) return existing;
        const id = existing?.id ?? nextId();
        // The declaration has passed the validation of the REST side, so it has the shape of the API type.
        return {
          id,
          application_id: applicationId,
          version: nextId(),
          ...declaration,
        } as unknown as APIApplicationCommand;
      });
      scopes.set(guildId ?? GLOBAL, stored);
      return stored;
    },
    list,
    visibleIn: (guildId) => [...list(guildId), ...list(null)],
    remove(guildId, commandId) {
      const rest = list(guildId).filter((command) => command.id !== commandId);
      const found = rest.length < list(guildId).length;
      scopes.set(guildId ?? GLOBAL, rest);
      return found;
    },
  };
}
