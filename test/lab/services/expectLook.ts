import { expect } from 'vitest';
import { EVIDENCE } from '../../../src/probes/index.ts';
import type { Look } from './look.ts';
import type { Case, Service } from './service.ts';

/** A version without what a package adds to it: `2.42.0+ds`. */
const isVersion = (seen: string | undefined, expected: string) =>
  seen !== undefined &&
  (seen === expected || (seen.startsWith(expected) && /^[^\d.]/.test(seen.slice(expected.length))));

/** Fails the test where the look is not what the case says: protocol, facts, TLS, product, version, and every finding. */
export function expectLook({ evidence, products, findings, defects }: Look, service: Service, expected: Case): void {
  expect(defects).toEqual([]);
  expect(EVIDENCE.parse(JSON.parse(JSON.stringify(evidence)))).toEqual(evidence);
  expect(evidence.facts).toMatchObject({ protocol: expected.protocol, ...expected.facts });
  if (expected.tls === false) expect(evidence.tls).toBeUndefined();
  else if (expected.tls) expect(evidence.tls).toMatchObject(expected.tls);

  const [product] = products;
  expect(product?.product).toBe(expected.tells === 'nothing' ? undefined : service.product);
  if (expected.tells === 'version') expect(product?.version).toSatisfy((it) => isVersion(it, service.version()));
  else expect(product?.version).toBeUndefined();

  const may = new Set(expected.mayFind);
  const found = findings.map(({ id }) => id).filter((id) => !may.has(id));
  expect(found.toSorted()).toEqual([...expected.findings].toSorted());
}
