import type { Parsed } from '../engine/parsed.ts';
import { admit, type Rules } from './decide.ts';
import { isExpired } from './entry.ts';
import { judgePattern } from './judge.ts';
import { parsePattern } from './pattern.ts';
import { parseTarget, type Target } from './target.ts';

/** As many as Discord shows: this runs at every key, and reading a thousand international names takes a while. */
const MAX_LISTED = 25;

/** The allowed hosts that match what is typed; only what a scan would accept, so nothing else is given away. */
export function suggestTargets(typed: string, { entries, operator, nowMs }: Rules): readonly Target[] {
  const wanted = typed.trim().toLowerCase();
  const listed = entries
    .values()
    .filter((entry) => entry.effect !== 'deny' && entry.pattern.includes(wanted) && !isExpired(entry, nowMs))
    .flatMap(({ pattern }) => valuesOf(parsePattern(pattern)))
    .filter((pattern): pattern is Target => pattern.kind === 'name' || pattern.kind === 'address')
    .filter((target) => !judgePattern(target, operator))
    .take(MAX_LISTED)
    .toArray();
  // A host below a wildcard or in a range is not listed itself: offer what was typed when it would be accepted.
  const own = valuesOf(parseTarget(typed)).filter(
    (target) =>
      admit(target, { entries, operator, nowMs }).allowed &&
      !listed.some(({ canonical }) => canonical === target.canonical),
  );
  return [...own, ...listed];
}

function valuesOf<T>(parsed: Parsed<T>): T[] {
  return parsed.ok ? [parsed.value] : [];
}
