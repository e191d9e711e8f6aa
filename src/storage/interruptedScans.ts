import type Keyv from 'keyv';
import { z } from 'zod';
import { say } from '../engine/phrase.ts';
import { deleteEntries, type GuildRepository, guildEntries, type PersonalRepository } from './guildData.ts';

const RECORD = z.strictObject({
  v: z.literal(1),
  id: z.string().max(30),
  guildId: z.string().max(32),
  userId: z.string().max(32),
  /** Canonical, and as it is shown. */
  host: z.string().max(300),
  display: z.string().max(300),
  /** As `formatPorts` writes them. */
  requestedPorts: z.string(),
});

/** A scan that a restart cut off before it had a result: enough to ask for it again. */
export type InterruptedScan = Omit<z.infer<typeof RECORD>, 'v'>;

export interface InterruptedScans extends GuildRepository, PersonalRepository {
  save(scan: InterruptedScan): Promise<void>;
  find(guildId: string, id: string): Promise<InterruptedScan | undefined>;
}

const DAY_MS = 24 * 60 * 60_000;
const MAX_KEPT_DAYS = 7;

export interface InterruptedScansOptions {
  /** How long this server keeps scans, in days. */
  readonly retentionDays: (guildId: string) => Promise<number>;
}

/** @param store a Keyv of its own namespace that throws on errors; keys are `<server id>:<scan id>` */
export function createInterruptedScans(store: Keyv, { retentionDays }: InterruptedScansOptions): InterruptedScans {
  return {
    name: 'interruptedScans',
    async save(scan) {
      const keptMs = Math.min(MAX_KEPT_DAYS, await retentionDays(scan.guildId)) * DAY_MS;
      const saved = await store.set(`${scan.guildId}:${scan.id}`, RECORD.parse({ v: 1, ...scan }), keptMs);
      if (!saved) throw new Error('the store did not accept the interrupted scan');
    },
    async find(guildId, id) {
      const stored: unknown = await store.get(`${guildId}:${id}`);
      if (stored === undefined) return undefined;
      const { v: _version, ...scan } = RECORD.parse(stored);
      return scan;
    },
    async exportGuild(guildId) {
      const scans: unknown[] = [];
      for await (const [, value] of guildEntries(store, guildId)) scans.push(value);
      return scans;
    },
    deleteGuild: async (guildId) => void (await deleteEntries(store, guildId)),
    async exportUser(guildId, userId) {
      const scans: unknown[] = [];
      for await (const [, value] of guildEntries(store, guildId)) if (isOf(userId, value)) scans.push(value);
      return scans;
    },
    async deleteUser(guildId, userId) {
      const count = await deleteEntries(store, guildId, (value) => isOf(userId, value));
      return count === 0 ? say`No scan of yours was interrupted.` : say`Interrupted scans of yours deleted: ${count}.`;
    },
  };
}

function isOf(userId: string, stored: unknown): boolean {
  return RECORD.safeParse(stored).data?.userId === userId;
}
