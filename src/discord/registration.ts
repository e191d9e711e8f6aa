import type { REST } from 'discord.js';
import { Routes } from 'discord.js';
import type { Declaration } from './command.ts';

/**
 * Makes Discord's list of commands equal to ours by one bulk overwrite, and only when it differs: Discord allows 200
 * command creations a day (Discord API docs, application commands). Discord's own list is what we compare with, so a
 * change from elsewhere is mended too. With a server id the commands live there only, and global ones are removed so that
 * nothing shows twice.
 *
 * @returns how many commands were written; 0 when nothing had changed
 */
export async function registerCommands(
  rest: Pick<REST, 'get' | 'put'>,
  applicationId: string,
  guildId: string | undefined,
  declarations: readonly Declaration[],
): Promise<number> {
  const globalRoute = Routes.applicationCommands(applicationId);
  if (guildId === undefined) return overwrite(rest, globalRoute, declarations);
  const written = await overwrite(rest, Routes.applicationGuildCommands(applicationId, guildId), declarations);
  await overwrite(rest, globalRoute, []);
  return written;
}

async function overwrite(
  rest: Pick<REST, 'get' | 'put'>,
  route: `/${string}`,
  wanted: readonly Declaration[],
): Promise<number> {
  const current: unknown = await rest.get(route, { query: new URLSearchParams({ with_localizations: 'true' }) });
  if (fingerprint(current) === fingerprint(wanted)) return 0;
  await rest.put(route, { body: wanted.map(toWire) });
  return wanted.length;
}

/** Discord's OpenAPI document wants the permission bits as a number; its other documentation as a string. Both are taken. */
function toWire(declaration: Declaration): unknown {
  const { default_member_permissions: bits, ...rest } = declaration;
  return bits === undefined || bits === null ? rest : { ...rest, default_member_permissions: Number(bits) };
}

/** The parts of a command that a declaration decides; Discord adds others (id, version) and leaves out defaults. */
const DECLARED = new Set([
  'name',
  'description',
  'name_localizations',
  'description_localizations',
  'options',
  'default_member_permissions',
  'contexts',
  'integration_types',
  'type',
  'required',
  'choices',
  'value',
  'autocomplete',
  'min_length',
  'max_length',
  'min_value',
  'max_value',
  'channel_types',
]);
const COMMAND_TYPE_CHAT_INPUT = 1;
const BITS = 'default_member_permissions';

function fingerprint(commands: unknown): string {
  const list = Array.isArray(commands) ? commands : [];
  const withType = list.map((command) => ({ type: COMMAND_TYPE_CHAT_INPUT, ...command }));
  return JSON.stringify(withType.map(normalise).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))));
}

/** The same value for the same meaning: known keys in order, without what means "default". */
function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, item]) => DECLARED.has(key) && !isDefault(item))
    .map(([key, item]) => [key, UNORDERED.has(key) ? sorted(item) : key === BITS ? String(item) : normalise(item)]);
  return Object.fromEntries(entries.sort(([a], [b]) => String(a).localeCompare(String(b))));
}

/** Lists and maps (locale to text) whose order means nothing. */
const UNORDERED = new Set(['contexts', 'integration_types', 'name_localizations', 'description_localizations']);

const sorted = (value: unknown) =>
  Object.entries(value ?? {})
    .map(([key, item]) => (Array.isArray(value) ? item : [key, item]))
    .sort();

function isDefault(value: unknown): boolean {
  return value === null || value === undefined || value === false || (Array.isArray(value) && value.length === 0);
}
