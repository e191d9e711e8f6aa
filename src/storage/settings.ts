import type Keyv from 'keyv';
import { z } from 'zod';
import { readPorts } from '../engine/ports/intervals.ts';
import { MAX_SCANNER_ROLES } from '../policy/mayScan.ts';
import { createGuildLock } from './guildData.ts';

/**
 * How long results are kept when nobody says, in days: a quarter and a week, so that who scans every three months still
 * finds the scan before.
 */
export const DEFAULT_HISTORY_DAYS = 100;
export const MAX_HISTORY_DAYS = 365;

/** Discord's ids: 64-bit numbers in decimal. */
const ID = z.string().regex(/^\d{1,20}$/);

const SETTINGS = z.strictObject({
  /** Ids of the roles whose members may scan; empty = everybody to whom Discord offers /scan. */
  scannerRoles: z.array(ID).max(MAX_SCANNER_ROLES).readonly(),
  /** Who sees results when the person does not say: only they, or the channel. */
  visibility: z.enum(['private', 'channel']),
  /** Where audit records are posted as well; absent = nowhere. */
  auditChannelId: ID.optional(),
  /** What /scan scans without a list, as `formatPorts` writes it; absent = the built-in list. */
  defaultPorts: z
    .string()
    .refine((text) => readPorts(text) !== undefined)
    .optional(),
  /** How long the results of scans are kept; absent = {@link DEFAULT_HISTORY_DAYS}. */
  historyDays: z.int().min(1).max(MAX_HISTORY_DAYS).optional(),
});
const RECORD = z.strictObject({ v: z.literal(1), ...SETTINGS.shape });

/** What the managers of one server decided. */
export type GuildSettings = Readonly<z.infer<typeof SETTINGS>>;

/** Those of a server that never changed any. */
export const DEFAULT_SETTINGS: GuildSettings = { scannerRoles: [], visibility: 'private' };

/** How long a server with these settings keeps results, in days. */
export function historyDaysOf({ historyDays }: GuildSettings): number {
  return historyDays ?? DEFAULT_HISTORY_DAYS;
}

/** The settings of all servers. A failed read rejects; it never looks like the defaults, which let more people scan. */
export interface Settings {
  read(guildId: string): Promise<GuildSettings>;
  /**
   * Read, change, write as one step: changes of one server run one after the other. Resolves when the change is durable.
   * `change` may throw or reject to leave everything as it was.
   */
  update(
    guildId: string,
    change: (settings: GuildSettings) => GuildSettings | Promise<GuildSettings>,
  ): Promise<{ readonly before: GuildSettings; readonly after: GuildSettings }>;
  /** Everything kept of a server; undefined when it never changed anything. */
  exportGuild(guildId: string): Promise<unknown>;
  deleteGuild(guildId: string): Promise<void>;
}

/** @param store a Keyv of its own namespace that throws on errors; keys are server ids */
export function createSettings(store: Keyv): Settings {
  const exclusively = createGuildLock();

  async function stored(guildId: string): Promise<GuildSettings | undefined> {
    const value: unknown = await store.get(guildId);
    if (value === undefined) return undefined;
    const { v: _version, ...settings } = RECORD.parse(value);
    return settings;
  }

  const read = async (guildId: string) => (await stored(guildId)) ?? DEFAULT_SETTINGS;

  return {
    read,
    update: (guildId, change) =>
      exclusively(guildId, async () => {
        const before = await read(guildId);
        const after = SETTINGS.parse(await change(before));
        const saved = await store.set(guildId, { v: 1, ...after });
        if (!saved) throw new Error('the store did not accept the settings');
        return { before, after };
      }),
    exportGuild: stored,
    deleteGuild: (guildId) => exclusively(guildId, async () => void (await store.delete(guildId))),
  };
}
