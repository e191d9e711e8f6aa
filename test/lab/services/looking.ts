import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { LAB_ROOT } from './certificates.ts';
import { expectLook } from './expectLook.ts';
import { type Look, lookAt } from './look.ts';
import type { Ports } from './places.ts';
import type { Case, Service } from './service.ts';
import { openStreet, type Street } from './standing.ts';

/** Enough for the slowest to make its database. */
const START_LIMIT_MS = 60_000;
/** Conversations at the same time: more would only wait for the machine. */
const LOOKS_AT_ONCE = 6;

/** Starts the services that are installed, looks at each of their ports, and makes a test of each case. */
export function testServices(services: readonly Service[], ports: Ports): void {
  const here = services.filter((service) => service.missing() === undefined);
  const roots = getCACertificates('default');
  const looks = new Map<Case, Look>();
  let street: Street | undefined;

  beforeAll(async () => {
    // As a client that knows the lab's own authority.
    setDefaultCACertificates([...roots, LAB_ROOT]);
    street = await openStreet(here, ports);
    const waiting = street.standing.values();
    const work = async () => {
      for (const { case: one, place } of waiting) looks.set(one, await lookAt(place));
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, work));
  }, START_LIMIT_MS);

  afterAll(async () => {
    setDefaultCACertificates(roots);
    await street?.close();
  }, START_LIMIT_MS);

  describe.each(services)('a real $product', (service) => {
    const why = service.missing();
    if (why !== undefined) {
      test.skip(why, () => undefined);
      return;
    }
    test.for(service.cases)('$name', (expected, { skip }) => {
      const failure = street?.failed.get(service.product);
      if (failure !== undefined) throw failure;
      const place = street?.standing.find((it) => it.case === expected)?.place;
      // Where the address cannot be chosen, somebody else may have the port; on another it is not expected.
      const isTaken = ports === 'usual' && expected.firstAddressOnly && place?.port !== expected.usualPort;
      if (isTaken) skip(`port ${expected.usualPort} of 127.0.0.1 is taken`);
      const look = looks.get(expected);
      if (!look) throw new Error('it was not looked at');
      expectLook(look, service, expected);
    });
  });
}
