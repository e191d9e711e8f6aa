import type Keyv from 'keyv';
import { z } from 'zod';
import { HOST_STATUSES, PORT_STATES, SUSPICIONS } from '../engine/types.ts';
import { VANTAGES } from '../policy/vantage.ts';
import { EVIDENCE } from '../probes/evidence.ts';
import { deleteEntries, type GuildRepository, guildEntries, type PersonalRepository } from './guildData.ts';

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
  save(record: ScanRecord): Promise<void>;
  /** The scans that this person asked for, oldest first; what cannot be read is left out. */
  listUser(guildId: string, userId: string): Promise<readonly ScanRecord[]>;
  /** Deletes the scans that this person asked for. Resolves with their number. */
  deleteUser(guildId: string, userId: string): Promise<number>;
}

const RETENTION_MS = 7 * 24 * 60 * 60_000;

/** @param store a Keyv of its own namespace that throws on errors; keys are `<server id>:<scan id>` */
export function createScanRecords(store: Keyv): ScanRecords {
  return {
    name: 'scans',
    async find(guildId, id) {
      const stored: unknown = await store.get(`${guildId}:${id}`);
      return stored === undefined ? undefined : RECORD.parse(stored);
    },
    async save(record) {
      const saved = await store.set(`${record.guildId}:${record.id}`, RECORD.parse(record), RETENTION_MS);
      if (!saved) throw new Error('the store did not accept the scan record');
    },
    async listUser(guildId, userId) {
      const records: ScanRecord[] = [];
      for await (const [, value] of guildEntries(store, guildId)) {
        const record = isOf(userId, value) ? RECORD.safeParse(value).data : undefined;
        if (record) records.push(record);
      }
      return records.sort((a, b) => compare(a.startedAt, b.startedAt) || compare(a.id, b.id));
    },
    deleteUser: (guildId, userId) => deleteEntries(store, guildId, (value) => isOf(userId, value)),
    async exportGuild(guildId) {
      const records: unknown[] = [];
      for await (const [, value] of guildEntries(store, guildId)) records.push(value);
      return records;
    },
    deleteGuild: async (guildId) => void (await deleteEntries(store, guildId)),
  };
}

/** Also for a record of a version that is not known any more. */
function isOf(userId: string, stored: unknown): boolean {
  return typeof stored === 'object' && stored !== null && 'userId' in stored && stored.userId === userId;
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
      return count === 1 ? '1 scan result of yours was deleted.' : `${count} scan results of yours were deleted.`;
    },
  };
}
