import { setImmediate as turn } from 'node:timers/promises';
import type Keyv from 'keyv';
import { z } from 'zod';
import { counted, say } from '../engine/phrase.ts';
import { HOST_STATUSES, PORT_STATES, SUSPICIONS } from '../engine/types.ts';
import { VANTAGES } from '../policy/vantage.ts';
import { EVIDENCE } from '../probes/evidence.ts';
import { createGuildLock, type GuildRepository, guildEntries, type PersonalRepository } from './guildData.ts';
import { createRunIndex, type Keeping, type Run } from './runIndex.ts';

const RECORD = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  guildId: z.string(),
  userId: z.string(),
  /** The host as it was asked for, canonical; decided on again before every new scan. */
  host: z.string(),
  display: z.string(),
  warning: z.string().optional(),
  /** The ports that were asked for; these and all others as `formatPorts` writes them. */
  requestedPorts: z.string(),
  /** Asked for, but not permitted by the allowlist. */
  skippedPorts: z.string().optional(),
  address: z.string(),
  otherAddresses: z.array(z.string()),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  /** Why the scan ended before every port had a verdict. */
  stopped: z.enum(['cancelled', 'revoked', 'shutdown', 'deadline']).optional(),
  unprobed: z.number(),
  /** What the engine made of the host; records of older versions lack it. */
  status: z.enum(HOST_STATUSES).optional(),
  suspicions: z.array(z.enum(SUSPICIONS)).optional(),
  /** Verdicts by state and reason. */
  groups: z.array(z.strictObject({ state: z.enum(PORT_STATES), reason: z.string(), ports: z.string() })),
  /** When the target was not seen from outside. */
  vantage: z.enum(VANTAGES).optional(),
  /** What was seen behind open ports, by port; records of older versions lack it. */
  evidence: z.array(EVIDENCE).optional(),
  /** Open ports that were not looked behind. */
  notProbed: z.string().optional(),
});

/** A finished scan as it is kept: enough to show it again without scanning. */
export type ScanRecord = z.infer<typeof RECORD>;

export interface ScanRecords extends GuildRepository {
  /** Undefined when the record is too old to be kept, or belongs to another server. */
  find(guildId: string, id: string): Promise<ScanRecord | undefined>;
  /** Keeps a scan for as long as its server wants; the oldest give way when a server has too many. */
  save(record: ScanRecord): Promise<void>;
  /** The runs that are kept of one host (canonical), newest first; {@link findAll} reads them. */
  runsOf(guildId: string, host: string): Promise<readonly Run[]>;
  /** Every host with a run that is kept, the one scanned last first. */
  hosts(guildId: string): Promise<readonly string[]>;
  /** These records in this order; those that are gone or cannot be read are left out. */
  findAll(guildId: string, ids: readonly string[]): Promise<readonly ScanRecord[]>;
  /** Deletes what the server does not want to keep any longer. Otherwise each record goes when its time has come. */
  prune(guildId: string): Promise<void>;
  /** The scans that this person asked for, oldest first; what cannot be read is left out. */
  listUser(guildId: string, userId: string): Promise<readonly ScanRecord[]>;
  /** Deletes the scans that this person asked for. Resolves with their number. */
  deleteUser(guildId: string, userId: string): Promise<number>;
}

export interface ScanRecordsOptions {
  /** A Keyv like `store`, for the list of what is kept; keys are server ids. */
  readonly index: Keyv;
  /** How long this server keeps scans, in days. */
  readonly retentionDays: (guildId: string) => Promise<number>;
  readonly now: () => number;
}

const DAY_MS = 24 * 60 * 60_000;
const DELETE_BATCH = 200;

/** @param store a Keyv of its own namespace that throws on errors; keys are `<server id>:<scan id>` */
export function createScanRecords(store: Keyv, { index, retentionDays, now }: ScanRecordsOptions): ScanRecords {
  const runIndex = createRunIndex(index);
  const exclusively = createGuildLock();

  async function keepingOf(guildId: string): Promise<Keeping> {
    return { nowMs: now(), keepMs: (await retentionDays(guildId)) * DAY_MS };
  }

  /** The retention may have been shortened since a record was written. */
  async function oldest(guildId: string): Promise<number> {
    const { nowMs, keepMs } = await keepingOf(guildId);
    return nowMs - keepMs;
  }

  async function keptRuns(guildId: string): Promise<readonly Run[]> {
    const oldestMs = await oldest(guildId);
    return (await runIndex.read(guildId)).filter(({ at }) => Date.parse(at) > oldestMs);
  }

  async function deleteIds(guildId: string, ids: readonly string[]): Promise<void> {
    for (let i = 0; i < ids.length; i += DELETE_BATCH) {
      await store.delete(ids.slice(i, i + DELETE_BATCH).map((id) => `${guildId}:${id}`));
    }
  }

  /** Deletes the records that `wanted` names, whether or not the index has them. */
  async function deleteWhere(guildId: string, wanted: (value: unknown) => boolean): Promise<number> {
    const prefix = `${guildId}:`.length;
    const ids: string[] = [];
    for await (const [key, value] of guildEntries(store, guildId)) if (wanted(value)) ids.push(key.slice(prefix));
    await deleteIds(guildId, ids);
    await runIndex.remove(guildId, ids, await keepingOf(guildId));
    return ids.length;
  }

  return {
    name: 'scans',
    async find(guildId, id) {
      const stored: unknown = await store.get(`${guildId}:${id}`);
      if (stored === undefined) return undefined;
      const record = RECORD.parse(stored);
      return Date.parse(record.startedAt) > (await oldest(guildId)) ? record : undefined;
    },
    save: (record) =>
      exclusively(record.guildId, async () => {
        const { guildId, id, host, startedAt } = record;
        const parsed = RECORD.parse(record);
        const keeping = await keepingOf(guildId);
        const saved = await store.set(`${guildId}:${id}`, parsed, keeping.keepMs);
        if (!saved) throw new Error('the store did not accept the scan record');
        const run = {
          id,
          host,
          at: new Date(startedAt).toISOString(),
          bytes: Buffer.byteLength(JSON.stringify(parsed)),
        };
        await deleteIds(guildId, await runIndex.add(guildId, run, keeping));
      }),
    runsOf: async (guildId, host) => (await keptRuns(guildId)).filter((run) => run.host === host),
    hosts: async (guildId) => [...new Set((await keptRuns(guildId)).map(({ host }) => host))],
    async findAll(guildId, ids) {
      if (ids.length === 0) return [];
      const oldestMs = await oldest(guildId);
      const stored: unknown[] = await store.getMany(ids.map((id) => `${guildId}:${id}`));
      const records: ScanRecord[] = [];
      for (const value of stored) {
        const record = RECORD.safeParse(value).data;
        if (record && Date.parse(record.startedAt) > oldestMs) records.push(record);
        // Reading much evidence takes a while: others get a turn.
        await turn();
      }
      return records;
    },
    prune: (guildId) =>
      exclusively(guildId, async () => {
        const oldestMs = await oldest(guildId);
        await deleteWhere(guildId, (value) => isOlder(value, oldestMs));
      }),
    async listUser(guildId, userId) {
      const records: ScanRecord[] = [];
      for await (const [, value] of guildEntries(store, guildId)) {
        const record = isOf(userId, value) ? RECORD.safeParse(value).data : undefined;
        if (record) records.push(record);
      }
      return records.sort((a, b) => compare(a.startedAt, b.startedAt) || compare(a.id, b.id));
    },
    deleteUser: (guildId, userId) => exclusively(guildId, () => deleteWhere(guildId, (value) => isOf(userId, value))),
    async exportGuild(guildId) {
      const records: unknown[] = [];
      for await (const [, value] of guildEntries(store, guildId)) records.push(value);
      return records;
    },
    deleteGuild: (guildId) =>
      exclusively(guildId, async () => {
        await deleteWhere(guildId, () => true);
        await runIndex.deleteGuild(guildId);
      }),
  };
}

/** Also for a record of a version that is not known any more. */
function isOf(userId: string, stored: unknown): boolean {
  return typeof stored === 'object' && stored !== null && 'userId' in stored && stored.userId === userId;
}

/** As {@link isOf}. */
function isOlder(stored: unknown, oldestMs: number): boolean {
  const isRecord = typeof stored === 'object' && stored !== null && 'startedAt' in stored;
  return isRecord && typeof stored.startedAt === 'string' && Date.parse(stored.startedAt) <= oldestMs;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** The person's part of the scan records. */
export function personalScans(records: ScanRecords): PersonalRepository {
  return {
    name: 'scans',
    exportUser: (guildId, userId) => records.listUser(guildId, userId),
    async deleteUser(guildId, userId) {
      const count = await records.deleteUser(guildId, userId);
      if (count === 0) return say`No scan result of yours was kept.`;
      return counted(
        count,
        say`${count} scan result of yours was deleted.`,
        say`${count} scan results of yours were deleted.`,
      );
    },
  };
}
