import { type Phrase, say, sentences } from '../engine/phrase.ts';
import type { AllowlistEntry } from './entry.ts';
import { parsePattern } from './pattern.ts';
import { ADMIN, type Refusal } from './refusal.ts';
import type { Target } from './target.ts';

/** @param entry a deny entry that bars the target */
export function explainDenied(target: Target, entry: AllowlistEntry): Refusal {
  const command = `/targets remove target:${entry.pattern}`;
  const message = parsePattern(entry.pattern).ok
    ? say`${target.display} is barred by this server's deny entry ${entry.pattern}.`
    : say`The deny entry ${entry.pattern} cannot be read, so nothing is scanned until it is removed or written anew.`;
  return { code: 'denied', message, remedy: ADMIN, command };
}

/** @param listed the entries that name the target, all of them expired */
export function explainUnlisted(
  target: Target,
  entries: readonly AllowlistEntry[],
  listed: readonly AllowlistEntry[],
): Refusal {
  const add = { remedy: ADMIN, command: `/targets add target:${target.canonical}` };
  const [expired] = listed;
  if (expired) {
    const day = expired.expiresAt?.slice(0, 10);
    const message = day
      ? say`The entry ${expired.pattern} expired on ${day}.`
      : say`The entry ${expired.pattern} expired earlier.`;
    const ports = expired.ports === undefined ? '' : ` ports:${expired.ports}`;
    const command = `/targets add target:${expired.pattern}${ports} expires:30d`;
    return { code: 'expired', message, remedy: ADMIN, command };
  }
  const allowing = entries.filter(({ effect }) => effect !== 'deny');
  if (allowing.length === 0) {
    return {
      code: 'empty-allowlist',
      message: say`This server's allowlist is empty, so nothing may be scanned.`,
      ...add,
    };
  }
  const message = sentences(say`${target.display} is not on this server's allowlist.`, nearMiss(target, allowing));
  return { code: 'not-allowed', message, ...add };
}

/** The two things people expect to match and that deliberately do not. */
function nearMiss(target: Target, entries: readonly AllowlistEntry[]): Phrase | undefined {
  if (target.kind === 'name' && entries.some((entry) => entry.pattern === `*.${target.canonical}`)) {
    return say`The entry *.${target.canonical} allows only names below it, not the name itself.`;
  }
  if (target.kind === 'address' && entries.some(({ pattern }) => /[a-z]/.test(pattern) && !pattern.includes(':'))) {
    return say`An entry for a name does not allow its addresses.`;
  }
  return undefined;
}
