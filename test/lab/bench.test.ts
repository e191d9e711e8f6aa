import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assess } from '../../bench/assess.ts';
import { writeDocument } from '../../bench/document.ts';
import type { Measurement, Sample } from '../../bench/measure.ts';
import { ROWS, type Row } from '../../bench/rows.ts';
import { median } from '../../bench/statistics.ts';
import { cells, HEADINGS } from '../../bench/table.ts';
import { BEDS } from './beds.ts';
import { score } from './score.ts';

const PERFECT = score(new Map(), { truth: () => 'open', ports: [], icmpCertain: false });

function sample(wallMs: number, changes: Partial<Sample> = {}): Sample {
  const traffic = { packets: 1_000, peakPerSecond: 2_000, queueDrops: 0, labFaults: [] };
  return { wallMs, ...traffic, score: PERFECT, hostFault: null, cut: false, ...changes };
}

function rowOf(id: string): Row {
  const row = ROWS.find((each) => each.id === id);
  if (row === undefined) throw new Error(`no row ${id}`);
  return row;
}

function measured(id: string, changes: Partial<Measurement> = {}): Measurement {
  const sides = { ours: [sample(100)], rival: [sample(2_000)], rivalName: 'nmap -sT' };
  return { row: rowOf(id), transport: 'ffi', ...sides, rate: null, peakMiB: null, trouble: null, ...changes };
}

describe('holding a row against its target', () => {
  test('met', () => expect(assess(measured('b-1000')).shortfalls).toEqual([]));

  test.for<[string, string, Partial<Measurement>, RegExp]>([
    ['too slow', 'b-1000', { ours: [sample(300)] }, /ratio over 0.09/],
    ['a wrong verdict', 'b-1000', { ours: [sample(9, { score: { ...PERFECT, wrong: 1 } })] }, /1 wrong/],
    ['a false open', 's-1000', { ours: [sample(9, { score: { ...PERFECT, falseOpen: 1, wrong: 1 } })] }, /1 falseOpen/],
    ['a wrong reason', 'c-1000', { ours: [sample(9, { score: { ...PERFECT, strictWrong: 1 } })] }, /1 strict/],
    ['too many packets', 'b-1000', { ours: [sample(9, { packets: 1_700 })] }, /1.70 × the rival's packets/],
    [
      'over the budget',
      'a40-1000-5000',
      { rate: 5_000, ours: [sample(9, { peakPerSecond: 6_000 })] },
      /over the budget/,
    ],
    ['a dropped queue', 'h-1000', { ours: [sample(9, { queueDrops: 200 })] }, /queue drops 20 %/],
    ['an unsteady time', 'd5b-1000', { ours: [...Array(20).fill(sample(9)), sample(90)] }, /worst run 10.0 ×/],
    [
      'the wrong host',
      'g1-1000',
      { ours: [sample(9, { hostFault: 'host is down, said up' })] },
      /host is down, said up/,
    ],
    ['a lab that failed', 'a40-65535', { ours: [sample(9, { labFaults: ['the relay was late'] })] }, /lab: the relay/],
    ['too much memory', 'net24-65535-memory-1', { peakMiB: 101, rival: [] }, /101 MiB/],
    ['no run at all', 'b-1000', { ours: [], trouble: 'exit 2' }, /cannot run: exit 2/],
  ])('%s', ([, id, changes, shortfall]) => {
    expect(assess(measured(id, changes)).shortfalls.join()).toMatch(shortfall);
  });

  test('a reason that the transport cannot know is not asked of it', () => {
    const ours = [sample(9, { score: { ...PERFECT, strictWrong: 60 } })];
    expect(assess(measured('c-1000', { transport: 'net', ours })).shortfalls).toEqual([]);
  });
});

describe('the document', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bench-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('keeps what was measured earlier, by row and transport, in the order of the rows', () => {
    const path = join(directory, 'benchmarks.md');
    const write = (date: string, ...rows: Measurement[]) =>
      writeDocument(
        path,
        'A machine.',
        rows.map((row) => cells(assess(row), date)),
      );
    write('2026-01-01', measured('b-1000'), measured('a-3', { transport: '', ours: [], trouble: 'exit 1' }));
    write('2026-01-02', measured('a-3'), measured('b-1000', { transport: 'net' }));
    write('2026-01-03', measured('b-1000'));
    const table = readFileSync(path, 'utf8')
      .split('\n')
      .filter((text) => text.startsWith('| '))
      .slice(2)
      .map((text) => text.split('|').map((cell) => cell.trim()));
    expect(table.map((row) => [row[1], row[2], row[HEADINGS.length]])).toEqual([
      ['a-3', 'ffi', '2026-01-02'],
      ['b-1000', 'net', '2026-01-02'],
      ['b-1000', 'ffi', '2026-01-03'],
    ]);
  });
});

test('rows have names of their own, and beds to be run in', () => {
  expect(new Set(ROWS.map(({ id }) => id)).size).toBe(ROWS.length);
  expect(ROWS.filter(({ bed }) => !BEDS.has(bed))).toEqual([]);
});

test.for<[number[], number]>([
  [[3], 3],
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %d', ([values, middle]) => expect(median(values)).toBe(middle));
