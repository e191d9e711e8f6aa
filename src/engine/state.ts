import { createTokenBucket, type TokenBucket } from './pace.ts';
import { createRttEstimator, type RttEstimator } from './rtt.ts';
import type { PortResult, PortState, Reason } from './types.ts';

/** Attempts awaiting their answer at first; enough for one round trip of an ordinary scan. */
const FIRST_WINDOW = 128;
/** More does not make a scan faster at the rates allowed, it only costs memory (measured). */
const MAX_WINDOW = 1_000;

export interface CoreConfig {
  readonly address: string;
  /** 1 to 65535, each once; tried in this order. */
  readonly ports: readonly number[];
  /** Upper bound of one attempt's wait, milliseconds. */
  readonly timeoutMs: number;
  readonly packetsPerSecond: number;
  /** Further attempts at a silent port; `undefined` lets the round-trip time decide between one and two. */
  readonly retries: number | undefined;
  /** How many attempts the transport can have open at once. */
  readonly capacity: number;
}

/** A port on its way to a verdict. */
export interface Probe {
  readonly port: number;
  /** Its open attempts, the newest last. */
  readonly live: Set<Attempt>;
  /** SYNs sent. */
  attempts: number;
  /** Attempts that got no answer in their time. */
  silent: number;
  selfConnects: number;
}

export interface Attempt {
  readonly id: number;
  readonly probe: Probe;
  readonly sentAtMs: number;
}

/**
 * Everything a scan knows. An undecided probe is in exactly one place: not yet started (`fresh`), waiting for another
 * attempt (`again`), with an attempt in the window (`waiting`), or in its grace time (`lingering`). Sets and maps keep
 * insertion order, which here is the order of time: since all timeouts are equal, the first entry is always the next.
 */
export interface State {
  readonly config: CoreConfig;
  readonly rtt: RttEstimator;
  readonly bucket: TokenBucket;
  readonly maxWindow: number;
  /** Index of the first port not yet tried. */
  fresh: number;
  readonly again: Set<Probe>;
  /** Probe → when its last attempt fell silent. */
  readonly lingering: Map<Probe, number>;
  /** Every open attempt by its id: those in the window and those kept as hedges for late answers. */
  readonly live: Map<number, Attempt>;
  readonly waiting: Set<Attempt>;
  readonly hedges: Set<Attempt>;
  /** Most attempts in `waiting`. */
  window: number;
  grownAtMs: number;
  /** Most attempts in `live`: the capacity, less where the system refused some. */
  limit: number;
  /** How often in a row the system refused although nothing was open. */
  starved: number;
  pausedUntilMs: number;
  nextId: number;
  attempts: number;
  decided: number;
  cancelled: boolean;
  readonly counts: Record<PortState, number>;
  pending: { open: { attempt: number; port: number }[]; close: number[]; verdicts: PortResult[] };
}

export function createState(config: CoreConfig): State {
  const maxWindow = Math.min(MAX_WINDOW, config.capacity);
  return {
    config,
    rtt: createRttEstimator(config.timeoutMs),
    bucket: createTokenBucket(config.packetsPerSecond),
    maxWindow,
    fresh: 0,
    again: new Set(),
    lingering: new Map(),
    live: new Map(),
    waiting: new Set(),
    hedges: new Set(),
    window: Math.min(FIRST_WINDOW, maxWindow),
    grownAtMs: Number.NEGATIVE_INFINITY,
    limit: config.capacity,
    starved: 0,
    pausedUntilMs: Number.NEGATIVE_INFINITY,
    nextId: 1,
    attempts: 0,
    decided: 0,
    cancelled: false,
    counts: { open: 0, closed: 0, filtered: 0, error: 0 },
    pending: { open: [], close: [], verdicts: [] },
  };
}

/** The next probe to send for: one that waits for another attempt, else a fresh port. */
function nextProbe(state: State): Probe | undefined {
  for (const probe of state.again) {
    state.again.delete(probe);
    return probe;
  }
  const port = state.config.ports[state.fresh];
  if (port === undefined) return undefined;
  state.fresh += 1;
  return { port, live: new Set(), attempts: 0, silent: 0, selfConnects: 0 };
}

export function openAttempt(state: State, nowMs: number): void {
  const probe = nextProbe(state);
  if (probe === undefined) return;
  const attempt: Attempt = { id: state.nextId, probe, sentAtMs: nowMs };
  state.nextId += 1;
  state.attempts += 1;
  probe.attempts += 1;
  probe.live.add(attempt);
  state.live.set(attempt.id, attempt);
  state.waiting.add(attempt);
  state.pending.open.push({ attempt: attempt.id, port: probe.port });
}

/** Takes an attempt out of the books; its socket is gone or about to be. */
export function forgetAttempt(state: State, attempt: Attempt): void {
  state.live.delete(attempt.id);
  state.waiting.delete(attempt);
  state.hedges.delete(attempt);
  attempt.probe.live.delete(attempt);
}

/** Gives an attempt up and has its socket closed. */
export function dropAttempt(state: State, attempt: Attempt): void {
  forgetAttempt(state, attempt);
  state.pending.close.push(attempt.id);
}

const STATE_OF: Readonly<Record<Reason, PortState>> = {
  'syn-ack': 'open',
  'conn-refused': 'closed',
  'no-response': 'filtered',
  'host-unreach': 'filtered',
  'net-unreach': 'filtered',
  'admin-prohibited': 'filtered',
  'no-descriptor': 'error',
  'no-source-port': 'error',
  'no-buffer': 'error',
  'no-route': 'error',
  'local-firewall': 'error',
  unexpected: 'error',
};

/** Passes the verdict on a probe and lets go of everything it still holds. */
export function concludeProbe(state: State, probe: Probe, reason: Reason, rttMs: number | null): void {
  for (const attempt of probe.live) dropAttempt(state, attempt);
  state.again.delete(probe);
  state.lingering.delete(probe);
  const verdict = STATE_OF[reason];
  state.counts[verdict] += 1;
  state.decided += 1;
  state.pending.verdicts.push({
    address: state.config.address,
    port: probe.port,
    protocol: 'tcp',
    state: verdict,
    reason,
    rttMs,
    attempts: probe.attempts,
  });
}
