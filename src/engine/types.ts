/** The words of the engine. States and reasons are those of the field (nmap's reference guide, RFC 9293, RFC 792). */

declare const scannable: unique symbol;

/**
 * A literal IPv4 or IPv6 address that somebody with authority has cleared for scanning. Only the policy (after its
 * checks) and the command line (under the operator's own authority) make one; the engine never sees a name.
 */
export type ScannableAddress = string & { readonly [scannable]: true };

export type Protocol = 'tcp';

/**
 * `open`: a service accepted the connection. `closed`: the host answered with RST. `filtered`: no usable answer.
 * `error`: the scanner itself could not test the port; says nothing about the target.
 */
export type PortState = 'open' | 'closed' | 'filtered' | 'error';

export const PORT_STATES = ['open', 'closed', 'filtered', 'error'] as const satisfies readonly PortState[];

/** Why a port has its state. The last group belongs to `error` and names what the scanner lacked. */
export type Reason =
  | 'syn-ack'
  | 'conn-refused'
  | 'no-response'
  | 'host-unreach'
  | 'net-unreach'
  | 'admin-prohibited'
  | 'no-descriptor'
  | 'no-source-port'
  | 'no-buffer'
  | 'no-route'
  | 'local-firewall'
  | 'unexpected';

/** The verdict on one port. */
export interface PortResult {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly state: PortState;
  readonly reason: Reason;
  /** Time from SYN to answer in milliseconds, `null` where nothing answered. */
  readonly rttMs: number | null;
  /** SYNs sent for this port. */
  readonly attempts: number;
}

/** What to scan. `ports` are 1 to 65535, sorted, each once. */
export interface ScanRequest {
  readonly address: ScannableAddress;
  readonly ports: readonly number[];
}

export interface ScanOptions {
  /** Aborting closes every socket in the same tick; the iteration ends and the summary says `complete: false`. */
  readonly signal?: AbortSignal;
  /** Upper bound for how long one attempt waits for its answer, in milliseconds. */
  readonly timeoutMs?: number;
  /** New attempts per second. */
  readonly packetsPerSecond?: number;
  /** Further attempts at a silent port. */
  readonly retries?: number;
}

/** Where a scan stands; the final one is the summary. */
export interface ScanSummary {
  readonly address: string;
  readonly total: number;
  readonly counts: Readonly<Record<PortState, number>>;
  /** True when every port has a verdict. */
  readonly complete: boolean;
  /** Ports without a verdict. */
  readonly unprobed: number;
  readonly attempts: number;
  readonly durationMs: number;
  readonly transport: 'net';
}

/** A running scan: iterate it once for the verdicts as they fall, ask it at any time where it stands. */
export interface Scan extends AsyncIterable<PortResult> {
  summary(): ScanSummary;
}
