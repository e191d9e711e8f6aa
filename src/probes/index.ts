/** What stands behind open ports: all that the rest of the product needs of the probes. */
export { EVIDENCE, type Evidence, MAX_EVIDENCE_BYTES, SEEN } from './evidence.ts';
export { createDial, type Dial, LINK_LIMITS, type LinkLimits } from './link.ts';
export { type Facts, PROBES } from './registry.ts';
export {
  createProber,
  PROBER_LIMITS,
  type ProbeRequest,
  type Prober,
  type ProberLimits,
  type ProberOptions,
} from './run.ts';
