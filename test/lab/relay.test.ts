import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meter } from './relay/counters.ts';
import { dueHeap } from './relay/dueHeap.ts';
import { direction, LOST, QUEUE_DROP } from './relay/link.ts';

describe('packets on their way', () => {
  test('come out in the order of their due times', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 200 }), (dues) => {
        const heap = dueHeap(dues.length);
        for (const [slot, due] of dues.entries()) heap.push(due, slot);
        const out = dues.map(() => {
          const next = heap.nextMs();
          expect(dues[heap.pop()]).toBe(next);
          return next;
        });
        expect(out).toEqual(dues.toSorted((a, b) => a - b));
        expect(heap.nextMs()).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });
});

describe('a direction of the cable', () => {
  test('delays by its delay and at most its jitter more', () => {
    const model = { delayMs: 15, jitterMs: 10, loss: 0, bottleneck: null };
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (draw) => {
        const due = direction(model, () => draw).arrive(100);
        expect(due).toBeGreaterThanOrEqual(115);
        expect(due).toBeLessThanOrEqual(125);
      }),
    );
  });

  test('loses the share it is told to', () => {
    const model = { delayMs: 0, jitterMs: 0, loss: 0.05, bottleneck: null };
    const draws = Array.from({ length: 1_000 }, (_, index) => index / 1_000);
    const wire = direction(model, () => draws.pop() ?? 1);
    const fates = Array.from({ length: 1_000 }, () => wire.arrive(0));
    expect(fates.filter((fate) => fate === LOST)).toHaveLength(50);
  });

  test('a bottleneck lets its rate through, keeps its queue and drops the rest', () => {
    const bottleneck = { packetsPerSecond: 1_000, queue: 50 };
    const wire = direction({ delayMs: 5, jitterMs: 0, loss: 0, bottleneck }, Math.random);
    const dues = Array.from({ length: 200 }, () => wire.arrive(0));
    const kept = dues.filter((due) => due !== QUEUE_DROP);
    // One is being sent while the queue is full.
    expect(kept).toHaveLength(51);
    expect(kept).toEqual(Array.from({ length: 51 }, (_, index) => 5 + index + 1));
    expect(wire.arrive(1_000)).toBe(1_006);
  });
});

describe('counting', () => {
  test('the peak is that of the fullest window, and taking starts anew', () => {
    const counted = meter();
    for (const at of [0, 10, 20, 150, 160, 400]) counted.arrived(at);
    counted.lost();
    expect(counted.take()).toEqual({ packets: 6, lost: 1, queueDrops: 0, refused: 0, peakPerSecond: 30 });
    expect(counted.take()).toEqual({ packets: 0, lost: 0, queueDrops: 0, refused: 0, peakPerSecond: 0 });
  });
});
