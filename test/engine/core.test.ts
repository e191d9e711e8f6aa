import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/engine/transport.ts';
import type { PortResult, PortState, Reason } from '../../src/engine/types.ts';
import { answer, range, silence, simulate } from './simulation.ts';

function only(results: readonly PortResult[]): PortResult {
  expect(results).toHaveLength(1);
  const [result] = results;
  if (result === undefined) throw new Error('no result');
  return result;
}

describe('verdicts', () => {
  it.each<[Outcome & Reason, PortState, number | null, number]>([
    ['syn-ack', 'open', 10, 1],
    ['conn-refused', 'closed', 10, 1],
    ['host-unreach', 'filtered', null, 1],
    ['net-unreach', 'filtered', null, 1],
    ['admin-prohibited', 'filtered', null, 1],
    ['no-route', 'error', null, 0],
    ['local-firewall', 'error', null, 0],
    ['unexpected', 'error', null, 1],
  ])('%s is %s', (reason, state, rttMs, attempts) => {
    const { results } = simulate({ ports: [22] }, answer(reason));
    expect(results).toEqual([{ address: '192.0.2.1', port: 22, protocol: 'tcp', state, reason, rttMs, attempts }]);
  });

  it('silence is filtered/no-response after three attempts of 250 ms and a grace of 250 ms', () => {
    const { results, openedAtMs, endedAtMs, leftOpen } = simulate({ ports: [22] }, silence);
    expect(only(results)).toMatchObject({ state: 'filtered', reason: 'no-response', rttMs: null, attempts: 3 });
    expect(openedAtMs).toEqual([0, 250, 500]);
    expect(endedAtMs).toBe(1000);
    expect(leftOpen).toBe(0);
  });

  it('honours the number of retries', () => {
    for (const retries of [0, 1, 4]) {
      const { results } = simulate({ ports: [22], retries }, silence);
      expect(only(results).attempts).toBe(retries + 1);
    }
  });

  it('never waits longer for one attempt than timeoutMs', () => {
    const { openedAtMs } = simulate({ ports: [22], timeoutMs: 100 }, silence);
    expect(openedAtMs).toEqual([0, 100, 200]);
  });

  it('has no ports, no wait', () => {
    const { core, results } = simulate({ ports: [] }, silence);
    expect(core.progress().done).toBe(true);
    expect(results).toEqual([]);
  });
});

describe('timing', () => {
  it('re-arms what is outstanding when the first round-trip time is known', () => {
    const { results, endedAtMs } = simulate({ ports: [22, 80] }, ({ port }) =>
      port === 22 ? { outcome: 'syn-ack', afterMs: 20 } : 'silence',
    );
    // RFC 6298 §2.2: 20 + 4 × 10 = 60 ms; three of them and 60 ms of grace.
    expect(endedAtMs).toBe(240);
    expect(results.find(({ port }) => port === 80)).toMatchObject({ state: 'filtered', attempts: 3 });
  });

  it('is content with two attempts where round trips are short', () => {
    const { results, endedAtMs } = simulate({ ports: [22, 80] }, ({ port }) =>
      port === 22 ? { outcome: 'syn-ack', afterMs: 1 } : 'silence',
    );
    expect(results.find(({ port }) => port === 80)?.attempts).toBe(2);
    expect(endedAtMs).toBe(40 + 40 + 60);
  });

  it('still counts an answer that is later than the timeout', () => {
    const { results, leftOpen } = simulate({ ports: [22] }, ({ number }) =>
      number === 1 ? { outcome: 'syn-ack', afterMs: 600 } : 'silence',
    );
    expect(only(results)).toMatchObject({ state: 'open', rttMs: 600, attempts: 3 });
    expect(leftOpen).toBe(0);
  });

  it('still counts an answer in the grace time', () => {
    const { results } = simulate({ ports: [22], retries: 0 }, answer('syn-ack', 450));
    expect(only(results)).toMatchObject({ state: 'open', attempts: 1 });
  });

  it('an answer to a retry names its own attempt', () => {
    const { results } = simulate({ ports: [22] }, ({ number }) =>
      number === 2 ? { outcome: 'conn-refused', afterMs: 30 } : 'silence',
    );
    expect(only(results)).toMatchObject({ state: 'closed', rttMs: 30, attempts: 2 });
  });

  it('when the kernel gives up first, tries again', () => {
    const { results } = simulate({ ports: [22] }, ({ number }) =>
      number === 1 ? { outcome: 'gave-up', afterMs: 5 } : { outcome: 'syn-ack', afterMs: 5 },
    );
    expect(only(results)).toMatchObject({ state: 'open', attempts: 2 });
  });
});

describe('self-connect', () => {
  it('is no evidence: tries again', () => {
    const { results } = simulate({ ports: [40_000] }, ({ number }) =>
      number < 3 ? { outcome: 'self-connect', afterMs: 0 } : { outcome: 'conn-refused', afterMs: 0 },
    );
    expect(only(results)).toMatchObject({ state: 'closed', attempts: 3 });
  });

  it('is never open, even if it does not stop', () => {
    expect(only(simulate({ ports: [40_000] }, answer('self-connect', 0)).results)).toMatchObject({
      state: 'error',
      reason: 'no-source-port',
    });
  });
});

describe('lack of local resources', () => {
  const shortages: Outcome[] = ['no-descriptor', 'no-source-port', 'no-buffer'];

  it.each(shortages)('%s beyond what the system can bear is no verdict', (outcome) => {
    const { results, mostLive } = simulate({ ports: range(1, 300) }, ({ live }) =>
      live > 20 ? { outcome, afterMs: 0 } : { outcome: 'conn-refused', afterMs: 15 },
    );
    expect(results).toHaveLength(300);
    expect(results.every(({ state, attempts }) => state === 'closed' && attempts === 1)).toBe(true);
    expect(mostLive).toBeLessThanOrEqual(20 + 32);
  });

  it('survives a burst of it with nothing open', () => {
    const { results } = simulate({ ports: range(1, 50) }, ({ atMs }) =>
      atMs < 300 ? { outcome: 'no-descriptor', afterMs: 0 } : { outcome: 'syn-ack', afterMs: 5 },
    );
    expect(results.map(({ state }) => state)).toEqual(Array(50).fill('open'));
  });

  it.each(shortages)('%s that lasts is an error with its name, on every port, in bounded time', (outcome) => {
    const { results, endedAtMs } = simulate({ ports: range(1, 500) }, answer(outcome, 0));
    expect(results).toHaveLength(500);
    expect(results.every((result) => result.state === 'error' && result.reason === outcome)).toBe(true);
    expect(results.every(({ attempts }) => attempts === 0)).toBe(true);
    expect(endedAtMs).toBeLessThan(2_000);
  });

  it('gives hedges up before it stands still', () => {
    const { results, mostLive } = simulate({ ports: range(1, 40), capacity: 5 }, silence);
    expect(results).toHaveLength(40);
    expect(results.every(({ attempts, reason }) => attempts === 3 && reason === 'no-response')).toBe(true);
    expect(mostLive).toBeLessThanOrEqual(5);
  });
});

describe('pace', () => {
  it('finishes a small scan in one burst', () => {
    const { openedAtMs } = simulate({ ports: range(1, 50) }, answer('conn-refused', 20));
    expect(openedAtMs.every((atMs) => atMs < 1)).toBe(true);
  });

  it('uses the rate it is given', () => {
    const { endedAtMs } = simulate({ ports: range(1, 2_500) }, answer('conn-refused', 20));
    expect(endedAtMs).toBeGreaterThan(950);
    expect(endedAtMs).toBeLessThan(1_100);
  });

  it('opens the window on a silent host', () => {
    const { endedAtMs } = simulate({ ports: range(1, 1_000) }, silence);
    // 3,000 attempts at 2,500 a second, and the last port's own second.
    expect(endedAtMs).toBeLessThan(2_600);
  });

  it('opens only a few sockets in one step', () => {
    const { core } = simulate({ ports: range(1, 200), packetsPerSecond: 1_000_000 }, silence, 0);
    expect(core.progress().attempts).toBe(32);
  });
});
