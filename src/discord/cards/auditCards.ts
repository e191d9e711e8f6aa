import { stringify } from 'csv-stringify/sync';
import { type Phrase, say } from '../../engine/phrase.ts';
import type { AuditRecord, ChainHead } from '../../policy/auditChain.ts';
import { safeText } from '../../safeText.ts';
import { type AuditEntry, type AuditVerdict, NOT_READABLE, SYSTEM_ACTOR } from '../../storage/auditLog.ts';
import { guard } from '../../targets/csvCells.ts';
import type { Button, Card } from '../card.ts';
import { LIMITS } from '../limits.ts';
import { code, join, type Markdown, md, mdCounted, trusted } from '../markdown.ts';
import { fileJson } from './dataCards.ts';

/** Records on a page of the list: few enough for a phone. */
export const PAGE_RECORDS = 10;

/** A place in the log with the person behind its pseudonym, where that is still known. */
export interface ShownEntry extends AuditEntry {
  readonly userId: string | undefined;
}

const MARKS: Record<AuditRecord['decision'], string> = { allowed: '🟢', refused: '⛔', done: '✅', failed: '⚠️' };
const DECISIONS: Record<AuditRecord['decision'], Phrase> = {
  allowed: say`allowed`,
  refused: say`refused`,
  done: say`done`,
  failed: say`failed`,
};
const SHOWN_TEXT = 60;
/** Characters of a hash that a person compares. */
const SHOWN_HASH = 16;

/** One record for a person: what, where, and below it when, who and by which rule. */
export function auditLine(record: AuditRecord, userId: string | undefined): Markdown {
  const { seq, decision, action, target, ports, rule, detail } = record;
  const who = md`${whenOf(record)}, ${whoOf(record, userId)}`;
  const what = [
    md`**#${seq}** ${trusted(MARKS[decision])} **${DECISIONS[decision]}** ${action}`,
    ...(target ? [quoted(target)] : []),
    ...(ports ? [md`ports ${quoted(ports.replaceAll(',', ', '))}`] : []),
  ];
  return join([join(what, ' '), rule ? md`${who}, rule ${quoted(rule)}` : who, ...(detail ? [quoted(detail)] : [])]);
}

/** Hosts, patterns and ports can be copied as they are; anything else is what somebody typed, shown with look-alikes. */
function quoted(text: string): Markdown {
  const plain = /^[\w.:*,/ -]+$/.test(text) && !text.includes('//');
  return code(plain ? text : safeText(text, SHOWN_TEXT), SHOWN_TEXT);
}

function whenOf({ at }: AuditRecord): Markdown {
  return trusted(`<t:${Math.floor(Date.parse(at) / 1_000)}:R>`);
}

/** A mention pings nobody here: no message of ours is allowed any. */
function whoOf({ actor }: AuditRecord, userId: string | undefined): Markdown {
  if (actor === SYSTEM_ACTOR) return md`the bot`;
  return userId && /^\d{1,20}$/.test(userId) ? trusted(`<@${userId}>`) : md`someone no longer known (${code(actor)})`;
}

/** One page, newest first: as many of the entries as can be shown, so that the next page begins where this one ends. */
export function auditListCard(entries: readonly ShownEntry[], head: ChainHead): Card {
  const lines = linesThatFit(entries);
  const [newest, oldest] = [entries[0]?.seq, entries[lines.length - 1]?.seq];
  if (newest === undefined || oldest === undefined) {
    return {
      tone: 'info',
      title: md`The audit log is empty`,
      lines: [md`Every scan and every change will be listed.`],
    };
  }
  return {
    tone: 'info',
    title: mdCounted(head.seq, md`Audit log: ${head.seq} record`, md`Audit log: ${head.seq} records`),
    lines,
    footer: newest === oldest ? md`Record ${newest}` : md`Records ${newest} to ${oldest}, newest first`,
    buttons: pageButtons(newest, oldest, head.seq),
  };
}

function linesThatFit(entries: readonly ShownEntry[]): Markdown[] {
  const lines: Markdown[] = [];
  let length = 0;
  for (const { seq, record, userId } of entries) {
    const line = record
      ? auditLine(record, userId)
      : md`**#${seq}** missing or unreadable: ${code('/audit verify')} tells more`;
    length += line.text.length + 1;
    if (length > LIMITS.embedDescription) break;
    lines.push(line);
  }
  return lines;
}

/** The number in a button is where its page ends; it is no secret. */
function pageButtons(newest: number, oldest: number, last: number): Button[] {
  const page = (label: Phrase, before: number): Button => ({
    label,
    style: 'secondary',
    customId: `audit:page:${before}`,
  });
  return [
    ...(oldest > 1 ? [page(say`Older`, oldest)] : []),
    ...(newest < last ? [page(say`Newer`, Math.min(last, newest + PAGE_RECORDS) + 1)] : []),
  ];
}

const PROBLEMS: Record<Extract<AuditVerdict, { ok: false }>['problem'], Phrase> = {
  missing: say`it is missing`,
  changed: say`it was changed after it was written`,
  reordered: say`another record stands in its place`,
  foreign: say`it belongs to another server`,
  extra: say`it lies beyond the end of the log`,
  head: say`the end of the log cannot be read`,
};

export function auditVerdictCard(verdict: AuditVerdict): Card {
  if (verdict.ok && verdict.count === 0) return auditListCard([], { guildId: '', seq: 0, hash: '' });
  if (verdict.ok) {
    const { count } = verdict;
    return {
      tone: 'good',
      title: md`The audit log is intact`,
      lines: [
        mdCounted(
          count,
          md`${count} record, each sealed upon the one before; none is missing or changed.`,
          md`${count} records, each sealed upon the one before; none is missing or changed.`,
        ),
        md`It ends with ${code(verdict.headHash.slice(0, SHOWN_HASH))}.`,
        md`To be sure that nobody rewrote all of it, compare that with the same record in your audit channel.`,
      ],
    };
  }
  const what = verdict.seq > 0 ? md`Record **#${verdict.seq}**: ${PROBLEMS[verdict.problem]}.` : md`${PROBLEMS.head}`;
  return {
    tone: 'danger',
    title: md`The audit log was altered or damaged`,
    lines: [
      what,
      ...beforeWords(Math.max(0, verdict.seq - 1)),
      md`Somebody changed the bot's database, or it was restored from a backup. Tell the operator of this bot.`,
    ],
  };
}

function beforeWords(count: number): Markdown[] {
  if (count === 0) return [];
  return [
    mdCounted(
      count,
      md`The ${count} before it is as it was written.`,
      md`The ${count} before it are as they were written.`,
    ),
  ];
}

export type ExportFormat = 'json' | 'csv';

const COLUMNS = [
  ...(['seq', 'at', 'user', 'actor', 'action', 'command', 'decision', 'rule', 'target', 'addresses', 'ports'] as const),
  ...(['scanId', 'detail', 'previous', 'hash'] as const),
];

/** Rows of a file, each with its line end. Every text of a record is on one line already. */
export const EXPORT_FORMATS: Record<
  ExportFormat,
  { readonly head: string; row(entry: ShownEntry): string; readonly hint: Phrase }
> = {
  json: {
    head: '',
    row: ({ seq, record, userId }) =>
      `${fileJson(record ? { ...record, user: userId ?? null } : { seq, problem: NOT_READABLE })}\n`,
    hint: say`One JSON object a line. The hash of each is the SHA-256 of its canonical JSON (RFC 8785) without hash and user.`,
  },
  csv: {
    // The byte order mark tells spreadsheets that this is UTF-8.
    head: `\ufeff${csvRow(COLUMNS)}`,
    row: ({ seq, record, userId }) => {
      if (!record) return csvRow(COLUMNS.map((column) => (column === 'seq' ? String(seq) : '')));
      const cells = { ...record, seq: String(seq), user: userId, addresses: record.addresses?.join(' ') };
      // With a blank after the comma: spreadsheets read 22,804 as one number.
      return csvRow(COLUMNS.map((column) => (column === 'ports' ? spaced(record.ports) : (cells[column] ?? ''))));
    },
    hint: say`For spreadsheets: a cell that would be computed begins with an apostrophe. The JSON format is exact.`,
  },
};

function spaced(ports = ''): string {
  return ports.replaceAll(',', ', ');
}

function csvRow(cells: readonly string[]): string {
  return stringify([cells.map(guard)], { escape_formulas: true, record_delimiter: 'windows' });
}

export interface ExportedLog {
  readonly format: ExportFormat;
  readonly text: string;
  readonly count: number;
  /** The lowest number in the file. */
  readonly first: number;
}

export function auditExportCard({ format, text, count, first }: ExportedLog): Card {
  const older = code(`/audit export format:${format} before:${first}`);
  const left = mdCounted(
    first - 1,
    md`The ${first - 1} before #${first} is not in it: ${older}`,
    md`The ${first - 1} before #${first} are not in it: ${older}`,
  );
  const rest = first > 1 ? [left] : [];
  return {
    tone: 'good',
    title: mdCounted(count, md`Audit log: ${count} record exported`, md`Audit log: ${count} records exported`),
    lines: [...rest, md`${EXPORT_FORMATS[format].hint}`],
    attachment: { name: format === 'json' ? 'audit.jsonl' : 'audit.csv', always: true, content: () => text },
  };
}
