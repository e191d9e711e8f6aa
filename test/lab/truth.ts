/** What a port of a bed really does. */
export type TruthClass =
  | 'open'
  /** Nothing listens: RST. */
  | 'rst'
  | 'drop'
  | 'icmp-port'
  | 'icmp-host'
  | 'icmp-admin'
  /** A firewall refuses with RST. */
  | 'rej-rst'
  /** Open, but half of the SYNs are dropped. */
  | 'flaky'
  /** Listens, with its accept queue full: drops every SYN. */
  | 'full'
  /** Listens and takes four connections, then its queue is full. */
  | 'once'
  /** A proxy finishes the handshake, then resets: nothing is behind it. */
  | 'synproxy'
  /** The host does not exist, or never says anything. */
  | 'nobody';

/** The four states a scanner may report; `error` is ours alone, `unknown` whatever else nmap said. */
export type State = 'open' | 'closed' | 'filtered' | 'error' | 'unknown';

export interface Verdict {
  readonly state: State;
  /** nmap's words and ours, as reported. */
  readonly reason: string;
}

interface Right {
  readonly states: readonly State[];
  readonly strictStates?: readonly State[];
  /** Reasons that are right under the strict judge. */
  readonly reasons: readonly string[];
}

const REFUSED = ['conn-refused', 'reset'];
const SILENT = 'no-response';

/** Which verdicts are right for a class. A limited ICMP error may look like silence; whether it may is the bed's. */
export const RIGHT: Readonly<Record<TruthClass, Right>> = {
  open: { states: ['open'], reasons: ['syn-ack'] },
  rst: { states: ['closed'], reasons: REFUSED },
  'rej-rst': { states: ['closed'], reasons: REFUSED },
  drop: { states: ['filtered'], reasons: [SILENT] },
  // connect(2) cannot tell it from a RST, so the lenient judge takes closed.
  'icmp-port': { states: ['filtered', 'closed'], strictStates: ['filtered'], reasons: ['port-unreach'] },
  'icmp-host': { states: ['filtered'], reasons: ['host-unreach'] },
  'icmp-admin': { states: ['filtered'], reasons: ['admin-prohibited'] },
  flaky: { states: ['open'], reasons: ['syn-ack'] },
  full: { states: ['filtered', 'open'], reasons: [SILENT, 'syn-ack'] },
  once: { states: ['open', 'filtered'], reasons: [SILENT, 'syn-ack'] },
  synproxy: { states: ['closed', 'filtered'], reasons: ['syn-proxy', ...REFUSED, SILENT] },
  nobody: { states: ['closed', 'filtered', 'error', 'unknown'], reasons: [] },
};

/** True for the classes whose answer is an ICMP error. */
export function answersByIcmp(truth: TruthClass): boolean {
  return truth.startsWith('icmp-');
}
