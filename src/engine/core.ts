import {
  type CoreConfig,
  concludeProbe,
  createState,
  dropAttempt,
  forgetAttempt,
  openAttempt,
  type Probe,
  type State,
} from './state.ts';
import type { Settlement } from './transport.ts';
import type { PortResult, PortState, Reason } from './types.ts';

/** At most this many sockets are opened in one step (about 2 ms of work), so that the event loop stays free. */
const MAX_OPENINGS_PER_STEP = 32;
/** The window may grow by half this often, or every one and a half round trips if those are longer. */
const GROWTH_EPOCH_MS = 40;
/** Least wait for late answers after the last attempt. */
const MIN_GRACE_MS = 60;
/** Round trips shorter than this mean loopback or LAN, where a second SYN is hardly ever lost. */
const LAN_RTT_MS = 2;
/** Pauses, doubling, before a lack of local resources with nothing left to free counts as lasting: 0.6 s in all. */
const STARVED_PAUSE_MS = 20;
const MAX_STARVED_PAUSES = 5;
/** The kernel picks source ports at random: so many self-connects in a row do not happen on a sound system. */
const MAX_SELF_CONNECTS = 8;

/** What the driver has to do now. */
export interface Step {
  readonly open: readonly { readonly attempt: number; readonly port: number }[];
  readonly close: readonly number[];
  readonly verdicts: readonly PortResult[];
  /** When to step again if nothing happens before; `undefined` when the scan is done or waits for an event alone. */
  readonly wakeAtMs: number | undefined;
}

export interface Progress {
  readonly counts: Readonly<Record<PortState, number>>;
  readonly decided: number;
  /** SYNs sent. */
  readonly attempts: number;
  /** Attempts open now. */
  readonly live: number;
  /** Nothing will happen any more: every port has its verdict, or the scan was cancelled. */
  readonly done: boolean;
}

/**
 * The scan of one address as a state machine. It opens no socket and reads no clock: the driver tells it what happened
 * and what time it is, and carries out what it answers. Times are milliseconds on any monotonic clock.
 */
export interface Core {
  /** Takes note of an attempt's end. Call `step` afterwards; several notes may share one step. */
  settle(settlement: Settlement, nowMs: number): void;
  step(nowMs: number): Step;
  /** Ends the scan. The step closes every live attempt; later steps are empty. */
  cancel(): Step;
  progress(): Progress;
}

export function createCore(config: CoreConfig): Core {
  const state = createState(config);
  return {
    settle: (settlement, nowMs) => settle(state, settlement, nowMs),
    step(nowMs) {
      if (!state.cancelled) {
        expire(state, nowMs);
        launch(state, nowMs);
      }
      return takeStep(state, nextWake(state, nowMs));
    },
    cancel() {
      state.cancelled = true;
      for (const attempt of state.live.values()) dropAttempt(state, attempt);
      return takeStep(state, undefined);
    },
    progress: () => ({
      counts: { ...state.counts },
      decided: state.decided,
      attempts: state.attempts,
      live: state.live.size,
      done: state.cancelled || state.decided === config.ports.length,
    }),
  };
}

function takeStep(state: State, wakeAtMs: number | undefined): Step {
  const { open, close, verdicts } = state.pending;
  state.pending = { open: [], close: [], verdicts: [] };
  return { open, close, verdicts, wakeAtMs };
}

/** A silent attempt leaves the window but keeps its socket: a late answer still counts. */
function expire(state: State, nowMs: number): void {
  const rtoMs = state.rtt.rtoMs();
  for (const attempt of state.waiting) {
    if (attempt.sentAtMs + rtoMs > nowMs) break;
    state.waiting.delete(attempt);
    state.hedges.add(attempt);
    couldOpen(state);
    unanswered(state, attempt.probe, nowMs);
  }
  for (const [probe, sinceMs] of state.lingering) {
    if (sinceMs + graceMs(state) > nowMs) break;
    concludeProbe(state, probe, 'no-response', null);
  }
}

function unanswered(state: State, probe: Probe, nowMs: number): void {
  probe.silent += 1;
  if (probe.silent < attemptsWanted(state)) state.again.add(probe);
  else state.lingering.set(probe, nowMs);
}

function attemptsWanted(state: State): number {
  if (state.config.retries !== undefined) return state.config.retries + 1;
  return state.rtt.minMs() < LAN_RTT_MS ? 2 : 3;
}

function graceMs(state: State): number {
  return Math.max(MIN_GRACE_MS, state.rtt.rtoMs());
}

function hasWork(state: State): boolean {
  return state.again.size > 0 || state.fresh < state.config.ports.length;
}

function hasRoom(state: State): boolean {
  return state.waiting.size < Math.min(state.window, state.limit);
}

function launch(state: State, nowMs: number): void {
  if (hasWork(state) && state.waiting.size >= state.window && nowMs >= growAtMs(state)) {
    state.window = Math.min(state.maxWindow, Math.ceil(state.window * 1.5));
    state.grownAtMs = nowMs;
  }
  if (nowMs < state.pausedUntilMs) return;
  while (state.pending.open.length < MAX_OPENINGS_PER_STEP && hasWork(state) && hasRoom(state)) {
    if (!state.bucket.take(nowMs)) return;
    if (state.live.size >= state.limit) dropOldestHedge(state);
    openAttempt(state, nowMs);
  }
}

/** Late answers are worth less than the next attempt when sockets run short. */
function dropOldestHedge(state: State): void {
  const oldest = first(state.hedges);
  if (oldest !== undefined) dropAttempt(state, oldest);
}

function settle(state: State, { attempt: id, outcome, rttMs }: Settlement, nowMs: number): void {
  const attempt = state.live.get(id);
  if (attempt === undefined) return;
  const { probe } = attempt;
  const wasWaiting = state.waiting.has(attempt);
  forgetAttempt(state, attempt);
  switch (outcome) {
    case 'no-descriptor':
    case 'no-source-port':
    case 'no-buffer':
      if (wasWaiting) starve(state, probe, outcome, nowMs);
      return;
    case 'gave-up':
      if (wasWaiting) unanswered(state, probe, nowMs);
      break;
    case 'self-connect':
      if (wasWaiting) tryAgainAfterSelfConnect(state, probe);
      break;
    case 'syn-ack':
    case 'conn-refused':
      state.rtt.sample(rttMs);
      state.window = Math.min(state.maxWindow, state.window + 1);
      concludeProbe(state, probe, outcome, rttMs);
      break;
    case 'no-route':
    case 'local-firewall':
      uncount(state, probe);
      concludeProbe(state, probe, outcome, null);
      break;
    default:
      // Not the target's own answer, maybe a failed neighbour lookup of ours: no round-trip time to learn from.
      concludeProbe(state, probe, outcome, null);
  }
  couldOpen(state);
}

function tryAgainAfterSelfConnect(state: State, probe: Probe): void {
  probe.selfConnects += 1;
  if (probe.selfConnects < MAX_SELF_CONNECTS) state.again.add(probe);
  else concludeProbe(state, probe, 'no-source-port', null);
}

/**
 * The system had no descriptor, source port or buffer: nothing was sent and nothing is known about the port. What is
 * open now is what the system can bear; with nothing open, wait a little longer each time, then call it an error.
 */
function starve(state: State, probe: Probe, reason: Reason, nowMs: number): void {
  uncount(state, probe);
  state.again.add(probe);
  state.limit = Math.max(1, state.live.size);
  if (state.live.size > 0) return;
  state.starved += 1;
  if (state.starved > MAX_STARVED_PAUSES) concludeProbe(state, probe, reason, null);
  else state.pausedUntilMs = nowMs + STARVED_PAUSE_MS * 2 ** (state.starved - 1);
}

/** An attempt that failed before anything left this machine was no SYN. */
function uncount(state: State, probe: Probe): void {
  probe.attempts -= 1;
  state.attempts -= 1;
}

/** The system let an attempt through: trust it with one more. */
function couldOpen(state: State): void {
  state.starved = 0;
  state.limit = Math.min(state.config.capacity, state.limit + 1);
}

function growAtMs(state: State): number {
  return state.grownAtMs + Math.max(GROWTH_EPOCH_MS, 1.5 * state.rtt.smoothedMs());
}

function nextWake(state: State, nowMs: number): number | undefined {
  if (state.cancelled) return undefined;
  const times: number[] = [];
  if (hasWork(state)) {
    if (hasRoom(state)) times.push(Math.max(state.pausedUntilMs, state.bucket.readyAtMs(nowMs)));
    else if (state.window < Math.min(state.maxWindow, state.limit)) times.push(growAtMs(state));
  }
  const oldest = first(state.waiting);
  if (oldest !== undefined) times.push(oldest.sentAtMs + state.rtt.rtoMs());
  const lingeringSinceMs = first(state.lingering.values());
  if (lingeringSinceMs !== undefined) times.push(lingeringSinceMs + graceMs(state));
  return times.length === 0 ? undefined : Math.min(...times);
}

function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
