import type { Scheduler } from '../../drive.ts';
import type { Opening, Outcome, TransportFactory } from '../transport.ts';
import type { Answer, SimPath } from './network.ts';

export interface SimOptions {
  /** Sockets the "system" has for all transports of this network together. */
  readonly descriptors?: number;
  /** As the raw transport: SYN-ACKs without a connection. */
  readonly holds?: boolean;
  readonly tellsIcmp?: boolean;
  readonly capacity?: number;
  /** As the transport's own: whether events wait to be heard. */
  readonly unread?: () => boolean;
}

export interface SimNetwork {
  readonly open: TransportFactory;
  /** Attempts open now, over all scans. */
  live(): number;
  /** The most ever open at once. */
  mostLive(): number;
}

/** The host refuses for itself; that it cannot be reached a router says, unless no neighbour was found at all. */
const ROUTER = '192.0.2.254';

/**
 * A network in virtual time, for trying scans by the thousand: the same as real ones in what may happen, without its
 * waiting. An address without a path does not answer.
 */
export function createSimNetwork(
  paths: ReadonlyMap<string, SimPath>,
  scheduler: Scheduler,
  options: SimOptions = {},
): SimNetwork {
  const {
    descriptors = Number.POSITIVE_INFINITY,
    holds = true,
    tellsIcmp = true,
    capacity = 4_000,
    unread = () => false,
  } = options;
  let live = 0;
  let mostLive = 0;

  const open: TransportFactory = (report) => {
    const pending = new Map<number, (() => void)[]>();

    function end(attempt: number): void {
      if (pending.delete(attempt)) live -= 1;
    }

    function later(attempt: number, afterMs: number, outcome: Outcome, sentAtMs: number, sender: string | null): void {
      const cancel = scheduler.after(afterMs, () => {
        if (!pending.has(attempt)) return;
        if (outcome !== 'syn-ack') end(attempt);
        report({ attempt, outcome, rttMs: scheduler.now() - sentAtMs, sender });
      });
      pending.get(attempt)?.push(cancel);
    }

    function senderOf(outcome: Outcome, address: string): string | null {
      if (outcome === 'port-unreach' || outcome === 'admin-prohibited') return address;
      const routed = outcome === 'host-unreach' && paths.get(address)?.resolving(scheduler.now()) !== true;
      return routed ? ROUTER : null;
    }

    function hear({ attempt, address, protocol, connect }: Opening, answer: Answer, nowMs: number): void {
      const { afterMs, thenResetAfterMs } = answer;
      const outcome = protocol === 'udp' && answer.outcome === 'syn-ack' ? 'udp-response' : answer.outcome;
      later(attempt, afterMs, outcome, nowMs, tellsIcmp ? senderOf(outcome, address) : null);
      if (outcome === 'syn-ack' && !(holds || connect)) scheduler.after(afterMs, () => end(attempt));
      else if (thenResetAfterMs !== undefined) later(attempt, afterMs + thenResetAfterMs, 'reset', nowMs, null);
    }

    return {
      name: 'sim',
      capacity,
      batch: 64,
      holds,
      tellsIcmp,
      open(opening) {
        const { attempt, address, port } = opening;
        if (pending.has(attempt)) throw new Error(`attempt ${attempt} is open already`);
        pending.set(attempt, []);
        live += 1;
        mostLive = Math.max(mostLive, live);
        const nowMs = scheduler.now();
        if (live > descriptors) {
          later(attempt, 0, 'no-descriptor', nowMs, null);
          return;
        }
        const answer = paths.get(address)?.send(port, nowMs);
        if (answer !== undefined) hear(opening, answer, nowMs);
      },
      flush() {},
      close(attempt) {
        for (const cancel of pending.get(attempt) ?? []) cancel();
        end(attempt);
      },
      destroy() {
        for (const cancels of pending.values()) for (const cancel of cancels) cancel();
        live -= pending.size;
        pending.clear();
      },
      unread,
      resolving: (address) => paths.get(address)?.resolving(scheduler.now()) ?? false,
    };
  };

  return { open, live: () => live, mostLive: () => mostLive };
}
