import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenBucket } from '../../src/engine/pace.ts';
import { createRttEstimator } from '../../src/engine/rtt.ts';

describe('round-trip estimator', () => {
  it('waits 250 ms while nothing is known, never longer than the bound', () => {
    expect(createRttEstimator(1_000).rtoMs()).toBe(250);
    expect(createRttEstimator(100).rtoMs()).toBe(100);
    expect(createRttEstimator(10).rtoMs()).toBe(10);
  });

  it('follows RFC 6298 §2.2 and §2.3', () => {
    const rtt = createRttEstimator(1_000);
    rtt.sample(100);
    expect(rtt.rtoMs()).toBe(100 + 4 * 50);
    rtt.sample(180);
    // RTTVAR = 3/4 × 50 + 1/4 × 80, SRTT = 7/8 × 100 + 1/8 × 180
    expect(rtt.rtoMs()).toBeCloseTo(110 + 4 * 57.5);
    expect(rtt.smoothedMs()).toBe(110);
    expect(rtt.minMs()).toBe(100);
  });

  it('stays between 40 ms and the bound', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 60_000, noNaN: true })), (samples) => {
        const rtt = createRttEstimator(1_000);
        for (const sample of samples) rtt.sample(sample);
        expect(rtt.rtoMs()).toBeGreaterThanOrEqual(40);
        expect(rtt.rtoMs()).toBeLessThanOrEqual(1_000);
      }),
    );
  });
});

describe('token bucket', () => {
  it('is full at first: 20 ms worth, at least one', () => {
    const taken = (perSecond: number) => {
      const bucket = createTokenBucket(perSecond);
      let count = 0;
      while (bucket.take(0)) count += 1;
      return count;
    };
    expect([taken(2_500), taken(100), taken(1)]).toEqual([50, 2, 1]);
  });

  it('has a token exactly when it says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 500 }), (perSecond, count) => {
        const bucket = createTokenBucket(perSecond);
        let nowMs = 5;
        for (let taken = 0; taken < count; taken += 1) {
          const readyAtMs = bucket.readyAtMs(nowMs);
          if (readyAtMs > nowMs) expect(bucket.take(nowMs)).toBe(false);
          nowMs = readyAtMs;
          expect(bucket.take(nowMs)).toBe(true);
        }
      }),
    );
  });
});
