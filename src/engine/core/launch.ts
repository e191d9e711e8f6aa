import { type Attempt, dropOldestHedge, type Shared, socketLimit } from './shared.ts';
import { needsProof } from './silence.ts';
import { type HostState, PHASE } from './state.ts';

/**
 * One packet in so many goes to a port known to answer, once there is silence to be explained. UDP's answers are limited
 * nearly everywhere: the sooner that is known, the less is sent in vain.
 */
const CANARY_EVERY = { tcp: 40, udp: 20 } as const;
/** Canaries to open ports are connections to somebody's service: no more than ten a second. */
const OPEN_CANARY_GAP_MS = 100;

/** True where a port, or the state of the path, calls for a packet. */
export function hasWork(state: HostState): boolean {
  return hasProbes(state) || state.diagnosis > 0 || proofWanted(state);
}

function hasProbes(state: HostState): boolean {
  return (
    state.again.size > 0 ||
    state.verify.size > 0 ||
    (state.fresh < state.config.ports.length && state.closing === undefined)
  );
}

/** Ports wait for their silence to be believed, and nothing has been sent since that could show the path alive. */
function proofWanted(state: HostState): boolean {
  if (state.lingering.size === 0 || state.canariesOut > 0 || hasProbes(state)) return false;
  return needsProof(state, state.lingeringSentAtMs) && canaryPort(state, undefined) !== undefined;
}

export function windowIsFull(state: HostState): boolean {
  return state.inWindow >= state.window.size();
}

/** When the next packet may leave, by every budget: `nowMs` or later. */
export function readyAtMs({ bucket, shared, config }: HostState, nowMs: number): number {
  return Math.max(shared.pausedUntilMs, bucket.readyAtMs(nowMs), shared.claim.readyAtMs(config.network, nowMs));
}

/** A path that looks dead is asked so often whether it lives again. */
const DEAD_CANARY_GAP_MS = 100;

function launchLifeSign(state: HostState, nowMs: number): number {
  if (nowMs < deadCanaryDueAtMs(state) || readyAtMs(state, nowMs) > nowMs) return 0;
  const index = canaryPort(state, undefined);
  if (index === undefined) return 0;
  state.deadCanaryAtMs = nowMs;
  state.canariesOut += 1;
  send(state, index, 'canary', nowMs);
  return 1;
}

export function deadCanaryDueAtMs(state: HostState): number {
  return state.deadCanaryAtMs + DEAD_CANARY_GAP_MS;
}

/** Sends up to `quota` packets, as far as windows, sockets and budgets allow; returns how many. */
export function launch(state: HostState, quota: number, nowMs: number): number {
  const { shared } = state;
  if (state.deadSinceMs !== undefined) return quota > 0 ? launchLifeSign(state, nowMs) : 0;
  let sent = 0;
  while (sent < quota && hasWork(state)) {
    if (windowIsFull(state)) {
      state.window.full();
      break;
    }
    if (readyAtMs(state, nowMs) > nowMs) break;
    if (shared.live.size >= socketLimit(shared) && !dropOldestHedge(shared)) break;
    if (!sendNext(state, nowMs)) break;
    sent += 1;
  }
  return sent;
}

function sendNext(state: HostState, nowMs: number): boolean {
  const canary = nextCanary(state, nowMs);
  if (canary !== undefined) {
    state.sinceCanary = 0;
    state.canariesOut += 1;
    send(state, canary, 'canary', nowMs);
    return true;
  }
  const verify = state.verify.take();
  if (verify !== undefined) {
    if (state.phase[verify] === PHASE.held) send(state, verify, 'verify', nowMs);
    return true;
  }
  const index = nextProbe(state);
  if (index === undefined) return false;
  state.phase[index] = PHASE.waiting;
  state.sinceCanary += 1;
  send(state, index, 'probe', nowMs);
  return true;
}

function nextProbe(state: HostState): number | undefined {
  for (let index = state.again.take(); index !== undefined; index = state.again.take()) {
    if (state.phase[index] === PHASE.again) return index;
  }
  if (state.fresh >= state.config.ports.length) return undefined;
  state.fresh += 1;
  return state.fresh - 1;
}

function nextCanary(state: HostState, nowMs: number): number | undefined {
  if (state.diagnosis > 0) {
    state.diagnosis -= 1;
    const open = rotate(state.openPorts, state);
    if (open !== undefined) return open;
  }
  const due = state.expired > 0 && state.sinceCanary >= CANARY_EVERY[state.config.protocol];
  if (due || proofWanted(state)) return canaryPort(state, nowMs);
  return undefined;
}

/** A closed port where there is one: it costs the host a RST and no accept. */
function canaryPort(state: HostState, nowMs: number | undefined): number | undefined {
  const closed = rotate(state.closedPorts, state);
  if (closed !== undefined) return closed;
  const open = rotate(state.openPorts, state);
  if (nowMs === undefined || open === undefined) return open;
  if (nowMs - state.openCanaryAtMs < OPEN_CANARY_GAP_MS && !proofWanted(state)) return undefined;
  state.openCanaryAtMs = nowMs;
  return open;
}

function rotate(ports: readonly number[], { shared }: HostState): number | undefined {
  return ports[shared.nextId % Math.max(1, ports.length)];
}

function send(state: HostState, index: number, kind: Attempt['kind'], nowMs: number): void {
  const { shared, config } = state;
  const earlier = kind === 'canary' ? undefined : state.newest.get(index);
  const attempt: Attempt = { id: shared.nextId, host: state, index, kind, sentAtMs: nowMs, earlier, place: 'window' };
  shared.nextId += 1;
  shared.attempts += 1;
  shared.live.set(attempt.id, attempt);
  shared.claim.opened();
  shared.claim.take(config.network, nowMs);
  state.bucket.take(nowMs);
  state.congestion.sent(nowMs);
  state.waiting.push(attempt);
  state.inWindow += 1;
  state.firstSentAtMs ??= nowMs;
  if (kind !== 'canary') {
    state.newest.set(index, attempt);
    state.attempts[index] = Math.min(255, (state.attempts[index] ?? 0) + 1);
  }
  openSocket(shared, state, attempt);
}

function openSocket(shared: Shared, { config }: HostState, { id, index, kind }: Attempt): void {
  shared.pending.open.push({
    attempt: id,
    address: config.address,
    port: config.ports[index] ?? 0,
    protocol: config.protocol,
    connect: kind === 'verify',
  });
}
