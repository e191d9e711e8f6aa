import { describe, expect, test } from 'vitest';
import { createCongestionWatch } from '../../../src/engine/core/congestion.ts';
import type { Behaviour, SimHost } from '../../../src/engine/transport/sim/network.ts';
import { range, type Simulation, simulate } from './simulate.ts';

const NEAR = '10.0.0.2';
const FAR = '198.51.100.7';
const OPEN = new Set([21, 22, 25, 53, 80, 110, 111, 139, 143, 443, 445, 993, 995, 3306, 3389, 5432, 5900, 6379, 8080]);
const THOUSAND = [...OPEN, ...range(10_000, 10_000 + 1_000 - OPEN.size - 1)];
/** What a limit lets through at once before it limits. */
const BURST = 50;

function behaviour(droppedEvery: number): (port: number) => Behaviour {
  return (port) => {
    if (OPEN.has(port)) return 'open';
    return droppedEvery > 0 && port % droppedEvery === 0 ? 'drop' : 'closed';
  };
}

const EXPECTED: Readonly<Record<string, string>> = { open: 'open', closed: 'closed', drop: 'filtered' };

function scanOften(address: string, host: SimHost, onRateLimit: 'pace' | 'stop' = 'pace'): readonly Simulation[] {
  return range(1, 8).map((seed) =>
    simulate({
      hosts: { [address]: host },
      ports: THOUSAND,
      seed,
      options: { packetsPerSecond: 1_000_000, onRateLimit },
    }),
  );
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

describe('a limit on RSTs', () => {
  // Each port needs its RST, so the limit alone says how long it takes; packets beyond it are sent in vain.
  test.each([
    { name: '50 a second', at: NEAR, rstsPerSecond: 50, longer: 1.06, packets: 4_000 },
    { name: '200 a second', at: NEAR, rstsPerSecond: 200, longer: 1.06, packets: 3_000 },
    { name: '1,000 a second', at: NEAR, rstsPerSecond: 1_000, longer: 1.15, packets: 2_700 },
    { name: '200 a second, 40 ms', at: FAR, rttMs: [30, 50] as const, rstsPerSecond: 200, longer: 1.1, packets: 3_000 },
    {
      name: '200 a second, 40 ms, 5 % lost each way',
      at: FAR,
      rttMs: [30, 50] as const,
      loss: 0.05,
      rstsPerSecond: 200,
      longer: 1.2,
      packets: 4_000,
    },
  ])('$name: found at once, and kept to', ({ at, longer, packets, name: _, ...host }) => {
    const scans = scanOften(at, { behaviour: behaviour(0), ...host });
    const wrong = scans.flatMap(({ results }) =>
      results.filter(({ port, state }) => state !== EXPECTED[String(behaviour(0)(port))]),
    );
    expect(wrong.length).toBeLessThanOrEqual(1);
    const floorMs = ((1_000 - OPEN.size - BURST) * 1_000) / host.rstsPerSecond;
    expect(median(scans.map(({ durationMs }) => durationMs))).toBeLessThan(longer * floorMs);
    expect(median(scans.map(({ attempts }) => attempts))).toBeLessThan(packets);
    for (const { hosts } of scans) expect(hosts[0]?.suspicions).toEqual(['rst-rate-limited']);
  });

  test.each([2, 5])('where every %ith port drops, the pace does not sink with the answers', (droppedEvery) => {
    const truth = behaviour(droppedEvery);
    const scans = scanOften(NEAR, { behaviour: truth, rstsPerSecond: 200 });
    const wrong = scans.flatMap(({ results }) =>
      results.filter(({ port, state }) => state !== EXPECTED[String(truth(port))]),
    );
    expect(wrong.length).toBeLessThanOrEqual(8);
    for (const { durationMs } of scans) expect(durationMs).toBeLessThan(7_000);
  });

  test('much loss on top of it is not taken for the limit again and again', () => {
    const scans = scanOften(FAR, { behaviour: behaviour(0), rstsPerSecond: 200, rttMs: [30, 50], loss: 0.15 });
    for (const { durationMs } of scans) expect(durationMs).toBeLessThan(14_000);
  });

  test('with `stop`, each port gets two packets where open ports lose none', () => {
    for (const { results, durationMs } of scanOften(NEAR, { behaviour: behaviour(0), rstsPerSecond: 200 }, 'stop')) {
      expect(results.filter(({ state }) => state === 'open')).toHaveLength(OPEN.size);
      expect(durationMs).toBeLessThan(300);
      const limited = results.filter(({ reason }) => reason === 'rst-rate-limited');
      expect(Math.max(...limited.map(({ attempts }) => attempts))).toBeLessThanOrEqual(3);
    }
  });
});

describe('the watch over congestion', () => {
  const bounds = { leastPerSecond: 20, quietMs: 0, limited: true };
  const RTO_MS = 40;

  /** One packet a millisecond for a second; of each ten, so many are lost for certain. */
  function watched(lostOfTen: number, limited: boolean) {
    const watch = createCongestionWatch();
    for (let nowMs = 1; nowMs <= 1_000; nowMs += 1) {
      watch.sent(nowMs);
      if (nowMs % 10 < lostOfTen) watch.lost(nowMs);
      else watch.answered(nowMs, nowMs);
    }
    return watch.verdict(1_000, RTO_MS, { ...bounds, limited });
  }

  test.each([
    { lostOfTen: 1, limited: true, cut: undefined },
    { lostOfTen: 2, limited: true, cut: { mild: true, pace: [800, 880] } },
    { lostOfTen: 2, limited: false, cut: undefined },
    { lostOfTen: 5, limited: true, cut: { mild: false, pace: [500, 560] } },
    { lostOfTen: 5, limited: false, cut: { mild: false, pace: [500, 560] } },
  ])('$lostOfTen of ten lost, limit known: $limited', ({ lostOfTen, limited, cut }) => {
    const verdict = watched(lostOfTen, limited);
    expect(verdict?.mild).toBe(cut?.mild);
    if (cut === undefined) return;
    expect(verdict?.packetsPerSecond).toBeGreaterThanOrEqual(cut.pace[0] ?? 0);
    expect(verdict?.packetsPerSecond).toBeLessThanOrEqual(cut.pace[1] ?? 0);
  });

  test('losses that do not lessen with the pace are not the limit', () => {
    const watch = createCongestionWatch();
    const paces: (number | undefined)[] = [];
    let perSecond = 1_000;
    // A fifth is lost at any pace.
    for (let round = 0; round < 6; round += 1) {
      const beginMs = round * 1_000;
      for (let count = 1; count <= perSecond; count += 1) {
        const nowMs = beginMs + (count * 999) / perSecond;
        watch.sent(nowMs);
        if (count % 5 === 0) watch.lost(nowMs);
        else watch.answered(nowMs, nowMs);
      }
      const cut = watch.verdict(beginMs + 999.5, RTO_MS, bounds);
      perSecond = Math.floor(cut?.packetsPerSecond ?? perSecond);
      paces.push(cut?.packetsPerSecond);
    }
    expect(perSecond).toBeGreaterThan(600);
    expect(paces.at(-1)).toBeUndefined();
  });
});
