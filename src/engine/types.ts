/** The words of the engine. States and reasons are those of the field (nmap's reference guide, RFC 9293, RFC 792). */

declare const scannable: unique symbol;

/**
 * A literal IPv4 or IPv6 address that somebody with authority has cleared for scanning. Only the policy (after its
 * checks) and the command line (under the operator's own authority) make one; the engine never sees a name.
 */
export type ScannableAddress = string & { readonly [scannable]: true };

export type Protocol = 'tcp' | 'udp';

export const TRANSPORT_NAMES = ['net', 'ffi', 'raw', 'sim'] as const;
export type TransportName = (typeof TRANSPORT_NAMES)[number];

/**
 * `open`: a service accepted the connection, or answered. `closed`: the host refused (RST; for UDP, ICMP port
 * unreachable). `filtered`: no usable answer. `open|filtered`: UDP alone, nothing came back, which a service that
 * ignores strangers and a firewall have in common. `error`: the scanner itself could not test the port; says nothing
 * about the target.
 */
export type PortState = 'open' | 'open|filtered' | 'closed' | 'filtered' | 'error';

export const PORT_STATES = [
  'open',
  'open|filtered',
  'closed',
  'filtered',
  'error',
] as const satisfies readonly PortState[];

/** Why a port has its state. The last group belongs to `error` and names what the scanner lacked. */
export type Reason =
  | 'syn-ack'
  | 'udp-response'
  | 'conn-refused'
  /** A proxy finished the handshake and reset the connection when its own attempt behind failed. */
  | 'syn-proxy'
  | 'no-response'
  /** Silent on a host that limits its RSTs (or ICMP errors), and the scan was told not to wait: not open. */
  | 'rst-rate-limited'
  | 'icmp-rate-limited'
  | 'port-unreach'
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
  /** Time from packet to answer in milliseconds, `null` where nothing answered or the scanner itself was held up. */
  readonly rttMs: number | null;
  /** Packets sent for this port (SYNs, or datagrams). */
  readonly attempts: number;
  /** How sure the verdict is, 0 to 1: for silence, one minus the chance that every attempt was lost on the way. */
  readonly confidence: number;
  /** Who sent the ICMP message behind the verdict, `null` where there was none or the transport cannot know. */
  readonly sender: string | null;
}

/** What to scan: every port on every address. Ports are 1 to 65535, each once. */
export interface ScanRequest {
  readonly addresses: readonly ScannableAddress[];
  /** TCP. */
  readonly ports: readonly number[];
  readonly udpPorts?: readonly number[];
}

export interface ScanOptions {
  /** Aborting closes every socket in the same tick; the iteration ends and the summary says `complete: false`. */
  readonly signal?: AbortSignal;
  /** Upper bound of one attempt's wait, and how long the last attempt is awaited at least, in milliseconds. */
  readonly timeoutMs?: number;
  /** Most packets a second to one address. */
  readonly packetsPerSecond?: number;
  /** Further attempts at a silent port; measured loss decides if not given. */
  readonly retries?: number;
  /** The scan ends after so many milliseconds with what it has. */
  readonly deadlineMs?: number;
  /** On a host that limits its RSTs: keep to its pace until every closed port is known, or only find the open ones. */
  readonly onRateLimit?: 'pace' | 'stop';
}

export const HOST_STATUSES = ['up', 'down', 'silent', 'unknown'] as const;

/**
 * `up`: something answered. `down`: no such neighbour, or a router said so. `silent`: nothing answered at all. `unknown`: not far enough to
 * tell.
 */
export type HostStatus = (typeof HOST_STATUSES)[number];

export const SUSPICIONS = [
  'answers-everything',
  'syn-proxy',
  'rst-rate-limited',
  'icmp-rate-limited',
  'stopped-answering',
] as const;

/** What makes the verdicts on a host less than plain. */
export type Suspicion = (typeof SUSPICIONS)[number];

export interface HostSummary {
  readonly address: string;
  readonly status: HostStatus;
  readonly suspicions: readonly Suspicion[];
  /** Smoothed round-trip time in milliseconds, `null` before any answer. */
  readonly rttMs: number | null;
  /** Share of packets lost on the way there or back, 0 to 1, as far as measured. */
  readonly loss: number;
}

export type Ending = 'complete' | 'aborted' | 'deadline';

/** Where a scan stands; the final one is the summary. */
export interface ScanSummary {
  readonly hosts: readonly HostSummary[];
  /** Ports times addresses. */
  readonly total: number;
  readonly counts: Readonly<Record<PortState, number>>;
  /** True when every port has a verdict. */
  readonly complete: boolean;
  /** Why the scan is over, `null` while it runs. */
  readonly ended: Ending | null;
  /** Ports without a verdict. */
  readonly unprobed: number;
  readonly attempts: number;
  readonly durationMs: number;
  readonly transport: TransportName;
}

/** A running scan: iterate it once for the verdicts as they fall, ask it at any time where it stands. */
export interface Scan extends AsyncIterable<PortResult> {
  summary(): ScanSummary;
}
