import { createTable, type Table } from '../table.ts';
import type { Protocol, Reason, ScannableAddress } from '../types.ts';
import { createTokenBucket, type TokenBucket } from './bucket.ts';
import { type CongestionWatch, createCongestionWatch } from './congestion.ts';
import { createLossEstimate, type LossEstimate } from './loss.ts';
import { createQueue, type Queue } from './queue.ts';
import { createRttEstimator, type RttEstimator } from './rtt.ts';
import { type Attempt, dropAttempt, type Hold, pass, type Shared } from './shared.ts';
import { createWindow, type Window } from './window.ts';

/** Round trips shorter than this mean loopback or LAN. */
const LAN_RTT_MS = 2;
/** To a host somewhere: about what a browser opening a few pages sends, far below what any link notices. */
const DEFAULT_RATE = 2_500;
/** To a neighbour that answers within {@link LAN_RTT_MS}. */
const LAN_RATE = 25_000;
/** Refusals by ICMP are limited nearly everywhere, often to one a second: more than this would only be lost. */
const UDP_RATE = 500;

export interface HostConfig {
  readonly address: ScannableAddress;
  readonly protocol: Protocol;
  /** In the order of trying, each once. */
  readonly ports: ArrayLike<number>;
  readonly timeoutMs: number | undefined;
  readonly packetsPerSecond: number | undefined;
  readonly retries: number | undefined;
  readonly onRateLimit: 'pace' | 'stop';
  /** The network whose budget this host uses. */
  readonly network: string;
  readonly locality: 'loopback' | 'private' | 'elsewhere';
  /** What the transport can do. */
  readonly holds: boolean;
  readonly tellsIcmp: boolean;
  readonly capacity: number;
  /** True while the system looks for the neighbour's link address. */
  resolving(): boolean;
}

/** Where a port stands. Each undecided port is in exactly one phase. */
export const PHASE = {
  /** Not yet tried. */
  fresh: 0,
  /** An attempt awaits its answer in the window. */
  waiting: 1,
  /** Queued for another attempt. */
  again: 2,
  /** Every attempt wanted was silent; a late answer may still come. */
  lingering: 3,
  /** The handshake is done; the connection is held to see whether it stays. */
  held: 4,
  /** Reset after the handshake: a proxy's closed port, or a service in a bad mood. */
  doubtful: 5,
  decided: 6,
} as const;

/** Everything known of one address by one protocol. Arrays are indexed like `config.ports`. */
export interface HostState {
  readonly config: HostConfig;
  readonly shared: Shared;
  readonly rtt: RttEstimator;
  readonly loss: LossEstimate;
  readonly congestion: CongestionWatch;
  readonly window: Window;
  readonly bucket: TokenBucket;
  readonly phase: Uint8Array;
  /** Packets sent for each port. */
  readonly attempts: Uint8Array;
  /** Attempts that stayed silent in good conditions. */
  readonly silent: Uint8Array;
  /** Index of the first port not yet tried. */
  fresh: number;
  readonly again: Queue<number>;
  /** Ports that finished a handshake with a transport that cannot hold it. */
  readonly verify: Queue<number>;
  /** Attempts in the order of sending, which, all timeouts being equal, is the order of expiry; may hold departed ones. */
  readonly waiting: Queue<Attempt>;
  /** How many of `waiting` still await an answer. */
  inWindow: number;
  /** The latest sending time of any port that lingers. */
  lingeringSentAtMs: number;
  readonly lingering: Queue<{ readonly index: number; readonly sinceMs: number; readonly sentAtMs: number }>;
  readonly held: Queue<Hold>;
  readonly doubtful: Set<number>;
  /** How often an attempt at a port came to nothing for reasons that are not the target's. */
  readonly mishaps: Map<number, number>;
  /** The newest open attempt at each port that has one. */
  readonly newest: Table<Attempt>;
  decided: number;
  firstSentAtMs: number | undefined;
  /** Handshakes finished, and refusals (RST to a SYN, port unreachable for UDP). */
  handshakes: number;
  refusals: number;
  resets: number;
  /** ICMP messages from anywhere on the way, and those by which a router says that the host cannot be reached. */
  unreachables: number;
  hostUnreachables: number;
  /** The most attempts that any port needed before it answered. */
  mostNeeded: number;
  /** The latest sending time of anything that was answered: the path was alive then. */
  proofAtMs: number;
  /** Silence before this proves nothing: congestion, or a neighbour not yet found. */
  voidBeforeMs: number;
  stalledAtMs: number;
  /** How long the event loop stood still, all in all. */
  stoodStillMs: number;
  lan: boolean;
  /** Some of what answered, for canaries. */
  readonly closedPorts: number[];
  readonly openPorts: number[];
  canariesOut: number;
  sinceCanary: number;
  openCanaryAtMs: number;
  expired: number;
  /** Outcomes of canaries since the last congestion, by what they asked. */
  closedCanaries: { answered: number; lost: number };
  openCanaries: { answered: number; lost: number };
  /** Open ports to ask at once, to tell a RST limit from a full path. */
  diagnosis: number;
  rateLimited: boolean;
  wasResolving: boolean;
  /** Since when nothing at all comes back from a host that answered before; only canaries are sent then. */
  deadSinceMs: number | undefined;
  deadCanaryAtMs: number;
  /** The pace before everything fell silent. */
  paceBeforeDeath: number;
  stoppedAnswering: boolean;
  down: boolean;
  /** Set when all that is left gets one verdict at once. */
  closing: Reason | undefined;
  paceGrownAtMs: number;
  wakeAtMs: number;
}

export function createHostState(config: HostConfig, shared: Shared): HostState {
  const count = config.ports.length;
  return {
    config,
    shared,
    rtt: createRttEstimator(config.timeoutMs),
    loss: createLossEstimate(),
    congestion: createCongestionWatch(),
    window: createWindow(config.capacity),
    bucket: createTokenBucket(config.packetsPerSecond ?? (config.protocol === 'udp' ? UDP_RATE : DEFAULT_RATE)),
    phase: new Uint8Array(count),
    attempts: new Uint8Array(count),
    silent: new Uint8Array(count),
    fresh: 0,
    again: createQueue(),
    verify: createQueue(),
    waiting: createQueue(),
    inWindow: 0,
    lingeringSentAtMs: Number.NEGATIVE_INFINITY,
    lingering: createQueue(),
    held: createQueue(),
    doubtful: new Set(),
    mishaps: new Map(),
    newest: createTable(),
    decided: 0,
    firstSentAtMs: undefined,
    handshakes: 0,
    refusals: 0,
    resets: 0,
    unreachables: 0,
    hostUnreachables: 0,
    mostNeeded: 1,
    proofAtMs: Number.NEGATIVE_INFINITY,
    voidBeforeMs: Number.NEGATIVE_INFINITY,
    stalledAtMs: Number.NEGATIVE_INFINITY,
    stoodStillMs: 0,
    lan: false,
    closedPorts: [],
    openPorts: [],
    canariesOut: 0,
    sinceCanary: 0,
    openCanaryAtMs: Number.NEGATIVE_INFINITY,
    expired: 0,
    closedCanaries: { answered: 0, lost: 0 },
    openCanaries: { answered: 0, lost: 0 },
    diagnosis: 0,
    rateLimited: false,
    wasResolving: false,
    deadSinceMs: undefined,
    deadCanaryAtMs: Number.NEGATIVE_INFINITY,
    paceBeforeDeath: 0,
    stoppedAnswering: false,
    down: false,
    closing: undefined,
    paceGrownAtMs: Number.NEGATIVE_INFINITY,
    wakeAtMs: Number.NEGATIVE_INFINITY,
  };
}

/** The caller's rate, or the one that suits how near the host is. */
export function wantedRate({ config, lan }: HostState): number {
  if (config.packetsPerSecond !== undefined) return config.packetsPerSecond;
  if (config.protocol === 'udp') return UDP_RATE;
  return lan && config.locality !== 'elsewhere' ? LAN_RATE : DEFAULT_RATE;
}

export function takeSample(state: HostState, rttMs: number): void {
  state.rtt.sample(rttMs);
  if (state.lan || state.rtt.minMs() >= LAN_RTT_MS) return;
  state.lan = true;
  state.window.open();
  if (state.congestion.cutAtMs() === Number.NEGATIVE_INFINITY) state.bucket.setRate(wantedRate(state));
}

export function undecided(state: HostState): number {
  return state.config.ports.length - state.decided;
}

/** Drops all open attempts at a port. */
export function dropAttemptsAt(state: HostState, index: number): void {
  let attempt = state.newest.get(index);
  state.newest.delete(index);
  while (attempt !== undefined) {
    if (attempt.place === 'window') state.inWindow -= 1;
    dropAttempt(state.shared, attempt);
    attempt = attempt.earlier;
  }
}

/** Puts an attempt out of the window, if it is there. */
export function leaveWindow(state: HostState, attempt: Attempt, place: Attempt['place']): void {
  if (attempt.place === 'window') state.inWindow -= 1;
  attempt.place = place;
}

/** Passes the verdict on a port and lets go of everything it still holds. */
export function conclude(
  state: HostState,
  index: number,
  reason: Reason,
  facts: { readonly rttMs?: number; readonly confidence: number; readonly sender?: string | null },
): void {
  if (state.phase[index] === PHASE.decided) return;
  dropAttemptsAt(state, index);
  state.doubtful.delete(index);
  state.phase[index] = PHASE.decided;
  state.decided += 1;
  pass(state.shared, {
    address: state.config.address,
    port: state.config.ports[index] ?? 0,
    protocol: state.config.protocol,
    reason,
    rttMs: facts.rttMs ?? null,
    attempts: state.attempts[index] ?? 0,
    confidence: facts.confidence,
    sender: facts.sender ?? null,
  });
}
