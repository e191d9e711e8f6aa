import type { Finding } from '../../../advice/findings/index.ts';
import { usualService } from '../../../advice/usualService.ts';
import { plainSource } from '../../../exports/rows.ts';
import type { Evidence } from '../../../probes/evidence.ts';
import { visibleText } from '../../../safeText.ts';
import type { ScanResult, Verdict } from '../../../scans/result.ts';
import type { Attachment } from '../../card.ts';
import { hasMoreFindings } from './adviceSections.ts';
import { STOPPED } from './notes.ts';

const RAW_SHOWN = 200;

/** Everything that is known, as text: sent when the reply had to leave something out. */
export function attachmentOf(result: ScanResult): Attachment {
  const { record } = result;
  return {
    name: `scan-${record.host.replace(/[^a-z0-9.-]/g, '-').slice(0, 80)}.txt`,
    always: hasMoreFindings(result),
    content: () => `${[...head(result), '', ...rows(result), ...findings(result), ...seen(result)].join('\n')}\n`,
  };
}

function head({ record, verdicts }: ScanResult): string[] {
  return [
    `host ${record.host}`,
    `address ${record.address}`,
    `started ${record.startedAt}`,
    `ports ${verdicts.length}`,
    ...(record.stopped ? [`${STOPPED[record.stopped].text}, ports without a verdict: ${record.unprobed}`] : []),
    ...(record.skippedPorts ? [`not permitted by the allowlist, not scanned: ${record.skippedPorts}`] : []),
    ...(record.vantage ? [`seen from: ${record.vantage}`] : []),
    ...(record.warning ? [record.warning] : []),
  ];
}

function rows({ verdicts, open }: ScanResult): string[] {
  const services = new Map(open.map(({ port, service }) => [port, service?.text.text]));
  const row = ({ port, state, reason }: Verdict) =>
    [`${port}/tcp`, state, reason, usualService(port).text, visibleText(services.get(port) ?? '')].join('\t').trimEnd();
  return verdicts.map(row);
}

function findings({ findings }: ScanResult): string[] {
  return findings.length === 0 ? [] : ['', 'Findings, worst first', ...findings.flatMap(findingLines)];
}

function findingLines({ id, severity, title, ports, seen, why, actions, source }: Finding): string[] {
  return [
    '',
    `${severity}: ${visibleText(title.text)} (${ports.join(', ')}) [${id}]`,
    `  seen: ${visibleText(seen.text)}`,
    `  why: ${why}`,
    ...actions.map((action) => `  do: ${action}`),
    `  source: ${plainSource(source).title}, ${source.url}`,
  ];
}

function seen({ evidence }: ScanResult): string[] {
  const lines = [...evidence.values()].flatMap(rawLine);
  return lines.length === 0 ? [] : ['', 'First bytes that each service sent', ...lines];
}

/** Read as Latin-1, so that every byte has a character; what cannot be shown is left out. */
function rawLine({ port, raw }: Evidence): string[] {
  if (raw === undefined) return [];
  return [`${port}/tcp\t${visibleText(Buffer.from(raw, 'base64').toString('latin1'), RAW_SHOWN)}`];
}
