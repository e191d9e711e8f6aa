import type { Parsed } from '../engine/parsed.ts';
import { type Phrase, say } from '../engine/phrase.ts';
import { problem, quote } from './problems.ts';

const DAY_MS = 24 * 60 * 60_000;
const UNITS: ReadonlyMap<string, number> = new Map([
  ['h', DAY_MS / 24],
  ['d', DAY_MS],
  ['w', 7 * DAY_MS],
]);
const LONGEST_MS = 10 * 366 * DAY_MS;
const EXAMPLE = say`30d, 12h, 6w or 2027-01-31`;

/**
 * Reads when an entry ends: a duration from now in hours, days or weeks (`12h`, `30d`, `6w`), or a date (`2027-01-31`,
 * valid to the end of that day, UTC).
 *
 * @returns the end in ISO 8601 UTC
 */
export function parseExpiry(raw: string, nowMs: number): Parsed<string, Phrase> {
  const text = raw.trim();
  const [, count, unit] = /^([1-9]\d{0,4})([hdw])$/.exec(text) ?? [];
  const endMs = count && unit ? nowMs + Number(count) * (UNITS.get(unit) ?? 0) : endOfDay(text);
  if (endMs === undefined) {
    return problem('bad-expiry', say`${quote(text)} is neither a duration nor a date.`, EXAMPLE);
  }
  if (endMs <= nowMs) return problem('past-expiry', say`${quote(text)} is in the past.`, EXAMPLE);
  if (endMs - nowMs > LONGEST_MS) {
    return problem('far-expiry', say`${quote(text)} is more than ten years away. Leave it out for no end.`, EXAMPLE);
  }
  return { ok: true, value: new Date(endMs).toISOString() };
}

function endOfDay(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const start = Date.parse(`${text}T00:00:00Z`);
  // Some engines roll 2027-02-31 over into March.
  const real = !Number.isNaN(start) && new Date(start).toISOString().startsWith(text);
  return real ? start + DAY_MS : undefined;
}
