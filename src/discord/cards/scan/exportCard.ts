import { EXPORT_FORMATS, type ExportFormat } from '../../../exports/index.ts';
import type { ScanResult } from '../../../scans/result.ts';
import type { Attachment, Card } from '../../card.ts';
import { type Markdown, md } from '../../markdown.ts';

/** Discord takes 10 MiB for a message where nobody paid for more; the rest of the request needs some of it. */
const MAX_BYTES = 9 * 1_024 * 1_024;

const DESCRIPTIONS: Readonly<Record<ExportFormat['id'], Markdown>> = {
  csv: md`For a spreadsheet, one row a port.`,
  json: md`For a program; its schema is published.`,
  xml: md`For tools that read nmap's XML.`,
  markdown: md`For a ticket or a wiki.`,
};

/** The result in every format at once, as far as they fit into one message. */
export function exportCard(result: ScanResult): Card {
  const files: Attachment[] = [];
  const tooLong: string[] = [];
  let left = MAX_BYTES;
  for (const { label, fileName, write } of EXPORT_FORMATS) {
    const text = write(result);
    const bytes = Buffer.byteLength(text);
    if (bytes > left) {
      tooLong.push(label);
      continue;
    }
    left -= bytes;
    files.push({ name: fileName(result), content: () => text });
  }
  return {
    tone: 'info',
    title: md`Export: ${result.record.display}`,
    lines: [
      ...EXPORT_FORMATS.filter(({ label }) => !tooLong.includes(label)).map(
        ({ id, label }) => md`**${label}**: ${DESCRIPTIONS[id]}`,
      ),
      ...(tooLong.length > 0 ? [md`Too long for Discord: ${tooLong.join(', ')}. Scan fewer ports at once.`] : []),
    ],
    files,
  };
}
