import type { CellState, Timeline } from './timeline.ts';

/** Every word of the picture. The font has Latin, Greek and Cyrillic letters. */
export const WORDS = {
  title: 'Ports over time',
  states: { open: 'open', closed: 'closed', filtered: 'filtered', unknown: 'not scanned' } satisfies Record<
    CellState,
    string
  >,
  scans: (count: number, first: string, last: string) =>
    first === last
      ? `${count} ${count === 1 ? 'scan' : 'scans'}, ${last}, UTC`
      : `${count} scans, ${first} to ${last}, UTC`,
  left: (ports: readonly number[]) => {
    const shown = ports.slice(0, LEFT_SHOWN).join(', ');
    const more = ports.length > LEFT_SHOWN ? ' and others' : '';
    return `${ports.length} more ${ports.length === 1 ? 'port' : 'ports'}, open at times: ${shown}${more}`;
  },
} as const;

const LEFT_SHOWN = 5;
const MAX_ALT = 900;

/** @returns such as `24 Nov` */
export function dayOf(iso: string): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(iso));
}

/** The picture in words, for who cannot see it: at most 1,024 characters, Discord's limit for descriptions. */
export function altText({ host, runs, rows, left }: Timeline): string {
  const first = runs[0] ?? '';
  const last = runs.at(-1) ?? '';
  const head = `${WORDS.title} of ${host}: ${WORDS.scans(runs.length, dayOf(first), dayOf(last))}.`;
  const lines: string[] = [];
  let length = head.length;
  for (const { port, cells } of rows) {
    const line = ` Port ${port}: ${pathOf(cells)}.`;
    if (length + line.length > MAX_ALT) break;
    lines.push(line);
    length += line.length;
  }
  const missing = rows.length - lines.length + left.length;
  return `${head}${lines.join('')}${missing > 0 ? ` ${missing} more ports.` : ''}`;
}

/** The states one after the other, each once while it lasts. */
function pathOf(cells: readonly CellState[]): string {
  const known = cells.filter((cell) => cell !== 'unknown');
  const path = known.filter((cell, i) => cell !== known[i - 1]).map((cell) => WORDS.states[cell]);
  return path.join(', then ');
}
