import { Mutex } from 'async-mutex';
import type Keyv from 'keyv';
import { counted, type Phrase, say } from '../engine/phrase.ts';
import type { Allowlists } from './allowlists.ts';
import type { Quotas } from './quotas.ts';

/** What every repository that keeps anything of a server offers. */
export interface GuildRepository {
  /** Names the part in an export; unique, such as `allowlist`. */
  readonly name: string;
  /** Everything it keeps of the server, as plain JSON. */
  exportGuild(guildId: string): Promise<unknown>;
  /** Resolves when nothing of the server is left. May be repeated. */
  deleteGuild(guildId: string): Promise<void>;
}

/** All that is kept of a server. */
export interface GuildData {
  /** Of the repositories. */
  readonly names: readonly string[];
  exportGuild(guildId: string): Promise<Readonly<Record<string, unknown>>>;
  /** Goes through every repository even when one fails; rejects with an `AggregateError` that names those. */
  deleteGuild(guildId: string): Promise<void>;
}

/** What is kept of one person in a server. */
export interface PersonalRepository {
  readonly name: string;
  /** Plain JSON. */
  exportUser(guildId: string, userId: string): Promise<unknown>;
  /** Takes the person out. Resolves with what was done, in a sentence for this person. */
  deleteUser(guildId: string, userId: string): Promise<Phrase>;
}

/** @param repositories in the order of deletion */
export function createGuildData(repositories: readonly GuildRepository[]): GuildData {
  return {
    names: repositories.map(({ name }) => name),
    async exportGuild(guildId) {
      const parts = new Map<string, unknown>();
      for (const repository of repositories) parts.set(repository.name, await repository.exportGuild(guildId));
      return Object.fromEntries(parts);
    },
    async deleteGuild(guildId) {
      const failures: Error[] = [];
      for (const repository of repositories) {
        try {
          await repository.deleteGuild(guildId);
        } catch (cause) {
          failures.push(new Error(`cannot delete the server's ${repository.name}`, { cause }));
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, 'some data of a server could not be deleted');
    },
  };
}

/** Stands where a person's id was; no Discord id looks like it. */
export const DELETED_USER = 'deleted';

/** The person's part of an allowlist: who added an entry. The entries themselves are the server's and stay. */
export function personalAllowlist(allowlists: Allowlists): PersonalRepository {
  return {
    name: 'allowlist',
    exportUser: async (guildId, userId) => (await allowlists.read(guildId)).filter(({ addedBy }) => addedBy === userId),
    deleteUser: async (guildId, userId) => {
      const mine = (await allowlists.read(guildId)).filter(({ addedBy }) => addedBy === userId).length;
      if (mine === 0) return say`You added nothing to the allowlist.`;
      await allowlists.update(guildId, (entries) => ({
        entries: entries.map((entry) => (entry.addedBy === userId ? { ...entry, addedBy: DELETED_USER } : entry)),
        result: undefined,
      }));
      return counted(
        mine,
        say`Your id was taken off ${mine} allowlist entry; the entries are the server's and stay.`,
        say`Your id was taken off ${mine} allowlist entries; the entries are the server's and stay.`,
      );
    },
  };
}

/** The person's own budget; it stays, or deleting it would be a way to more. */
export function personalQuotas(quotas: Pick<Quotas, 'exportGuild'>): PersonalRepository {
  return {
    name: 'quotas',
    async exportUser(guildId, userId) {
      const all = Object.entries((await quotas.exportGuild(guildId)) ?? {});
      return Object.fromEntries(all.filter(([key]) => key === `user:${guildId}:${userId}`));
    },
    deleteUser: async () =>
      say`Your quota counter stays until it is full again, then it goes by itself: deleting it would give anybody new quota.`,
  };
}

const DELETE_BATCH = 200;

/**
 * The records of one server in a store whose keys are `<server id>:<anything>`, each once, also while they are deleted.
 * Reads the whole namespace: for what is rare.
 */
export async function* guildEntries(store: Keyv, guildId: string): AsyncGenerator<[key: string, value: unknown]> {
  // Without an iterator nothing would be found, which must not look like "nothing is kept".
  if (!store.iterator) throw new Error('this store cannot list its keys');
  for await (const [key, value] of store.iterator(undefined)) {
    if (key.startsWith(`${guildId}:`)) yield [key, value];
  }
}

/** Deletes the records of one server, or those among them that `wanted` names. Resolves with their number. */
export async function deleteEntries(
  store: Keyv,
  guildId: string,
  wanted: (value: unknown) => boolean = () => true,
): Promise<number> {
  let batch: string[] = [];
  let count = 0;
  for await (const [key, value] of guildEntries(store, guildId)) {
    if (!wanted(value)) continue;
    count += 1;
    if (batch.push(key) < DELETE_BATCH) continue;
    await store.delete(batch);
    batch = [];
  }
  if (batch.length > 0) await store.delete(batch);
  return count;
}

/** Runs work of one server one after the other; servers do not wait for each other. */
export type GuildLock = <T>(guildId: string, work: () => Promise<T>) => Promise<T>;

export function createGuildLock(): GuildLock {
  const locks = new Map<string, { readonly mutex: Mutex; users: number }>();
  return async (guildId, work) => {
    const lock = locks.get(guildId) ?? { mutex: new Mutex(), users: 0 };
    locks.set(guildId, lock);
    lock.users += 1;
    try {
      return await lock.mutex.runExclusive(work);
    } finally {
      lock.users -= 1;
      if (lock.users === 0) locks.delete(guildId);
    }
  };
}
