import { formatPorts } from '../engine/ports/intervals.ts';
import type { ScanRecord } from '../storage/scanRecords.ts';
import { portsOf } from './result.ts';

/** A kept scan with what it says of these ports alone: what may not be scanned any more is not shown either. */
export function narrowRecord(record: ScanRecord, ports: ReadonlySet<number>): ScanRecord {
  const only = (text: string) => formatPorts(portsOf(text).filter((port) => ports.has(port)));
  const { skippedPorts, notProbed, evidence, ...rest } = record;
  const groups = record.groups.map((group) => ({ ...group, ports: only(group.ports) }));
  const unlooked = notProbed === undefined ? '' : only(notProbed);
  return {
    ...rest,
    requestedPorts: only(record.requestedPorts),
    groups: groups.filter((group) => group.ports !== ''),
    ...(evidence && { evidence: evidence.filter(({ port }) => ports.has(port)) }),
    ...(unlooked === '' ? {} : { notProbed: unlooked }),
  };
}
