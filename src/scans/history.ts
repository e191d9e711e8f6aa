import { setImmediate as turn } from 'node:timers/promises';
import { parseTarget } from '../policy/target.ts';
import type { ScanRecord, ScanRecords } from '../storage/scanRecords.ts';
import { type Comparison, compareScans } from './compare.ts';
import type { Gate } from './gate.ts';
import { narrowRecord } from './narrow.ts';
import { portsOf, readResult, type ScanResult } from './result.ts';

export interface HistoryDeps {
  readonly records: Pick<ScanRecords, 'runsOf' | 'findAll'>;
  readonly gate: Pick<Gate, 'decideAgain'>;
}

export interface HistoryRequest {
  readonly guildId: string;
  readonly userId: string;
  /** Canonical. */
  readonly host: string;
}

export interface History {
  /** Newest first, with the ports that may still be scanned. */
  readonly results: readonly ScanResult[];
  /** Runs that are kept, these included. */
  readonly kept: number;
}

/** Runs that are read for one answer: those that are shown, and some to compare the last of them with. */
export const MAX_RUNS_READ = 20;

/**
 * The last runs of one host as far as the lists allow them now: what may not be scanned is not shown. The caller has
 * judged whether this person may scan.
 */
export async function historyOf({ guildId, userId, host }: HistoryRequest, deps: HistoryDeps): Promise<History> {
  const runs = await deps.records.runsOf(guildId, host);
  const ids = runs.slice(0, MAX_RUNS_READ).map(({ id }) => id);
  const records = await deps.records.findAll(guildId, ids);
  const target = parseTarget(host);
  if (!target.ok) return { results: [], kept: 0 };
  const shown = new Map<ScanRecord, ScanRecord>();
  for (const own of Map.groupBy(records, addressesKey).values()) {
    const [first] = own;
    if (!first) continue;
    const asked = new Set(own.flatMap(({ requestedPorts }) => portsOf(requestedPorts)));
    const job = { guildId, userId, target: target.value, ports: [...asked] };
    const decision = await deps.gate.decideAgain(job, [first.address, ...first.otherAddresses]);
    if (!decision.allowed) continue;
    const ports = new Set(decision.ports);
    for (const record of own) shown.set(record, narrowRecord(record, ports));
  }
  const results: ScanResult[] = [];
  for (const record of records) {
    const narrowed = shown.get(record);
    // One that was ended before it saw anything is a run as well.
    if (!narrowed || (narrowed.groups.length === 0 && record.groups.length > 0)) continue;
    results.push(readResult(narrowed));
    // Some have all ports and much evidence: others get a turn between them.
    await turn();
  }
  return { results, kept: results.length === records.length ? runs.length : results.length };
}

function addressesKey({ address, otherAddresses }: ScanRecord): string {
  return [address, ...otherAddresses].join(' ');
}

/** What changed in each of the first `count` runs since the nearest earlier one with a port in common. Newest first, as given. */
export async function changesOf(
  results: readonly ScanResult[],
  count: number,
): Promise<readonly (Comparison | undefined)[]> {
  const changes: (Comparison | undefined)[] = [];
  for (const [i, after] of results.slice(0, count).entries()) {
    changes.push(changeSince(results.slice(i + 1), after));
    await turn();
  }
  return changes;
}

function changeSince(earlier: readonly ScanResult[], after: ScanResult): Comparison | undefined {
  for (const before of earlier) {
    const comparison = compareScans(before, after);
    if (comparison.compared > 0) return comparison;
  }
  return undefined;
}
