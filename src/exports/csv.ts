import { stringify } from 'csv-stringify/sync';
import type { ScanResult } from '../scans/result.ts';
import { guard } from '../targets/csvCells.ts';
import { rowsOf, shownFinding } from './rows.ts';

const COLUMNS = [
  'host',
  'address',
  'port',
  'protocol',
  'state',
  'reason',
  'service',
  'product',
  'version',
  'severity',
  'findings',
] as const;

/**
 * One finished scan as CSV (RFC 4180), one row a port; with a byte order mark where there is more than ASCII in it. Cells
 * that a spreadsheet would compute are guarded (OWASP, CSV injection).
 */
export function writeCsv(result: ScanResult): string {
  const { host, address } = result.record;
  const rows = rowsOf(result).map((row) => [
    host,
    address,
    String(row.port),
    'tcp',
    row.state,
    row.reason,
    row.service ?? row.usual,
    row.product ?? '',
    row.version ?? '',
    row.severity ?? '',
    row.findings
      .map(shownFinding)
      .map(({ id, severity, title }) => `${severity}: ${title} [${id}]`)
      .join(' / '),
  ]);
  const csv = stringify(
    [[...COLUMNS], ...rows].map((cells) => cells.map(guard)),
    { escape_formulas: true, record_delimiter: 'windows', quote_record_delimiter: true },
  );
  const isAscii = /^\p{ASCII}*$/u.test(csv);
  return isAscii ? csv : `\ufeff${csv}`;
}
