import type Keyv from 'keyv';
import { z } from 'zod';
import { HOST_STATUSES, PORT_STATES, SUSPICIONS } from '../engine/types.ts';

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
});

/** A finished scan as it is kept: enough to show it again without scanning. */
export type ScanRecord = z.infer<typeof RECORD>;

export interface ScanRecords {
  /** Undefined when the record is too old to be kept, or belongs to another server. */
  find(guildId: string, id: string): Promise<ScanRecord | undefined>;
  save(record: ScanRecord): Promise<void>;
}

const RETENTION_MS = 7 * 24 * 60 * 60_000;

/** @param store a Keyv of its own namespace that throws on errors; keys are `<server id>:<scan id>` */
export function createScanRecords(store: Keyv): ScanRecords {
  return {
    async find(guildId, id) {
      const stored: unknown = await store.get(`${guildId}:${id}`);
      return stored === undefined ? undefined : RECORD.parse(stored);
    },
    async save(record) {
      const saved = await store.set(`${record.guildId}:${record.id}`, RECORD.parse(record), RETENTION_MS);
      if (!saved) throw new Error('the store did not accept the scan record');
    },
  };
}
