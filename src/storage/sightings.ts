import type Keyv from 'keyv';
import { z } from 'zod';
import { PORT_STATES } from '../engine/types.ts';
import { createGuildLock, type GuildRepository } from './guildData.ts';

const SIGHTING = z.strictObject({
  /** Canonical, as it was asked for. */
  host: z.string().max(300),
  address: z.string().max(45),
  port: z.int().min(1).max(65_535),
  state: z.enum(PORT_STATES),
  /** What stood behind it, in a few words. May hold foreign text. */
  service: z.string().max(100).optional(),
  at: z.iso.datetime(),
});
const RECORD = z.strictObject({ v: z.literal(1), sightings: z.array(SIGHTING) });

/** What a server last saw on one port of one host. */
export type Sighting = z.infer<typeof SIGHTING>;

/** Of one server. The oldest go first. */
export const MAX_SIGHTINGS = 500;

/** One scan must not push out everything else. */
export const MAX_PER_SCAN = 100;

/** Ports that a server has seen open, each with what was seen last: also that it is not open any more. */
export interface Sightings extends GuildRepository {
  /** Newest first. */
  ofPort(guildId: string, port: number): Promise<readonly Sighting[]>;
  /** Takes in what one scan saw, at most {@link MAX_PER_SCAN} ports of it. Ports that were never open are left out. */
  add(guildId: string, seen: readonly Sighting[]): Promise<void>;
  /** Deletes what the server does not want to keep any longer. Otherwise it goes when something new is seen. */
  prune(guildId: string): Promise<void>;
}

const DAY_MS = 24 * 60 * 60_000;

export interface SightingsOptions {
  /** How long this server keeps what it saw, in days. */
  readonly retentionDays: (guildId: string) => Promise<number>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** @param store a Keyv of its own namespace that throws on errors; keys are server ids */
export function createSightings(store: Keyv, { retentionDays, now }: SightingsOptions): Sightings {
  const exclusively = createGuildLock();

  /** Those that are not too old for the server. */
  async function read(guildId: string): Promise<readonly Sighting[]> {
    const stored: unknown = await store.get(guildId);
    if (stored === undefined) return [];
    const oldestMs = now() - (await retentionDays(guildId)) * DAY_MS;
    return RECORD.parse(stored).sightings.filter(({ at }) => Date.parse(at) > oldestMs);
  }

  async function write(guildId: string, sightings: readonly Sighting[]): Promise<void> {
    const value = RECORD.parse({ v: 1, sightings });
    // Nothing in it is newer than now: by then all of it is too old.
    const saved = await store.set(guildId, value, (await retentionDays(guildId)) * DAY_MS);
    if (!saved) throw new Error('the store did not accept what was seen');
  }

  return {
    name: 'sightings',
    ofPort: async (guildId, port) => (await read(guildId)).filter((sighting) => sighting.port === port),
    add: (guildId, seen) =>
      exclusively(guildId, async () => {
        const before = await read(guildId);
        const known = new Set(before.map(keyOf));
        const taken = seen.filter((each) => each.state === 'open' || known.has(keyOf(each))).slice(0, MAX_PER_SCAN);
        if (taken.length === 0) return;
        const replaced = new Set(taken.map(keyOf));
        const kept = before.filter((each) => !replaced.has(keyOf(each)));
        await write(guildId, [...taken, ...kept].slice(0, MAX_SIGHTINGS));
      }),
    prune: (guildId) => exclusively(guildId, async () => write(guildId, await read(guildId))),
    exportGuild: read,
    deleteGuild: (guildId) => exclusively(guildId, async () => void (await store.delete(guildId))),
  };
}

function keyOf({ host, port }: Sighting): string {
  return `${host} ${port}`;
}
