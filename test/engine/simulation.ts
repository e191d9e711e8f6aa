import { type Core, createCore, type Step } from '../../src/engine/core.ts';
import type { CoreConfig } from '../../src/engine/state.ts';
import type { Outcome } from '../../src/engine/transport.ts';
import type { PortResult } from '../../src/engine/types.ts';

/** What the simulated network does with one attempt: an event after some milliseconds, or silence. */
export type Reply = { readonly outcome: Outcome; readonly afterMs: number } | 'silence';

/** `live` counts the attempts open at that moment, this one included; `number` the attempts at this port so far. */
export type Network = (attempt: { port: number; number: number; live: number; atMs: number }) => Reply;

export interface Simulation {
  readonly results: PortResult[];
  /** When each attempt was opened, milliseconds. */
  readonly openedAtMs: number[];
  readonly mostLive: number;
  readonly endedAtMs: number;
  /** Attempts the core left open. */
  readonly leftOpen: number;
  readonly core: Core;
}

const DEFAULTS = {
  address: '192.0.2.1',
  timeoutMs: 1_000,
  packetsPerSecond: 2_500,
  retries: undefined,
  capacity: 1_000,
};

/** Later than any scan in these tests may take; a core that is not done by then hangs. */
const HORIZON_MS = 600_000;

/**
 * Runs a whole scan in virtual time. `cancelAfter` cancels it when so many events (replies and wakes) have passed.
 * Fails loudly when the core opens what is open, closes what is not, or waits for nothing.
 */
export function simulate(
  config: Partial<CoreConfig> & { readonly ports: readonly number[] },
  network: Network,
  cancelAfter = Number.POSITIVE_INFINITY,
): Simulation {
  const core = createCore({ ...DEFAULTS, ...config });
  const live = new Set<number>();
  const tries = new Map<number, number>();
  const events: { atMs: number; attempt: number; outcome: Outcome; rttMs: number }[] = [];
  const results: PortResult[] = [];
  const openedAtMs: number[] = [];
  let mostLive = 0;
  let nowMs = 0;

  function apply(step: Step): Step {
    for (const attempt of step.close) {
      if (!live.delete(attempt)) throw new Error(`closed attempt ${attempt}, which is not open`);
    }
    for (const { attempt, port } of step.open) {
      if (live.has(attempt)) throw new Error(`opened attempt ${attempt} twice`);
      live.add(attempt);
      mostLive = Math.max(mostLive, live.size);
      openedAtMs.push(nowMs);
      const number = (tries.get(port) ?? 0) + 1;
      tries.set(port, number);
      const reply = network({ port, number, live: live.size, atMs: nowMs });
      if (reply === 'silence') continue;
      events.push({ atMs: nowMs + reply.afterMs, attempt, outcome: reply.outcome, rttMs: reply.afterMs });
    }
    events.sort((a, b) => a.atMs - b.atMs);
    results.push(...step.verdicts);
    return step;
  }

  let wakeAtMs = apply(core.step(0)).wakeAtMs;
  for (let count = 0; !core.progress().done; count += 1) {
    if (count >= cancelAfter) {
      apply(core.cancel());
      break;
    }
    const event = events[0];
    if (event !== undefined && event.atMs <= (wakeAtMs ?? Number.POSITIVE_INFINITY)) {
      events.shift();
      nowMs = Math.max(nowMs, event.atMs);
      if (live.delete(event.attempt)) core.settle(event, nowMs);
    } else {
      if (wakeAtMs === undefined) throw new Error('the core waits for nothing');
      nowMs = Math.max(nowMs, wakeAtMs);
    }
    if (nowMs > HORIZON_MS) throw new Error('the scan does not end');
    wakeAtMs = apply(core.step(nowMs)).wakeAtMs;
  }
  return { results, openedAtMs, mostLive, endedAtMs: nowMs, leftOpen: live.size, core };
}

export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

export function answer(outcome: Outcome, afterMs = 10): Network {
  return () => ({ outcome, afterMs });
}

export const silence: Network = () => 'silence';
