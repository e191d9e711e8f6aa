import { z } from 'zod';
import { FACTS } from './registry.ts';
import { TLS_FACTS } from './tls.ts';

/**
 * `answered`: it said something. `silent`: it accepts, and never says anything to anything. `closes-at-once`: it accepts, and
 * closes without a byte, twice. `failed`: no connection, though the port was open before.
 */
export const SEEN = ['answered', 'silent', 'closes-at-once', 'failed'] as const;

/** What one evidence takes as JSON in UTF-8, at most: every text and list in it is bounded. */
export const MAX_EVIDENCE_BYTES = 32 * 1_024;

/** What was seen behind one open port: facts, never judgement. Everything in it is bounded and storable as JSON. */
export const EVIDENCE = z.strictObject({
  port: z.int().min(1).max(65_535),
  seen: z.enum(SEEN),
  /** By the probe that understood the service. */
  facts: FACTS.optional(),
  /** Where TLS is spoken, at once or after STARTTLS. */
  tls: TLS_FACTS.optional(),
  /** Base64 of the first bytes that the service sent, at most 1 KiB; inside TLS where it spoke only there. */
  raw: z.base64().max(1_400).optional(),
  /** How long it took to find out, in milliseconds. */
  ms: z.number().min(0),
});

export type Evidence = z.infer<typeof EVIDENCE>;
