import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { TransportFactory } from '../../../src/engine/transport/transport.ts';
import { createHarness, type Harness } from './harness.ts';

/** What a case of the contract works with. */
export interface Bench {
  factory(): TransportFactory;
  /** A transport of the test's own. */
  harness(): Harness;
  /** Closes the resource when the test is over. */
  kept<T extends { close(): unknown }>(resource: T): T;
}

/** Sets up a transport for every test, and afterwards takes everything down and looks for breaches of the contract. */
export function createBench(make: () => Promise<TransportFactory>): Bench {
  let factory: TransportFactory;
  let harness: Harness;
  const cleanUp: (() => unknown)[] = [];

  beforeAll(async () => {
    factory = await make();
  });
  beforeEach(() => {
    harness = createHarness(factory);
  });
  afterEach(async () => {
    harness.destroy();
    await delay(2);
    for (const close of cleanUp.splice(0)) await close();
    expect(harness.faults).toEqual([]);
  });

  return {
    factory: () => factory,
    harness: () => harness,
    kept(resource) {
      cleanUp.push(() => resource.close());
      return resource;
    },
  };
}
