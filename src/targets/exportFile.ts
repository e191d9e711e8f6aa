import { stringify } from 'csv-stringify/sync';
import type { AllowlistEntry } from '../policy/entry.ts';
import { COLUMNS, guard } from './csvCells.ts';
import { effectOf, isReadable } from './edit.ts';
import { parsePortRule } from './portRule.ts';
import { shownNote } from './rule.ts';

export interface ExportedList {
  /** CSV (RFC 4180), with a byte order mark where there is more than ASCII in it, for spreadsheets. */
  readonly csv: string;
  readonly count: number;
  /** Entries that can no longer be read, so that an import could not take them: left out. */
  readonly unreadable: readonly AllowlistEntry[];
}

/**
 * A list as the file that an import takes back unchanged. Every cell but a missing note is filled: an empty one would mean
 * "as it was" there.
 */
export function exportList(entries: readonly AllowlistEntry[]): ExportedList {
  const unreadable = entries.filter((entry) => !isReadable(entry) || !parsePortRule(entry.ports ?? 'all').ok);
  const readable = entries.filter((entry) => !unreadable.includes(entry));
  const rows = readable
    .toSorted((a, b) => a.pattern.localeCompare(b.pattern, 'en', { numeric: true }))
    .map((entry) => [
      entry.pattern,
      effectOf(entry),
      // With a blank after the comma: spreadsheets read 22,804 as one number.
      entry.ports?.replaceAll(',', ', ') ?? 'all',
      entry.expiresAt === undefined ? 'never' : new Date(entry.expiresAt).toISOString(),
      shownNote(entry.note),
    ]);
  const cells = [[...COLUMNS], ...rows].map((row) => row.map(guard));
  const csv = stringify(cells, {
    escape_formulas: true,
    record_delimiter: 'windows',
    quote_record_delimiter: true,
  });
  const isAscii = /^\p{ASCII}*$/u.test(csv);
  return { csv: isAscii ? csv : `\ufeff${csv}`, count: readable.length, unreadable };
}
