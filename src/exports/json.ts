import { PORT_STATES } from '../engine/types.ts';
import { visibleText } from '../safeText.ts';
import type { ScanResult } from '../scans/result.ts';
import { rowsOf, shownFinding } from './rows.ts';
import { SCHEMA_ID, type ScanResultDocument } from './schema.ts';

/**
 * One finished scan as JSON by docs/schemas/scan-result.schema.json: one port or finding a line. Who asked for it, and in
 * which server, is not in it.
 */
export function writeJson(result: ScanResult): string {
  const { ports, findings, ...head } = documentOf(result);
  const members = Object.entries(head).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  const list = (name: string, items: readonly unknown[]) =>
    items.length === 0
      ? `"${name}": []`
      : `"${name}": [\n    ${items.map((item) => JSON.stringify(item)).join(',\n    ')}\n  ]`;
  return `{\n  ${[...members, list('ports', ports), list('findings', findings)].join(',\n  ')}\n}\n`;
}

function documentOf(result: ScanResult): ScanResultDocument {
  const { record, evidence, findings, verdicts } = result;
  const count = (state: string) => verdicts.filter((verdict) => verdict.state === state).length;
  const { skippedPorts, stopped, status, vantage, notProbed } = record;
  return {
    $schema: SCHEMA_ID,
    v: 1,
    id: record.id,
    host: visibleText(record.host),
    address: record.address,
    otherAddresses: record.otherAddresses,
    startedAt: record.startedAt,
    durationMs: record.durationMs,
    requestedPorts: record.requestedPorts,
    ...(skippedPorts && { skippedPorts }),
    ...(stopped && { stopped }),
    unprobed: record.unprobed,
    ...(status && { status }),
    suspicions: record.suspicions ?? [],
    ...(vantage && { vantage }),
    ...(notProbed && { notProbed }),
    counts: Object.fromEntries(PORT_STATES.map((state) => [state, count(state)])) as ScanResultDocument['counts'],
    ports: rowsOf(result).map(({ findings: _, tls, port, ...row }) => ({
      port,
      protocol: 'tcp',
      ...row,
      ...(evidence.has(port) && { tls }),
    })),
    findings: findings.map(shownFinding).map(({ port: _, ports, actions, ...finding }) => ({
      ...finding,
      ports: [...ports],
      actions: [...actions],
    })),
  };
}
