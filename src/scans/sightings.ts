import { describeService } from '../advice/service.ts';
import { readPorts } from '../engine/ports/intervals.ts';
import type { ScanRecord } from '../storage/scanRecords.ts';
import type { Sighting } from '../storage/sightings.ts';

/** What a finished scan saw, port by port. On a host that accepts everything no port means anything: nothing then. */
export function sightingsOf(record: ScanRecord): readonly Sighting[] {
  if (record.suspicions?.includes('answers-everything')) return [];
  const { host, address, startedAt } = record;
  const services = new Map((record.evidence ?? []).map((each) => [each.port, describeService(each).text.text]));
  return record.groups
    .filter(({ state }) => state !== 'error')
    .flatMap(({ state, ports }) => (readPorts(ports) ?? []).map((port) => ({ state, port })))
    .map(({ state, port }) => {
      const service = state === 'open' ? services.get(port) : undefined;
      return { host, address, port, state, ...(service !== undefined && { service }), at: startedAt };
    });
}
