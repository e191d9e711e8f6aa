import type { Attempt, Hold } from './shared.ts';
import { conclude, dropAttemptsAt, type HostState, leaveWindow, PHASE, undecided } from './state.ts';

/** How long a connection is held to see whether a proxy takes it back: two round trips, at least this. */
const LEAST_HOLD_MS = 50;
const HOLD_TRIPS = 2;
/** A host where more than this share of so many ports, or so many ports at all, finish a handshake is not to be trusted. */
const OPEN_SHARE = 0.25;
const LEAST_PORTS = 32;
const MANY_OPEN = 200;
/** A handshake on a host that greets everybody says little. */
const DOUBT = 0.5;

/** True where so much is open that it is more likely a proxy, a tarpit or a honeypot that greets. */
export function answersEverything({ handshakes, decided, config, held, doubtful }: HostState): boolean {
  if (config.protocol === 'udp') return false;
  if (handshakes > MANY_OPEN) return true;
  const seen = decided + held.size + doubtful.size;
  return seen >= LEAST_PORTS && handshakes > OPEN_SHARE * seen;
}

/**
 * A SYN-ACK is trusted at once on a host that refuses elsewhere, as honest hosts do, and on this machine itself.
 * Otherwise it may come from a proxy that finishes every handshake (SYN cookies on a firewall, RFC 4987 §3.6) and takes
 * it back with RST once its own attempt behind has failed: then the connection is held for a moment.
 */
export function shakeHands(state: HostState, attempt: Attempt, rttMs: number | undefined, nowMs: number): void {
  const { index, kind } = attempt;
  const connected = state.config.holds || kind === 'verify';
  if (kind !== 'verify') state.handshakes += 1;
  const honest = state.config.locality === 'loopback' || (state.refusals > 0 && !answersEverything(state));
  if (honest) {
    conclude(state, index, 'syn-ack', { ...(rttMs !== undefined && { rttMs }), confidence: 1 });
    return;
  }
  state.phase[index] = PHASE.held;
  if (!connected) {
    dropAttemptsAt(state, index);
    state.verify.push(index);
    return;
  }
  leaveWindow(state, attempt, 'held');
  state.held.push({ attempt, rttMs, sinceMs: nowMs, stoodStillMs: state.stoodStillMs });
}

/** Time in which the event loop stood still, with it perhaps this whole machine, does not count. */
export function holdEndsAtMs(state: HostState, { sinceMs, stoodStillMs }: Hold): number {
  const holdMs = Math.max(LEAST_HOLD_MS, HOLD_TRIPS * (state.rtt.smoothedMs() ?? 0));
  return sinceMs + holdMs + (state.stoodStillMs - stoodStillMs);
}

/** The far side took a held connection back. */
export function takeBack(state: HostState, attempt: Attempt): void {
  state.resets += 1;
  state.phase[attempt.index] = PHASE.doubtful;
  state.doubtful.add(attempt.index);
}

/**
 * Connections that stayed are open ports; of those taken back the whole host decides.
 *
 * @param heardMs what had arrived by then has been heard: a connection may long have been taken back without our knowing
 */
export function releaseHandshakes(state: HostState, heardMs: number): void {
  const everything = answersEverything(state);
  releaseHeld(state, everything, heardMs);
  if (state.doubtful.size > 0) judgeDoubtful(state, everything);
}

function releaseHeld(state: HostState, everything: boolean, heardMs: number): void {
  const trusted = state.refusals > 0 && !everything;
  for (let next = state.held.peek(); next !== undefined; next = state.held.peek()) {
    const { attempt, rttMs } = next;
    if (!trusted && attempt.place === 'held' && holdEndsAtMs(state, next) > heardMs) return;
    state.held.take();
    if (attempt.place !== 'held') continue;
    conclude(state, attempt.index, 'syn-ack', {
      ...(rttMs !== undefined && { rttMs }),
      confidence: everything ? DOUBT : 1,
    });
  }
}

function judgeDoubtful(state: HostState, everything: boolean): void {
  const proxy = everything || (state.refusals === 0 && state.resets >= 2);
  const honest = !proxy && state.refusals > 0;
  const nothingElse = undecided(state) === state.doubtful.size;
  if (!proxy && !honest && !nothingElse) return;
  for (const index of [...state.doubtful]) {
    if (proxy) conclude(state, index, 'syn-proxy', { confidence: 0.99 });
    else conclude(state, index, 'syn-ack', { confidence: honest ? 0.9 : DOUBT });
  }
}
