import { compareSeverity, type Severity } from '../../advice/guide.ts';
import { describePort } from '../../advice/lookup.ts';
import { hardeningTips, severityOf } from '../../advice/tips.ts';
import { STATE_MEANING, SUSPICION_MEANING } from '../../advice/topics.ts';
import { readPorts } from '../../engine/ports/intervals.ts';
import { serviceNameOf } from '../../engine/ports/services.ts';
import type { PortState } from '../../engine/types.ts';
import { PORT_STATES } from '../../engine/types.ts';
import { classifyAddress } from '../../policy/addressClass.ts';
import type { ScanRecord } from '../../storage/scanRecords.ts';
import type { Attachment, Button, Card, Section, Tone } from '../card.ts';
import { code, type Markdown, md, trusted } from '../markdown.ts';

/** Up to here every port gets a line of its own, whatever its state; beyond, only open ports do. */
const EVERY_PORT_LISTED = 10;
const RANGE_LINE = 110;

const HEADINGS: Record<PortState, string> = {
  open: 'Open',
  'open|filtered': 'Open or filtered',
  closed: 'Closed',
  filtered: 'Filtered',
  error: 'Not tested',
};
const MARKS: Record<Severity, string> = { critical: '🔴', high: '🔴', medium: '🟠', low: '🟡', info: '🟢' };
const STOPPED: Record<NonNullable<ScanRecord['stopped']>, string> = {
  cancelled: 'Cancelled',
  revoked: 'Stopped because the target was taken off the allowlist',
  shutdown: 'Stopped because the bot is restarting',
  deadline: 'Stopped because Discord allows a reply 15 minutes',
};

interface Verdict {
  readonly port: number;
  readonly state: PortState;
  readonly reason: string;
}

/**
 * The finished reply of a scan, from its record alone: the same record gives the same card. `mine`: the private reply
 * with its buttons; `shared`: the same for the whole channel, naming who asked; `not-kept`: private, and without the
 * buttons, which need the stored record.
 */
export function scanCard(record: ScanRecord, audience: 'mine' | 'shared' | 'not-kept'): Card {
  const verdicts = verdictsOf(record);
  const open = verdicts.filter(({ state }) => state === 'open').map(({ port }) => port);
  const listed = verdicts.length <= EVERY_PORT_LISTED ? verdicts : verdicts.filter(({ state }) => state === 'open');
  const asker = audience === 'shared' ? [trusted(`Asked by <@${record.userId}>`)] : [];
  return {
    tone: toneOf(open, verdicts, record),
    title: titleOf(open.length, verdicts, record),
    lines: [
      ...warningsOf(record, audience),
      ...listed.map(verdictLine),
      ...silenceNote(verdicts, record),
      ...notesOf(record),
      ...asker,
    ],
    sections: [
      tipSection(open, verdicts, record),
      ...PORT_STATES.flatMap((state) => stateSection(state, record, listed.length === verdicts.length)),
    ],
    footer: footerOf(record, verdicts.length),
    attachment: attachmentOf(record, verdicts),
    buttons: buttonsOf(record, audience),
  };
}

function buttonsOf({ id }: ScanRecord, audience: 'mine' | 'shared' | 'not-kept'): Button[] {
  const rescan: Button = { label: 'Rescan', style: 'primary', customId: `scan:rescan:${id}` };
  const share: Button = { label: 'Share', style: 'secondary', customId: `scan:share:${id}` };
  if (audience === 'not-kept') return [];
  return audience === 'mine' ? [rescan, share] : [rescan];
}

function portsOf(text: string): readonly number[] {
  const ports = readPorts(text);
  if (!ports) throw new Error('unreadable ports in a scan record');
  return ports;
}

function verdictsOf(record: ScanRecord): Verdict[] {
  const verdicts = record.groups.flatMap(({ state, reason, ports }) =>
    portsOf(ports).map((port) => ({ port, state, reason })),
  );
  return verdicts.sort((a, b) => a.port - b.port);
}

function toneOf(open: readonly number[], verdicts: readonly Verdict[], record: ScanRecord): Tone {
  if (record.stopped || (verdicts.length > 0 && verdicts.every(({ state }) => state === 'error'))) return 'notice';
  const [worst] = open.map(severityOf).sort(compareSeverity);
  if (worst === 'critical' || worst === 'high') return 'danger';
  return worst === 'medium' || worst === 'low' ? 'notice' : 'good';
}

/** The answer in one line, and never more than is known. */
function titleOf(openCount: number, verdicts: readonly Verdict[], record: ScanRecord): Markdown {
  const every = (state: PortState) => verdicts.length > 0 && verdicts.every((verdict) => verdict.state === state);
  if (every('error')) return md`Could not be tested: ${record.display}`;
  if (every('filtered') && !record.stopped) return md`No answer from ${record.display}`;
  const open = openCount === 0 ? 'No open ports' : openCount === 1 ? '1 open port' : `${openCount} open ports`;
  if (record.stopped) return md`${open} so far on ${record.display}`;
  return record.skippedPorts
    ? md`${open} among the ${verdicts.length} scanned on ${record.display}`
    : md`${open} on ${record.display}`;
}

/** The service's everyday name, or what IANA registered for the port. */
function serviceOf(port: number): string {
  return serviceNameOf(port) ?? describePort(port).iana?.name ?? 'unknown';
}

function verdictLine({ port, state, reason }: Verdict): Markdown {
  const service = serviceOf(port);
  if (state !== 'open') return md`**${port}/tcp** ${service}: ${state} (${reason})`;
  const severity = severityOf(port);
  return md`${MARKS[severity]} **${port}/tcp** ${service}: **open** (${reason}), ${severity === 'info' ? 'expected on a web server' : severity}`;
}

function stateSection(state: PortState, record: ScanRecord, allListed: boolean): Section[] {
  const groups = record.groups.filter((group) => group.state === state);
  if (groups.length === 0) return [];
  const count = groups.reduce((sum, { ports }) => sum + portsOf(ports).length, 0);
  const ranges = groups.flatMap(({ ports, reason }) => rangeLines(ports, reason));
  // What has a line of its own above is not said again.
  const lines = state === 'open' || allListed ? [] : ranges;
  return [{ heading: md`${HEADINGS[state]}: ${count}`, lines: [trusted(`*${STATE_MEANING[state]}*`), ...lines] }];
}

/** Folded ranges of one reason, in lines short enough to be cut one by one. */
function rangeLines(ports: string, reason: string): Markdown[] {
  const lines: string[] = [];
  let line = '';
  for (const item of ports.split(',')) {
    if (line !== '' && line.length + item.length + 2 > RANGE_LINE) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? item : `, ${item}`;
  }
  return [...lines, line].map((text) => md`${text} (${reason})`);
}

function tipSection(open: readonly number[], verdicts: readonly Verdict[], record: ScanRecord): Section {
  if (open.length === 0) return { heading: md`What to do`, lines: [quietTip(verdicts, record)] };
  const { tips, more } = hardeningTips(open);
  const lines = tips.map(({ service, ports, text }) => {
    const shown = ports.length <= 3 ? ports.join(', ') : `${ports.slice(0, 3).join(', ')}…`;
    return md`**${service}** (${shown}): ${trusted(text)}`;
  });
  const rest = more > 0 ? [md`…and ${more} more: /explain port:… tells what to do for each.`] : [];
  return { heading: md`What to do, worst first`, lines: [...lines, ...rest] };
}

/** With nothing open there is one quiet line; "nothing to do" only when that is known. */
function quietTip(verdicts: readonly Verdict[], record: ScanRecord): Markdown {
  const untested = record.unprobed + verdicts.filter(({ state }) => state === 'error').length;
  if (untested > 0) return md`Scan again: ${untested} of ${record.unprobed + verdicts.length} ports were not tested.`;
  if (verdicts.every(({ state }) => state === 'filtered')) {
    return md`Check that the host is up and the address is right. A firewall that hides it looks just like this.`;
  }
  return md`Nothing: none of these ports is open.`;
}

/** Silence on every port has two readings, and the states alone do not tell them apart. */
function silenceNote(verdicts: readonly Verdict[], { status }: ScanRecord): Markdown[] {
  if (status === 'down') return [md`The host is down: the network says there is no such machine.`];
  const silent = verdicts.length > 0 && verdicts.every(({ state }) => state === 'filtered');
  return silent ? [md`No port answered: a firewall drops everything from here, or the host is down.`] : [];
}

/** What changes how the rest is read; it stands first so that it is never cut. */
function warningsOf(record: ScanRecord, audience: string): Markdown[] {
  const warnings: Markdown[] = [];
  if (record.stopped) {
    const left = record.unprobed === 1 ? '1 port has' : `${record.unprobed} ports have`;
    warnings.push(md`⚠️ ${STOPPED[record.stopped]}: ${left} no verdict.`);
  }
  for (const suspicion of record.suspicions ?? []) warnings.push(md`⚠️ ${SUSPICION_MEANING[suspicion]}`);
  if (record.warning) warnings.push(md`⚠️ ${record.warning}`);
  if (record.skippedPorts) {
    warnings.push(md`⚠️ Not scanned, because the allowlist does not permit them: ${spaced(record.skippedPorts)}`);
  }
  if (audience === 'not-kept')
    warnings.push(md`⚠️ The result could not be kept: it cannot be shared or repeated by a button.`);
  return warnings;
}

function notesOf(record: ScanRecord): Markdown[] {
  const notes: Markdown[] = [];
  if (record.otherAddresses.length > 0)
    notes.push(md`The name has other addresses too: ${record.otherAddresses.join(', ')}`);
  const { tier, rule } = classifyAddress(record.address);
  if (tier === 'private') {
    notes.push(md`Not on the internet: ${rule}. For an attacker's view: ${code('/explain topic:outside-view')}`);
  }
  return notes;
}

function spaced(ports: string): string {
  return ports.replaceAll(',', ', ');
}

function footerOf(record: ScanRecord, count: number): Markdown {
  const when = `${record.startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  return md`${record.address} · ${count} ${count === 1 ? 'port' : 'ports'} in ${durationText(record.durationMs)} · ${when}`;
}

/** @param ms duration in milliseconds */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(1, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function attachmentOf(record: ScanRecord, verdicts: readonly Verdict[]): Attachment {
  const name = `scan-${record.host.replace(/[^a-z0-9.-]/g, '-').slice(0, 80)}.txt`;
  return {
    name,
    content: () => {
      const head = [
        `host ${record.host}`,
        `address ${record.address}`,
        `started ${record.startedAt}`,
        `ports ${verdicts.length}`,
        ...(record.stopped ? [`${STOPPED[record.stopped]}, ports without a verdict: ${record.unprobed}`] : []),
        ...(record.skippedPorts ? [`not permitted by the allowlist, not scanned: ${record.skippedPorts}`] : []),
        ...(record.warning ? [record.warning] : []),
      ];
      const rows = verdicts.map(({ port, state, reason }) => `${port}/tcp\t${state}\t${reason}\t${serviceOf(port)}`);
      return `${[...head, '', ...rows].join('\n')}\n`;
    },
  };
}
