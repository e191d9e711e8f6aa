import type { Claim } from '../budget.ts';
import { createTable, type Table } from '../table.ts';
import type { Opening } from '../transport/transport.ts';
import type { PortResult, PortState, Protocol, Reason, ScannableAddress } from '../types.ts';
import type { HostState } from './state.ts';

/** One packet under way, or a connection held. */
export interface Attempt {
  readonly id: number;
  readonly host: HostState;
  /** Index of the port in the host's list. */
  readonly index: number;
  /** `probe` asks about its port; `canary` asks whether the path is alive; `verify` looks behind a SYN-ACK. */
  readonly kind: 'probe' | 'canary' | 'verify';
  readonly sentAtMs: number;
  /** The attempt before this one at the same port, if it is still open. */
  readonly earlier: Attempt | undefined;
  /**
   * `window`: awaits its answer. `hedge`: its time has passed, but a late answer still counts. `held`: the handshake is
   * done and the connection stays open for a while. `silent`: its time has passed, and it was closed. `gone`: closed for
   * any other reason.
   */
  place: 'window' | 'hedge' | 'held' | 'silent' | 'gone';
}

/** A connection kept to see whether it stays. */
export interface Hold {
  readonly attempt: Attempt;
  readonly rttMs: number | undefined;
  readonly sinceMs: number;
  /** The host's `stoodStillMs` at that time. */
  readonly stoodStillMs: number;
}

export interface Pending {
  readonly open: Opening[];
  readonly close: number[];
  readonly verdicts: PortResult[];
}

/** What all hosts of one scan share: numbers, sockets, the budget, and what the driver has to do next. */
export interface Shared {
  readonly claim: Claim;
  readonly live: Table<Attempt>;
  readonly hedges: Set<Attempt>;
  readonly counts: Record<PortState, number>;
  pending: Pending;
  nextId: number;
  attempts: number;
  decided: number;
  /** Most attempts open at once: the transport's capacity, less where the system refused some. */
  limit: number;
  readonly capacity: number;
  /** How often in a row the system refused although nothing was open, and until when to leave it alone. */
  starved: number;
  pausedUntilMs: number;
}

/** Pauses, doubling, before a lack of local resources with nothing left to free counts as lasting: 0.6 s in all. */
const STARVED_PAUSE_MS = 20;
const MAX_STARVED_PAUSES = 5;
/** While other scans of this process hold sockets, the lack is theirs and will pass: patience of about 30 s. */
const MAX_SHARED_PAUSES = 500;
const SHARED_PAUSE_MS = 60;

export function createShared(claim: Claim, capacity: number): Shared {
  return {
    claim,
    live: createTable(),
    hedges: new Set(),
    counts: { open: 0, 'open|filtered': 0, closed: 0, filtered: 0, error: 0 },
    pending: { open: [], close: [], verdicts: [] },
    nextId: 1,
    attempts: 0,
    decided: 0,
    limit: capacity,
    capacity,
    starved: 0,
    pausedUntilMs: Number.NEGATIVE_INFINITY,
  };
}

/** How many sockets may be open now. */
export function socketLimit(shared: Shared): number {
  return Math.max(1, Math.min(shared.limit, shared.claim.sockets()));
}

/** Takes an attempt out of the books; its socket is gone, or about to be. */
export function forgetAttempt(shared: Shared, attempt: Attempt): void {
  attempt.place = 'gone';
  shared.hedges.delete(attempt);
  if (shared.live.delete(attempt.id)) shared.claim.closed();
}

/** Gives an attempt up and has its socket closed. */
export function dropAttempt(shared: Shared, attempt: Attempt): void {
  if (attempt.place === 'gone' || attempt.place === 'silent') return;
  forgetAttempt(shared, attempt);
  shared.pending.close.push(attempt.id);
}

/** Gives up waiting for a late answer. */
export function dropHedge(shared: Shared, attempt: Attempt): void {
  dropAttempt(shared, attempt);
  attempt.place = 'silent';
}

/** Late answers are worth less than the next attempt when sockets run short. */
export function dropOldestHedge(shared: Shared): boolean {
  for (const attempt of shared.hedges) {
    dropHedge(shared, attempt);
    return true;
  }
  return false;
}

/**
 * The system had no descriptor, source port or buffer: nothing was sent and nothing is known about the port. What is
 * open now is what the system can bear; with nothing open, wait a little longer each time. True when it is hopeless.
 */
export function starve(shared: Shared, nowMs: number): boolean {
  shared.limit = Math.max(1, shared.live.size);
  if (shared.live.size > 0) return false;
  shared.starved += 1;
  const shares = shared.claim.othersOpen();
  shared.pausedUntilMs = nowMs + (shares ? SHARED_PAUSE_MS : STARVED_PAUSE_MS * 2 ** (shared.starved - 1));
  return shared.starved > (shares ? MAX_SHARED_PAUSES : MAX_STARVED_PAUSES);
}

/** The system let an attempt through: trust it with one more. */
export function couldOpen(shared: Shared): void {
  shared.starved = 0;
  shared.limit = Math.min(shared.capacity, shared.limit + 1);
}

export interface Verdict {
  readonly address: ScannableAddress;
  readonly port: number;
  readonly protocol: Protocol;
  readonly reason: Reason;
  readonly rttMs: number | null;
  readonly attempts: number;
  readonly confidence: number;
  readonly sender: string | null;
}

const STATE_OF: Readonly<Record<Reason, PortState>> = {
  'syn-ack': 'open',
  'udp-response': 'open',
  'conn-refused': 'closed',
  'syn-proxy': 'closed',
  'no-response': 'filtered',
  'rst-rate-limited': 'filtered',
  'icmp-rate-limited': 'filtered',
  'port-unreach': 'filtered',
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

/** RFC 1122 §4.1.3.1 and §3.2.2.1: for UDP a port unreachable from the host is its own refusal; silence says nothing at all. */
const UDP_STATE_OF: Readonly<Partial<Record<Reason, PortState>>> = {
  'no-response': 'open|filtered',
  'icmp-rate-limited': 'open|filtered',
};

export function pass(shared: Shared, verdict: Verdict): void {
  const { reason, protocol } = verdict;
  const refused =
    protocol === 'udp' && reason === 'port-unreach' && (verdict.sender ?? verdict.address) === verdict.address;
  const state = refused ? 'closed' : ((protocol === 'udp' ? UDP_STATE_OF[reason] : undefined) ?? STATE_OF[reason]);
  shared.counts[state] += 1;
  shared.decided += 1;
  shared.pending.verdicts.push({
    address: verdict.address,
    port: verdict.port,
    protocol,
    state,
    reason,
    rttMs: verdict.rttMs,
    attempts: verdict.attempts,
    confidence: state === 'error' ? 0 : Math.round(verdict.confidence * 10_000) / 10_000,
    sender: verdict.sender,
  });
}
