import type Keyv from 'keyv';
import { z } from 'zod';
import type { AllowlistEntry } from '../policy/entry.ts';
import { createGuildLock, type GuildRepository } from './guildData.ts';

const ENTRY = z.strictObject({
  pattern: z.string().min(1).max(300),
  effect: z.literal('deny').optional(),
  ports: z.string().min(1).optional(),
  expiresAt: z.iso.datetime().optional(),
  note: z.string().max(200).optional(),
  addedBy: z.string().max(32),
  addedAt: z.iso.datetime(),
});
const RECORD = z.strictObject({ v: z.literal(1), entries: z.array(ENTRY) });

/** The allowlists of all servers. A failed read rejects; it never looks like an empty list. */
export interface Allowlists extends GuildRepository {
  read(guildId: string): Promise<readonly AllowlistEntry[]>;
  /**
   * Read, change, write as one step: changes of one server run one after the other. Resolves when the change is durable.
   * `change` may throw, or return the entries that it was given, to leave everything as it was.
   */
  update<T>(
    guildId: string,
    change: (entries: readonly AllowlistEntry[]) => { readonly entries: readonly AllowlistEntry[]; readonly result: T },
  ): Promise<T>;
  /** The entries. */
  exportGuild(guildId: string): Promise<readonly AllowlistEntry[]>;
}

/** @param store a Keyv of its own namespace that throws on errors; keys are server ids */
export function createAllowlists(store: Keyv): Allowlists {
  const exclusively = createGuildLock();

  async function read(guildId: string): Promise<readonly AllowlistEntry[]> {
    const stored: unknown = await store.get(guildId);
    return stored === undefined ? [] : RECORD.parse(stored).entries;
  }

  return {
    name: 'allowlist',
    read,
    update: (guildId, change) =>
      exclusively(guildId, async () => {
        const before = await read(guildId);
        const { entries, result } = change(before);
        if (entries === before) return result;
        const saved = await store.set(guildId, RECORD.parse({ v: 1, entries }));
        if (!saved) throw new Error('the store did not accept the allowlist');
        return result;
      }),
    exportGuild: read,
    deleteGuild: (guildId) => exclusively(guildId, async () => void (await store.delete(guildId))),
  };
}
