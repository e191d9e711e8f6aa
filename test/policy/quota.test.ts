import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BucketState,
  type Charge,
  chargesOf,
  checkLimits,
  DEFAULT_QUOTAS_PER_HOUR,
  fullInMs,
  giveBack,
  HOUR_MS,
  hourly,
  MAX_LIMIT,
  networkOf,
  refilled,
  take,
} from '../../src/policy/quota.ts';
import { waitText } from '../../src/policy/quotaWords.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const limits = hourly({ user: 100, server: 1_000, network: 500, global: 10_000 });
const charge = (cost: number, scope: Charge['scope'] = 'user', key: string = scope): Charge => ({ scope, key, cost });

describe('who pays', () => {
  test.each([
    ['198.51.100.7', '198.51.100.0/24'],
    ['198.51.100.255', '198.51.100.0/24'],
    ['198.51.101.0', '198.51.101.0/24'],
    ['2001:db8:1:2::3', '2001:db8:1::/48'],
    ['2001:db8:1:ffff:ffff::1', '2001:db8:1::/48'],
    ['2001:db8:2::', '2001:db8:2::/48'],
  ])('%s is in the network %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test('each network pays for its own addresses, all others for everything', () => {
    const addresses = ['8.8.8.8', '8.8.8.9', '8.8.4.4'];
    expect(chargesOf({ guildId: 'g', userId: 'u', addresses, cost: 30 })).toEqual([
      { scope: 'user', key: 'user:g:u', cost: 30 },
      { scope: 'server', key: 'server:g', cost: 30 },
      { scope: 'network', key: 'network:8.8.8.0/24', cost: 20 },
      { scope: 'network', key: 'network:8.8.4.0/24', cost: 10 },
      { scope: 'global', key: 'global', cost: 30 },
    ]);
    const unknown = chargesOf({ guildId: 'g', userId: 'u', addresses: [], cost: 30 });
    expect(unknown.map(({ scope }) => scope)).toEqual(['user', 'server', 'global']);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a cost of %d is a fault, never free', (cost) => {
    expect(() => chargesOf({ guildId: 'g', userId: 'u', addresses: [], cost })).toThrow(RangeError);
  });

  test('limits are whole numbers that the arithmetic can bear', () => {
    expect(() => checkLimits(hourly(DEFAULT_QUOTAS_PER_HOUR))).not.toThrow();
    for (const user of [0, -1, 0.5, Number.NaN, MAX_LIMIT + 1]) {
      expect(() => checkLimits(hourly({ ...DEFAULT_QUOTAS_PER_HOUR, user }))).toThrow(/user quota/);
    }
    for (const user of [1, MAX_LIMIT]) {
      expect(() => checkLimits(hourly({ ...DEFAULT_QUOTAS_PER_HOUR, user }))).not.toThrow();
    }
    expect(Number.isSafeInteger(2 * MAX_LIMIT * HOUR_MS)).toBe(true);
  });
});

describe('a bucket', () => {
  const spend = (cost: number, state: BucketState | undefined, nowMs: number) => {
    const result = take([charge(cost)], [state], limits, nowMs);
    if (!result.ok) throw new Error(result.refusal.message.text);
    return result.states[0];
  };

  test('gives its capacity at once, refuses more, and says when it works again', () => {
    const state = spend(100, undefined, NOW);
    const result = take([charge(25)], [state], limits, NOW);
    expect(result).toMatchObject({
      ok: false,
      refusal: { code: 'quota-user', scope: 'user', limit: limits.user, retryAtMs: NOW + HOUR_MS / 4 },
    });
    expect(take([charge(25)], [state], limits, NOW + HOUR_MS / 4 - 1).ok).toBe(false);
    expect(take([charge(25)], [state], limits, NOW + HOUR_MS / 4).ok).toBe(true);
  });

  test('a cost above the capacity never works', () => {
    const result = take([charge(101)], [undefined], limits, NOW);
    expect(result).toMatchObject({ ok: false, refusal: { retryAtMs: undefined } });
    if (!result.ok) expect(result.refusal.remedy.text).toMatch(/fewer ports, at most 100.*QUOTA_PER_USER/);
    expect(take([charge(Number.MAX_SAFE_INTEGER)], [undefined], limits, NOW).ok).toBe(false);
  });

  test('a clock that goes back refills nothing, and does not stop the refill from then on', () => {
    const state = spend(100, undefined, NOW);
    const back = refilled(state, limits.user, NOW - 24 * HOUR_MS);
    expect(back).toEqual({ spent: 100 * HOUR_MS, atMs: NOW - 24 * HOUR_MS });
    expect(refilled(back, limits.user, NOW - 23 * HOUR_MS).spent).toBe(0);
  });

  test('a state from the far past or a far future is no overflow', () => {
    const state = { spent: 100 * HOUR_MS, atMs: 0 };
    expect(refilled(state, limits.user, Number.MAX_SAFE_INTEGER)).toEqual({ spent: 0, atMs: Number.MAX_SAFE_INTEGER });
    expect(refilled({ ...state, atMs: Number.MAX_SAFE_INTEGER }, limits.user, NOW).spent).toBe(100 * HOUR_MS);
  });

  test('idle time saves nothing up: never more than the capacity at once', () => {
    const later = NOW + 5 * HOUR_MS;
    const full = spend(100, spend(50, undefined, NOW), later);
    expect(full).toEqual({ spent: 100 * HOUR_MS, atMs: later });
    expect(take([charge(1)], [full], limits, later).ok).toBe(false);
    expect(refilled({ spent: 1, atMs: NOW }, limits.user, NOW + 1).spent).toBe(0);
    expect(refilled({ spent: 101, atMs: NOW }, limits.user, NOW + 1).spent).toBe(1);
  });

  test('a lower limit counts at once', () => {
    const state = spend(80, undefined, NOW);
    const lower = hourly({ user: 50, server: 1_000, network: 500, global: 10_000 });
    const result = take([charge(10)], [state], lower, NOW);
    expect(result).toMatchObject({ ok: false, refusal: { retryAtMs: NOW + (40 / 50) * HOUR_MS } });
  });

  test('what is given back can be spent again, and never more', () => {
    const state = spend(100, undefined, NOW);
    const half = giveBack(state, 50, limits.user, NOW);
    expect(take([charge(51)], [half], limits, NOW).ok).toBe(false);
    expect(take([charge(50)], [half], limits, NOW).ok).toBe(true);
    expect(giveBack(state, 1_000, limits.user, NOW).spent).toBe(0);
    expect(giveBack(undefined, 1_000, limits.user, NOW).spent).toBe(0);
  });

  function expectRetry(cost: number, state: BucketState | undefined, nowMs: number, retryAtMs: number | undefined) {
    expect(retryAtMs === undefined).toBe(cost > 100);
    if (retryAtMs === undefined) return;
    expect(retryAtMs).toBeGreaterThan(nowMs);
    expect(take([charge(cost)], [state], limits, retryAtMs).ok).toBe(true);
    expect(take([charge(cost)], [state], limits, retryAtMs - 1).ok).toBe(false);
  }

  test('never gives more than its capacity and the refill of the time that passed', () => {
    const step = fc.record({
      cost: fc.integer({ min: 1, max: 120 }),
      afterMs: fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let state: BucketState | undefined;
        let nowMs = NOW;
        let forwardMs = 0n;
        let granted = 0n;
        for (const { cost, afterMs } of steps) {
          nowMs += afterMs;
          forwardMs += BigInt(Math.max(0, afterMs));
          if (state && state.atMs > nowMs) state = refilled(state, limits.user, nowMs);
          const result = take([charge(cost)], [state], limits, nowMs);
          if (!result.ok) {
            expectRetry(cost, state, nowMs, result.refusal.retryAtMs);
            continue;
          }
          state = result.states[0];
          granted += BigInt(cost);
          expect(granted * BigInt(HOUR_MS) <= 100n * BigInt(HOUR_MS) + forwardMs * 100n).toBe(true);
          expect(Number.isSafeInteger(state?.spent)).toBe(true);
          if (state) expect(refilled(state, limits.user, nowMs + fullInMs(state, limits.user)).spent).toBe(0);
        }
      }),
    );
  });
});

describe('several scopes', () => {
  const all = (cost: number) => [charge(cost), charge(cost, 'server'), charge(cost, 'network', 'network:8.8.8.0/24')];

  test('one that refuses keeps all from being charged', () => {
    const full = { spent: 500 * HOUR_MS, atMs: NOW };
    const result = take(all(50), [undefined, undefined, full], limits, NOW);
    expect(result).toMatchObject({ ok: false, refusal: { code: 'quota-network' } });
    expect(result).not.toHaveProperty('states');
  });

  test('of several that refuse, the one that takes longest is told', () => {
    const user = { spent: 100 * HOUR_MS, atMs: NOW };
    const server = { spent: 999 * HOUR_MS, atMs: NOW };
    expect(take(all(50), [user, server, undefined], limits, NOW)).toMatchObject({
      refusal: { scope: 'user', retryAtMs: NOW + HOUR_MS / 2 },
    });
    const never = take(all(600), [undefined, server, undefined], limits, NOW);
    expect(never).toMatchObject({ refusal: { retryAtMs: undefined } });
    const spent = [user, { spent: 1_000 * HOUR_MS, atMs: NOW }];
    expect(take([charge(10), charge(500, 'server')], spent, limits, NOW)).toMatchObject({
      refusal: { scope: 'server', retryAtMs: NOW + HOUR_MS / 2 },
    });
    expect(take([charge(10), charge(1_001, 'server')], spent, limits, NOW)).toMatchObject({
      refusal: { scope: 'server', retryAtMs: undefined },
    });
  });
});

describe('words', () => {
  const wordsOf = (result: ReturnType<typeof take>) => {
    if (result.ok) throw new Error('it was granted');
    return `${result.refusal.message.text} ${result.refusal.remedy.text}`;
  };
  const refusalFor = (cost: number, scope: Charge['scope'], spent: number, key: string = scope) =>
    wordsOf(take([charge(cost, scope, key)], [{ spent: spent * HOUR_MS, atMs: NOW }], limits, NOW));

  test.each<[Parameters<typeof refusalFor>, string]>([
    [
      [60, 'user', 60],
      'Your scan quota here is 100 ports an hour, and 40 of them are left. This scan takes 60. It works again in 12 minutes (12:12 UTC), or now with fewer ports, at most 40 (ports times addresses). Only the operator of this bot can change that, in QUOTA_PER_USER.',
    ],
    [
      [300, 'network', 400, 'network:8.8.8.0/24'],
      'All servers together may check, in the network 8.8.8.0/24, 500 ports an hour. This scan takes 300. It works again in 24 minutes (12:24 UTC). Only the operator of this bot can change that, in QUOTA_PER_NETWORK.',
    ],
    [
      [20_000, 'global', 0],
      'All servers of this bot together may check 10000 ports an hour. This scan takes 20000. Waiting does not help: ask for fewer ports, at most 10000 (ports times addresses). Only the operator of this bot can change that, in QUOTA_GLOBAL.',
    ],
    [
      [6_000, 'global', 5_000],
      'All servers of this bot together may check 10000 ports an hour. This scan takes 6000. It works again in 6 minutes (12:06 UTC). Only the operator of this bot can change that, in QUOTA_GLOBAL.',
    ],
    [
      [2, 'server', 999],
      "This server's scan quota is 1000 ports an hour, and 1 of them is left. This scan takes 2. It works again in 4 seconds (12:01 UTC), or now with fewer ports, at most 1 (ports times addresses). Only the operator of this bot can change that, in QUOTA_PER_SERVER.",
    ],
    [
      [100, 'user', 99.5],
      'Your scan quota here is 100 ports an hour, and 0 of them are left. This scan takes 100. It works again in 60 minutes (13:00 UTC). Only the operator of this bot can change that, in QUOTA_PER_USER.',
    ],
    [
      [101, 'user', 0],
      'Your scan quota here is 100 ports an hour. This scan takes 101. Waiting does not help: ask for fewer ports, at most 100 (ports times addresses). Only the operator of this bot can change that, in QUOTA_PER_USER.',
    ],
  ])('%j', (asked, words) => {
    expect(refusalFor(...asked)).toBe(words);
  });

  test('a limit that comes back slowly is told in both numbers', () => {
    const slow = { ...limits, user: { capacity: 100, refillPerHour: 2_000 } };
    expect(wordsOf(take([charge(101)], [undefined], slow, NOW))).toMatch(
      /^Your scan quota here is 100 ports at once, and 2000 an hour\. /,
    );
  });

  test('what works now is told only where nothing else refuses', () => {
    const spent = { spent: 60 * HOUR_MS, atMs: NOW };
    const both = [charge(60), charge(60, 'server')];
    expect(wordsOf(take(both, [spent, undefined], limits, NOW))).toContain('or now with fewer ports, at most 40');
    const scarce = { spent: 999 * HOUR_MS, atMs: NOW };
    expect(wordsOf(take(both, [spent, scarce], limits, NOW))).not.toContain('or now');
  });

  test.each([
    [1, 'in 1 second (12:01 UTC)'],
    [59_001, 'in 60 seconds (12:01 UTC)'],
    [60_000, 'in 60 seconds (12:01 UTC)'],
    [60_001, 'in 2 minutes (12:02 UTC)'],
    [90 * 60_000, 'in 90 minutes (13:30 UTC)'],
    [119.5 * 60_000, 'in 120 minutes (14:00 UTC)'],
    [2 * HOUR_MS, 'in 2 hours (14:00 UTC)'],
    [5 * HOUR_MS, 'in 5 hours (17:00 UTC)'],
    [24 * HOUR_MS, 'in 24 hours (2026-11-24 12:00 UTC)'],
    [30 * HOUR_MS, 'in 30 hours (2026-11-24 18:00 UTC)'],
    [48 * HOUR_MS, 'in 2 days (2026-11-25 12:00 UTC)'],
    [72 * HOUR_MS, 'in 3 days (2026-11-26 12:00 UTC)'],
  ])('a wait of %d ms is told as "%s"', (waitMs, words) => {
    expect(waitText(NOW + waitMs, NOW).text).toBe(words);
  });
});
