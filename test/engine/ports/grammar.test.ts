import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePorts } from '../../../src/engine/ports/grammar.ts';
import { formatPorts } from '../../../src/engine/ports/intervals.ts';

const ALL = { maxPorts: 65_535 };

function portsOf(text: string, options = ALL): readonly number[] {
  const parsed = parsePorts(text, options);
  if (!parsed.ok) throw new Error(parsed.problem.message.text);
  return parsed.value;
}

function problemOf(text: string, options = ALL) {
  const parsed = parsePorts(text, options);
  if (parsed.ok) throw new Error(`accepted: ${parsed.value}`);
  return parsed.problem;
}

describe('what parsePorts accepts', () => {
  it.each<[string, number[]]>([
    ['22', [22]],
    ['1', [1]],
    ['65535', [65535]],
    ['22,80,443', [22, 80, 443]],
    ['443,22,80', [22, 80, 443]],
    ['22, 80 ,443', [22, 80, 443]],
    ['22 80', [22, 80]],
    ['22\t80', [22, 80]],
    ['  22  ', [22]],
    ['22,22,22', [22]],
    ['20-25', [20, 21, 22, 23, 24, 25]],
    ['1-3,2-5', [1, 2, 3, 4, 5]],
    ['1-2,3-4', [1, 2, 3, 4]],
    ['22-22', [22]],
    ['65534-65535', [65534, 65535]],
    ['ssh', [22]],
    ['SSH', [22]],
    ['https', [443]],
    ['ssh, https', [22, 443]],
    ['docker', [2375, 2376]],
    ['ms-sql', [1433]],
    ['22/tcp', [22]],
    ['22/TCP', [22]],
    ['20-21/tcp', [20, 21]],
    ['ssh/tcp', [22]],
    ['@mail', [25, 110, 143, 465, 587, 993, 995]],
    ['@MAIL', [25, 110, 143, 465, 587, 993, 995]],
    ['22,@mail', [22, 25, 110, 143, 465, 587, 993, 995]],
  ])('%j', (text, ports) => {
    expect(portsOf(text)).toEqual(ports);
  });

  it('counts overlapping ranges once', () => {
    expect(portsOf('1-100,50-150', { maxPorts: 150 })).toHaveLength(150);
  });

  it('takes the whole space when allowed to', () => {
    expect(portsOf('1-65535')).toHaveLength(65_535);
  });
});

describe('what parsePorts refuses', () => {
  it.each([
    ['', 'empty'],
    [' ', 'empty'],
    ['\t \t', 'empty'],
    ['0', 'out-of-range'],
    ['65536', 'out-of-range'],
    ['99999999999999999999', 'out-of-range'],
    ['1-65536', 'out-of-range'],
    ['0-10', 'out-of-range'],
    ['-1', 'open-range'],
    ['-', 'open-range'],
    ['1-', 'open-range'],
    ['-1024', 'open-range'],
    ['*', 'all-ports'],
    ['all', 'all-ports'],
    ['ALL', 'all-ports'],
    ['443-22', 'reversed-range'],
    ['1-2-3', 'syntax'],
    ['1--3', 'syntax'],
    ['+22', 'signed'],
    ['22.0', 'not-whole'],
    ['22.5', 'not-whole'],
    ['1e3', 'not-decimal'],
    ['0x16', 'not-decimal'],
    ['0X16', 'not-decimal'],
    ['0b11', 'not-decimal'],
    ['0o26', 'not-decimal'],
    ['080', 'leading-zero'],
    ['00', 'leading-zero'],
    ['1-010', 'leading-zero'],
    ['22_000', 'syntax'],
    ['22abc', 'syntax'],
    ['NaN', 'not-a-number'],
    ['Infinity', 'not-a-number'],
    ['-Infinity', 'not-a-number'],
    ['٢٢', 'foreign-digit'],
    ['２２', 'foreign-digit'],
    ['②②', 'foreign-digit'],
    ['22\u200b', 'invisible'],
    ['\u200b22', 'invisible'],
    ['22\u00a080', 'invisible'],
    ['22\n80', 'invisible'],
    ['22\u0000', 'invisible'],
    ['\u202e22', 'invisible'],
    ['22\u00ad', 'invisible'],
    ['22\u034f', 'invisible'],
    ['\u{e0032}', 'invisible'],
    ['\ud800', 'invisible'],
    ['22–80', 'dash'],
    ['22−80', 'dash'],
    ['22，80', 'foreign-character'],
    ['ѕѕh', 'foreign-character'],
    ['22;80', 'semicolon'],
    ['22|80', 'bad-character'],
    ['[22]', 'bad-character'],
    ['{"$gt":0}', 'bad-character'],
    ['$(id)', 'bad-character'],
    ['22,,80', 'empty-item'],
    [',22', 'empty-item'],
    ['22,', 'empty-item'],
    ['22, ,80', 'empty-item'],
    [',', 'empty-item'],
    ['53/udp', 'not-tcp'],
    ['22/sctp', 'not-tcp'],
    ['ssh/udp', 'not-tcp'],
    ['T:22', 'not-tcp'],
    ['T:22,U:53', 'not-tcp'],
    ['22/', 'syntax'],
    ['/tcp', 'syntax'],
    ['22/tcp/tcp', 'syntax'],
    ['22,__proto__', 'unknown-name'],
    ['constructor', 'unknown-name'],
    ['toString', 'unknown-name'],
    ['foo', 'unknown-name'],
    ['web', 'missing-at'],
    ['WEB', 'missing-at'],
    ['top-100', 'missing-at'],
    ['top100', 'missing-at'],
    ['@', 'unknown-preset'],
    ['@everyone', 'unknown-preset'],
    ['@__proto__', 'unknown-preset'],
    ['@web/tcp', 'unknown-preset'],
    ['@top', 'bad-top'],
    ['@top0', 'bad-top'],
    ['@top101', 'bad-top'],
    ['@top020', 'bad-top'],
  ])('%j: %s', (text, code) => {
    const { message, example, ...problem } = problemOf(text);
    expect(problem.code).toBe(code);
    expect(message.text).toMatch(/[.?]$/);
    expect(parsePorts(example, ALL).ok).toBe(true);
  });

  it.each([
    ['443-22', '22-443'],
    ['web', '@web'],
    ['WEB', '@web'],
    ['top-100', '@top100'],
    ['htps', 'https'],
    ['postgress', 'postgres'],
    ['shs', 'ssh'],
    ['@wbe', '@web'],
    ['@contaners', '@containers'],
    ['080', '80'],
    ['53/udp', '53/tcp'],
  ])('%j suggests %s', (text, suggestion) => {
    const problem = problemOf(text);
    expect(problem.example).toBe(suggestion);
  });

  it('says that only TCP is scanned', () => {
    expect(problemOf('53/udp').message.text).toContain('only TCP');
    expect(problemOf('T:22').message.text).toContain('only TCP');
  });

  it('says how many ports were asked for, and how many may be', () => {
    const problem = problemOf('1-1024', { maxPorts: 1000 });
    expect(problem.code).toBe('too-many-ports');
    expect(problem.message.text).toContain('1024');
    expect(problem.message.text).toContain('1000');
    expect(portsOf('1-1000', { maxPorts: 1000 })).toHaveLength(1000);
  });

  it('refuses long text, and stays fast on the longest that is read', () => {
    expect(problemOf('1-65535,'.repeat(1000)).code).toBe('too-long');
    expect(problemOf('2'.repeat(1_000_000)).code).toBe('too-long');
    const started = performance.now();
    for (const text of ['1-65535 '.repeat(499), 'a'.repeat(4000), '@top100 '.repeat(499), '-'.repeat(4000)]) {
      parsePorts(text, { maxPorts: 1000 });
    }
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('quotes bounded text without anything invisible', () => {
    const { message } = problemOf(`x${'\u202e'.repeat(3)}${'y'.repeat(3000)}`);
    expect(message.text.length).toBeLessThan(300);
    expect(problemOf('z'.repeat(3000)).message.text.length).toBeLessThan(200);
  });
});

describe('properties', () => {
  const messy = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('22', '1-10', '-', ',', ' ', '@web', 'ssh', '/tcp', '0', 'x', '\u200b', '９', ';', '@'))
      .map((parts) => parts.join('')),
  );

  it('reads or refuses any text, and explains itself in visible, bounded text', () => {
    fc.assert(
      fc.property(messy, fc.integer({ min: 1, max: 65_535 }), (text, maxPorts) => {
        const parsed = parsePorts(text, { maxPorts });
        if (!parsed.ok) {
          expect(parsed.problem.message.text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
          expect(parsed.problem.message.text.length).toBeLessThan(600);
          expect(parsePorts(parsed.problem.example, ALL).ok).toBe(true);
          return;
        }
        expect(parsed.value.length).toBeGreaterThan(0);
        expect(parsed.value.length).toBeLessThanOrEqual(maxPorts);
        parsed.value.forEach((port, index) => {
          expect(Number.isInteger(port) && port >= 1 && port <= 65_535).toBe(true);
          expect(port).toBeGreaterThan(parsed.value[index - 1] ?? 0);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('reads back what formatPorts writes', () => {
    const ports = fc.uniqueArray(fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 65_535 })), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(ports, (list) => {
        expect(portsOf(formatPorts(list))).toEqual(list.toSorted((a, b) => a - b));
      }),
    );
  });
});
