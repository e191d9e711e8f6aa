import { compareSeverity } from '../../../advice/guide.ts';
import { STATE_SENTENCE } from '../../../advice/topics.ts';
import { usualService } from '../../../advice/usualService.ts';
import { STATE_HEADINGS, visiblePhrase } from '../../../advice/words.ts';
import { say } from '../../../engine/phrase.ts';
import type { PortState } from '../../../engine/types.ts';
import { PORT_STATES } from '../../../engine/types.ts';
import { portsOf, readResult, type ScanResult, type Verdict } from '../../../scans/result.ts';
import type { ScanRecord } from '../../../storage/scanRecords.ts';
import type { Button, Card, Menu, Section, Tone } from '../../card.ts';
import { LIMITS } from '../../limits.ts';
import { type Markdown, md, mdCounted, trusted } from '../../markdown.ts';
import { adviceSections } from './adviceSections.ts';
import { attachmentOf } from './attachment.ts';
import { changeSections } from './changeSections.ts';
import { durationText } from './durationText.ts';
import { notesOf, warningsOf } from './notes.ts';
import { openLine, quietLine } from './portLines.ts';

/** Up to here every port gets a line of its own, whatever its state; beyond, only open ports do. */
const EVERY_PORT_LISTED = 10;
const RANGE_LINE = 110;
/** Discord takes five rows, and the buttons are one. */
const MAX_MENUS = 4;

export type Audience = 'mine' | 'shared' | 'not-kept';

/**
 * The finished reply of a scan, from its record alone: the same record gives the same card. `mine`: the private reply
 * with its buttons; `shared`: the same for the whole channel, naming who asked; `not-kept`: private, and without the
 * buttons, which need the stored record. `before`: an earlier result, to say what changed since.
 */
export function scanCard(record: ScanRecord, audience: Audience, before?: ScanRecord): Card {
  const result = readResult(record);
  const { verdicts, open } = result;
  const isShort = verdicts.length <= EVERY_PORT_LISTED;
  const openByPort = new Map(open.map((each) => [each.port, each]));
  const lines = (isShort ? verdicts : open).map((each) => {
    const openPort = openByPort.get(each.port);
    return openPort ? openLine(openPort) : quietLine(each as Verdict);
  });
  const asker = audience === 'shared' ? [md`Asked by ${trusted(`<@${record.userId}>`)}`] : [];
  return {
    tone: toneOf(result),
    title: titleOf(result),
    lines: [...warningsOf(result, audience !== 'not-kept'), ...lines, ...notesOf(result), ...asker],
    sections: [
      ...(before ? changeSections(readResult(before), result) : []),
      ...adviceSections(result),
      ...PORT_STATES.flatMap((state) => stateSection(state, record, isShort)),
    ],
    footer: footerOf(record, verdicts.length),
    attachment: attachmentOf(result),
    buttons: buttonsOf(record, audience),
    menus: menusOf(result, audience),
  };
}

function buttonsOf({ id }: ScanRecord, audience: Audience): Button[] {
  const rescan: Button = { label: say`Rescan`, style: 'primary', customId: `scan:rescan:${id}` };
  const share: Button = { label: say`Share`, style: 'secondary', customId: `scan:share:${id}` };
  const details: Button = { label: say`Details`, style: 'secondary', customId: `scan:details:${id}` };
  const take: Button = { label: say`Export`, style: 'secondary', customId: `scan:export:${id}` };
  if (audience === 'not-kept') return [];
  return audience === 'mine' ? [rescan, share, details, take] : [rescan, details];
}

function menusOf({ record, open }: ScanResult, audience: Audience): Menu[] {
  if (audience === 'not-kept') return [];
  const worst = [...open].sort((a, b) => compareSeverity(a.severity, b.severity) || a.port - b.port);
  const offered = worst.slice(0, MAX_MENUS * LIMITS.choices).sort((a, b) => a.port - b.port);
  const options = offered.map(({ port, service }) => ({
    label: say`${port}/tcp ${usualService(port)}`,
    value: String(port),
    ...(service && { description: visiblePhrase(service.text) }),
  }));
  const parts = chunked(options, LIMITS.choices);
  return parts.map((part, index) => ({
    placeholder:
      parts.length === 1
        ? say`Explain an open port…`
        : say`Explain an open port: ${part[0]?.value ?? ''} to ${part.at(-1)?.value ?? ''}…`,
    // Discord wants a different id for each component of a message.
    customId: `scan:explain:${record.id}${index === 0 ? '' : `.${index}`}`,
    options: part,
  }));
}

function chunked<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

function toneOf({ record, verdicts, open, answersEverything }: ScanResult): Tone {
  if (record.stopped || answersEverything) return 'notice';
  if (verdicts.length > 0 && verdicts.every(({ state }) => state === 'error')) return 'notice';
  const [worst] = open.map(({ severity }) => severity).sort(compareSeverity);
  if (worst === 'critical' || worst === 'high') return 'danger';
  return worst === 'medium' || worst === 'low' ? 'notice' : 'good';
}

/** The answer in one line, and never more than is known. */
function titleOf({ record, verdicts, open }: ScanResult): Markdown {
  const every = (state: PortState) => verdicts.length > 0 && verdicts.every((verdict) => verdict.state === state);
  if (every('error')) return md`Could not be tested: ${record.display}`;
  if (every('filtered') && !record.stopped) return md`No answer from ${record.display}`;
  return openTitle(open.length, record, verdicts.length);
}

/** Each a sentence of its own: word order differs between languages. */
function openTitle(open: number, { display, stopped, unprobed, skippedPorts }: ScanRecord, scanned: number): Markdown {
  if (stopped && unprobed > 0) {
    if (open === 0) return md`No open ports so far on ${display}`;
    return mdCounted(open, md`${open} open port so far on ${display}`, md`${open} open ports so far on ${display}`);
  }
  if (skippedPorts && scanned > 1) {
    if (open === 0) return md`No open ports among the ${scanned} scanned on ${display}`;
    return mdCounted(
      open,
      md`${open} open port among the ${scanned} scanned on ${display}`,
      md`${open} open ports among the ${scanned} scanned on ${display}`,
    );
  }
  if (open === 0) return md`No open ports on ${display}`;
  return mdCounted(open, md`${open} open port on ${display}`, md`${open} open ports on ${display}`);
}

function stateSection(state: PortState, record: ScanRecord, allListed: boolean): Section[] {
  const groups = record.groups.filter((group) => group.state === state);
  if (groups.length === 0) return [];
  const count = groups.reduce((sum, { ports }) => sum + portsOf(ports).length, 0);
  const ranges = groups.flatMap(({ ports, reason }) => rangeLines(ports, reason));
  // What has a line of its own above is not said again.
  const lines = state === 'open' || allListed ? [] : ranges;
  return [
    { heading: md`${STATE_HEADINGS[state]}: ${count}`, lines: [md`*${trusted(STATE_SENTENCE[state])}*`, ...lines] },
  ];
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

function footerOf(record: ScanRecord, count: number): Markdown {
  const { address, startedAt, durationMs } = record;
  const when = startedAt.slice(0, 16).replace('T', ' ');
  const time = durationText(durationMs);
  return mdCounted(
    count,
    md`${address} · ${count} port in ${time} · ${when} UTC`,
    md`${address} · ${count} ports in ${time} · ${when} UTC`,
  );
}
