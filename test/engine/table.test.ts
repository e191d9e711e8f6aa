import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTable } from '../../src/engine/table.ts';

/** Near each other, or with the same low bits, which then cannot all have places of their own. */
const key = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 30 }).map((high) => high * 4_096 + 5),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('set' as const), key, value: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('clear' as const) }) },
);

test('a table is a map', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = createTable<number>();
      const map = new Map<number, number>();
      for (const one of steps) {
        if (one.does === 'set') {
          table.set(one.key, one.value);
          map.set(one.key, one.value);
        } else if (one.does === 'delete') expect(table.delete(one.key)).toBe(map.delete(one.key));
        else {
          table.clear();
          map.clear();
        }
        expect(table.size).toBe(map.size);
      }
      for (const [name, value] of map) {
        expect(table.get(name)).toBe(value);
        expect(table.has(name)).toBe(true);
      }
      for (const one of steps) if ('key' in one) expect(table.get(one.key)).toBe(map.get(one.key));
      expect([...table.values()].sort()).toEqual([...map.values()].sort());
    }),
  );
});

test('it holds thousands at once, whatever their low bits, also while they are deleted one by one', () => {
  const table = createTable<number>();
  for (let number = 0; number < 5_000; number += 1) table.set(number * 64, number);
  expect(table.size).toBe(5_000);
  for (const value of table.values()) expect(table.delete(value * 64)).toBe(true);
  expect(table.size).toBe(0);
  expect(table.get(64)).toBeUndefined();
});
