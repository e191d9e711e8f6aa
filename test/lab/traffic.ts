import { existsSync, readFileSync } from 'node:fs';
import type { Helper } from './helper.ts';
import { type RelayCounters, WINDOW_MS } from './relay/counters.ts';

/** Packets of one run on their way to the target, ARP included. */
export interface Traffic {
  readonly packets: number;
  /** Most packets a second over about 100 ms. */
  readonly peakPerSecond: number;
  readonly queueDrops: number;
  /** Longest time in milliseconds by which the relay was late with a packet. */
  readonly worstLateMs: number;
  /** What went wrong in the lab itself during the run; empty in a sound one. */
  readonly faults: readonly string[];
}

export interface Watch {
  /** Counting ends; what was counted. */
  end(): Promise<Traffic>;
}

/** Starts counting. */
export type Counter = () => Promise<Watch>;

/** A relay that is this late does not keep its delays any more. */
const LATE_MS = 15;

/** Asks the relay, which sees every packet. */
export function relayCounter(relay: Helper): Counter {
  const take = async () => {
    relay.signal('SIGUSR1');
    return JSON.parse(await relay.line()) as RelayCounters;
  };
  return async () => {
    await take();
    return {
      async end() {
        const { toTarget, toScanner, worstLateMs } = await take();
        const refused = toTarget.refused + toScanner.refused;
        return {
          packets: toTarget.packets,
          peakPerSecond: toTarget.peakPerSecond,
          queueDrops: toTarget.queueDrops,
          worstLateMs,
          faults: [
            ...(refused > 0 ? [`the relay could not deliver ${refused} packets`] : []),
            ...(worstLateMs > LATE_MS ? [`the relay was ${worstLateMs.toFixed(0)} ms late`] : []),
          ],
        };
      },
    };
  };
}

/** Packets that the device has received, from /proc/PID/net/dev of a process in its namespace; NaN without that. */
function received(pid: number, device: string): number {
  const path = `/proc/${pid}/net/dev`;
  if (!existsSync(path)) return Number.NaN;
  const line = readFileSync(path, 'utf8')
    .split('\n')
    .find((each) => each.trimStart().startsWith(`${device}:`));
  return Number(line?.trim().split(/\s+/)[2] ?? Number.NaN);
}

/**
 * Samples the target's device. `share` is the part of its packets that goes to the target: half on loopback, where each
 * answer passes it too.
 */
export function deviceCounter(pid: number, device: string, share: number): Counter {
  return async () => {
    const first = received(pid, device);
    let last = first;
    let lastAt = performance.now();
    let peakPerSecond = 0;
    const sample = () => {
      const count = received(pid, device);
      const at = performance.now();
      // A shorter window would make a peak out of a few packets.
      const windowMs = Math.max(WINDOW_MS, at - lastAt);
      peakPerSecond = Math.max(peakPerSecond, ((count - last) * share * 1_000) / windowMs);
      last = count;
      lastAt = at;
    };
    const timer = setInterval(sample, WINDOW_MS);
    return {
      async end() {
        clearInterval(timer);
        sample();
        return {
          packets: Math.round((last - first) * share),
          peakPerSecond,
          queueDrops: 0,
          worstLateMs: 0,
          faults: [],
        };
      },
    };
  };
}
