import { listOf, SEVERITY_WORDS, STATE_WORDS } from '../../../advice/words.ts';
import type { Phrase } from '../../../engine/phrase.ts';
import { formatPorts } from '../../../engine/ports/intervals.ts';
import {
  type Comparison,
  compareScans,
  type FindingChange,
  isUnchanged,
  type StateChange,
} from '../../../scans/compare.ts';
import type { ScanResult } from '../../../scans/result.ts';
import type { Section } from '../../card.ts';
import { type Markdown, md, mdCounted } from '../../markdown.ts';
import { MARKS } from './adviceSections.ts';

const PORTS_SHOWN = 12;
const FINDINGS_SHOWN = 3;
const SERVICES_SHOWN = 3;

/** What changed since an earlier result of the same host. */
export function changeSections(before: ScanResult, after: ScanResult): Section[] {
  const changes = compareScans(before, after);
  if (changes.compared === 0) return [];
  const since = before.record.startedAt.slice(0, 16).replace('T', ' ');
  return [{ heading: md`Since ${since} UTC`, lines: changeLines(changes) }];
}

/**
 * What changed, one line each, at least one.
 *
 * @param changes undefined when there was nothing to compare with
 */
export function changeLines(changes: Comparison | undefined): Markdown[] {
  if (changes === undefined) return [md`• No earlier scan to compare with.`];
  const { opened, closed, filtered, otherStates, newFindings, goneFindings, address } = changes;
  const lines = [
    ...portLine(opened, (ports) => md`• Opened: ${ports}`),
    ...portLine(closed, (ports) => md`• Closed: ${ports}`),
    ...portLine(filtered, (ports) => md`• No answer any more (filtered): ${ports}`),
    ...otherStateLines(otherStates),
    ...serviceLines(changes),
    ...newLines(newFindings),
    ...goneLines(goneFindings),
    ...(address ? [md`• Another address: ${address.before}, now ${address.after}`] : []),
  ];
  const scope = scopeLine(changes);
  return isUnchanged(changes) ? [md`• No change.`, ...scope] : [...lines, ...scope];
}

function portLine(changes: readonly StateChange[], line: (ports: Phrase) => Markdown): Markdown[] {
  return changes.length === 0 ? [] : [line(portList(changes.map(({ port }) => port)))];
}

function otherStateLines(changes: readonly StateChange[]): Markdown[] {
  const byKind = Map.groupBy(changes, ({ before, after }) => `${before} ${after}`).values();
  return [...byKind].flatMap((own) => {
    const [first] = own;
    if (!first) return [];
    const ports = portList(own.map(({ port }) => port));
    return [md`• Was ${STATE_WORDS[first.before]}, now ${STATE_WORDS[first.after]}: ${ports}`];
  });
}

function serviceLines({ services }: Comparison): Markdown[] {
  return [
    ...services.slice(0, SERVICES_SHOWN).map(({ port, before, after }) => md`• ${port}/tcp: ${before} is now ${after}`),
    ...moreLine(
      services.length - SERVICES_SHOWN,
      (count) => md`• ${count} more service changed`,
      (count) => md`• ${count} more services changed`,
    ),
  ];
}

function newLines(changes: readonly FindingChange[]): Markdown[] {
  return [
    ...changes.slice(0, FINDINGS_SHOWN).map((change) => md`• New: ${findingWords(change)}`),
    ...moreLine(
      changes.length - FINDINGS_SHOWN,
      (count) => md`• ${count} more new finding`,
      (count) => md`• ${count} more new findings`,
    ),
  ];
}

function goneLines(changes: readonly FindingChange[]): Markdown[] {
  return [
    ...changes.slice(0, FINDINGS_SHOWN).map((change) => md`• Gone: ${findingWords(change)}`),
    ...moreLine(
      changes.length - FINDINGS_SHOWN,
      (count) => md`• ${count} more finding is gone`,
      (count) => md`• ${count} more findings are gone`,
    ),
  ];
}

function findingWords({ severity, title, ports }: FindingChange): Markdown {
  return md`${MARKS[severity]} ${title} (${portList(ports)}), ${SEVERITY_WORDS[severity]}`;
}

function moreLine(count: number, one: (count: number) => Markdown, other: (count: number) => Markdown): Markdown[] {
  return count > 0 ? [mdCounted(count, one(count), other(count))] : [];
}

/** Only when the two scans did not look at the same ports. */
function scopeLine({ compared, onlyBefore, onlyAfter }: Comparison): Markdown[] {
  if (onlyBefore === 0 && onlyAfter === 0) return [];
  return [
    mdCounted(
      compared,
      md`• Compared: the ${compared} port that both scans have.`,
      md`• Compared: the ${compared} ports that both scans have.`,
    ),
  ];
}

function portList(ports: readonly number[]): Phrase {
  const shown = formatPorts(ports.slice(0, PORTS_SHOWN)).replaceAll(',', ', ');
  return listOf(shown, ports.length - PORTS_SHOWN);
}
