import { deservesAnother } from './loss.ts';
import type { Queue } from './queue.ts';
import { type Attempt, couldOpen, dropHedge } from './shared.ts';
import { conclude, type HostState, leaveWindow, PHASE, undecided } from './state.ts';

/** Least wait for late answers after the last attempt. */
const MIN_GRACE_MS = 60;
/** At most so many attempts expire, or verdicts fall, in one step: the event loop must stay free. */
const BATCH = 256;
/** No port gets more packets than this, whatever happened to its evidence. */
const MOST_PACKETS = 100;
/** The kernel gives a silent neighbour up after three requests, a second apart (Linux's mcast_solicit), at 3.07 s. */
const NEIGHBOUR_LOST_MS = 3_300;
/** Look again whether the neighbour was found. */
export const NEIGHBOUR_POLL_MS = 50;

/** True when the port was silent too seldom to be called silent. */
function wantsAnother(state: HostState, index: number): boolean {
  const silent = state.silent[index] ?? 0;
  if ((state.attempts[index] ?? 0) >= MOST_PACKETS) return false;
  const { retries } = state.config;
  if (retries !== undefined) return silent < retries + 1;
  if (state.stoppedAnswering) return silent < 1;
  if (state.rateLimited && state.config.onRateLimit === 'stop') {
    return (state.attempts[index] ?? 0) < attemptsUnderStop(state);
  }
  const { loss, lan, mostNeeded, fresh } = state;
  return deservesAnother({ silent, loss, lan, tried: fresh, mostNeeded });
}

/** Open ports are not limited: where they lose nothing, what is silent twice is not open. */
function attemptsUnderStop({ lan, openCanaries }: HostState): number {
  return lan && openCanaries.lost === 0 ? 2 : 3;
}

export function graceMs(state: HostState): number {
  return Math.max(MIN_GRACE_MS, state.rtt.rtoMs(), state.config.timeoutMs ?? 0);
}

/** An attempt whose time has passed leaves the window but keeps its socket: a late answer still counts. */
export function expireAttempts(state: HostState, nowMs: number): boolean {
  const rtoMs = state.rtt.rtoMs();
  for (let count = 0; count < BATCH; count += 1) {
    const attempt = state.waiting.peek();
    if (attempt === undefined) return false;
    if (attempt.place === 'window') {
      if (attempt.sentAtMs + rtoMs > nowMs) return false;
      leaveWindow(state, attempt, 'hedge');
      if (limitsRsts(state)) dropHedge(state.shared, attempt);
      else state.shared.hedges.add(attempt);
      state.expired += 1;
      couldOpen(state.shared);
      fallSilent(state, attempt, nowMs);
    }
    state.waiting.take();
  }
  return true;
}

/**
 * True on a host known to limit its RSTs. What it does not answer in time it never will, and the system would send the
 * SYN of an open socket again and again (RFC 6298 §5): old sockets only use up the limit.
 */
export function limitsRsts({ rateLimited, config }: HostState): boolean {
  return rateLimited && config.protocol === 'tcp';
}

export function dropHedges(state: HostState): void {
  for (const attempt of state.shared.hedges) if (attempt.host === state) dropHedge(state.shared, attempt);
}

/** An attempt had no answer in its time. */
export function fallSilent(state: HostState, attempt: Attempt, nowMs: number): void {
  const { index, kind, sentAtMs } = attempt;
  if (kind === 'canary') {
    loseCanary(state, attempt);
    return;
  }
  if (kind === 'verify') {
    giveUpVerifying(state, index);
    return;
  }
  if (sentAtMs >= state.voidBeforeMs) state.silent[index] = Math.min(255, (state.silent[index] ?? 0) + 1);
  if (state.phase[index] !== PHASE.waiting) return;
  if (wantsAnother(state, index)) {
    state.phase[index] = PHASE.again;
    // Asked again at once, it soon tells whether the limit took the packet: the pace goes by that. Later attempts are
    // spread out, lest they always meet the limit at the same moment of its beat.
    if (limitsRsts(state) && state.silent[index] === 1) pushFirst(state.again, index);
    else state.again.push(index);
  } else {
    state.phase[index] = PHASE.lingering;
    state.lingering.push({ index, sinceMs: nowMs, sentAtMs });
    state.lingeringSentAtMs = Math.max(state.lingeringSentAtMs, sentAtMs);
  }
}

/** Puts an item before all others: few wait, and seldom. */
function pushFirst<T>(queue: Queue<T>, item: T): void {
  const others = queue.size;
  queue.push(item);
  for (let count = 0; count < others; count += 1) {
    const other = queue.take();
    if (other !== undefined) queue.push(other);
  }
}

function loseCanary(state: HostState, { index, sentAtMs }: Attempt): void {
  state.canariesOut -= 1;
  state.loss.canary(false);
  state.congestion.canary(false, sentAtMs);
  const tally = isOpenPort(state, index) ? state.openCanaries : state.closedCanaries;
  if (sentAtMs >= state.voidBeforeMs) tally.lost += 1;
}

export function isOpenPort(state: HostState, index: number): boolean {
  return state.openPorts.includes(index);
}

/** The SYN-ACK was real; that a connection now stays silent is loss, or a limit on connections. */
function giveUpVerifying(state: HostState, index: number): void {
  if (state.phase[index] !== PHASE.held) return;
  if ((state.attempts[index] ?? 0) < 6) state.verify.push(index);
  else conclude(state, index, 'syn-ack', { confidence: 0.5 });
}

/**
 * True while the system looks for the neighbour: what was "sent" waits in its queue, and silence means nothing. Once it
 * is found the evidence starts anew; once it is clearly not there, the host is down.
 */
export function awaitsNeighbour(state: HostState, nowMs: number): boolean {
  if (state.firstSentAtMs === undefined || heardAnything(state) || state.down) return false;
  if (nowMs - state.firstSentAtMs < NEIGHBOUR_POLL_MS && !state.wasResolving) return false;
  const resolving = state.config.resolving();
  if (resolving && nowMs - state.firstSentAtMs > NEIGHBOUR_LOST_MS) {
    goDown(state);
    return false;
  }
  if (state.wasResolving && !resolving) voidEvidence(state, nowMs);
  state.wasResolving = resolving;
  return resolving;
}

export function goDown(state: HostState): void {
  state.down = true;
  state.closing = 'host-unreach';
}

export function heardAnything({ handshakes, refusals, unreachables }: HostState): boolean {
  return handshakes + refusals + unreachables > 0;
}

/** All silence so far proves nothing: every port not yet called silent is asked again. */
export function voidEvidence(state: HostState, nowMs: number): void {
  state.voidBeforeMs = nowMs;
  state.silent.fill(0);
  for (let waiter = state.lingering.take(); waiter !== undefined; waiter = state.lingering.take()) {
    if (state.phase[waiter.index] !== PHASE.lingering) continue;
    state.phase[waiter.index] = PHASE.again;
    state.again.push(waiter.index);
  }
}

/**
 * Calls ports silent whose last attempt has had its grace. On a host that answers elsewhere this waits for one answer
 * sent later than that attempt, so that a path that has just died makes no port filtered.
 */
export function concludeSilent(state: HostState, nowMs: number): boolean {
  for (let count = 0; count < BATCH; count += 1) {
    const waiter = state.lingering.peek();
    if (waiter === undefined || waiter.sinceMs + graceMs(state) > nowMs) return false;
    if (state.phase[waiter.index] === PHASE.lingering && !endLingering(state, waiter.index, waiter.sentAtMs))
      return false;
    state.lingering.take();
  }
  return true;
}

/** What is known now decides, not what was known when it fell silent. False where a proof of life is awaited. */
function endLingering(state: HostState, index: number, sentAtMs: number): boolean {
  if (wantsAnother(state, index)) {
    state.phase[index] = PHASE.again;
    state.again.push(index);
    return true;
  }
  if (needsProof(state, sentAtMs)) return false;
  const limited = state.rateLimited && state.config.onRateLimit === 'stop';
  const confidence = limited ? 0.5 : silenceConfidence(state, index);
  conclude(state, index, limited ? limitReason(state) : 'no-response', { confidence });
  return true;
}

function limitReason({ config }: HostState): 'icmp-rate-limited' | 'rst-rate-limited' {
  return config.protocol === 'udp' ? 'icmp-rate-limited' : 'rst-rate-limited';
}

/** True where the path should be shown alive once more before silence since `sentAtMs` is believed. */
export function needsProof(state: HostState, sentAtMs: number): boolean {
  if (state.stoppedAnswering || state.config.retries !== undefined) return false;
  if (state.rateLimited && state.config.onRateLimit === 'stop') return false;
  return state.loss.answeredCount() > 0 && state.proofAtMs < sentAtMs;
}

function silenceConfidence(state: HostState, index: number): number {
  const answered = state.loss.answeredCount();
  const prior = (answered + 1) / (state.decided + 2);
  return state.stoppedAnswering ? 0.5 : 1 - Math.min(1, prior) * state.loss.rate() ** (state.silent[index] ?? 0);
}

/** One verdict for all that is left, a batch at a time. True when there is more to do. */
export function concludeRest(state: HostState): boolean {
  const { closing } = state;
  if (closing === undefined) return false;
  let left = 4 * BATCH;
  for (let index = 0; index < state.phase.length && left > 0; index += 1) {
    if (state.phase[index] === PHASE.decided) continue;
    conclude(state, index, closing, { confidence: 0.9 });
    left -= 1;
  }
  return undecided(state) > 0;
}
