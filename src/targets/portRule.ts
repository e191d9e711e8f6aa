import type { Parsed } from '../engine/parsed.ts';
import { parsePorts } from '../engine/ports/grammar.ts';
import { type Interval, MAX_PORT, mergeIntervals } from '../engine/ports/intervals.ts';
import { isWord } from './rule.ts';

/** Longer than what `add` can store: 4,000 typed characters with every preset written out. */
const MAX_TEXT = 20_000;

/**
 * Reads the ports of an entry: `all`, or a list as in {@link parsePorts}. The value is `all`, or the text that
 * `formatPorts` would write. Time is linear in the text: a file may hold thousands of lists of 65,535 ports, so ranges
 * are never written out port by port.
 */
export function parsePortRule(text: string): Parsed<string> {
  if (isWord(text, 'all')) return { ok: true, value: 'all' };
  const intervals = text.length > MAX_TEXT ? undefined : readIntervals(text);
  if (intervals) return { ok: true, value: formatIntervals(intervals) };
  // The whole text once more, for the problem in the grammar's own words.
  const parsed = parsePorts(text, { maxPorts: MAX_PORT });
  return parsed.ok ? { ok: true, value: formatIntervals(asIntervals(parsed.value)) } : parsed;
}

function readIntervals(text: string): readonly Interval[] | undefined {
  const intervals: Interval[] = [];
  const items = new Set(text.split(',').flatMap((part) => part.match(/[^ \t]+/g) ?? ['']));
  for (const item of items) {
    const read = readNumbers(item) ?? readName(item);
    if (!read) return undefined;
    intervals.push(...read);
  }
  return intervals;
}

function readNumbers(item: string): readonly Interval[] | undefined {
  const [, first, last] = /^([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?(?:\/tcp)?$/i.exec(item) ?? [];
  if (first === undefined) return undefined;
  const interval = [Number(first), Number(last ?? first)] as const;
  return interval[0] <= interval[1] && interval[1] <= MAX_PORT ? [interval] : undefined;
}

/** Service names and presets hold few ports each. */
function readName(item: string): readonly Interval[] | undefined {
  const parsed = parsePorts(item, { maxPorts: MAX_PORT });
  return parsed.ok ? asIntervals(parsed.value) : undefined;
}

function asIntervals(ports: readonly number[]): readonly Interval[] {
  return ports.map((port) => [port, port]);
}

/** As `formatPorts`: three or more in a row make a range. */
function formatIntervals(intervals: readonly Interval[]): string {
  const items = mergeIntervals(intervals).map(([first, last]) => {
    if (first === last) return `${first}`;
    return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
  });
  return items.join(',');
}
