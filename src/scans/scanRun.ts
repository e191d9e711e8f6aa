import { say } from '../engine/phrase.ts';
import type { Decision } from '../policy/decide.ts';
import type { Refusal } from '../policy/refusal.ts';
import type { Vantage } from '../policy/vantage.ts';
import type { ScanRecord, ScanRecords } from '../storage/scanRecords.ts';
import type { Sightings } from '../storage/sightings.ts';
import type { Cleared, Gate, NotCleared, ScanJob } from './gate.ts';
import { type PerformDeps, type Performed, perform } from './perform.ts';
import { sightingsOf } from './sightings.ts';
import { toRecord } from './toRecord.ts';
import type { Decided, RecordDecision, RunOptions, ScanOutcome, StopReason } from './types.ts';

const NO_RECORD: Refusal = {
  code: 'no-audit',
  message: say`The audit record could not be written, and nothing is scanned without one.`,
  remedy: say`Try again in a minute; if it stays so, tell the operator of this bot.`,
};

/** How soon a removed or expired entry ends a running scan, in milliseconds. */
const RECHECK_EVERY_MS = 1_000;

export interface ScanRunDeps extends PerformDeps {
  readonly gate: Gate;
  readonly records: Pick<ScanRecords, 'save'>;
  readonly sightings: Pick<Sightings, 'add'>;
  readonly recordDecision: RecordDecision;
  /** From where an address is seen; undefined: from outside. */
  readonly vantageOf: (address: string) => Vantage | undefined;
  readonly now: () => number;
}

/** One scan from its clearance to its kept result, and the record of each decision about it. */
export interface ScanRun {
  /** Aborting `controller` ends the scan with what was found; before it began, it rejects with the reason. */
  run(
    id: string,
    job: ScanJob,
    onProgress: RunOptions['onProgress'],
    controller: AbortController,
  ): Promise<ScanOutcome>;
  refuse(job: ScanJob, refusal: Refusal): Promise<ScanOutcome>;
  /** A refusal stands, whether or not it can be written down. */
  recordRefused(job: ScanJob, rule: string): Promise<void>;
}

export function createScanRun(deps: ScanRunDeps): ScanRun {
  const { gate, log } = deps;

  /** The entry may be removed or expire while the scan runs. A list that cannot be read allows nothing. */
  async function stopIfRevoked(job: ScanJob, cleared: Cleared, controller: AbortController): Promise<void> {
    const decision = await gate.decideAgain(job, [cleared.address, ...cleared.others]).catch((err: unknown) => {
      log.error({ err }, 'cannot read the allowlist of a running scan');
    });
    const still = new Set(decision?.allowed ? decision.ports : []);
    if (!cleared.ports.every((port) => still.has(port))) controller.abort('revoked');
  }

  /** A refusal stands, whether or not it can be written down. */
  async function recordRefused(job: ScanJob, rule: string, addresses: readonly string[] = []): Promise<void> {
    await tryRecord(job, { decision: 'refused', rule, ports: job.ports, addresses });
  }

  async function tryRecord(job: ScanJob, decided: Decided): Promise<void> {
    try {
      await deps.recordDecision(job, decided);
    } catch (err) {
      const { decision, rule, scanId } = decided;
      log.error({ err, scan: scanId, decision, rule }, 'cannot record what became of a scan');
    }
  }

  async function refuse(job: ScanJob, refusal: Refusal, addresses?: readonly string[]): Promise<ScanOutcome> {
    await recordRefused(job, refusal.code, addresses);
    return { outcome: 'refused', refusal };
  }

  /** A scan that cannot be kept is still an answer. */
  async function keep(record: ScanRecord): Promise<boolean> {
    try {
      await deps.records.save(record);
    } catch (err) {
      log.error({ err, scan: record.id }, 'cannot keep a scan');
      return false;
    }
    await deps.sightings.add(record.guildId, sightingsOf(record)).catch((err: unknown) => {
      log.error({ err, scan: record.id }, 'cannot keep what a scan saw');
    });
    return true;
  }

  async function scanNow(id: string, job: ScanJob, onProgress: RunOptions['onProgress'], controller: AbortController) {
    const { signal } = controller;
    const clearance = await gate.clear(job, signal);
    if (!clearance.cleared && clearance.reason === 'refused')
      return refuse(job, clearance.refusal, clearance.addresses);
    if (!clearance.cleared) {
      await recordRefused(job, clearance.code);
      return unresolved(clearance);
    }
    if (signal.aborted) {
      await giveBack(clearance);
      throw signal.reason;
    }
    const unrecorded = await recordAllowed(job, clearance, id);
    if (unrecorded) return unrecorded;
    try {
      return await scanAllowed(id, job, clearance, onProgress, controller);
    } catch (err) {
      const { ports, address } = clearance;
      await tryRecord(job, { decision: 'failed', rule: 'error', ports, addresses: [address], scanId: id });
      throw err;
    }
  }

  async function scanAllowed(
    id: string,
    job: ScanJob,
    clearance: Cleared,
    onProgress: RunOptions['onProgress'],
    controller: AbortController,
  ): Promise<ScanOutcome> {
    const { signal } = controller;
    const addresses = [clearance.address, ...clearance.others];
    const cleared = await stillCleared(id, job, clearance, addresses);
    if ('outcome' in cleared) return cleared;
    const guard = setInterval(() => void stopIfRevoked(job, cleared, controller), RECHECK_EVERY_MS);
    const startedAt = new Date(deps.now()).toISOString();
    try {
      const permittedNow = async () => {
        const now = await gate.decideAgain(job, addresses);
        return now.allowed ? now.ports : [];
      };
      const { snapshot, done } = perform(deps, job.target, cleared, { signal, permittedNow });
      onProgress({ phase: 'scanning', scanId: id, snapshot });
      const performed = await done;
      const stopped = signal.aborted && isUnfinished(performed) ? stopReason(signal) : undefined;
      const vantage = deps.vantageOf(cleared.address);
      const record = toRecord(id, job, cleared, { ...performed, startedAt, stopped, vantage });
      const { ports, address } = cleared;
      const rule = stopped ?? 'finished';
      // The scan has been made, whether or not its end can be written down.
      await tryRecord(job, { decision: 'done', rule, ports, addresses: [address], scanId: id });
      return finished(record, await keep(record));
    } finally {
      clearInterval(guard);
    }
  }

  /** Proof, quotas and the record took their time: what was taken off the list meanwhile must not hear of it. */
  async function stillCleared(id: string, job: ScanJob, clearance: Cleared, addresses: readonly string[]) {
    let decision: Decision;
    try {
      decision = await gate.decideAgain(job, addresses);
    } catch (err) {
      await giveBack(clearance);
      throw err;
    }
    if (decision.allowed) return narrowed(job, clearance, decision.ports);
    await giveBack(clearance);
    const { refusal } = decision;
    await tryRecord(job, { decision: 'refused', rule: refusal.code, ports: job.ports, addresses, scanId: id });
    return { outcome: 'refused', refusal } as const;
  }

  async function giveBack(cleared: Cleared): Promise<void> {
    await cleared.refund().catch((err: unknown) => log.error({ err }, 'cannot give back a quota'));
  }

  /** No scan without its audit record. */
  async function recordAllowed(job: ScanJob, cleared: Cleared, scanId: string): Promise<ScanOutcome | undefined> {
    const { rule, ports, address, others } = cleared;
    try {
      await deps.recordDecision(job, { decision: 'allowed', rule, ports, addresses: [address, ...others], scanId });
      return undefined;
    } catch (err) {
      log.error({ err }, 'cannot write the audit record: the scan does not run');
      await giveBack(cleared);
      return { outcome: 'refused', refusal: NO_RECORD };
    }
  }

  return { run: scanNow, refuse, recordRefused };
}

function finished(record: ScanRecord, kept: boolean): ScanOutcome {
  return { outcome: 'finished', record, kept };
}

function unresolved({ code, message }: Extract<NotCleared, { reason: 'unresolved' }>): ScanOutcome {
  return { outcome: 'unresolved', code, message };
}

/** What was cleared, without the ports that are not permitted any more. */
function narrowed(job: ScanJob, cleared: Cleared, permitted: readonly number[]): Cleared {
  const still = new Set(permitted);
  const ports = cleared.ports.filter((port) => still.has(port));
  const begun = new Set(ports);
  return { ...cleared, ports, skippedPorts: job.ports.filter((port) => !begun.has(port)) };
}

function isUnfinished({ summary, notProbed }: Performed): boolean {
  return !summary.complete || notProbed.length > 0;
}

function stopReason({ reason }: AbortSignal): StopReason {
  return reason === 'shutdown' || reason === 'deadline' || reason === 'revoked' ? reason : 'cancelled';
}
