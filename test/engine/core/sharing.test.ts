import { describe, expect, test } from 'vitest';
import { createBudget } from '../../../src/engine/budget.ts';
import { range, simulate } from './simulate.ts';

describe('many hosts in one scan', () => {
  const hosts = Object.fromEntries(
    range(1, 254).map((last) => [
      `198.51.100.${last}`,
      {
        behaviour: (port: number) =>
          port % 7 === 0 ? ('open' as const) : last % 3 === 0 ? ('drop' as const) : 'closed',
        rttMs: [30, 50] as const,
        loss: 0.02,
      },
    ]),
  );

  test('a /24 is right, in little more time than its slowest host, each host in turn', () => {
    const { results, durationMs, leftOpen } = simulate({ hosts, ports: range(1, 100) });
    const wrong = results.filter(({ address, port, state }) => {
      const behaviour = hosts[address]?.behaviour(port);
      return state !== (behaviour === 'drop' ? 'filtered' : behaviour);
    });
    expect(results).toHaveLength(25_400);
    expect(wrong.length).toBeLessThanOrEqual(1);
    expect(durationMs).toBeLessThan(2_000);
    expect(leftOpen).toBe(0);
    const firstVerdicts = new Set(results.slice(0, 2_540).map(({ address }) => address));
    expect(firstVerdicts.size).toBeGreaterThan(150);
  });

  test('all hosts of a network keep to its budget together', () => {
    const few = Object.fromEntries(Object.entries(hosts).slice(0, 20));
    const { durationMs, attempts } = simulate({
      hosts: few,
      ports: range(1, 50),
      budget: { networkPacketsPerSecond: 500 },
    });
    expect(durationMs).toBeGreaterThan((attempts / 500) * 950);
  });

  test('few sockets are enough for many hosts', () => {
    const few = Object.fromEntries(Object.entries(hosts).slice(0, 20));
    const { results, mostLive } = simulate({ hosts: few, ports: range(1, 20), budget: { sockets: 10 } });
    expect(results.filter(({ state }) => state === 'error')).toEqual([]);
    expect(mostLive).toBeLessThanOrEqual(10);
  });
});

describe('lack of local resources', () => {
  test('a system with few descriptors slows a scan and changes no verdict', () => {
    const behaviour = (port: number) => (port % 10 === 0 ? ('open' as const) : 'drop');
    const { results } = simulate({
      hosts: { '10.0.0.9': { behaviour } },
      ports: range(1, 300),
      sim: { descriptors: 5 },
    });
    for (const { port, state } of results) expect(state).toBe(port % 10 === 0 ? 'open' : 'filtered');
  });

  test('what cannot be tested at all is an error with its cause', () => {
    const { results, durationMs } = simulate({
      hosts: { '10.0.0.9': { behaviour: () => 'open' } },
      ports: range(1, 3),
      sim: { descriptors: 0 },
    });
    expect(results.map(({ state, reason, attempts }) => `${state} ${reason} ${attempts}`)).toEqual(
      Array(3).fill('error no-descriptor 0'),
    );
    expect(durationMs).toBeLessThan(5_000);
  });
});

describe('an event loop that stands still', () => {
  test.each([
    ['two seconds in the middle', [20, 2_000] as const],
    ['half a minute, as when a machine sleeps', [20, 30_000] as const],
  ])('%s makes no open port filtered, and no round trip longer', (_, stall) => {
    const { results, hosts } = simulate({
      hosts: { '198.51.100.1': { behaviour: (port) => (port % 5 === 0 ? 'open' : 'closed'), rttMs: [30, 50] } },
      ports: range(1, 200),
      stall,
    });
    for (const { port, state, rttMs } of results) {
      expect(state).toBe(port % 5 === 0 ? 'open' : 'closed');
      expect(rttMs ?? 0).toBeLessThan(60);
    }
    expect(hosts[0]?.rttMs).toBeLessThan(60);
  });
});

describe('the budget of a process', () => {
  test('is shared equally by those who ask', () => {
    const budget = createBudget({ packetsPerSecond: 1_000, networkPacketsPerSecond: 1_000, sockets: 100 });
    const claims = [budget.join(), budget.join(), budget.join()];
    const taken = [0, 0, 0];
    for (let nowMs = 0; nowMs < 3_000; nowMs += 1) {
      for (const [index, claim] of claims.entries()) {
        const network = `n${index}`;
        while (claim.readyAtMs(network, nowMs) <= nowMs) {
          claim.take(network, nowMs);
          taken[index] = (taken[index] ?? 0) + 1;
        }
      }
    }
    expect(taken.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(3_005);
    for (const count of taken) expect(Math.abs(count - 1_000)).toBeLessThan(60);
    expect(claims[0]?.sockets()).toBe(33);
  });

  test('goes to the others when one is done', () => {
    const budget = createBudget({ packetsPerSecond: 1_000, networkPacketsPerSecond: 1_000, sockets: 100 });
    const gone = budget.join();
    const left = budget.join();
    gone.readyAtMs('a', 0);
    left.readyAtMs('b', 0);
    gone.leave();
    let taken = 0;
    for (let nowMs = 200; nowMs < 1_200; nowMs += 1) {
      for (; left.readyAtMs('b', nowMs) <= nowMs; taken += 1) left.take('b', nowMs);
    }
    expect(taken).toBeGreaterThan(950);
    expect(left.sockets()).toBe(100);
  });

  test('tells whether others hold sockets', () => {
    const budget = createBudget({ packetsPerSecond: 1, networkPacketsPerSecond: 1, sockets: 1 });
    const [one, other] = [budget.join(), budget.join()];
    one.opened();
    expect([one.othersOpen(), other.othersOpen()]).toEqual([false, true]);
    one.closed();
    expect(other.othersOpen()).toBe(false);
  });
});
