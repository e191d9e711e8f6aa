import type Keyv from 'keyv';
import { z } from 'zod';

const RUN = z.strictObject({
  /** Of the scan's record. */
  id: z.string(),
  /** Canonical, as it was asked for. */
  host: z.string(),
  /** When it began, as `Date.toISOString` writes it. */
  at: z.iso.datetime({ precision: 3 }),
  /** What the record takes as JSON. */
  bytes: z.int().min(0),
});
const RECORD = z.strictObject({ v: z.literal(1), runs: z.array(RUN) });

/** One scan that is kept. */
export type Run = z.infer<typeof RUN>;

/** Of one host, and of one server over all its hosts. */
export const MAX_RUNS_PER_HOST = 200;
export const MAX_RUNS_PER_GUILD = 1_000;
/** A usual record takes a few KiB, one of 65,535 ports with much behind them some hundred. */
export const MAX_BYTES_PER_GUILD = 32 * 1024 * 1024;

export interface Keeping {
  readonly nowMs: number;
  /** How long a run is kept, and the list itself when nothing is added any more. */
  readonly keepMs: number;
}

/**
 * Which scans a server keeps, in one small value: whoever looks for the runs of a host does not read the records of all
 * servers. Changes of one server must not run at the same time: the caller holds its lock.
 */
export interface RunIndex {
  /** Newest first. */
  read(guildId: string): Promise<readonly Run[]>;
  /** Resolves with the ids of the runs that had to give way: their records are to be deleted. */
  add(guildId: string, run: Run, keeping: Keeping): Promise<readonly string[]>;
  remove(guildId: string, ids: readonly string[], keeping: Keeping): Promise<void>;
  deleteGuild(guildId: string): Promise<void>;
}

/** @param store a Keyv of its own namespace that throws on errors; keys are server ids */
export function createRunIndex(store: Keyv): RunIndex {
  async function read(guildId: string): Promise<readonly Run[]> {
    const stored: unknown = await store.get(guildId);
    return stored === undefined ? [] : RECORD.parse(stored).runs;
  }

  async function write(guildId: string, runs: readonly Run[], { keepMs }: Keeping): Promise<void> {
    const saved = await store.set(guildId, { v: 1, runs }, keepMs);
    if (!saved) throw new Error('the store did not accept the list of scans');
  }

  return {
    read,
    async add(guildId, run, keeping) {
      const before = (await read(guildId)).filter(({ id }) => id !== run.id);
      const place = before.findIndex(({ at }) => at <= run.at);
      const runs = before.toSpliced(place === -1 ? before.length : place, 0, RUN.parse(run));
      // Times in ISO 8601, all in UTC and to the millisecond, compare like text.
      const oldest = new Date(keeping.nowMs - keeping.keepMs).toISOString();
      const kept = bounded(runs.filter(({ at }) => at > oldest));
      await write(guildId, kept, keeping);
      const left = new Set(kept.map(({ id }) => id));
      return runs.filter(({ id }) => !left.has(id)).map(({ id }) => id);
    },
    async remove(guildId, ids, keeping) {
      const gone = new Set(ids);
      const before = await read(guildId);
      const after = before.filter(({ id }) => !gone.has(id));
      if (after.length < before.length) await write(guildId, after, keeping);
    },
    deleteGuild: async (guildId) => void (await store.delete(guildId)),
  };
}

/** Newest first, as given. A host that is scanned every minute takes from its own past, not from that of the others. */
function bounded(runs: readonly Run[]): readonly Run[] {
  const byHost = Map.groupBy(runs, ({ host }) => host);
  for (const [host, own] of byHost) byHost.set(host, own.slice(0, MAX_RUNS_PER_HOST));
  let count = sumOf(byHost, (own) => own.length);
  let bytes = sumOf(byHost, bytesOf);
  while (count > MAX_RUNS_PER_GUILD || bytes > MAX_BYTES_PER_GUILD) {
    const weigh = count > MAX_RUNS_PER_GUILD ? (own: readonly Run[]) => own.length : bytesOf;
    // Of equals, the host that was scanned longest ago.
    const [heaviest] = [...byHost.values()].reverse().sort((a, b) => weigh(b) - weigh(a));
    const dropped = heaviest?.pop();
    if (dropped === undefined) break;
    count -= 1;
    bytes -= dropped.bytes;
  }
  const kept = new Set([...byHost.values()].flat());
  return runs.filter((run) => kept.has(run));
}

function bytesOf(runs: readonly Run[]): number {
  return runs.reduce((sum, { bytes }) => sum + bytes, 0);
}

function sumOf(byHost: ReadonlyMap<string, readonly Run[]>, weigh: (runs: readonly Run[]) => number): number {
  return [...byHost.values()].reduce((sum, runs) => sum + weigh(runs), 0);
}
