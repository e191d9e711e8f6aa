import { CsvError, parse } from 'csv-parse/sync';
import type { Parsed, Problem } from '../engine/parsed.ts';
import { type Phrase, say } from '../engine/phrase.ts';
import { parsePattern } from '../policy/pattern.ts';
import { problem, quote } from '../policy/problems.ts';
import { COLUMNS, type Column, unguard } from './csvCells.ts';
import { decodeText } from './decodeText.ts';
import { parsePortRule } from './portRule.ts';
import { isWord, parseEnd, parseNote, type RuleRequest } from './rule.ts';

export const MAX_FILE_BYTES = 256 * 1024;
export const MAX_FILE_LINES = 2_000;

/** What is wrong in a file. */
export interface ImportProblem extends Problem<string | Phrase> {
  /** From 1; undefined for what concerns the whole file. */
  readonly line: number | undefined;
}

/** One entry that a file asks for. */
export interface ImportRow {
  readonly line: number;
  readonly request: RuleRequest;
}

export interface ImportFile {
  readonly rows: readonly ImportRow[];
  /** With any of them nothing may be stored; the rows then are those that could be read, for what else is to be said. */
  readonly problems: readonly ImportProblem[];
}

interface Line {
  readonly line: number;
  readonly cells: Readonly<Partial<Record<Column, string>>>;
}

type Lines =
  | { readonly ok: true; readonly lines: readonly Line[] }
  | { readonly ok: false; readonly problems: readonly ImportProblem[] };

/** The first line of a CSV file: a cell that is exactly `target`. */
const HEADER = /(?:^|,)[ \t]*"?target"?[ \t]*(?:,|$)/i;

/**
 * Reads a list of targets: CSV (RFC 4180) whose first line names the columns in any order, of which only `target` is
 * needed, or plain text with one target a line and `#` comments. UTF-8 with or without byte order mark, any line ends. An
 * empty cell says nothing. Every line is read by the same parsers as the options of a command, and every problem is
 * reported. Bounded by {@link MAX_FILE_BYTES} and {@link MAX_FILE_LINES}; time is linear in the file.
 *
 * @param nowMs from when durations such as `30d` count
 */
export function readImport(bytes: Uint8Array, nowMs: number): ImportFile {
  const text = decodeText(bytes, MAX_FILE_BYTES);
  if (!text.ok) return { rows: [], problems: [{ line: undefined, ...text.problem }] };
  const lines = text.value.split('\n');
  while (lines.at(-1) === '') lines.pop();
  if (lines.length > MAX_FILE_LINES) {
    return unread(
      'too-many-lines',
      say`The file has ${lines.length} lines; at most ${MAX_FILE_LINES} are read.`,
      say`a file in several parts, imported one after the other`,
    );
  }
  const first = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('#'));
  const isCsv = HEADER.test(lines[first] ?? '');
  // Comments before the header are blanked, so that lines keep their numbers.
  const read = isCsv ? readCsv('\n'.repeat(first) + lines.slice(first).join('\n')) : readPlain(lines);
  if (!read.ok) return { rows: [], problems: read.problems };
  if (read.lines.length === 0) return unread('no-targets', say`The file names no target.`, 'www.example.com');
  return readLines(read.lines, nowMs);
}

function unread(code: string, message: Phrase, example: string | Phrase): ImportFile {
  return { rows: [], problems: [{ line: undefined, code, message, example }] };
}

function readPlain(lines: readonly string[]): Lines {
  const targets = lines
    .map((line, i) => ({ line: i + 1, cells: { target: line.replace(/(^|\s)#.*$/s, '').trim() } }))
    .filter(({ cells }) => cells.target !== '');
  if (!/[,;\t]/.test(targets[0]?.cells.target ?? '')) return { ok: true, lines: targets };
  const message = say`The first line has several columns, but does not name them separated by commas.`;
  return { ok: false, problems: unread('no-header', message, COLUMNS.join(',')).problems };
}

function readCsv(text: string): Lines {
  const records = splitCsv(text);
  if (!records.ok) return records;
  const [header, ...rows] = records.records.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  const columns = readHeader(header?.cells ?? []);
  if (!columns.ok) return { ok: false, problems: [{ line: header?.line ?? 1, ...columns.problem }] };
  const tooWide = rows.filter(({ cells }) => cells.slice(columns.value.length).some((cell) => cell.trim() !== ''));
  const problems = tooWide.map(({ line, cells }) => ({
    line,
    code: 'too-many-cells',
    message: say`There are ${cells.length} cells for ${columns.value.length} columns. Commas inside a cell need quotation marks around it.`,
    example: 'www.example.com,"22,80,443"',
  }));
  if (problems.length > 0) return { ok: false, problems };
  const lines = rows.map(({ line, cells }) => ({
    line,
    cells: Object.fromEntries(columns.value.map((column, i) => [column, unguard(cells[i] ?? '')])),
  }));
  return { ok: true, lines };
}

interface CsvRecord {
  /** On which it begins: quoted cells may hold line ends. */
  readonly line: number;
  readonly cells: readonly string[];
}

function splitCsv(
  text: string,
): { ok: true; records: readonly CsvRecord[] } | { ok: false; problems: readonly ImportProblem[] } {
  const records: CsvRecord[] = [];
  let lastLine = 0;
  try {
    parse(text, {
      record_delimiter: '\n',
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: string[], { lines }) => {
        records.push({ line: lines - cells.join('').split('\n').length + 1, cells });
        lastLine = lines;
        return null;
      },
    });
    return { ok: true, records };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const message = say`The quotation marks do not pair up from here on. One inside a cell is written twice.`;
    const example = 'www.example.com,"the ""old"" shop"';
    return { ok: false, problems: [{ line: lastLine + 1, code: 'bad-quotes', message, example }] };
  }
}

function readHeader(cells: readonly string[]): Parsed<readonly Column[]> {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  // Columns without a name at the end are what spreadsheets leave of deleted ones.
  while (names.at(-1) === '') names.pop();
  const example = COLUMNS.join(',');
  const isColumn = (name: string): name is Column => COLUMNS.some((column) => column === name);
  const unknown = names.find((name) => !isColumn(name));
  if (unknown !== undefined) {
    return problem(
      'unknown-column',
      say`There is no column ${quote(unknown)}. There are: ${COLUMNS.join(', ')}.`,
      example,
    );
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return problem('column-twice', say`The column ${twice} is there twice.`, example);
  return { ok: true, value: names.filter(isColumn) };
}

function readLines(lines: readonly Line[], nowMs: number): ImportFile {
  const rows: ImportRow[] = [];
  const problems: ImportProblem[] = [];
  const seen = new Map<string, number>();
  for (const { line, cells } of lines) {
    const read = readRow(cells, nowMs);
    problems.push(...read.problems.map((found) => ({ line, ...found })));
    if (!read.request) continue;
    const { canonical } = read.request.pattern;
    const earlier = seen.get(canonical);
    if (earlier === undefined) seen.set(canonical, line);
    else problems.push({ line, ...duplicate(canonical, earlier) });
    rows.push({ line, request: read.request });
  }
  return { rows, problems };
}

function duplicate(canonical: string, earlier: number): Problem<Phrase> {
  const message = say`${canonical} is named on line ${earlier} already. Each target stands once in a file.`;
  return { code: 'duplicate', message, example: say`one of the two lines alone` };
}

/** All that is wrong in a line, or what it asks for. */
function readRow(
  cells: Line['cells'],
  nowMs: number,
): { request?: RuleRequest; problems: readonly Problem<string | Phrase>[] } {
  const problems: Problem<string | Phrase>[] = [];
  function cell<T>(column: Column, read: (text: string) => Parsed<T, string | Phrase>): T | undefined {
    const text = cells[column] ?? '';
    if (text.trim() === '' && column !== 'target') return undefined;
    const parsed = read(text);
    if (parsed.ok) return parsed.value;
    problems.push({ ...parsed.problem, message: say`${column}: ${parsed.problem.message}` });
    return undefined;
  }
  const pattern = cell('target', parsePattern);
  const request = {
    effect: cell('effect', readEffect),
    ports: cell('ports', parsePortRule),
    expiresAt: cell('expires', (text) => readEnd(text, nowMs)),
    note: cell('note', parseNote),
  };
  return pattern && problems.length === 0 ? { request: { pattern, ...request }, problems } : { problems };
}

function readEffect(text: string): Parsed<'allow' | 'deny'> {
  if (isWord(text, 'allow')) return { ok: true, value: 'allow' };
  if (isWord(text, 'deny')) return { ok: true, value: 'deny' };
  return problem('bad-effect', say`${quote(text)} is neither allow nor deny.`, 'allow');
}

/** What an export wrote, also when it has passed since, or what a person writes. */
function readEnd(text: string, nowMs: number): Parsed<string, Phrase> {
  const exact = text.trim();
  const timeMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(exact) ? Date.parse(exact) : Number.NaN;
  const isReal = !Number.isNaN(timeMs) && new Date(timeMs).toISOString() === exact;
  return isReal ? { ok: true, value: exact } : parseEnd(text, nowMs);
}
