import type { Phrase } from '../engine/phrase.ts';
import type { Refusal } from '../policy/refusal.ts';
import type { ResolutionProblem } from '../policy/resolve.ts';
import type { ScanRecord } from '../storage/scanRecords.ts';
import type { ScanJob } from './gate.ts';
import type { ScanSnapshot } from './perform.ts';
import type { QueueFull } from './queue.ts';

export type StopReason = NonNullable<ScanRecord['stopped']>;

export type ScanProgress =
  | { readonly phase: 'queued'; readonly scanId: string; readonly place: number }
  /** Called once; `snapshot` tells at any time where the scan stands. */
  | { readonly phase: 'scanning'; readonly scanId: string; snapshot(): ScanSnapshot };

export type ScanOutcome =
  /** `kept`: the record could be stored, so that it can be shown again. */
  | { readonly outcome: 'finished'; readonly record: ScanRecord; readonly kept: boolean }
  | { readonly outcome: 'refused'; readonly refusal: Refusal }
  /** Ended by somebody while it waited. */
  | { readonly outcome: 'cancelled' }
  | { readonly outcome: 'unresolved'; readonly code: ResolutionProblem; readonly message: Phrase }
  /** Too many scans of this server, or of this member, wait already. */
  | { readonly outcome: 'busy'; readonly scope: QueueFull['scope'] };

export interface ScanService {
  /**
   * Decides, waits for a place, decides again, resolves and pins, writes the audit record, scans, and keeps the result.
   * Never throws for anything that the target does. `signal` ends a running scan with what was found; before it began,
   * it rejects with the reason.
   */
  run(job: ScanJob, options: RunOptions): Promise<ScanOutcome>;
  /** Ends a running or waiting scan of this server. `allowed` judges who may; false when there is no such scan. */
  cancel(
    guildId: string,
    scanId: string,
    allowed: (requesterId: string) => boolean,
  ): 'cancelled' | 'not-yours' | 'unknown';
  /** Ends every scan of a server; resolves when they have ended and kept what they found. */
  cancelAll(guildId: string): Promise<void>;
}

/** Writes down what was decided, before it is acted on. */
export type RecordDecision = (job: ScanJob, decided: Decided) => Promise<void>;

export interface Decided {
  /** `done` and `failed`: how a scan that was allowed has ended. */
  readonly decision: 'allowed' | 'refused' | 'done' | 'failed';
  /** The entries that allow it, the code of the rule that refuses it, or how it ended. */
  readonly rule: string;
  readonly ports: readonly number[];
  readonly addresses?: readonly string[];
  readonly scanId?: string;
}

export interface RunOptions {
  /** Called once nothing speaks against the scan, before it waits for its place. */
  readonly onAccepted?: (scan: AcceptedScan) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ScanProgress) => void;
  /** Asked again when the job had to wait: may this person still scan? */
  readonly stillMay?: () => Promise<Refusal | undefined>;
}

/** What is needed to ask for the same scan again. */
export interface AcceptedScan {
  readonly id: string;
  /** Canonical, and as it is shown. */
  readonly host: string;
  readonly display: string;
  /** As `formatPorts` writes them. */
  readonly ports: string;
}
