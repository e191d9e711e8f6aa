import { formatPorts } from '../engine/ports/intervals.ts';
import { PORT_STATES, type PortResult } from '../engine/types.ts';
import type { Vantage } from '../policy/vantage.ts';
import type { ScanRecord } from '../storage/scanRecords.ts';
import type { Cleared, ScanJob } from './gate.ts';
import type { Performed } from './perform.ts';

export interface Finished extends Performed {
  readonly startedAt: string;
  readonly stopped: ScanRecord['stopped'];
  readonly vantage: Vantage | undefined;
}

/** A finished or stopped scan as it is kept. */
export function toRecord(
  id: string,
  { guildId, userId, target, ports }: ScanJob,
  { address, others, skippedPorts }: Cleared,
  { startedAt, stopped, vantage, summary, results, evidence, notProbed }: Finished,
): ScanRecord {
  return {
    v: 1,
    id,
    guildId,
    userId,
    host: target.canonical,
    display: target.display,
    ...(target.kind === 'name' && target.warning ? { warning: target.warning.text } : {}),
    requestedPorts: formatPorts(ports),
    ...(skippedPorts.length > 0 ? { skippedPorts: formatPorts(skippedPorts) } : {}),
    address,
    otherAddresses: [...others],
    startedAt,
    durationMs: summary.durationMs,
    ...(stopped ? { stopped } : {}),
    unprobed: summary.unprobed,
    ...(summary.hosts[0] && { status: summary.hosts[0].status, suspicions: [...summary.hosts[0].suspicions] }),
    groups: groupResults(results),
    ...(vantage && { vantage }),
    evidence: [...evidence],
    ...(notProbed.length > 0 && { notProbed: formatPorts([...notProbed].sort((a, b) => a - b)) }),
  };
}

/** Folds verdicts by state (in the order of PORT_STATES) and reason (alphabetical): small to keep, the same every time. */
function groupResults(results: readonly PortResult[]): ScanRecord['groups'] {
  const byKey = new Map<string, { state: PortResult['state']; reason: string; ports: number[] }>();
  for (const { state, reason, port } of results) {
    const group = byKey.get(`${state} ${reason}`) ?? { state, reason, ports: [] };
    byKey.set(`${state} ${reason}`, group);
    group.ports.push(port);
  }
  return [...byKey.values()]
    .sort((a, b) => PORT_STATES.indexOf(a.state) - PORT_STATES.indexOf(b.state) || a.reason.localeCompare(b.reason))
    .map(({ state, reason, ports }) => ({ state, reason, ports: formatPorts(ports.sort((a, b) => a - b)) }));
}
