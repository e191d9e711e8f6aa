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

export interface TipList {
  /** Worst first, then by port. */
  readonly tips: readonly Tip[];
  /** How many more there are beyond the limit. */
  readonly more: number;
}

/** An open port nobody has described: not dangerous by itself, but somebody should be able to explain it. */
const UNKNOWN_SEVERITY: Severity = 'low';
const MAX_PORTS_NAMED = 6;

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

function worstFirst(a: Tip, b: Tip): number {
  return compareSeverity(a.severity, b.severity) || a.port - b.port;
}

function tipFor(guide: PortGuide | undefined, ports: readonly number[]): Tip {
  const port = ports[0] ?? 0;
  if (guide !== undefined) {
    return { port, ports, service: guide.service, severity: guide.severity, text: guide.tip };
  }
  return { port, ports, service: 'Other open ports', severity: UNKNOWN_SEVERITY, text: unknownPortsTip(ports) };
}

function unknownPortsTip(ports: readonly number[]): string {
  const named = ports.slice(0, MAX_PORTS_NAMED).join(', ');
  const rest = ports.length - MAX_PORTS_NAMED;
  const list = rest > 0 ? `${named} and ${rest} more` : named;
  return `Find out who needs ${ports.length === 1 ? 'port' : 'ports'} ${list} (\`ss -ltnp\`); close what nobody claims.`;
}
