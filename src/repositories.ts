import { randomBytes } from 'node:crypto';
import { type HourlyQuotas, hourly } from './policy/quota.ts';
import { createAllowlists } from './storage/allowlists.ts';
import { createAuditLog, personalAudit } from './storage/auditLog.ts';
import type { Database } from './storage/database.ts';
import { createGuildData, personalAllowlist, personalQuotas } from './storage/guildData.ts';
import { createInterruptedScans } from './storage/interruptedScans.ts';
import { createOpenReplies } from './storage/openReplies.ts';
import { createOwnershipProofs } from './storage/ownershipProofs.ts';
import { createPeople } from './storage/people.ts';
import { createPurges } from './storage/purges.ts';
import { createQuotas } from './storage/quotas.ts';
import { createScanRecords, personalScans } from './storage/scanRecords.ts';
import { createSettings, historyDaysOf } from './storage/settings.ts';
import { createSightings } from './storage/sightings.ts';

export type Repositories = ReturnType<typeof createRepositories>;

/** One repository for each kind of record, each on a store of its own. A server's data is the sum of all of them. */
export function createRepositories(database: Database, quotasPerHour: HourlyQuotas, now: () => number) {
  const allowlists = createAllowlists(database.store('allowlists'));
  const settings = createSettings(database.store('settings'));
  const retentionDays = async (guildId: string) => historyDaysOf(await settings.read(guildId));
  const records = createScanRecords(database.store('scans'), { index: database.store('runs'), retentionDays, now });
  const sightings = createSightings(database.store('sightings'), { retentionDays, now });
  const openReplies = createOpenReplies(database.store('openReplies'));
  const interruptedScans = createInterruptedScans(database.store('interruptedScans'), { retentionDays });
  const people = createPeople(database.store('people'), randomBytes);
  const auditLog = createAuditLog({ store: database.store('audit'), people, now });
  const quotas = createQuotas(database.store('quotas'), { limits: hourly(quotasPerHour), now });
  const proofs = createOwnershipProofs(database.store('ownership'));
  const purges = createPurges(database.store('purges'));
  // The allowlist goes first: without it nothing can be scanned, whatever fails after that.
  const guildData = createGuildData([
    allowlists,
    { name: 'settings', exportGuild: settings.exportGuild, deleteGuild: settings.deleteGuild },
    proofs,
    records,
    sightings,
    openReplies,
    interruptedScans,
    // Deleting them would give anybody new quota; they go by themselves within the hour.
    { name: 'quotas', exportGuild: quotas.exportGuild, deleteGuild: async () => {} },
    auditLog,
    people,
  ]);
  const personalData = [
    personalScans(records),
    interruptedScans,
    openReplies,
    personalAllowlist(allowlists),
    personalQuotas(quotas),
    personalAudit(auditLog, people),
  ];
  return {
    allowlists,
    records,
    sightings,
    settings,
    people,
    auditLog,
    quotas,
    proofs,
    purges,
    openReplies,
    interruptedScans,
    guildData,
    personalData,
  };
}
