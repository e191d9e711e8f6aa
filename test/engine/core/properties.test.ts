import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Behaviour, SimHost } from '../../../src/engine/transport/sim/network.ts';
import { range, type SimulationSetup, simulate } from './simulate.ts';

const BEHAVIOURS: readonly Behaviour[] = [
  'open',
  'closed',
  'drop',
  'port-unreach',
  'host-unreach',
  'admin-prohibited',
  'proxied',
  'resets',
  0.5,
];

const hostArbitrary: fc.Arbitrary<SimHost> = fc
  .record({
    rule: fc.array(fc.constantFrom(...BEHAVIOURS), { minLength: 1, maxLength: 12 }),
    shortest: fc.double({ min: 0.05, max: 300, noNaN: true }),
    spread: fc.double({ min: 0, max: 60, noNaN: true }),
    loss: fc.constantFrom(0, 0, 0.02, 0.1, 0.3),
    rstsPerSecond: fc.constantFrom(undefined, undefined, 20, 500),
    icmpsPerSecond: fc.constantFrom(undefined, 1),
    bottleneck: fc.constantFrom(undefined, undefined, { packetsPerSecond: 300, queue: 10 }),
    outage: fc.constantFrom(undefined, undefined, [50, 400] as const, [100, 1e9] as const),
    neighbourLostAfterMs: fc.constantFrom(undefined, undefined, undefined, undefined, 3_070, 500),
  })
  .map(({ rule, shortest, spread, loss, ...limits }) => ({
    behaviour: (port) => rule[port % rule.length] ?? 'drop',
    rttMs: [shortest, shortest + spread],
    loss,
    ...Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)),
  }));

const setupArbitrary: fc.Arbitrary<SimulationSetup & { readonly rate: number }> = fc
  .record({
    hosts: fc.array(hostArbitrary, { minLength: 1, maxLength: 4 }),
    count: fc.integer({ min: 1, max: 150 }),
    seed: fc.integer(),
    rate: fc.constantFrom(200, 2_500, 100_000),
    protocol: fc.constantFrom('tcp' as const, 'tcp' as const, 'udp' as const),
    holds: fc.boolean(),
    descriptors: fc.constantFrom(undefined, undefined, 7),
    onRateLimit: fc.constantFrom('pace' as const, 'stop' as const),
  })
  .map(({ hosts, count, seed, rate, protocol, holds, descriptors, onRateLimit }) => ({
    hosts: Object.fromEntries(hosts.map((host, index) => [`198.51.100.${index + 1}`, host])),
    ports: range(1, count),
    seed,
    rate,
    protocol,
    options: { packetsPerSecond: rate, onRateLimit },
    sim: { holds, ...(descriptors !== undefined && { descriptors }) },
  }));

describe('on any network', () => {
  test('every port gets one verdict, nothing is left open, and no budget is exceeded', () => {
    fc.assert(
      fc.property(setupArbitrary, (setup) => {
        const { results, leftOpen, done, stats } = simulate(setup);
        expect(done).toBe(true);
        expect(leftOpen).toBe(0);
        const seen = new Set(results.map(({ address, port }) => `${address} ${port}`));
        expect(seen.size).toBe(results.length);
        expect(results.length).toBe(Object.keys(setup.hosts).length * setup.ports.length);
        for (const { sentAtMs } of stats.values()) expect(peak(sentAtMs)).toBeLessThanOrEqual(0.105 * setup.rate + 1);
      }),
      { numRuns: 1_000 },
    );
  });

  test('stopping it at any time leaves nothing open', () => {
    fc.assert(
      fc.property(setupArbitrary, fc.integer({ min: 0, max: 3_000 }), (setup, stopAfterMs) => {
        expect(simulate({ ...setup, stopAfterMs }).leftOpen).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  test('the same seed gives the same scan', () => {
    fc.assert(
      fc.property(setupArbitrary, (setup) => {
        expect(simulate(setup).results).toEqual(simulate(setup).results);
      }),
      { numRuns: 20 },
    );
  });
});

/** Packets in the worst tenth of a second. */
function peak(sentAtMs: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (let last = 0; last < sentAtMs.length; last += 1) {
    while ((sentAtMs[last] ?? 0) - (sentAtMs[first] ?? 0) > 100) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

describe('on a network without loss or limits', () => {
  const EXPECTED: Readonly<Record<string, string>> = {
    open: 'open',
    closed: 'closed',
    drop: 'filtered',
    'port-unreach': 'filtered',
    'admin-prohibited': 'filtered',
  };

  test('every verdict is right', () => {
    const rules = fc.array(fc.constantFrom<Behaviour>('closed', 'open', 'drop', 'port-unreach', 'admin-prohibited'), {
      minLength: 1,
      maxLength: 20,
    });
    const rtts = fc.double({ min: 0.1, max: 200, noNaN: true });
    fc.assert(
      fc.property(rules, rtts, fc.integer({ min: 1, max: 300 }), fc.integer(), (rule, rtt, count, seed) => {
        const behaviour = (port: number): Behaviour => rule[port % rule.length] ?? 'drop';
        const { results } = simulate({
          hosts: { '198.51.100.1': { behaviour, rttMs: [rtt, rtt * 1.2] } },
          ports: range(1, count),
          seed,
        });
        for (const { port, state } of results) expect(state).toBe(EXPECTED[String(behaviour(port))]);
      }),
      { numRuns: 1_000 },
    );
  });
});
