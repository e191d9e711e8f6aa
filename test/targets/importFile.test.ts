import { describe, expect, test } from 'vitest';
import { MAX_FILE_BYTES, MAX_FILE_LINES, readImport } from '../../src/targets/importFile.ts';
import { bytes, NOW } from './support.ts';

const read = (file: string | Uint8Array) => readImport(typeof file === 'string' ? bytes(file) : file, NOW);
const rowsOf = (file: string | Uint8Array) => {
  const result = read(file);
  if (result.problems.length > 0) throw new Error(result.problems.map(({ message }) => message.text).join());
  return result.rows.map(({ line, request: { pattern, ...more } }) => ({ line, target: pattern.canonical, ...more }));
};
const problemsOf = (file: string | Uint8Array) => read(file).problems;
const nothing = { effect: undefined, ports: undefined, expiresAt: undefined, note: undefined };

describe('plain text', () => {
  test('one target a line, comments, blank lines', () => {
    const rows = rowsOf('# ours\n\nEXAMPLE.com.   # the shop, old\n  8.8.8.0/24\n#end\n*.example.org');
    expect(rows).toEqual([
      { line: 3, target: 'example.com', ...nothing },
      { line: 4, target: '8.8.8.0/24', ...nothing },
      { line: 6, target: '*.example.org', ...nothing },
    ]);
  });

  test.each([
    ['LF', 'a.example.com\nb.example.com\n'],
    ['CRLF', 'a.example.com\r\nb.example.com\r\n'],
    ['CR', 'a.example.com\rb.example.com'],
    ['a byte order mark', '\ufeffa.example.com\nb.example.com'],
  ])('%s', (_what, text) => {
    expect(rowsOf(text).map(({ line, target }) => [line, target])).toEqual([
      [1, 'a.example.com'],
      [2, 'b.example.com'],
    ]);
  });
});

describe('CSV', () => {
  test('columns in any order and case, quoted commas, what is empty says nothing', () => {
    const rows = rowsOf(
      ' Note ,"PORTS",target,expires,effect\r\n"a, ""b""","443, 22",x.example.com,never,DENY\r\n,,y.example.com,30d,\r\n',
    );
    expect(rows).toEqual([
      { line: 2, target: 'x.example.com', effect: 'deny', ports: '22,443', expiresAt: 'never', note: 'a, "b"' },
      { line: 3, target: 'y.example.com', ...nothing, expiresAt: '2026-12-23T12:00:00.000Z' },
    ]);
  });

  test('only target is needed; missing cells and blank rows are fine', () => {
    expect(rowsOf('target\nx.example.com\n')).toEqual([{ line: 2, target: 'x.example.com', ...nothing }]);
    expect(rowsOf('target,note,,\n\nx.example.com\n,,,\n').map(({ line }) => line)).toEqual([3]);
  });

  test('comments before the header count as lines', () => {
    expect(rowsOf('# ours, all\n\ntarget,note\nx.example.com,#1')).toEqual([
      { line: 4, target: 'x.example.com', ...nothing, note: '#1' },
    ]);
    expect(problemsOf('# ours\ntarget,note\n127.1,x')[0]?.line).toBe(3);
  });

  test('a time that an export wrote is taken as it is, also when it has passed', () => {
    const file = 'target,expires\nx.example.com,2020-02-29T01:02:03.004Z';
    expect(rowsOf(file)[0]?.expiresAt).toBe('2020-02-29T01:02:03.004Z');
  });

  test('line numbers count lines, also behind a cell with line ends in it', () => {
    const file = 'target,note\na.example.com,"one\ntwo"\nbad host,x\n';
    expect(problemsOf(file).map(({ line }) => line)).toEqual([4]);
    expect(rowsOf(file.replace('bad host', 'b.example.com')).map(({ line, note }) => [line, note])).toEqual([
      [2, 'one two'],
      [4, 'x'],
    ]);
  });

  test('cells that were guarded against formulas come back as they were', () => {
    expect(rowsOf("target,note\nx.example.com,'=cmd|'/c calc'!A1")[0]?.note).toBe("=cmd|'/c calc'!A1");
    expect(rowsOf('target,note\nx.example.com,=1+1')[0]?.note).toBe('=1+1');
    expect(rowsOf("target,note\nx.example.com,'til friday")[0]?.note).toBe("'til friday");
  });

  test.each([
    ['target,colour\nx.example.com,red', 1, 'unknown-column'],
    ['target,__proto__\nx.example.com,red', 1, 'unknown-column'],
    ['target,note,target\nx.example.com,a,b', 1, 'column-twice'],
    ['target,ports\nx.example.com,22,80', 2, 'too-many-cells'],
    ['target,note\na.example.com,x\nb.example.com,"open\nc.example.com,y', 3, 'bad-quotes'],
    ['target,note\n"a"b.example.com,x', 2, 'bad-quotes'],
    ['target,effect\nx.example.com,permit', 2, 'bad-effect'],
    ['target,expires\nx.example.com,soon', 2, 'bad-expiry'],
    ['target,expires\nx.example.com,2001-01-01', 2, 'past-expiry'],
    ['target,expires\nx.example.com,2026-02-30T00:00:00.000Z', 2, 'bad-expiry'],
    ['target,ports\nx.example.com,22;80', 2, 'semicolon'],
    [`target,note\nx.example.com,${'n'.repeat(201)}`, 2, 'long-note'],
    ['target,note\n,orphan', 2, 'empty'],
    ["target\n=cmd|'/c calc'!A1", 2, 'blank'],
    ['target\na.example.com\nA.EXAMPLE.com.', 3, 'duplicate'],
    ['target\n2606:4700::1\n2606:4700:0::1', 3, 'duplicate'],
    ['a.example.com,22\nb.example.com,80', undefined, 'no-header'],
    ['target;ports\na.example.com;22', undefined, 'no-header'],
    ['', undefined, 'no-targets'],
    ['# nothing\n', undefined, 'no-targets'],
    ['target,note\n', undefined, 'no-targets'],
  ])('%j', (file, line, code) => {
    expect(problemsOf(file)[0]).toMatchObject({ line, code });
    for (const { message, example } of problemsOf(file)) {
      expect(message.text).toMatch(/^[^\p{C}]+$/u);
      expect(example).not.toBe('');
    }
  });

  test('every problem of every line is told', () => {
    const problems = problemsOf('target,effect,ports,expires\n127.1,x,0,y\nok.example.com,,,\n*,,,\n');
    expect(problems.map(({ line, message }) => `${line} ${message.text.split(':')[0]}`)).toEqual([
      '2 target',
      '2 effect',
      '2 ports',
      '2 expires',
      '4 target',
    ]);
  });
});

describe('bounds and encodings', () => {
  const utf16 = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'));
  test.each<[string, Uint8Array, string, RegExp]>([
    ['UTF-16 with its mark', utf16('\ufefftarget\n'), 'not-text', /UTF-16/],
    ['UTF-16, the other byte order', utf16('\ufefftarget\n').map((_, i, all) => all[i ^ 1] ?? 0), 'not-text', /UTF-16/],
    ['UTF-16 without mark', utf16('target\n'), 'not-text', /UTF-16/],
    ['a workbook', bytes('PK\x03\x04and more'), 'not-text', /\.xlsx/],
    ['binary', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0), 'not-text', /binary/],
    ['a zero byte', bytes('example.com\0.evil.org'), 'not-text', /binary/],
    ['an escape sequence', bytes('target\n\x1b[2J'), 'not-text', /binary/],
    ['Latin-1', Uint8Array.of(0x62, 0xfc, 0x63, 0x68, 0x65, 0x72), 'not-utf8', /UTF-8/],
    ['overlong', Uint8Array.of(0x61, 0xc0, 0x80), 'not-utf8', /UTF-8/],
    ['too many bytes', new Uint8Array(MAX_FILE_BYTES + 1).fill(0x61), 'too-big', /256 KiB/],
    ['a million lines', bytes('\n'.repeat(MAX_FILE_BYTES - 1).concat('a')), 'too-many-lines', /2000/],
    ['a line too many', bytes('h.example.com\n'.repeat(MAX_FILE_LINES + 1)), 'too-many-lines', /2001/],
  ])('%s', (_what, file, code, words) => {
    expect(problemsOf(file)).toHaveLength(1);
    expect(problemsOf(file)[0]).toMatchObject({ line: undefined, code });
    expect(problemsOf(file)[0]?.message.text).toMatch(words);
  });

  test('the most lines that are read', () => {
    const file = ['target', ...Array.from({ length: MAX_FILE_LINES - 1 }, (_, i) => `h${i}.example.com`)].join('\n');
    expect(rowsOf(`${file}\n`)).toHaveLength(MAX_FILE_LINES - 1);
  });

  const full = (line: (i: number) => string) =>
    ['target,ports,note', ...Array.from({ length: MAX_FILE_LINES - 1 }, (_, i) => line(i))].join('\n');
  const fill = (text: string) => text.repeat(Math.floor((MAX_FILE_BYTES - 100) / text.length));

  test.each([
    ['lines with the largest port lists', full((i) => `h${i}.example.com,"@common,1-${65_535 - i}"`)],
    ['lines of commas', full(() => ','.repeat(125))],
    ['lines of quotation marks', full(() => '"'.repeat(126))],
    ['lines of combining marks', full(() => `h.example.com,,${'\u0301'.repeat(55)}`)],
    ['blanks in the header', `target,${fill(' ')}x`],
    ['columns', `target${fill(',target')}`],
    ['cells', `target\n${fill(',a')}`],
    ['one target', `target\n${fill('a')}`],
    ['labels', fill('a.')],
    ['one quoted cell', `target,note\na.example.com,"${fill('""')}"`],
    ['one open cell', `target,note\na.example.com,"${fill('a,\n').slice(0, 5_000)}`],
    ['a note of guards', `target,note\na.example.com,${fill(";'")}=`],
    ['a note of blanks', `target,note\na.example.com,${fill(' ')}x`],
    ['ports', `target,ports\na.example.com,"${fill('1,')}1"`],
    ['a date', `target,expires\na.example.com,${fill('2')}`],
    ['number signs', fill(' #')],
    ['carriage returns', `${fill('\r')}a`],
  ])('a file full of %s takes no time to speak of', (_what, file) => {
    const startMs = performance.now();
    read(file);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});
