import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createQueue } from '../../../src/engine/core/queue.ts';

test('a queue gives what it was given, in order, however it has grown and wrapped round', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constant('push' as const) },
    { weight: 5, arbitrary: fc.constant('take' as const) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 600, size: 'max' }), (steps) => {
      const queue = createQueue<number>();
      const list: number[] = [];
      for (const [number, one] of steps.entries()) {
        if (one === 'push') {
          queue.push(number);
          list.push(number);
        } else if (one === 'take') expect(queue.take()).toBe(list.shift());
        else {
          queue.clear();
          list.length = 0;
        }
        expect(queue.peek()).toBe(list[0]);
        expect(queue.size).toBe(list.length);
      }
    }),
  );
});
