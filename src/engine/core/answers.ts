import type { Outcome, Settlement } from '../transport/transport.ts';
import type { Reason } from '../types.ts';
import { answersEverything, shakeHands, takeBack } from './handshakes.ts';
import { type Attempt, couldOpen, dropAttempt, forgetAttempt, starve } from './shared.ts';
import { fallSilent, goDown, heardAnything, isOpenPort, voidEvidence } from './silence.ts';
import { conclude, type HostState, leaveWindow, PHASE, takeSample } from './state.ts';

/** The kernel picks source ports at random: so many self-connects in a row do not happen on a sound system. */
const MAX_SELF_CONNECTS = 8;
/** An error nobody foresaw may pass; one that stays is told. */
const MAX_UNEXPECTED = 3;
/** A first EHOSTUNREACH this late is the kernel giving a neighbour up, not a router's answer. */
const NEIGHBOUR_GIVEN_UP_MS = 900;
/** How many answering ports of a kind to remember for canaries. */
const REMEMBERED = 16;

/** Takes note of what became of an attempt. */
export function settleAttempt(state: HostState, attempt: Attempt, settlement: Settlement, nowMs: number): void {
  const { outcome } = settlement;
  if (outcome === 'reset') {
    endConnection(state, attempt);
    return;
  }
  const inTime = attempt.place === 'window';
  leaveWindow(state, attempt, 'hedge');
  // It has its answer: no longer one to be dropped when sockets run short.
  state.shared.hedges.delete(attempt);
  const connected = outcome === 'syn-ack' && (state.config.holds || attempt.kind === 'verify');
  if (!connected) forgetAttempt(state.shared, attempt);
  if (isLocalLack(outcome)) {
    lack(state, attempt, outcome, inTime, nowMs);
    return;
  }
  couldOpen(state.shared);
  if (attempt.kind === 'canary') settleCanary(state, attempt, settlement, inTime, nowMs);
  else settleProbe(state, attempt, settlement, inTime, nowMs);
}

function endConnection(state: HostState, attempt: Attempt): void {
  const held = attempt.place === 'held';
  forgetAttempt(state.shared, attempt);
  if (held && state.phase[attempt.index] === PHASE.held) takeBack(state, attempt);
}

type Lack = 'no-descriptor' | 'no-source-port' | 'no-buffer';

function isLocalLack(outcome: Outcome): outcome is Lack {
  return outcome === 'no-descriptor' || outcome === 'no-source-port' || outcome === 'no-buffer';
}

/** Nothing was sent, nothing is known: try again, and if it never gets better say so. */
function lack(state: HostState, attempt: Attempt, reason: Lack, inTime: boolean, nowMs: number): void {
  uncount(state, attempt);
  const hopeless = starve(state.shared, nowMs);
  if (attempt.kind === 'canary') {
    if (inTime) state.canariesOut -= 1;
    return;
  }
  if (!inTime) return;
  if (hopeless) conclude(state, attempt.index, reason, { confidence: 0 });
  else again(state, attempt);
}

/** An attempt that failed before anything left this machine was no packet. */
function uncount(state: HostState, { kind, index }: Attempt): void {
  state.shared.attempts -= 1;
  if (kind !== 'canary') state.attempts[index] = Math.max(0, (state.attempts[index] ?? 0) - 1);
}

function again(state: HostState, { kind, index }: Attempt): void {
  if (kind === 'verify') state.verify.push(index);
  else if (state.phase[index] === PHASE.waiting) {
    state.phase[index] = PHASE.again;
    state.again.push(index);
  }
}

/** A round-trip time worth learning from: not one that our own stall has stretched. */
function cleanRtt(state: HostState, attempt: Attempt, rttMs: number): number | undefined {
  return attempt.sentAtMs < state.stalledAtMs ? undefined : rttMs;
}

function learn(state: HostState, attempt: Attempt, rttMs: number | undefined, nowMs: number): void {
  state.proofAtMs = Math.max(state.proofAtMs, attempt.sentAtMs);
  if (state.deadSinceMs !== undefined || state.stoppedAnswering) revive(state, nowMs);
  if (state.down) {
    // A word about the neighbour came too late: it answers.
    state.down = false;
    state.closing = undefined;
  }
  if (rttMs !== undefined) {
    takeSample(state, rttMs);
    state.window.answered(rttMs, state.rtt.minMs());
  }
  state.congestion.answered(attempt.sentAtMs, nowMs);
}

/** The path lives again, or for the first time since we gave it up: what was silent meanwhile proves nothing. */
function revive(state: HostState, nowMs: number): void {
  state.deadSinceMs = undefined;
  state.stoppedAnswering = false;
  state.congestion.restart(nowMs);
  state.closedCanaries = { answered: 0, lost: 0 };
  state.openCanaries = { answered: 0, lost: 0 };
  state.diagnosis = 0;
  state.bucket.setRate(Math.max(state.bucket.rate(), state.paceBeforeDeath / 2));
  voidEvidence(state, nowMs);
}

function settleCanary(
  state: HostState,
  attempt: Attempt,
  settlement: Settlement,
  inTime: boolean,
  nowMs: number,
): void {
  const { rttMs } = settlement;
  const answered = isAnswer(state, settlement);
  dropAttempt(state.shared, attempt);
  if (!inTime) {
    if (answered) state.loss.canaryWasLate();
    return;
  }
  if (!answered) {
    fallSilent(state, attempt, nowMs);
    return;
  }
  state.canariesOut -= 1;
  learn(state, attempt, cleanRtt(state, attempt, rttMs), nowMs);
  state.loss.canary(true);
  state.congestion.canary(true, attempt.sentAtMs);
  const tally = isOpenPort(state, attempt.index) ? state.openCanaries : state.closedCanaries;
  if (attempt.sentAtMs >= state.voidBeforeMs) tally.answered += 1;
}

/** The host's own word, as opposed to a router's or our own system's. */
function isAnswer({ config }: HostState, { outcome, sender }: Settlement): boolean {
  if (config.protocol === 'udp') {
    // From somebody else it is a firewall's refusal.
    const own = sender === null || sender === config.address;
    return outcome === 'udp-response' || (outcome === 'port-unreach' && own);
  }
  return outcome === 'syn-ack' || outcome === 'conn-refused';
}

function settleProbe(state: HostState, attempt: Attempt, settlement: Settlement, inTime: boolean, nowMs: number): void {
  const { outcome, rttMs, sender } = settlement;
  const { index } = attempt;
  if (state.phase[index] === PHASE.decided || (state.phase[index] === PHASE.held && attempt.kind === 'probe')) {
    dropAttempt(state.shared, attempt);
    return;
  }
  if (isAnswer(state, settlement)) {
    settleAnswer(state, attempt, outcome as Reason, rttMs, sender, nowMs);
    return;
  }
  switch (outcome) {
    case 'gave-up':
      if (inTime) fallSilent(state, attempt, nowMs);
      break;
    case 'self-connect':
      uncount(state, attempt);
      if (inTime) tryOnceMore(state, attempt, 'no-source-port', MAX_SELF_CONNECTS);
      break;
    case 'unexpected':
      uncount(state, attempt);
      if (inTime) tryOnceMore(state, attempt, outcome, MAX_UNEXPECTED);
      break;
    case 'no-route':
    case 'local-firewall':
      uncount(state, attempt);
      conclude(state, index, outcome, { confidence: 0 });
      break;
    default:
      settleUnreachable(state, attempt, outcome as Reason, sender, nowMs);
  }
}

function settleAnswer(
  state: HostState,
  attempt: Attempt,
  reason: Reason,
  rttMs: number,
  sender: string | null,
  nowMs: number,
): void {
  const { index } = attempt;
  const clean = cleanRtt(state, attempt, rttMs);
  learn(state, attempt, clean, nowMs);
  if (attempt.kind === 'probe') countLoss(state, attempt);
  if (reason === 'syn-ack' || reason === 'udp-response') remember(state.openPorts, index);
  if (reason === 'syn-ack') {
    shakeHands(state, attempt, clean, nowMs);
    return;
  }
  if (reason === 'udp-response') state.handshakes += 1;
  else state.refusals += 1;
  if (attempt.kind === 'probe' && reason !== 'udp-response') remember(state.closedPorts, index);
  const certain = state.config.protocol === 'udp' || state.config.tellsIcmp;
  const proxied = attempt.kind === 'verify' || (answersEverything(state) && reason === 'conn-refused');
  conclude(state, index, attempt.kind === 'verify' ? 'syn-proxy' : reason, {
    ...(clean !== undefined && { rttMs: clean }),
    confidence: certain && !proxied ? 1 : 0.99,
    sender,
  });
}

/** The attempts before the one that was answered were lost: that is what loss is known by. */
function countLoss(state: HostState, attempt: Attempt): void {
  let lost = 0;
  for (let earlier = attempt.earlier; earlier !== undefined; earlier = earlier.earlier) {
    const expired = earlier.place === 'hedge' || earlier.place === 'silent';
    if (!expired || earlier.sentAtMs < state.voidBeforeMs) continue;
    lost += 1;
    state.congestion.lost(earlier.sentAtMs);
  }
  state.loss.answered(lost);
  state.mostNeeded = Math.max(state.mostNeeded, lost + 1);
}

function remember(list: number[], index: number): void {
  if (list.length < REMEMBERED) list.push(index);
}

function tryOnceMore(state: HostState, attempt: Attempt, reason: Reason, most: number): void {
  const count = (state.mishaps.get(attempt.index) ?? 0) + 1;
  state.mishaps.set(attempt.index, count);
  if (count < most) again(state, attempt);
  else conclude(state, attempt.index, reason, { confidence: 0 });
}

/**
 * An ICMP error about the port, or the system's own word that the neighbour is not there. It is no round trip to learn
 * from and no sign of life: routers limit these messages (RFC 1812 §4.3.2.8), and a firewall may send them.
 */
function settleUnreachable(
  state: HostState,
  attempt: Attempt,
  reason: Reason,
  sender: string | null,
  nowMs: number,
): void {
  if (reason === 'host-unreach' && sender === null && !heardAnything(state)) {
    // For IPv6 the state of the neighbour cannot be asked for: only the time tells.
    const late = nowMs - (state.firstSentAtMs ?? nowMs) >= NEIGHBOUR_GIVEN_UP_MS;
    if (state.config.resolving() || (late && state.config.address.includes(':'))) {
      goDown(state);
      return;
    }
  }
  state.unreachables += 1;
  // Only a router's word: a firewall on the host itself, and by net every firewall, looks the same.
  if (reason === 'host-unreach' && sender !== null && sender !== state.config.address) state.hostUnreachables += 1;
  conclude(state, attempt.index, reason, { confidence: 0.99, sender });
}
