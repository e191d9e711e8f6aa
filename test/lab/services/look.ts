import { type Finding, findingsOf, productsOf } from '../../../src/advice/findings/index.ts';
import type { ScannableAddress } from '../../../src/engine/types.ts';
import { createDial, createProber, type Evidence } from '../../../src/probes/index.ts';
import type { Recognised } from '../../../src/probes/products/index.ts';
import { LAB_NAME } from './certificates.ts';
import type { Place } from './service.ts';

/** What the product makes of one port. */
export interface Look {
  readonly evidence: Evidence;
  readonly products: readonly Recognised[];
  readonly findings: readonly Finding[];
  readonly wallMs: number;
  /** What the prober itself did wrong. */
  readonly defects: readonly unknown[];
}

/** Looks behind one port as `/scan` does, and judges it as if its address were public. */
export async function lookAt({ address, port }: Place): Promise<Look> {
  const defects: unknown[] = [];
  const prober = createProber({ dial: createDial(), now: Date.now, onDefect: (error) => defects.push(error) });
  const startedAt = performance.now();
  const request = { address: address as ScannableAddress, name: LAB_NAME, ports: [port] };
  for await (const evidence of prober.probePorts(request, new AbortController().signal)) {
    const wallMs = performance.now() - startedAt;
    const findings = findingsOf([evidence], { nowMs: Date.now(), addressTier: 'global' });
    return { evidence, products: productsOf(evidence.facts), findings, wallMs, defects };
  }
  throw new Error('no evidence');
}
