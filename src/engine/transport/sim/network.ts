import type { Outcome } from '../transport.ts';

/** What a port does with a packet. A number is the chance, 0 to 1, that an open port drops a SYN. */
export type Behaviour =
  | 'open'
  | 'closed'
  | 'drop'
  | 'port-unreach'
  | 'host-unreach'
  | 'admin-prohibited'
  | 'proxied'
  | 'resets'
  | number;

export interface SimHost {
  readonly behaviour: (port: number) => Behaviour;
  /** Shortest and longest round trip, milliseconds; each packet draws its own. */
  readonly rttMs?: readonly [number, number];
  /** Chance that a packet is lost, each way. */
  readonly loss?: number;
  readonly rstsPerSecond?: number;
  readonly icmpsPerSecond?: number;
  /** On the way there: packets a second, and how many may wait. */
  readonly bottleneck?: { readonly packetsPerSecond: number; readonly queue: number };
  /** No such neighbour: the system gives up so many milliseconds after the first packet. */
  readonly neighbourLostAfterMs?: number;
  /** Answers nothing from one time to another, milliseconds. */
  readonly outage?: readonly [number, number];
}

export interface SimStats {
  sent: number;
  queueDrops: number;
  /** Times of sending, milliseconds. */
  readonly sentAtMs: number[];
}

export type Answer = { readonly outcome: Outcome; readonly afterMs: number; readonly thenResetAfterMs?: number };

/** One host and the path to it; answers with what comes back, or nothing. */
export interface SimPath {
  send(port: number, nowMs: number): Answer | undefined;
  resolving(nowMs: number): boolean;
  readonly stats: SimStats;
}

/** Burst of a limit on answers, as firewalls commonly have. */
const BURST = 50;
const ICMP_BURST = 6;

/** @param random uniform in [0, 1), the only source of chance */
export function createPath(host: SimHost, random: () => number): SimPath {
  const [shortest, longest] = host.rttMs ?? [0.2, 0.4];
  const rsts = createLimit(host.rstsPerSecond, BURST);
  const icmps = createLimit(host.icmpsPerSecond, ICMP_BURST);
  const stats: SimStats = { sent: 0, queueDrops: 0, sentAtMs: [] };
  let freeAtMs = 0;
  let firstAtMs: number | undefined;

  /** How long the packet waits in the queue, or `undefined` where it is full. */
  function queueMs(nowMs: number): number | undefined {
    if (host.bottleneck === undefined) return 0;
    const { packetsPerSecond, queue } = host.bottleneck;
    const waitMs = Math.max(0, freeAtMs - nowMs);
    if ((waitMs * packetsPerSecond) / 1000 >= queue) return undefined;
    freeAtMs = nowMs + waitMs + 1000 / packetsPerSecond;
    return waitMs;
  }

  function lost(): boolean {
    return host.loss !== undefined && random() < host.loss;
  }

  function respond(port: number, arrivesAtMs: number): Outcome | undefined {
    const behaviour = host.behaviour(port);
    if (typeof behaviour === 'number') return random() < behaviour ? undefined : 'syn-ack';
    switch (behaviour) {
      case 'open':
      case 'proxied':
      case 'resets':
        return 'syn-ack';
      case 'closed':
        return rsts(arrivesAtMs) ? 'conn-refused' : undefined;
      case 'drop':
        return undefined;
      default:
        return icmps(arrivesAtMs) ? behaviour : undefined;
    }
  }

  return {
    stats,
    resolving: () => host.neighbourLostAfterMs !== undefined,
    send(port, nowMs) {
      firstAtMs ??= nowMs;
      if (host.neighbourLostAfterMs !== undefined) {
        return { outcome: 'host-unreach', afterMs: Math.max(0, firstAtMs + host.neighbourLostAfterMs - nowMs) };
      }
      stats.sent += 1;
      stats.sentAtMs.push(nowMs);
      const waitMs = queueMs(nowMs);
      if (waitMs === undefined) stats.queueDrops += 1;
      if (waitMs === undefined || lost()) return undefined;
      if (host.outage !== undefined && nowMs >= host.outage[0] && nowMs < host.outage[1]) return undefined;
      const rttMs = waitMs + shortest + random() * (longest - shortest);
      const outcome = respond(port, nowMs + rttMs / 2);
      if (outcome === undefined || lost()) return undefined;
      const takesBack = host.behaviour(port) === 'proxied' || host.behaviour(port) === 'resets';
      return {
        outcome,
        afterMs: rttMs,
        ...(takesBack && { thenResetAfterMs: host.behaviour(port) === 'resets' ? 0 : shortest }),
      };
    },
  };
}

/** A token bucket that starts full; without a rate everything passes. */
function createLimit(perSecond: number | undefined, burst: number): (nowMs: number) => boolean {
  let tokens = burst;
  let filledAtMs = 0;
  return (nowMs) => {
    if (perSecond === undefined) return true;
    tokens = Math.min(burst, tokens + (Math.max(0, nowMs - filledAtMs) * perSecond) / 1000);
    filledAtMs = Math.max(filledAtMs, nowMs);
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
