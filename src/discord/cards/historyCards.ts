import { formatPorts } from '../../engine/ports/intervals.ts';
import { type Comparison, type FindingChange, isUnchanged, type StateChange } from '../../scans/compare.ts';
import type { ScanResult } from '../../scans/result.ts';
import type { Card, Picture, Section } from '../card.ts';
import { type Markdown, md, trusted } from '../markdown.ts';
import { MARKS } from './scan/adviceSections.ts';

/** One run of a host, and what changed since the one that it is compared with. */
export interface HistoryEntry {
  readonly result: ScanResult;
  /** Undefined when no earlier run that is kept has a port in common. */
  readonly changes: Comparison | undefined;
}

export interface HistoryView {
  readonly display: string;
  /** Newest first. */
  readonly entries: readonly HistoryEntry[];
  /** Runs that are kept, shown or not. */
  readonly kept: number;
  readonly days: number;
  /** Undefined when no port was ever open. */
  readonly picture: Picture | undefined;
}

const PORTS_SHOWN = 12;
const FINDINGS_SHOWN = 3;
const SERVICES_SHOWN = 3;

/** The last runs of a host, newest first, each with what changed. */
export function historyCard({ display, entries, kept, days, picture }: HistoryView): Card {
  const lines = entries.flatMap(({ result, changes }) => [runLine(result), ...changeLines(changes), trusted('')]);
  const worse = entries[0]?.changes;
  const opened = worse !== undefined && (worse.opened.length > 0 || worse.newFindings.length > 0);
  const shown = entries.length < kept ? ` The last ${entries.length} are shown.` : '';
  return {
    tone: opened ? 'notice' : 'info',
    title: md`History of ${display}`,
    lines,
    ...(picture ? {} : { sections: [noPicture()] }),
    footer: md`${kept === 1 ? '1 scan is' : `${kept} scans are`} kept, each for ${days === 1 ? '1 day' : `${days} days`}.${shown}`,
    attachment: { name: 'history.txt', content: () => fileOf(display, entries) },
    ...(picture && { picture }),
  };
}

function noPicture(): Section {
  return { heading: md`No picture`, lines: [md`No port was open in any of these scans.`] };
}

/** There is nothing to show, and why. */
export function noHistoryCard(display: string, days: number): Card {
  return {
    tone: 'refused',
    title: md`No history of ${display}`,
    lines: [
      md`No scan of this host is kept here. Results are kept for ${days === 1 ? '1 day' : `${days} days`}.`,
      md`Run /scan; the next scans show what changed.`,
    ],
  };
}

function runLine({ record, verdicts, open }: ScanResult): Markdown {
  // Discord shows the time of day where the reader is.
  const at = trusted(`<t:${Math.floor(Date.parse(record.startedAt) / 1_000)}:f>`);
  const partial = record.stopped ? md`, stopped early` : md``;
  return md`**${at}**: ${open.length} open of ${verdicts.length} ${verdicts.length === 1 ? 'port' : 'ports'}${partial}`;
}

/**
 * What changed, one line each, at least one. For the reply to a rescan as well.
 *
 * @param changes undefined when there was nothing to compare with
 */
export function changeLines(changes: Comparison | undefined): Markdown[] {
  if (changes === undefined) return [md`• No earlier scan to compare with.`];
  const { opened, closed, filtered, otherStates, services, newFindings, goneFindings, address } = changes;
  const lines = [
    ...portLine('Opened', opened),
    ...portLine('Closed', closed),
    ...portLine('No answer any more (filtered)', filtered),
    ...otherStateLines(otherStates),
    ...services.slice(0, SERVICES_SHOWN).map(({ port, before, after }) => md`• ${port}/tcp: ${before} is now ${after}`),
    ...moreLine(services.length - SERVICES_SHOWN, 'services changed'),
    ...findingLines('New', newFindings),
    ...findingLines('Gone', goneFindings),
    ...(address ? [md`• Another address: ${address.before}, now ${address.after}`] : []),
  ];
  const scope = scopeLine(changes);
  return isUnchanged(changes) ? [md`• No change.`, ...scope] : [...lines, ...scope];
}

function portLine(word: string, changes: readonly StateChange[]): Markdown[] {
  return changes.length === 0 ? [] : [md`• ${word}: ${portList(changes.map(({ port }) => port))}`];
}

function otherStateLines(changes: readonly StateChange[]): Markdown[] {
  const byKind = [...Map.groupBy(changes, ({ before, after }) => `${before}, now ${after}`)];
  return byKind.map(([kind, own]) => md`• Was ${kind}: ${portList(own.map(({ port }) => port))}`);
}

function findingLines(word: string, changes: readonly FindingChange[]): Markdown[] {
  return [
    ...changes
      .slice(0, FINDINGS_SHOWN)
      .map(
        ({ severity, title, ports }) => md`• ${word}: ${MARKS[severity]} ${title} (${portList(ports)}), ${severity}`,
      ),
    ...moreLine(changes.length - FINDINGS_SHOWN, word === 'New' ? 'new findings' : 'findings are gone'),
  ];
}

function moreLine(count: number, what: string): Markdown[] {
  return count > 0 ? [md`• ${count} more ${what}`] : [];
}

/** Only when the two scans did not look at the same ports. */
function scopeLine({ compared, onlyBefore, onlyAfter }: Comparison): Markdown[] {
  if (onlyBefore === 0 && onlyAfter === 0) return [];
  return [md`• Compared: the ${compared} ${compared === 1 ? 'port' : 'ports'} that both scans have.`];
}

function portList(ports: readonly number[]): string {
  const shown = formatPorts(ports.slice(0, PORTS_SHOWN)).replaceAll(',', ', ');
  return ports.length > PORTS_SHOWN ? `${shown} and ${ports.length - PORTS_SHOWN} more` : shown;
}

/** All of it as text, for when the reply had to leave something out. */
function fileOf(display: string, entries: readonly HistoryEntry[]): string {
  const runs = entries.map(({ result, changes }) => {
    const { record, open } = result;
    const ports = formatPorts(open.map(({ port }) => port)).replaceAll(',', ', ');
    const head = `${record.startedAt}  ${record.address}  open: ${ports || 'none'}`;
    return [head, ...changeLines(changes).map(({ text }) => `  ${text}`)].join('\n');
  });
  return `History of ${display}\n\n${runs.join('\n\n')}\n`;
}
