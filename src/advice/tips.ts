import { compareSeverity, type PortGuide, type Severity } from './guide.ts';
import { guideOf } from './lookup.ts';

/** One hardening step for a scan result. */
export interface Tip {
  /** The lowest open port it is about. */
  readonly port: number;
  /** All open ports it is about, ascending. */
  readonly ports: readonly number[];
  readonly service: string;
  readonly severity: Severity;
  /** Imperative; understandable without the rest. */
  readonly text: string;
}

/** What can be said of all open ports without a guide together. */
export interface UnknownPorts {
  readonly port: number;
  readonly ports: readonly number[];
  /** Undefined: nobody has described them. */
  readonly service: undefined;
  readonly severity: Severity;
}

export interface TipList {
  /** Worst first, then by port. */
  readonly tips: readonly (Tip | UnknownPorts)[];
  /** How many more there are beyond the limit. */
  readonly more: number;
}

/** An open port nobody has described: not dangerous by itself, but somebody should be able to explain it. */
const UNKNOWN_SEVERITY: Severity = 'low';

/** How much an open port matters when nobody expects it. Without a guide: `low`. */
export function severityOf(port: number): Severity {
  return guideOf(port)?.severity ?? UNKNOWN_SEVERITY;
}

/**
 * The steps to take for these open ports: one per service, worst first, then by port; all ports without a guide share
 * one. Order and repetition in `openPorts` do not matter. `limit` caps `tips`; the rest is counted in `more`.
 * `usualPortOf` names the port whose guide speaks for what was seen on another one.
 */
export function hardeningTips(
  openPorts: readonly number[],
  limit = 5,
  usualPortOf: (port: number) => number = (port) => port,
): TipList {
  const portsByGuide = new Map<PortGuide | undefined, number[]>();
  for (const port of [...new Set(openPorts)].sort((a, b) => a - b)) {
    const guide = guideOf(usualPortOf(port));
    const ports = portsByGuide.get(guide);
    if (ports === undefined) portsByGuide.set(guide, [port]);
    else ports.push(port);
  }
  const all = [...portsByGuide].map(([guide, ports]) => tipFor(guide, ports)).sort(worstFirst);
  const tips = all.slice(0, limit >= 1 ? Math.floor(limit) : 0);
  return { tips, more: all.length - tips.length };
}

function worstFirst(a: Tip | UnknownPorts, b: Tip | UnknownPorts): number {
  return compareSeverity(a.severity, b.severity) || a.port - b.port;
}

function tipFor(guide: PortGuide | undefined, ports: readonly number[]): Tip | UnknownPorts {
  const port = ports[0] ?? 0;
  if (guide !== undefined) {
    return { port, ports, service: guide.service, severity: guide.severity, text: guide.tip };
  }
  return { port, ports, service: undefined, severity: UNKNOWN_SEVERITY };
}
