import { formatPortList } from '../ports/intervals.ts';
import { serviceNameOf } from '../ports/services.ts';
import type { PortResult } from '../types.ts';
import { formatConfidence, formatSender } from './words.ts';

/** Up to this many ports each get a line of their own, whatever their state. */
const FEW_PORTS = 10;

/** The verdicts on one host, kept as small as what will be printed of them. */
export interface HostText {
  add(result: PortResult): void;
  /** Verdicts so far. */
  count(): number;
  /** True when a port had an answer, or could not be tested: more to tell than silence. */
  telling(): boolean;
  /** Lines for what has not been printed yet. */
  lines(): readonly string[];
}

/** Ports of one state, reason and sender. */
interface Fold {
  readonly tcp: number[];
  readonly udp: number[];
  confidence: number;
}

/** True where every port of a host is to have its line. */
export function listsAll(portsPerHost: number): boolean {
  return portsPerHost <= FEW_PORTS;
}

/** `22/tcp open ssh syn-ack 0.4 ms` and, where there is something to say, who sent the message and how sure it is. */
export function portLine(result: PortResult): string {
  const { port, protocol, state, reason, rttMs, confidence } = result;
  const rtt = rttMs === null ? '' : ` ${rttMs.toFixed(1)} ms`;
  const service = serviceNameOf(port, protocol) ?? '-';
  return `${port}/${protocol} ${state} ${service} ${reason}${formatSender(result)}${rtt}${formatConfidence(confidence)}`;
}

/**
 * Of few ports, every one gets a line, in order. Of many, the open ones do, and the others are folded into ranges.
 *
 * @param keepsOpen false where open ports are printed as they are found
 */
export function hostText(portsPerHost: number, keepsOpen: boolean): HostText {
  const all = listsAll(portsPerHost);
  const single: PortResult[] = [];
  const folds = new Map<string, Fold>();
  let added = 0;
  let telling = false;

  function fold(result: PortResult): void {
    const name = `${result.state} ${result.reason}${formatSender(result)}`;
    const group = folds.get(name) ?? { tcp: [], udp: [], confidence: 1 };
    group[result.protocol].push(result.port);
    group.confidence = Math.min(group.confidence, result.confidence);
    folds.set(name, group);
  }

  return {
    add(result) {
      added += 1;
      telling ||= result.state === 'open' || result.state === 'closed' || result.state === 'error';
      if (all || (keepsOpen && result.state === 'open')) single.push(result);
      else if (result.state !== 'open') fold(result);
    },
    count: () => added,
    telling: () => telling,
    lines() {
      const order = (a: PortResult, b: PortResult) =>
        a.protocol === b.protocol ? a.port - b.port : a.protocol < b.protocol ? -1 : 1;
      const groups = [...folds].toSorted(([a], [b]) => (a < b ? -1 : 1));
      return [
        ...single.toSorted(order).map(portLine),
        ...groups.map(([name, { tcp, udp, confidence }]) => {
          const least = formatConfidence(confidence).replace('confidence', 'confidence at least');
          return `${tcp.length + udp.length} ${name}${least}: ${formatPortList({ tcp, udp })}`;
        }),
      ];
    },
  };
}
