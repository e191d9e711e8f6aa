import type { HostStatus, HostSummary, Suspicion } from '../types.ts';
import { answersEverything, holdEndsAtMs, releaseHandshakes } from './handshakes.ts';
import { deadCanaryDueAtMs, hasWork, launch, readyAtMs, windowIsFull } from './launch.ts';
import { socketLimit } from './shared.ts';
import {
  awaitsNeighbour,
  concludeRest,
  concludeSilent,
  dropHedges,
  expireAttempts,
  graceMs,
  limitsRsts,
  NEIGHBOUR_POLL_MS,
  needsProof,
  voidEvidence,
} from './silence.ts';
import { type HostState, undecided, wantedRate } from './state.ts';

/** The window may grow this often, or every round trip if those are longer. */
const LEAST_EPOCH_MS = 40;
/** After a cut the pace finds its way back: so much every so often. */
const PACE_GROWTH = 1.03;
const PACE_EPOCH_MS = 100;
/** But not before so many packets have gone at the present pace: a slow one is not tried out sooner. */
const PACE_EPOCH_PACKETS = 20;
/** Each packet counts for so many towards the next canary while the first canaries are out. */
const CANARY_HURRY = 5;
/** Open ports asked after a cut, to tell a limit on RSTs from a full path. */
const DIAGNOSIS = 5;
/** A host that answered and has not for so long has stopped talking to us. */
const DEAD_FOR_GOOD_MS = 5_000;
const ONE_DEATH_MS = 2_000;
/** UDP's answers may be limited to one a second (RFC 1812 §4.3.2.8). */
const BOUNDS = { tcp: { leastPerSecond: 20, quietMs: 0 }, udp: { leastPerSecond: 5, quietMs: 5_000 } } as const;
/** All sockets are taken, maybe by other hosts: look again. */
const NO_SOCKET_MS = 5;

/** Lets a host do what is due, with at most `quota` new packets; sets when it wants to be asked again. */
export function stepHost(state: HostState, quota: number, nowMs: number, heardMs: number): number {
  let busy = false;
  if (state.closing !== undefined) busy = concludeRest(state);
  busy = expireAttempts(state, nowMs) || busy;
  const resolving = awaitsNeighbour(state, nowMs);
  if (!resolving) busy = concludeSilent(state, nowMs) || busy;
  releaseHandshakes(state, heardMs);
  watchCongestion(state, nowMs);
  state.window.tick(nowMs, {
    epochMs: Math.max(LEAST_EPOCH_MS, state.rtt.smoothedMs() ?? 0),
    minRttMs: state.rtt.minMs(),
    healthy: nowMs - state.congestion.cutAtMs() > 2 * state.rtt.rtoMs(),
  });
  const sent = resolving || state.closing !== undefined ? 0 : launch(state, quota, nowMs);
  hurryCanaries(state, sent);
  state.wakeAtMs = busy ? nowMs : nextWake(state, nowMs, resolving);
  return sent;
}

/** The first canaries come sooner, at the beginning as after a cut: the pace goes by them. */
function hurryCanaries(state: HostState, sent: number): void {
  if (state.config.protocol === 'udp' || state.canariesOut >= state.congestion.canariesWanted()) return;
  state.sinceCanary += sent * (CANARY_HURRY - 1);
}

function watchCongestion(state: HostState, nowMs: number): void {
  growPace(state, nowMs);
  diagnose(state);
  if (state.deadSinceMs !== undefined) {
    if (nowMs - state.deadSinceMs < DEAD_FOR_GOOD_MS) return;
    state.deadSinceMs = undefined;
    state.stoppedAnswering = true;
  }
  if (state.rateLimited && state.config.onRateLimit === 'stop') return;
  const lastCutAtMs = state.congestion.cutAtMs();
  const cut = state.congestion.verdict(nowMs, state.rtt.rtoMs(), {
    ...BOUNDS[state.config.protocol],
    limited: limitsRsts(state),
  });
  if (cut === undefined || state.stoppedAnswering) return;
  if (cut.dead) state.deadSinceMs = nowMs;
  // A death is often noticed in two cuts, the first of which has already taken most of the pace.
  if (nowMs - lastCutAtMs > ONE_DEATH_MS) state.paceBeforeDeath = state.bucket.rate();
  state.bucket.setRate(Math.min(cut.packetsPerSecond, cut.mild ? state.bucket.rate() : wantedRate(state)));
  state.paceGrownAtMs = nowMs;
  if (cut.mild) return;
  state.window.halve();
  state.loss.discount();
  state.diagnosis = state.openPorts.length > 0 && state.refusals > 0 ? DIAGNOSIS : 0;
  if (state.diagnosis === 0) state.closedCanaries = { answered: 0, lost: 0 };
  state.openCanaries = { answered: 0, lost: 0 };
  voidEvidence(state, nowMs);
}

function growPace(state: HostState, nowMs: number): void {
  const wanted = wantedRate(state);
  const rate = state.bucket.rate();
  const epochMs = Math.max(PACE_EPOCH_MS, (PACE_EPOCH_PACKETS * 1000) / rate);
  if (rate >= wanted || nowMs - state.paceGrownAtMs < epochMs) return;
  state.paceGrownAtMs = nowMs;
  state.bucket.setRate(Math.min(wanted, rate * PACE_GROWTH));
}

/** Open ports answer and closed ones do not: the host limits its RSTs. For UDP every limit is one on ICMP errors. */
function diagnose(state: HostState): void {
  if (state.rateLimited || state.congestion.cutAtMs() === Number.NEGATIVE_INFINITY) return;
  const { openCanaries: open, closedCanaries: closed } = state;
  const openAlive = open.answered >= 4 && open.lost * 3 <= open.answered;
  const closedDying = closed.lost >= 3 && closed.lost > closed.answered;
  if (state.config.protocol === 'udp' ? !closedDying : !(openAlive && closedDying)) return;
  state.rateLimited = true;
  if (limitsRsts(state)) dropHedges(state);
  if (state.config.onRateLimit !== 'stop') return;
  state.bucket.setRate(wantedRate(state));
  state.window.unhalve();
}

function nextWake(state: HostState, nowMs: number, resolving: boolean): number {
  if (undecided(state) === 0) return Number.POSITIVE_INFINITY;
  let wakeAtMs = Number.POSITIVE_INFINITY;
  const oldest = state.waiting.peek();
  if (oldest !== undefined) {
    wakeAtMs = oldest.place === 'window' ? oldest.sentAtMs + state.rtt.rtoMs() : nowMs;
  }
  const held = state.held.peek();
  if (held !== undefined) wakeAtMs = Math.min(wakeAtMs, Math.max(nowMs, holdEndsAtMs(state, held)));
  if (resolving) return Math.min(wakeAtMs, nowMs + NEIGHBOUR_POLL_MS);
  const waiter = state.lingering.peek();
  if (waiter !== undefined) {
    const dueAtMs = waiter.sinceMs + graceMs(state);
    // Where a proof that the path is alive is awaited, an event, or the expiry of a canary, will come.
    if (dueAtMs > nowMs || !needsProof(state, waiter.sentAtMs)) wakeAtMs = Math.min(wakeAtMs, Math.max(nowMs, dueAtMs));
  }
  if (state.deadSinceMs !== undefined) {
    return Math.min(wakeAtMs, Math.max(nowMs, deadCanaryDueAtMs(state), readyAtMs(state, nowMs)));
  }
  if (hasWork(state)) {
    wakeAtMs = Math.min(wakeAtMs, Math.max(nowMs, launchAtMs(state, nowMs)));
  }
  return wakeAtMs;
}

/** When the next packet may leave, as far as that is a matter of time. */
function launchAtMs(state: HostState, nowMs: number): number {
  if (windowIsFull(state)) return state.window.epochEndsAtMs();
  const { shared } = state;
  if (shared.live.size >= socketLimit(shared) && shared.hedges.size === 0) return nowMs + NO_SOCKET_MS;
  return readyAtMs(state, nowMs);
}

export function summarizeHost(state: HostState): HostSummary {
  const rttMs = state.rtt.smoothedMs();
  return {
    address: state.config.address,
    status: statusOf(state),
    suspicions: suspicionsOf(state),
    rttMs: rttMs === undefined ? null : Math.round(rttMs * 1000) / 1000,
    loss: state.loss.seen() ? Math.round(state.loss.rate() * 1000) / 1000 : 0,
  };
}

function statusOf(state: HostState): HostStatus {
  if (state.handshakes + state.refusals > 0) return 'up';
  if (state.down || (state.hostUnreachables > 0 && state.hostUnreachables === state.unreachables)) return 'down';
  if (undecided(state) > 0 || state.firstSentAtMs === undefined) return 'unknown';
  return 'silent';
}

function suspicionsOf(state: HostState): Suspicion[] {
  const found: Suspicion[] = [];
  if (state.resets >= 2 && state.refusals === 0) found.push('syn-proxy');
  else if (answersEverything(state)) found.push('answers-everything');
  if (state.rateLimited) found.push(state.config.protocol === 'udp' ? 'icmp-rate-limited' : 'rst-rate-limited');
  if (state.stoppedAnswering) found.push('stopped-answering');
  return found;
}
