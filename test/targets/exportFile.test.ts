import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guard, unguard } from '../../src/targets/csvCells.ts';
import { exportList } from '../../src/targets/exportFile.ts';
import { readImport } from '../../src/targets/importFile.ts';
import { planImport } from '../../src/targets/importPlan.ts';
import { shownNote } from '../../src/targets/rule.ts';
import { anyAllowlist, BY, bytes, entry, NOW, OPEN, said } from './support.ts';

function importInto(entries: Parameters<typeof planImport>[1], csv: string, replace: boolean) {
  const file = readImport(bytes(csv), NOW);
  if (file.problems.length > 0) throw new Error(JSON.stringify(file.problems));
  const planned = planImport(file.rows, entries, { replace, operator: OPEN }, BY);
  if (planned.problems.length > 0) throw new Error(JSON.stringify(planned.problems));
  return planned.plan;
}

/** What counts of a list: what the entries say, as it is shown. */
const meaning = (entries: Parameters<typeof planImport>[1]) =>
  entries
    .map(said)
    .map(({ note, effect, ports, expiresAt, pattern }) => ({
      pattern,
      effect,
      ports,
      expiresAt,
      note: shownNote(note),
    }))
    .sort((a, b) => (a.pattern < b.pattern ? -1 : 1));

describe('export', () => {
  test('is CSV with every cell filled', () => {
    const list = [
      entry('b.example.com', { ports: '22,80,443', expiresAt: '2027-01-01T00:00:00.000Z', note: 'ours, "old"' }),
      entry('a.example.com', { effect: 'deny' }),
    ];
    expect(exportList(list).csv).toBe(
      'target,effect,ports,expires,note\r\na.example.com,deny,all,never,\r\n' +
        'b.example.com,allow,"22, 80, 443",2027-01-01T00:00:00.000Z,"ours, ""old"""\r\n',
    );
  });

  test.each([
    '=HYPERLINK("http://e")',
    '+cmd',
    '-1+1',
    '@SUM',
    '\t=1',
    '\r=1',
    ';=1',
    'x; =1',
    "';'=1",
    '＝1',
    "=cmd|'/c calc'!A1",
  ])('no cell of %j is a formula, whichever separator the spreadsheet takes', (note) => {
    const { csv } = exportList([entry('a.example.com', { note })]);
    for (const delimiter of [',', ';', '\t']) {
      const cells: string[][] = parse(csv, { delimiter, relax_quotes: true, relax_column_count: true, bom: true });
      for (const cell of cells.flat()) expect(cell.trim()).not.toMatch(/^[=+\-@\t\r＝＋－＠]/);
    }
  });

  test('a note is on one line, without anything invisible', () => {
    const { csv } = exportList([entry('a.example.com', { note: 'a\r\nb\u202e\u200b\u0007\u2028c' })]);
    expect(csv).toContain(',a b c\r\n');
    expect(csv.split('\r\n')).toHaveLength(3);
    expect(csv).not.toMatch(/[^\P{C}\r\n]|[\u2028\u2029]/u);
  });

  test('begins with a byte order mark only where spreadsheets need it', () => {
    expect(exportList([entry('a.example.com', { note: 'plain' })]).csv.startsWith('target')).toBe(true);
    expect(exportList([entry('a.example.com', { note: 'Übung' })]).csv.startsWith('\ufefftarget')).toBe(true);
  });

  test('leaves out what no import could take, and says so', () => {
    const broken = [entry('*.*.com', { effect: 'deny' }), entry('b.example.com', { ports: '22;80' })];
    const { csv, count, unreadable } = exportList([...broken, entry('a.example.com')]);
    expect({ count, unreadable }).toEqual({ count: 1, unreadable: broken });
    expect(importInto([], csv, false).added).toHaveLength(1);
  });
});

describe('any list survives export and import', () => {
  const check = (property: (list: ReturnType<typeof entry>[]) => void) =>
    fc.assert(
      fc.property(
        anyAllowlist.filter((list) => list.length > 0),
        property,
      ),
      { numRuns: 200, seed: 7 },
    );

  test('into the same list: nothing changes', () => {
    check((list) => {
      for (const replace of [true, false]) {
        const { added, changed, removed, entries } = importInto(list, exportList(list).csv, replace);
        expect({ added, changed, removed }).toEqual({ added: [], changed: [], removed: [] });
        expect(entries).toEqual(list);
      }
    });
  });

  test('into an empty list, and instead of another one', () => {
    const other = [entry('gone.example.org'), entry('xn--bcher-kva.de', { ports: '7', note: 'other' })];
    check((list) => {
      const { csv } = exportList(list);
      expect(meaning(importInto([], csv, false).entries)).toEqual(meaning(list));
      expect(meaning(importInto(other, csv, true).entries)).toEqual(meaning(list));
    });
  });

  test('guarding a cell can be undone, whatever is in it', () => {
    const cell = fc.string({ unit: fc.constantFrom("'", '=', ' ', ';', '-', 'a', '\t') });
    fc.assert(
      fc.property(fc.oneof(cell, fc.string()), (text) => {
        expect(unguard(guard(text))).toBe(text);
        expect(guard(text)).not.toMatch(/(?:^|;)[=+\-@\t\r]/);
      }),
      { numRuns: 1_000, seed: 3 },
    );
  });
});
