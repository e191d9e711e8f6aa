import type { Keyv } from 'keyv';
import { expect } from 'vitest';

/** All records of a store, in the order of their keys. */
export async function collect(store: Keyv): Promise<Map<string, unknown>> {
  if (store.iterator === undefined) throw new Error('the store has no iterator');
  const found: Array<[string, unknown]> = [];
  for await (const [key, value] of store.iterator(undefined)) found.push([key, value]);
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A store that cannot be reached must say so in every operation: "nothing there" would erase an allowlist. */
export async function expectEveryOperationToReject(store: Keyv): Promise<void> {
  const operations: Record<string, () => Promise<unknown>> = {
    get: () => store.get('key'),
    getRaw: () => store.getRaw('key'),
    'get of several': () => store.get(['key', 'other']),
    getMany: () => store.getMany(['key']),
    getManyRaw: () => store.getManyRaw(['key']),
    has: () => store.has('key'),
    hasMany: () => store.hasMany(['key']),
    set: () => store.set('key', 1),
    'set with a ttl': () => store.set('key', 1, 1000),
    setMany: () => store.setMany([{ key: 'key', value: 1 }]),
    delete: () => store.delete('key'),
    deleteMany: () => store.delete(['key', 'other']),
    clear: () => store.clear(),
    iterator: () => collect(store),
  };
  const outcomes = await Promise.all(
    Object.entries(operations).map(async ([name, operation]) => {
      const outcome = await operation().then(
        (value) => `resolved to ${JSON.stringify(value)}`,
        () => 'rejected',
      );
      return [name, outcome];
    }),
  );
  expect(outcomes).toEqual(Object.keys(operations).map((name) => [name, 'rejected']));
}
