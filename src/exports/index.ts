import type { ScanResult } from '../scans/result.ts';
import { writeCsv } from './csv.ts';
import { writeJson } from './json.ts';
import { writeMarkdown } from './markdown.ts';
import { writeNmapXml } from './nmapXml.ts';

/** A way to take a finished scan along. */
export interface ExportFormat {
  /** Stable: it may stand in the id of a menu or button. */
  readonly id: 'json' | 'csv' | 'xml' | 'markdown';
  /** Its name in every language. */
  readonly label: string;
  readonly mediaType: string;
  /** Letters, digits, dot and hyphen; the same for the same scan. */
  fileName(result: ScanResult): string;
  /** The file, UTF-8: every port with a verdict and every finding. Pure; the same result gives the same text. */
  write(result: ScanResult): string;
}

/** In the order in which a person is offered them. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  {
    id: 'csv',
    label: 'CSV',
    mediaType: 'text/csv; charset=utf-8',
    fileName: (result) => fileName(result, 'csv'),
    write: writeCsv,
  },
  {
    id: 'json',
    label: 'JSON',
    mediaType: 'application/json',
    fileName: (result) => fileName(result, 'json'),
    write: writeJson,
  },
  {
    id: 'xml',
    label: 'XML',
    mediaType: 'application/xml',
    fileName: (result) => fileName(result, 'xml'),
    write: writeNmapXml,
  },
  {
    id: 'markdown',
    label: 'Markdown',
    mediaType: 'text/markdown; charset=utf-8',
    fileName: (result) => fileName(result, 'md'),
    write: writeMarkdown,
  },
];

const MAX_HOST = 80;

function fileName({ record }: ScanResult, extension: string): string {
  const host = record.host.replace(/[^a-z0-9.-]/g, '-').slice(0, MAX_HOST);
  const at = record.startedAt.slice(0, 16).replace(/[^0-9]/g, '');
  return `scan-${host}-${at}.${extension}`;
}
