import { randomBytes } from 'node:crypto';
import { formatPorts } from '../engine/ports/intervals.ts';
import type { PortResult, Scan, ScanOptions, ScanRequest, ScanSummary } from '../engine/types.ts';
import { PORT_STATES } from '../engine/types.ts';
import type { Logger } from '../log.ts';
import { decide } from '../policy/decide.ts';
import type { OperatorPolicy } from '../policy/judge.ts';
import type { Refusal } from '../policy/refusal.ts';
import { type AddressLookup, type Pinned, pin, type ResolutionProblem } from '../policy/resolve.ts';
import type { Target } from '../policy/target.ts';
import type { Allowlists } from '../storage/allowlists.ts';
import type { ScanRecord, ScanRecords } from '../storage/scanRecords.ts';
import { type JobQueue, QueueFull } from './queue.ts';

/** A scan that somebody asked for. */
export interface ScanJob {
  readonly guildId: string;
  readonly userId: string;
  readonly target: Target;
  readonly ports: readonly number[];
}

export type StopReason = NonNullable<ScanRecord['stopped']>;

export type ScanProgress =
  | { readonly phase: 'queued'; readonly place: number }
  /** Called once; `snapshot` tells at any time where the scan stands. */
  | { readonly phase: 'scanning'; readonly scanId: string; snapshot(): ScanSnapshot };

export interface ScanSnapshot {
  readonly summary: ScanSummary;
  readonly openPorts: readonly number[];
}

export type ScanOutcome =
  /** `kept`: the record could be stored, so that it can be shown again. */
  | { readonly outcome: 'finished'; readonly record: ScanRecord; readonly kept: boolean }
  | { readonly outcome: 'refused'; readonly refusal: Refusal }
  | { readonly outcome: 'unresolved'; readonly code: ResolutionProblem; readonly message: string }
  /** Too many scans of this server wait already. */
  | { readonly outcome: 'busy' };

export interface ScanService {
  /**
   * Decides, waits for a place, decides again, resolves and pins, scans, and keeps the record. Never throws for anything
   * that the target does. `signal` ends a running scan with what was found; before it began, it rejects with the reason.
   */
  run(
    job: ScanJob,
    options: { signal: AbortSignal; onProgress: (progress: ScanProgress) => void },
  ): Promise<ScanOutcome>;
  /** Ends a running scan of this server. `allowed` judges who may; false when there is no such scan. */
  cancel(
    guildId: string,
    scanId: string,
    allowed: (requesterId: string) => boolean,
  ): 'cancelled' | 'not-yours' | 'unknown';
}

export interface ScanServiceDeps {
  readonly allowlists: Allowlists;
  readonly records: ScanRecords;
  readonly operator: OperatorPolicy;
  readonly lookup: AddressLookup;
  readonly engine: (request: ScanRequest, options: ScanOptions) => Scan;
  readonly queue: JobQueue;
  /** To one target; `undefined` leaves it to the engine. */
  readonly packetsPerSecond: number | undefined;
  readonly now: () => number;
  readonly log: Logger;
}

interface Running {
  readonly job: ScanJob;
  readonly controller: AbortController;
}

/** How soon a removed or expired entry ends a running scan, in milliseconds. */
const RECHECK_EVERY_MS = 1_000;

/** The way from an accepted request to a kept result; knows nothing of Discord. */
export function createScanService(deps: ScanServiceDeps): ScanService {
  const running = new Map<string, Running>();

  async function authorise({ guildId, target, ports }: ScanJob) {
    return decide(target, ports, {
      entries: await deps.allowlists.read(guildId),
      operator: deps.operator,
      nowMs: deps.now(),
    });
  }

  /** The entry may be removed or expire while the scan runs. A list that cannot be read allows nothing. */
  async function stopIfRevoked(job: ScanJob, controller: AbortController): Promise<void> {
    const decision = await authorise(job).catch((err: unknown) => {
      deps.log.error({ err }, 'cannot read the allowlist of a running scan');
    });
    if (!decision?.allowed) controller.abort('revoked');
  }

  /** A scan that cannot be kept is still an answer. */
  async function keep(record: ScanRecord): Promise<boolean> {
    try {
      await deps.records.save(record);
      return true;
    } catch (err) {
      deps.log.error({ err, scan: record.id }, 'cannot keep a scan');
      return false;
    }
  }

  async function scanNow(
    job: ScanJob,
    signal: AbortSignal,
    onProgress: (progress: ScanProgress) => void,
  ): Promise<ScanOutcome> {
    // The list may have changed while the job waited.
    const decision = await authorise(job);
    if (!decision.allowed) return { outcome: 'refused', refusal: decision.refusal };
    const pinned = await pin(job.target, deps.lookup, deps.operator, signal);
    if (!pinned.ok && pinned.reason === 'refused') return { outcome: 'refused', refusal: pinned.refusal };
    if (!pinned.ok) return { outcome: 'unresolved', code: pinned.code, message: pinned.message };

    const id = randomBytes(12).toString('base64url');
    const controller = new AbortController();
    const stop = AbortSignal.any([signal, controller.signal]);
    running.set(id, { job, controller });
    const guard = setInterval(() => void stopIfRevoked(job, controller), RECHECK_EVERY_MS);
    const startedAt = new Date(deps.now()).toISOString();
    try {
      const request = { addresses: [pinned.address], ports: decision.ports };
      const { packetsPerSecond } = deps;
      const scan = deps.engine(request, { signal: stop, ...(packetsPerSecond !== undefined && { packetsPerSecond }) });
      const results: PortResult[] = [];
      const openPorts = () => results.filter(({ state }) => state === 'open').map(({ port }) => port);
      onProgress({
        phase: 'scanning',
        scanId: id,
        snapshot: () => ({ summary: scan.summary(), openPorts: openPorts() }),
      });
      for await (const result of scan) results.push(result);
      const summary = scan.summary();
      const stopped = summary.complete ? undefined : stopReason(stop);
      const record = toRecord(id, job, decision.skippedPorts, pinned, { startedAt, stopped, summary, results });
      return { outcome: 'finished', record, kept: await keep(record) };
    } finally {
      clearInterval(guard);
      running.delete(id);
    }
  }

  return {
    async run(job, { signal, onProgress }) {
      const decision = await authorise(job);
      if (!decision.allowed) return { outcome: 'refused', refusal: decision.refusal };
      const onPlace = (place: number) => onProgress({ phase: 'queued', place });
      try {
        return await deps.queue.run(job.guildId, () => scanNow(job, signal, onProgress), { signal, onPlace });
      } catch (error) {
        if (error instanceof QueueFull) return { outcome: 'busy' };
        throw error;
      }
    },
    cancel(guildId, scanId, allowed) {
      const found = running.get(scanId);
      if (!found || found.job.guildId !== guildId) return 'unknown';
      if (!allowed(found.job.userId)) return 'not-yours';
      found.controller.abort('cancelled');
      return 'cancelled';
    },
  };
}

interface Finished {
  readonly startedAt: string;
  readonly stopped: StopReason | undefined;
  readonly summary: ScanSummary;
  readonly results: readonly PortResult[];
}

function toRecord(
  id: string,
  { guildId, userId, target, ports }: ScanJob,
  skippedPorts: readonly number[],
  pinned: Extract<Pinned, { ok: true }>,
  { startedAt, stopped, summary, results }: Finished,
): ScanRecord {
  return {
    v: 1,
    id,
    guildId,
    userId,
    host: target.canonical,
    display: target.display,
    ...(target.kind === 'name' && target.warning ? { warning: target.warning } : {}),
    requestedPorts: formatPorts(ports),
    ...(skippedPorts.length > 0 ? { skippedPorts: formatPorts(skippedPorts) } : {}),
    address: pinned.address,
    otherAddresses: [...pinned.others],
    startedAt,
    durationMs: summary.durationMs,
    ...(stopped ? { stopped } : {}),
    unprobed: summary.unprobed,
    ...(summary.hosts[0] && { status: summary.hosts[0].status, suspicions: [...summary.hosts[0].suspicions] }),
    groups: groupResults(results),
  };
}

function stopReason({ reason }: AbortSignal): StopReason {
  return reason === 'shutdown' || reason === 'deadline' || reason === 'revoked' ? reason : 'cancelled';
}

/** Folds verdicts by state (in the order of PORT_STATES) and reason (alphabetical): small to keep, the same every time. */
function groupResults(results: readonly PortResult[]): ScanRecord['groups'] {
  const byKey = new Map<string, { state: PortResult['state']; reason: string; ports: number[] }>();
  for (const { state, reason, port } of results) {
    const group = byKey.get(`${state} ${reason}`) ?? { state, reason, ports: [] };
    byKey.set(`${state} ${reason}`, group);
    group.ports.push(port);
  }
  return [...byKey.values()]
    .sort((a, b) => PORT_STATES.indexOf(a.state) - PORT_STATES.indexOf(b.state) || a.reason.localeCompare(b.reason))
    .map(({ state, reason, ports }) => ({ state, reason, ports: formatPorts(ports.sort((a, b) => a - b)) }));
}
