import { createHash } from 'node:crypto';
import type Keyv from 'keyv';
import { z } from 'zod';
import { createGuildLock, deleteEntries, type GuildRepository, guildEntries } from './guildData.ts';

const PSEUDONYM_LENGTH = 16;
const SALT_BYTES = 16;

const PSEUDONYM = z.string().regex(/^[\w-]{16}$/);
const BY_USER = z.strictObject({ v: z.literal(1), pseudonym: PSEUDONYM });
const BY_PSEUDONYM = z.strictObject({ v: z.literal(1), userId: z.string().min(1).max(32), salt: z.base64url() });

/**
 * Who is behind the pseudonyms of the audit log. A pseudonym is a salted hash of server and person; the salt is kept
 * here alone, so that with the link deleted nobody can tell the person from the pseudonym, nor try all ids.
 */
export interface People extends GuildRepository {
  /** The person's pseudonym in this server: 16 characters of base64url, made at the first call, the same until forgotten. */
  pseudonymFor(guildId: string, userId: string): Promise<string>;
  /** The pseudonym that the person has now, without making one. */
  findPseudonym(guildId: string, userId: string): Promise<string | undefined>;
  /** Undefined when the link was deleted, and when it was altered: a pseudonym fits one person only. */
  userFor(guildId: string, pseudonym: string): Promise<string | undefined>;
  /** Deletes the link. True when there was one. */
  forget(guildId: string, userId: string): Promise<boolean>;
}

/**
 * @param store a Keyv of its own namespace that throws on errors; keys are `<server id>:u:<user id>` and
 *   `<server id>:p:<pseudonym>`
 * @param randomBytes cryptographic randomness, such as that of node:crypto
 */
export function createPeople(store: Keyv, randomBytes: (count: number) => Uint8Array): People {
  const exclusively = createGuildLock();
  const userKey = (guildId: string, userId: string) => `${guildId}:u:${userId}`;
  const pseudonymKey = (guildId: string, pseudonym: string) => `${guildId}:p:${pseudonym}`;

  async function findPseudonym(guildId: string, userId: string): Promise<string | undefined> {
    const stored: unknown = await store.get(userKey(guildId, userId));
    return stored === undefined ? undefined : BY_USER.parse(stored).pseudonym;
  }

  async function create(guildId: string, userId: string): Promise<string> {
    const salt = Buffer.from(randomBytes(SALT_BYTES)).toString('base64url');
    const pseudonym = pseudonymOf(salt, guildId, userId);
    // Both or none, as the databases write; and a link that leads nowhere would be the worse half.
    const saved: unknown = await store.setMany([
      { key: pseudonymKey(guildId, pseudonym), value: BY_PSEUDONYM.parse({ v: 1, userId, salt }) },
      { key: userKey(guildId, userId), value: BY_USER.parse({ v: 1, pseudonym }) },
    ]);
    if (!Array.isArray(saved) || !saved.every((each) => each === true)) {
      throw new Error('the store did not accept the pseudonym');
    }
    return pseudonym;
  }

  return {
    name: 'people',
    findPseudonym,
    pseudonymFor: (guildId, userId) =>
      exclusively(guildId, async () => (await findPseudonym(guildId, userId)) ?? (await create(guildId, userId))),
    async userFor(guildId, pseudonym) {
      if (!PSEUDONYM.safeParse(pseudonym).success) return undefined;
      const stored: unknown = await store.get(pseudonymKey(guildId, pseudonym));
      if (stored === undefined) return undefined;
      const link = BY_PSEUDONYM.safeParse(stored);
      if (!link.success) return undefined;
      const { salt, userId } = link.data;
      return pseudonymOf(salt, guildId, userId) === pseudonym ? userId : undefined;
    },
    forget: (guildId, userId) =>
      exclusively(guildId, async () => {
        const isOfUser = (value: unknown) => BY_PSEUDONYM.safeParse(value).data?.userId === userId;
        const deleted = await store.delete(userKey(guildId, userId));
        // By reading all of them: also a link that a crash left without its other half must go.
        return (await deleteEntries(store, guildId, isOfUser)) > 0 || deleted;
      }),
    async exportGuild(guildId) {
      const links: unknown[] = [];
      for await (const [key, value] of guildEntries(store, guildId)) {
        if (!key.startsWith(pseudonymKey(guildId, ''))) continue;
        links.push({ pseudonym: key.slice(pseudonymKey(guildId, '').length), ...(value as object) });
      }
      return links;
    },
    deleteGuild: (guildId) => exclusively(guildId, async () => void (await deleteEntries(store, guildId))),
  };
}

function pseudonymOf(salt: string, guildId: string, userId: string): string {
  return createHash('sha256')
    .update(`${salt}|${guildId}|${userId}`, 'utf8')
    .digest('base64url')
    .slice(0, PSEUDONYM_LENGTH);
}
