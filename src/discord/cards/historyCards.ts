import { counted, type Phrase, say } from '../../engine/phrase.ts';
import { formatPorts } from '../../engine/ports/intervals.ts';
import type { Comparison } from '../../scans/compare.ts';
import type { ScanResult } from '../../scans/result.ts';
import type { Card, Picture, Section } from '../card.ts';
import { join, type Markdown, md, mdCounted, trusted } from '../markdown.ts';
import { changeLines } from './scan/changeSections.ts';

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

/** The last runs of a host, newest first, each with what changed. */
export function historyCard({ display, entries, kept, days, picture }: HistoryView): Card {
  const lines = entries.flatMap(({ result, changes }) => [runLine(result), ...changeLines(changes), trusted('')]);
  const worse = entries[0]?.changes;
  const opened = worse !== undefined && (worse.opened.length > 0 || worse.newFindings.length > 0);
  return {
    tone: opened ? 'notice' : 'info',
    title: md`History of ${display}`,
    lines,
    ...(picture ? {} : { sections: [noPicture()] }),
    footer: keptLine(kept, days, entries.length),
    attachment: { name: 'history.txt', content: () => fileOf(display, entries) },
    ...(picture && { picture }),
  };
}

function keptLine(kept: number, days: number, shown: number): Markdown {
  const time = daysText(days);
  const all = mdCounted(
    kept,
    md`${kept} scan is kept, each for ${time}.`,
    md`${kept} scans are kept, each for ${time}.`,
  );
  if (shown >= kept) return all;
  return join([all, mdCounted(shown, md`The last ${shown} is shown.`, md`The last ${shown} are shown.`)], ' ');
}

function daysText(days: number): Phrase {
  return counted(days, say`${days} day`, say`${days} days`);
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
      md`No scan of this host is kept here. Results are kept for ${daysText(days)}.`,
      md`Run ${'/scan'}; the next scans show what changed.`,
    ],
  };
}

function runLine({ record, verdicts, open }: ScanResult): Markdown {
  // Discord shows the time of day where the reader is.
  const at = trusted(`<t:${Math.floor(Date.parse(record.startedAt) / 1_000)}:f>`);
  const { length } = verdicts;
  if (record.stopped) {
    return mdCounted(
      length,
      md`**${at}**: ${open.length} open of ${length} port, stopped early`,
      md`**${at}**: ${open.length} open of ${length} ports, stopped early`,
    );
  }
  return mdCounted(
    length,
    md`**${at}**: ${open.length} open of ${length} port`,
    md`**${at}**: ${open.length} open of ${length} ports`,
  );
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
