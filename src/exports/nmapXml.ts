import { formatPorts } from '../engine/ports/intervals.ts';
import type { PortState } from '../engine/types.ts';
import { portsOf, type ScanResult } from '../scans/result.ts';
import type { ScanRecord } from '../storage/scanRecords.ts';
import { type PortRow, rowsOf, type ShownFinding, shownFinding } from './rows.ts';
import { element, textElement } from './xmlText.ts';

/** From this many ports of one state on, nmap folds them into `extraports`; open ports never. */
const FOLDED_FROM = 26;

/** nmap knows no state for "could not be tested". */
const STATES: Readonly<Record<PortState, string>> = {
  open: 'open',
  'open|filtered': 'open|filtered',
  closed: 'closed',
  filtered: 'filtered',
  error: 'unknown',
};

/**
 * One finished scan in the structure of nmap's XML output (nmap.dtd, output version 1.05), for the tools that read it.
 * Ports that are folded are named in `extrareasons`; findings are `script` elements of their ports.
 */
export function writeNmapXml(result: ScanResult): string {
  const { record } = result;
  const startedMs = Date.parse(record.startedAt);
  const start = Math.floor(startedMs / 1_000);
  const end = Math.floor((startedMs + record.durationMs) / 1_000);
  const skipped = new Set(record.skippedPorts ? portsOf(record.skippedPorts) : []);
  const asked = portsOf(record.requestedPorts).filter((port) => !skipped.has(port));
  const isUp = statusOf(record) === 'up';
  const run = element(
    'nmaprun',
    {
      // The DTD allows no other word here; who really wrote it is in `args`.
      scanner: 'nmap',
      args: `harbormaster /scan host:${record.host} ports:${record.requestedPorts}`,
      start,
      startstr: new Date(startedMs).toUTCString(),
      version: '1.0',
      xmloutputversion: '1.05',
    },
    [
      element('scaninfo', {
        type: 'connect',
        protocol: 'tcp',
        numservices: asked.length,
        services: formatPorts(asked),
      }),
      element('verbose', { level: 0 }),
      element('debugging', { level: 0 }),
      hostElement(result, { start, end }),
      element('runstats', {}, [
        element('finished', {
          time: end,
          timestr: new Date(startedMs + record.durationMs).toUTCString(),
          elapsed: (record.durationMs / 1_000).toFixed(2),
          summary: `Harbormaster: 1 address scanned in ${(record.durationMs / 1_000).toFixed(2)} seconds`,
          exit: 'success',
        }),
        element('hosts', { up: isUp ? 1 : 0, down: isUp ? 0 : 1, total: 1 }),
      ]),
    ],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nmaprun>\n${run}\n`;
}

function hostElement(result: ScanResult, { start, end }: { start: number; end: number }): string {
  const { record } = result;
  const rows = rowsOf(result);
  const byState = Map.groupBy(rows, ({ state }) => state);
  const isFolded = (state: PortState) => state !== 'open' && (byState.get(state)?.length ?? 0) >= FOLDED_FROM;
  const folded = [...byState].filter(([state]) => isFolded(state));
  const names = record.host === record.address ? [] : [element('hostname', { name: record.host, type: 'user' })];
  return element('host', { starttime: start, endtime: end, comment: commentOf(record) }, [
    element('status', { state: statusOf(record), reason: rows[0]?.reason ?? 'no-response', reason_ttl: 0 }),
    element('address', { addr: record.address, addrtype: record.address.includes(':') ? 'ipv6' : 'ipv4' }),
    element('hostnames', {}, names),
    element('ports', {}, [
      ...folded.map(([state, own]) => extraports(state, own)),
      ...rows.filter(({ state }) => !isFolded(state)).map(portElement),
    ]),
  ]);
}

/** Undefined when there is nothing to say beyond the ports. */
function commentOf({ stopped, unprobed, otherAddresses, vantage }: ScanRecord): string | undefined {
  const parts = [
    ...(stopped ? [`stopped early (${stopped}): ${unprobed} ports without a verdict`] : []),
    ...(otherAddresses.length > 0 ? [`not scanned: ${otherAddresses.join(' ')}`] : []),
    ...(vantage ? [`not seen from outside: ${vantage}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join('; ');
}

function statusOf({ status, groups }: ScanRecord): 'up' | 'down' | 'unknown' {
  if (status === 'up' || status === 'down') return status;
  return groups.some(({ state }) => state === 'open' || state === 'closed') ? 'up' : 'unknown';
}

function extraports(state: PortState, rows: readonly PortRow[]): string {
  const byReason = [...Map.groupBy(rows, ({ reason }) => reason)];
  return element(
    'extraports',
    { state: STATES[state], count: rows.length },
    byReason.map(([reason, own]) =>
      element('extrareasons', {
        reason,
        count: own.length,
        proto: 'tcp',
        ports: formatPorts(own.map(({ port }) => port)),
      }),
    ),
  );
}

function portElement(row: PortRow): string {
  const { port, state, reason, usual, service, product, version, tls, findings } = row;
  const isSeen = service !== undefined;
  return element('port', { protocol: 'tcp', portid: port }, [
    element('state', { state: STATES[state], reason, reason_ttl: 0 }),
    element('service', {
      name: usual,
      product,
      version,
      extrainfo: isSeen && product === undefined ? service : undefined,
      tunnel: tls ? 'ssl' : undefined,
      method: isSeen ? 'probed' : 'table',
      conf: isSeen ? 10 : 3,
    }),
    ...findings.map(shownFinding).map(scriptElement),
  ]);
}

function scriptElement({ id, severity, title, seen, why, actions, source }: ShownFinding): string {
  return element('script', { id, output: `${severity}: ${title}. Seen: ${seen}` }, [
    textElement('elem', { key: 'severity' }, severity),
    textElement('elem', { key: 'title' }, title),
    textElement('elem', { key: 'seen' }, seen),
    textElement('elem', { key: 'why' }, why),
    element(
      'table',
      { key: 'actions' },
      actions.map((action) => textElement('elem', {}, action)),
    ),
    textElement('elem', { key: 'source' }, source.url),
  ]);
}
