import { randomBytes } from 'node:crypto';
import { say } from '../engine/phrase.ts';
import { formatPorts } from '../engine/ports/intervals.ts';
import type { Refusal } from '../policy/refusal.ts';
import type { Vantage } from '../policy/vantage.ts';
import type { ScanRecord, ScanRecords } from '../storage/scanRecords.ts';
import type { Sightings } from '../storage/sightings.ts';
import type { Cleared, Gate, NotCleared, ScanJob } from './gate.ts';
import { type PerformDeps, type Performed, perform } from './perform.ts';
import { type JobQueue, QueueFull } from './queue.ts';
import { sightingsOf } from './sightings.ts';
import { toRecord } from './toRecord.ts';
import type { Decided, RecordDecision, RunOptions, ScanOutcome, ScanService, StopReason } from './types.ts';

const NO_RECORD: Refusal = {
  code: 'no-audit',
  message: say`The audit record could not be written, and nothing is scanned without one.`,
  remedy: say`Try again in a minute; if it stays so, tell the operator of this bot.`,
};

export interface ScanServiceDeps extends PerformDeps {
  readonly gate: Gate;
  readonly records: Pick<ScanRecords, 'save'>;
  readonly sightings: Pick<Sightings, 'add'>;
  readonly recordDecision: RecordDecision;
  readonly queue: JobQueue;
  /** From where an address is seen; undefined: from outside. */
  readonly vantageOf: (address: string) => Vantage | undefined;
  readonly now: () => number;
}

interface Running {
  readonly job: ScanJob;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** How soon a removed or expired entry ends a running scan, in milliseconds. */
const RECHECK_EVERY_MS = 1_000;

/** The way from an accepted request to a kept result; knows nothing of Discord. */
export function createScanService(deps: ScanServiceDeps): ScanService {
  const { gate, log } = deps;
  const running = new Map<string, Running>();

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
    try {
      await deps.recordDecision(job, { decision: 'refused', rule, ports: job.ports, addresses });
    } catch (err) {
      log.error({ err }, 'cannot record a refusal');
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
      await deps.sightings.add(record.guildId, sightingsOf(record));
      return true;
    } catch (err) {
      log.error({ err, scan: record.id }, 'cannot keep a scan');
      return false;
    }
  }

  async function scanNow(id: string, job: ScanJob, { onProgress }: RunOptions, controller: AbortController) {
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
    // Proof, quotas and the record took their time: what was taken off the list meanwhile must not hear of it.
    const addresses = [clearance.address, ...clearance.others];
    const decision = await gate.decideAgain(job, addresses);
    if (!decision.allowed) {
      await giveBack(clearance);
      return refuse(job, decision.refusal, addresses);
    }
    const cleared = narrowed(job, clearance, decision.ports);
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
      await recordEnd(job, cleared, record);
      return finished(record, await keep(record));
    } finally {
      clearInterval(guard);
    }
  }

  /** The scan has been made, whether or not its end can be written down. */
  async function recordEnd(job: ScanJob, { ports, address }: Cleared, { id, stopped }: ScanRecord): Promise<void> {
    const ended: Decided = { decision: 'done', rule: stopped ?? 'finished', ports, addresses: [address], scanId: id };
    try {
      await deps.recordDecision(job, ended);
    } catch (err) {
      log.error({ err, scan: id }, 'cannot record how a scan ended');
    }
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

  async function runQueued(
    id: string,
    job: ScanJob,
    options: RunOptions,
    controller: AbortController,
  ): Promise<ScanOutcome> {
    const { onProgress, stillMay } = options;
    const { signal } = controller;
    let waited = false;
    const onPlace = (place: number) => {
      waited = true;
      onProgress({ phase: 'queued', scanId: id, place });
    };
    const work = async () => {
      const revoked = waited ? await stillMay?.() : undefined;
      return revoked ? refuse(job, revoked) : scanNow(id, job, options, controller);
    };
    try {
      return await deps.queue.run(job.guildId, work, { signal, onPlace, userId: job.userId });
    } catch (error) {
      if (signal.aborted && signal.reason === 'cancelled') return { outcome: 'cancelled' };
      if (!(error instanceof QueueFull)) throw error;
      await recordRefused(job, 'queue-full');
      return { outcome: 'busy', scope: error.scope };
    }
  }

  return {
    async run(job, options) {
      const refusal = await gate.precheck(job);
      if (refusal) return refuse(job, refusal);
      const id = randomBytes(12).toString('base64url');
      const { canonical: host, display } = job.target;
      await options.onAccepted?.({ id, host, display, ports: formatPorts(job.ports) });
      const controller = new AbortController();
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      running.set(id, { job, controller, ended });
      const pass = () => controller.abort(options.signal.reason);
      options.signal.addEventListener('abort', pass, { once: true });
      if (options.signal.aborted) pass();
      try {
        return await runQueued(id, job, options, controller);
      } finally {
        options.signal.removeEventListener('abort', pass);
        running.delete(id);
        end();
      }
    },
    cancel(guildId, scanId, allowed) {
      const found = running.get(scanId);
      if (!found || found.job.guildId !== guildId) return 'unknown';
      if (!allowed(found.job.userId)) return 'not-yours';
      found.controller.abort('cancelled');
      return 'cancelled';
    },
    async cancelAll(guildId) {
      const mine = [...running.values()].filter(({ job }) => job.guildId === guildId);
      for (const { controller } of mine) controller.abort('cancelled');
      await Promise.all(mine.map(({ ended }) => ended));
    },
  };
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
