import { Mutex } from 'async-mutex';
import type Keyv from 'keyv';
import { z } from 'zod';
import type { AllowlistEntry } from '../policy/entry.ts';

const ENTRY = z.strictObject({
  pattern: z.string().min(1).max(300),
  ports: z.string().min(1).optional(),
  expiresAt: z.iso.datetime().optional(),
  note: z.string().max(200).optional(),
  addedBy: z.string().max(32),
  addedAt: z.iso.datetime(),
});
const RECORD = z.strictObject({ v: z.literal(1), entries: z.array(ENTRY) });

/** The allowlists of all servers. A failed read rejects; it never looks like an empty list. */
export interface Allowlists {
  read(guildId: string): Promise<readonly AllowlistEntry[]>;
  /**
   * Read, change, write as one step: changes of one server run one after the other. Resolves when the change is durable.
   * `change` may throw to leave everything as it was.
   */
  update<T>(
    guildId: string,
    change: (entries: readonly AllowlistEntry[]) => { readonly entries: readonly AllowlistEntry[]; readonly result: T },
  ): Promise<T>;
}

/** @param store a Keyv of its own namespace that throws on errors; keys are server ids */
export function createAllowlists(store: Keyv): Allowlists {
  const locks = new Map<string, { mutex: Mutex; users: number }>();

  async function read(guildId: string): Promise<readonly AllowlistEntry[]> {
    const stored: unknown = await store.get(guildId);
    return stored === undefined ? [] : RECORD.parse(stored).entries;
  }

  async function exclusively<T>(guildId: string, work: () => Promise<T>): Promise<T> {
    const lock = locks.get(guildId) ?? { mutex: new Mutex(), users: 0 };
    locks.set(guildId, lock);
    lock.users += 1;
    try {
      return await lock.mutex.runExclusive(work);
    } finally {
      lock.users -= 1;
      if (lock.users === 0) locks.delete(guildId);
    }
  }

  return {
    read,
    update: (guildId, change) =>
      exclusively(guildId, async () => {
        const { entries, result } = change(await read(guildId));
        const saved = await store.set(guildId, RECORD.parse({ v: 1, entries }));
        if (!saved) throw new Error('the store did not accept the allowlist');
        return result;
      }),
  };
}
