import type { Finding } from '../advice/findings/index.ts';
import { formatPorts } from '../engine/ports/intervals.ts';
import { PORT_STATES, type PortState } from '../engine/types.ts';
import { safeText, visibleText } from '../safeText.ts';
import type { ScanResult } from '../scans/result.ts';
import { type PortRow, plainSource, rowsOf } from './rows.ts';

const HEADINGS: Readonly<Record<PortState, string>> = {
  open: 'Open',
  'open|filtered': 'Open or filtered',
  closed: 'Closed',
  filtered: 'Filtered',
  error: 'Not tested',
};

const STOPPED: Readonly<Record<NonNullable<ScanResult['record']['stopped']>, string>> = {
  cancelled: 'it was cancelled',
  revoked: 'the target was taken off the allowlist',
  shutdown: 'the bot was restarting',
  deadline: 'it took too long',
};

/** One finished scan as Markdown (GitHub's flavour) for a ticket or a wiki: open ports as a table, others as ranges. */
export function writeMarkdown(result: ScanResult): string {
  const rows = rowsOf(result);
  return `${[...head(result), ...openTable(rows), ...otherStates(rows), ...findingSections(result)].join('\n')}\n`;
}

function head({ record, verdicts, open }: ScanResult): string[] {
  const partial = record.stopped
    ? [`- **Partial**: ${STOPPED[record.stopped]}. Ports without a verdict: ${record.unprobed}`]
    : [];
  return [
    `# Scan of ${code(record.host)}`,
    '',
    `- Address: ${code(record.address)}`,
    ...(record.otherAddresses.length > 0
      ? [`- Other addresses, not scanned: ${record.otherAddresses.map(code).join(', ')}`]
      : []),
    `- Started: ${record.startedAt}, took ${(record.durationMs / 1_000).toFixed(1)} s`,
    `- Ports with a verdict: ${verdicts.length}, open: ${open.length}`,
    ...(record.skippedPorts ? [`- Not permitted, not scanned: ${spaced(record.skippedPorts)}`] : []),
    ...(record.vantage ? [`- Not seen from outside: ${record.vantage}`] : []),
    ...((record.suspicions ?? []).length > 0
      ? [`- Read the verdicts with care: ${(record.suspicions ?? []).join(', ')}`]
      : []),
    ...(record.notProbed ? [`- Open, but not looked behind: ${spaced(record.notProbed)}`] : []),
    ...partial,
    '',
  ];
}

function openTable(rows: readonly PortRow[]): string[] {
  const open = rows.filter(({ state }) => state === 'open');
  if (open.length === 0) return ['No port was found open.', ''];
  const lines = open.map(({ port, reason, usual, service, severity }) =>
    tableRow([`${port}/tcp`, 'open', plain(reason), plain(service ?? usual), severity ?? '']),
  );
  return [
    '## Open ports',
    '',
    tableRow(['Port', 'State', 'Reason', 'Service', 'Severity']),
    tableRow(['---', '---', '---', '---', '---']),
    ...lines,
    '',
  ];
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function otherStates(rows: readonly PortRow[]): string[] {
  const byState = Map.groupBy(rows, ({ state }) => state);
  return PORT_STATES.filter((state) => state !== 'open').flatMap((state) => {
    const own = byState.get(state);
    if (!own) return [];
    const byReason = [...Map.groupBy(own, ({ reason }) => reason)];
    const lines = byReason.map(([reason, ports]) => `- ${plain(reason)}: ${spaced(formatPorts(ports.map(portOf)))}`);
    return [`## ${HEADINGS[state]}: ${own.length}`, '', ...lines, ''];
  });
}

function portOf({ port }: PortRow): number {
  return port;
}

function findingSections({ findings }: ScanResult): string[] {
  return findings.length === 0 ? [] : ['## Findings, worst first', '', ...findings.flatMap(findingSection)];
}

function findingSection({ id, severity, title, ports, seen, why, actions, source }: Finding): string[] {
  return [
    `### ${plain(title.text)} (${severity})`,
    '',
    `- Ports: ${ports.join(', ')}`,
    `- Seen: ${plain(seen.text)}`,
    `- Why it matters: ${why}`,
    '- What to do:',
    ...actions.map((action) => `  - ${action}`),
    `- Source: [${plainSource(source).title}](${source.url})`,
    `- Kind: ${code(id)}`,
    '',
  ];
}

function code(text: string): string {
  return `\`${visibleText(text).replaceAll('`', 'ˋ') || ' '}\``;
}

/** Foreign text that nothing reads as Markdown, HTML, a mention or a link: GitHub also links bare `www.` and addresses. */
function plain(text: string): string {
  return safeText(text)
    .replaceAll('@', '＠')
    .replaceAll('&', '＆')
    .replace(/www\./gi, 'www·')
    .replace(/(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}])/gu, 'ˍ');
}

function spaced(ports: string): string {
  return ports.replaceAll(',', ', ');
}
