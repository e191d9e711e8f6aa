import type Keyv from 'keyv';
import { z } from 'zod';
import type { Claim } from '../policy/ownership.ts';
import { createGuildLock, type GuildRepository } from './guildData.ts';

const TIME = z.iso.datetime();
const CLAIM = z.strictObject({
  subject: z.strictObject({ kind: z.enum(['name', 'address']), canonical: z.string().min(1).max(253) }),
  token: z.string().regex(/^[\w-]{32}$/),
  challengeExpiresAt: TIME,
  linkUsed: z.boolean().optional(),
  proof: z
    .strictObject({
      method: z.enum(['dns', 'https', 'http', 'link']),
      provenAt: TIME,
      expiresAt: TIME,
      checkedAt: TIME,
    })
    .optional(),
});
const RECORD = z.strictObject({ v: z.literal(1), claims: z.array(CLAIM) });

/** What each server claims to control, and what it has proven. A failed read rejects; it never looks like no claims. */
export interface OwnershipProofs extends GuildRepository {
  read(guildId: string): Promise<readonly Claim[]>;
  /**
   * Read, change, write as one step: changes of one server run one after the other. Resolves when the change is durable;
   * nothing is written when `change` returns the claims that it was given.
   */
  update<T>(
    guildId: string,
    change: (claims: readonly Claim[]) => { readonly claims: readonly Claim[]; readonly result: T },
  ): Promise<T>;
}

/** @param store a Keyv of its own namespace that throws on errors; keys are server ids */
export function createOwnershipProofs(store: Keyv): OwnershipProofs {
  const exclusively = createGuildLock();

  async function read(guildId: string): Promise<readonly Claim[]> {
    const stored: unknown = await store.get(guildId);
    return stored === undefined ? [] : RECORD.parse(stored).claims;
  }

  return {
    name: 'ownership',
    read,
    update: (guildId, change) =>
      exclusively(guildId, async () => {
        const before = await read(guildId);
        const { claims, result } = change(before);
        if (claims === before) return result;
        const saved = await store.set(guildId, RECORD.parse({ v: 1, claims }));
        if (!saved) throw new Error('the store did not accept the claims');
        return result;
      }),
    exportGuild: async (guildId) => ({ claims: await read(guildId) }),
    deleteGuild: (guildId) =>
      exclusively(guildId, async () => {
        await store.delete(guildId);
      }),
  };
}
