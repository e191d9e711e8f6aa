import { formatPorts } from '../engine/ports/intervals.ts';
import { UserError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { AuditRecord } from '../policy/auditChain.ts';
import type { OwnershipVisits } from '../policy/ownershipVisit.ts';
import type { AuditEntryRequest, AuditLog } from '../storage/auditLog.ts';
import type { RecordDecision } from './types.ts';

/** Who did something, and where. */
export interface Actor {
  readonly guildId: string;
  readonly userId: string;
}

/** Like an actor; without an id it is the bot itself. */
export interface Author {
  readonly guildId: string;
  readonly userId: string | undefined;
}

export type AuditNote = Omit<AuditEntryRequest, 'userId'>;

/** Writes down who did what. */
export interface Audit {
  /** Resolves when the record is durable; rejects when it cannot be written: then what it tells of must not be done. */
  record(actor: Author, note: AuditNote): Promise<void>;
  /** For refusals, which stand in any case: a failure is logged. */
  tryRecord(actor: Author, note: AuditNote): Promise<void>;
}

export interface AuditDeps {
  readonly auditLog: Pick<AuditLog, 'append'>;
  /** Hears of each record once it is durable, such as for the audit channel. Must not throw. */
  readonly announce: (record: AuditRecord, actor: Author) => void;
  readonly log: Logger;
}

export function createAudit({ auditLog, announce, log }: AuditDeps): Audit {
  async function record(actor: Author, note: AuditNote): Promise<void> {
    announce(await auditLog.append(actor.guildId, { ...note, userId: actor.userId }), actor);
  }
  return {
    record,
    async tryRecord(actor, note) {
      try {
        await record(actor, note);
      } catch (err) {
        log.error({ err, guild: actor.guildId, action: note.action, rule: note.rule }, 'cannot write an audit record');
      }
    },
  };
}

/**
 * Does something that must not be done without a record: the record first, and another one when it fails. A UserError is
 * recorded by who tells the person.
 */
export async function audited<T>(
  audit: Audit,
  actor: Actor,
  note: Omit<AuditNote, 'decision'>,
  work: () => Promise<T>,
) {
  await audit.record(actor, { ...note, decision: 'allowed' });
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError)) await audit.tryRecord(actor, { ...note, decision: 'failed' });
    throw error;
  }
}

/** A proof by a visit counts at once: not without a record. Nobody of the server is there to be named. */
export function auditedVisits(visits: OwnershipVisits, audit: Pick<Audit, 'record'>): OwnershipVisits {
  return {
    ...visits,
    async prove(code, visitor) {
      const link = await visits.find(code);
      const note = { action: 'targets.verify', command: '/verify', target: visitor, rule: 'link' };
      if (link?.address === visitor)
        await audit.record({ guildId: link.guildId, userId: undefined }, { ...note, decision: 'allowed' });
      return visits.prove(code, visitor);
    },
  };
}

/** The record of each decision about a scan. */
export function createScanRecorder(audit: Pick<Audit, 'record'>): RecordDecision {
  return (job, { decision, rule, ports, addresses, scanId }) =>
    audit.record(job, {
      action: 'scan',
      command: '/scan',
      target: job.target.canonical,
      ...(addresses && addresses.length > 0 && { addresses }),
      ports: formatPorts([...ports].sort((a, b) => a - b)),
      decision,
      rule,
      ...(scanId !== undefined && { scanId }),
    });
}
