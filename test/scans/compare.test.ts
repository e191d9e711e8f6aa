import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { say } from '../../src/engine/phrase.ts';
import { formatPorts } from '../../src/engine/ports/intervals.ts';
import { PORT_STATES, type PortState } from '../../src/engine/types.ts';
import type { Evidence } from '../../src/probes/evidence.ts';
import { type Comparison, compareScans, isUnchanged } from '../../src/scans/compare.ts';
import { narrowRecord } from '../../src/scans/narrow.ts';
import { readResult } from '../../src/scans/result.ts';
import type { ScanRecord } from '../../src/storage/scanRecords.ts';
import { anyScanRecord } from '../helpers/scanRecords.ts';

type States = Partial<Record<PortState, readonly number[]>>;

function scan(states: States, more: Partial<ScanRecord> = {}): ScanRecord {
  const groups = PORT_STATES.flatMap((state) => {
    const ports = states[state];
    return ports ? [{ state, reason: 'x', ports: formatPorts(ports) }] : [];
  });
  return {
    v: 1,
    id: 'a',
    guildId: '1',
    userId: '7',
    host: 'example.com',
    display: 'example.com',
    requestedPorts: formatPorts(Object.values(states).flat()),
    address: '198.51.100.7',
    otherAddresses: [],
    startedAt: '2026-11-24T10:00:00.000Z',
    durationMs: 1,
    unprobed: 0,
    groups,
    evidence: [],
    ...more,
  };
}

const redis = (port: number, answer: 'pong' | 'no-auth' = 'pong', version = '7.2.4'): Evidence => ({
  port,
  seen: 'answered',
  ms: 1,
  facts: {
    protocol: 'redis',
    openToStrangers: answer === 'pong',
    product: { name: 'Redis', version },
    tls: false,
    answer,
  },
});
const quiet = (port: number, seen: 'silent' | 'failed'): Evidence => ({ port, seen, ms: 1 });
const compare = (before: ScanRecord, after: ScanRecord) => compareScans(readResult(before), readResult(after));
const portsIn = (comparison: Comparison) => ({
  opened: comparison.opened.map(({ port }) => port),
  closed: comparison.closed.map(({ port }) => port),
  filtered: comparison.filtered.map(({ port }) => port),
  otherStates: comparison.otherStates.map(({ port }) => port),
});
const NONE = { opened: [], closed: [], filtered: [], otherStates: [] };

describe('states', () => {
  test.each<[PortState, PortState, Partial<typeof NONE>]>([
    ['open', 'open', {}],
    ['closed', 'open', { opened: [22] } as never],
    ['filtered', 'open', { opened: [22] } as never],
    ['open|filtered', 'open', { opened: [22] } as never],
    ['open', 'closed', { closed: [22] } as never],
    ['open', 'filtered', { filtered: [22] } as never],
    ['closed', 'filtered', { filtered: [22] } as never],
    ['filtered', 'closed', { otherStates: [22] } as never],
    ['open', 'open|filtered', { otherStates: [22] } as never],
    ['open', 'error', {}],
    ['error', 'open', {}],
    ['error', 'error', {}],
  ])('%s, then %s', (before, after, expected) => {
    const comparison = compare(scan({ [before]: [22] }), scan({ [after]: [22] }));
    expect(portsIn(comparison)).toEqual({ ...NONE, ...expected });
    expect(comparison.compared).toBe(before === 'error' || after === 'error' ? 0 : 1);
    expect(isUnchanged(comparison)).toBe(Object.keys(expected).length === 0);
  });

  test('only ports that both scanned are compared', () => {
    const comparison = compare(scan({ open: [22, 80], closed: [443] }), scan({ open: [80, 8080], closed: [22] }));
    expect(portsIn(comparison)).toEqual({ ...NONE, closed: [22] });
    expect(comparison).toMatchObject({ compared: 2, onlyBefore: 1, onlyAfter: 1 });
  });

  test('partial runs are said to be partial, and say nothing of what they did not reach', () => {
    const comparison = compare(scan({ open: [22, 80] }), scan({ open: [22] }, { stopped: 'cancelled', unprobed: 1 }));
    expect(comparison).toMatchObject({ partial: { before: false, after: true }, compared: 1, onlyBefore: 1 });
    expect(isUnchanged(comparison)).toBe(true);
  });

  test('another address is told', () => {
    const comparison = compare(scan({ open: [22] }), scan({ open: [22] }, { address: '198.51.100.8' }));
    expect(comparison.address).toEqual({ before: '198.51.100.7', after: '198.51.100.8' });
    expect(isUnchanged(comparison)).toBe(false);
  });
});

describe('what stands behind, and what is wrong with it', () => {
  const open = (evidence: Evidence[] | undefined, more: Partial<ScanRecord> = {}) => {
    const { evidence: _, ...rest } = scan({ open: [6379] }, more);
    return evidence ? { ...rest, evidence } : rest;
  };
  const found = ({ newFindings, goneFindings }: Comparison) => ({
    new: newFindings.map(({ id, ports }) => `${id} ${ports}`),
    gone: goneFindings.map(({ id, ports }) => `${id} ${ports}`),
  });
  const OPEN = ['redis-open 6379'];

  test.each<[string, ScanRecord, ScanRecord, { new: string[]; gone: string[] }]>([
    ['the same', open([redis(6379)]), open([redis(6379)]), { new: [], gone: [] }],
    ['new on an open port', open([redis(6379, 'no-auth')]), open([redis(6379)]), { new: OPEN, gone: [] }],
    ['gone from an open port', open([redis(6379)]), open([redis(6379, 'no-auth')]), { new: [], gone: OPEN }],
    ['new with the port', scan({ closed: [6379] }), open([redis(6379)]), { new: OPEN, gone: [] }],
    ['gone with the port', open([redis(6379)]), scan({ closed: [6379] }), { new: [], gone: OPEN }],
    ['not looked behind before', open([]), open([redis(6379)]), { new: [], gone: [] }],
    ['an old record before', open(undefined), open([redis(6379)]), { new: [], gone: [] }],
    ['not looked behind after', open([redis(6379)]), open([]), { new: [], gone: [] }],
    ['could not be looked behind', open([redis(6379)]), open([quiet(6379, 'failed')]), { new: [], gone: [] }],
    ['not scanned before', scan({ open: [80] }), open([redis(6379)]), { new: [], gone: [] }],
    [
      'everything answers now',
      open([redis(6379)]),
      open([], { suspicions: ['answers-everything'] }),
      { new: [], gone: [] },
    ],
  ])('%s', (_what, before, after, expected) => {
    const { new: fresh, gone } = found(compare(before, after));
    const only = (list: string[]) => list.filter((each) => each.startsWith('redis-open'));
    expect({ new: only(fresh), gone: only(gone) }).toEqual(expected);
  });

  test('another version of what answered is a change; silence is none', () => {
    const before = open([redis(6379)]);
    expect(compare(before, open([redis(6379, 'pong', '7.4.0')])).services).toEqual([
      { port: 6379, before: say`${'Redis 7.2.4'}`, after: say`${'Redis 7.4.0'}` },
    ]);
    expect(compare(before, open([redis(6379)])).services).toEqual([]);
    expect(compare(before, open([quiet(6379, 'silent')])).services).toEqual([]);
  });
});

test('any scan is as itself; any two, turned round, give the reverse', () => {
  fc.assert(
    fc.property(anyScanRecord, anyScanRecord, (a, b) => {
      expect(isUnchanged(compare(a, a))).toBe(true);
      const [there, back] = [compare(a, b), compare(b, a)];
      expect(there.compared).toBe(back.compared);
      expect(there.onlyAfter).toBe(back.onlyBefore);
      expect(there.newFindings.length > 0).toBe(back.goneFindings.length > 0);
      const all = ({ opened, closed, filtered, otherStates }: Comparison) =>
        opened.length + closed.length + filtered.length + otherStates.length;
      expect(all(there)).toBe(all(back));
    }),
    { numRuns: 25, seed: 5 },
  );
});

test('a record is narrowed to what may still be scanned', () => {
  fc.assert(
    fc.property(anyScanRecord, (record) => {
      const all = readResult(record);
      const ports = new Set(all.verdicts.map(({ port }) => port).filter((port) => port % 2 === 0));
      const narrowed = readResult(narrowRecord(record, ports));
      expect(narrowed.verdicts).toEqual(all.verdicts.filter(({ port }) => ports.has(port)));
      expect([...narrowed.evidence.keys()].every((port) => ports.has(port))).toBe(true);
    }),
    { numRuns: 15, seed: 5 },
  );
});
