import { z } from 'zod';
import { SEVERITIES } from '../advice/guide.ts';
import { HOST_STATUSES, PORT_STATES, SUSPICIONS } from '../engine/types.ts';
import { VANTAGES } from '../policy/vantage.ts';

const port = z.int().min(1).max(65_535);
const ranges = z.string().describe('Ports as short text, ascending: 22,80,8000-8010');

/** One port that has a verdict. */
const PORT = z.strictObject({
  port,
  protocol: z.literal('tcp'),
  state: z.enum(PORT_STATES).describe('error: could not be tested, says nothing about the host'),
  reason: z.string().describe('Why the port has its state, in the words of nmap where it has one'),
  usual: z.string().describe('The service that usually has this port'),
  service: z.string().optional().describe('What was seen behind the port'),
  product: z.string().optional(),
  version: z.string().optional(),
  tls: z.boolean().optional().describe('Whether TLS is spoken there; only where somebody looked behind the port'),
  severity: z.enum(SEVERITIES).optional().describe('How much it matters that the port is open'),
});

const FINDING = z.strictObject({
  id: z.string().describe('The kind of finding: /explain finding:<id>'),
  severity: z.enum(SEVERITIES),
  ports: z.array(port).min(1),
  title: z.string(),
  seen: z.string().describe('What was seen; may hold text of the service'),
  why: z.string(),
  actions: z.array(z.string()),
  source: z.strictObject({ title: z.string(), url: z.url() }),
});

/** The JSON export of one finished scan. A change that a reader could trip over gets a new `v`. */
export const SCAN_RESULT_DOCUMENT = z.strictObject({
  $schema: z.string().optional(),
  v: z.literal(1).describe('Version of this format'),
  id: z.string(),
  host: z.string().describe('As it was asked for, canonical'),
  address: z.string().describe('The one address that was scanned'),
  otherAddresses: z.array(z.string()).describe('Further addresses of the name, which were not scanned'),
  startedAt: z.iso.datetime(),
  durationMs: z.number().min(0),
  requestedPorts: ranges,
  skippedPorts: ranges.optional().describe('Asked for, but not permitted by the allowlist'),
  stopped: z
    .enum(['cancelled', 'revoked', 'shutdown', 'deadline'])
    .optional()
    .describe('Why the scan ended early; the result is partial then'),
  unprobed: z.int().min(0).describe('Ports without a verdict'),
  status: z.enum(HOST_STATUSES).optional(),
  suspicions: z.array(z.enum(SUSPICIONS)).describe('What makes the verdicts less than plain'),
  vantage: z.enum(VANTAGES).optional().describe('Present when the host was not seen from outside'),
  notProbed: ranges.optional().describe('Open ports that nobody looked behind'),
  counts: z.strictObject({
    open: z.int().min(0),
    'open|filtered': z.int().min(0),
    closed: z.int().min(0),
    filtered: z.int().min(0),
    error: z.int().min(0),
  }),
  ports: z.array(PORT).describe('Every port with a verdict, ascending'),
  findings: z.array(FINDING).describe('Worst first'),
});

export type ScanResultDocument = z.infer<typeof SCAN_RESULT_DOCUMENT>;

/** Where the published schema lies; relative to docs/schemas. */
export const SCHEMA_ID = 'scan-result.schema.json';

/** The schema as it is published: JSON Schema, draft 2020-12. */
export function publishedSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(SCAN_RESULT_DOCUMENT, { target: 'draft-2020-12' });
  return { $schema, $id: SCHEMA_ID, title: 'A finished scan of Harbormaster', ...schema };
}
