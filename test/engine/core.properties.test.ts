import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/engine/transport.ts';
import { type Network, range, simulate } from './simulation.ts';

/** A network made of a table: reply number n to port p, the same every time. */
const networks: fc.Arbitrary<Network> = fc
  .array(
    fc.record({
      outcome: fc.constantFrom<(Outcome | 'silence')[]>(
        'syn-ack',
        'conn-refused',
        'silence',
        'silence',
        'host-unreach',
        'no-descriptor',
        'self-connect',
        'gave-up',
        'unexpected',
      ),
      afterMs: fc.integer({ min: 0, max: 1_500 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((table) => ({ port, number }) => {
    const reply = table[(port * 7 + number * 3) % table.length];
    return reply === undefined || reply.outcome === 'silence'
      ? 'silence'
      : { outcome: reply.outcome, afterMs: reply.afterMs };
  });

const configs = fc.record({
  ports: fc.integer({ min: 1, max: 120 }).map((last) => range(1, last)),
  capacity: fc.integer({ min: 1, max: 200 }),
  packetsPerSecond: fc.integer({ min: 50, max: 20_000 }),
  retries: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  timeoutMs: fc.integer({ min: 1, max: 3_000 }),
});

/** Over all stretches of time, how many attempts exceeded the rate at most: what the bucket must have held. */
function largestBurst(openedAtMs: readonly number[], perSecond: number): number {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  openedAtMs.forEach((atMs, index) => {
    const surplus = index - (atMs * perSecond) / 1000;
    least = Math.min(least, surplus);
    most = Math.max(most, surplus + 1 - least);
  });
  return most;
}

/** Uniform numbers from 0 to 1, the same for the same seed (Park and Miller's minimal standard generator). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('whatever the network does', () => {
  it('every port gets one verdict, nothing stays open, capacity and rate are kept', () => {
    fc.assert(
      fc.property(configs, networks, (config, network) => {
        const { results, openedAtMs, mostLive, leftOpen, core } = simulate(config, network);
        expect(results.map(({ port }) => port).sort((a, b) => a - b)).toEqual(config.ports);
        expect(leftOpen).toBe(0);
        expect(core.progress()).toMatchObject({ live: 0, decided: config.ports.length });
        expect(mostLive).toBeLessThanOrEqual(config.capacity);
        const depth = Math.max(1, config.packetsPerSecond * 0.02);
        expect(largestBurst(openedAtMs, config.packetsPerSecond)).toBeLessThanOrEqual(depth + 1e-3);
      }),
      { numRuns: 150 },
    );
  });

  it('cancelling after any event leaves nothing open and ends it', () => {
    fc.assert(
      fc.property(configs, networks, fc.integer({ min: 0, max: 300 }), (config, network, events) => {
        const { results, leftOpen, core, endedAtMs } = simulate(config, network, events);
        expect(leftOpen).toBe(0);
        expect(core.progress()).toMatchObject({ live: 0, done: true, decided: results.length });
        expect(core.step(endedAtMs + 1_000)).toEqual({ open: [], close: [], verdicts: [], wakeAtMs: undefined });
      }),
      { numRuns: 300 },
    );
  });

  it('finds the truth behind 10 % loss', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_147_483_646 }), (seed) => {
        const random = uniform(seed);
        const { results } = simulate({ ports: range(1, 200), retries: 6 }, ({ port }) =>
          random() < 0.1 ? 'silence' : { outcome: port % 10 === 0 ? 'syn-ack' : 'conn-refused', afterMs: 30 },
        );
        for (const { port, state } of results) expect(state).toBe(port % 10 === 0 ? 'open' : 'closed');
      }),
      { numRuns: 20, seed: 1 },
    );
  });
});
