import { say } from '../engine/phrase.ts';
import { UserError } from '../errors.ts';
import { type AllowlistEntry, isExpired } from '../policy/entry.ts';
import { type Pattern, parsePattern } from '../policy/pattern.ts';
import { visibleText } from '../safeText.ts';
import { parsePortRule } from './portRule.ts';
import { type RuleRequest, shownNote } from './rule.ts';

/** Keeps one server's list small enough to be read in one go at every scan. */
export const MAX_ENTRIES = 1_000;

/** Who changes a list, and when. */
export interface Editor {
  readonly userId: string;
  readonly nowMs: number;
}

export type Put =
  | { readonly outcome: 'new'; readonly entry: AllowlistEntry }
  | { readonly outcome: 'changed'; readonly before: AllowlistEntry; readonly entry: AllowlistEntry }
  | { readonly outcome: 'same'; readonly entry: AllowlistEntry }
  /** The entry has expired, and the request does not say how long it is to last from now. */
  | { readonly outcome: 'expired'; readonly entry: AllowlistEntry }
  | { readonly outcome: 'full' };

/** The list after a step, and what the step was. Nothing to store when `entries` is the list that was given. */
export interface Edit<T> {
  readonly entries: readonly AllowlistEntry[];
  readonly result: T;
}

/** The entries by what they mean: canonical form, or the stored text where it can no longer be read. */
export function byPattern(entries: readonly AllowlistEntry[]): ReadonlyMap<string, AllowlistEntry> {
  const map = new Map<string, AllowlistEntry>();
  for (const entry of entries) {
    const key = keyOf(entry);
    // Of two spellings of one pattern, which older versions could not store, the deny entry counts.
    if (map.get(key)?.effect !== 'deny') map.set(key, entry);
  }
  return map;
}

export function isReadable(entry: AllowlistEntry): boolean {
  return parsePattern(entry.pattern).ok;
}

export function keyOf({ pattern }: AllowlistEntry): string {
  const parsed = parsePattern(pattern);
  return parsed.ok ? parsed.value.canonical : pattern;
}

/** Adds an entry, or changes the one with the same pattern in whatever spelling. */
export function putEntry(entries: readonly AllowlistEntry[], request: RuleRequest, by: Editor): Edit<Put> {
  const put = changeEntry(byPattern(entries).get(request.pattern.canonical), request, by);
  if (put.outcome === 'same' || put.outcome === 'expired' || put.outcome === 'full') return { entries, result: put };
  if (put.outcome === 'new' && entries.length >= MAX_ENTRIES) return { entries, result: { outcome: 'full' } };
  const others = entries.filter((other) => keyOf(other) !== put.entry.pattern);
  return { entries: [...others, put.entry], result: put };
}

/**
 * What a request makes of the entry that is there. What the request does not say stays as it was, so that changing one
 * thing never widens another. Between allow and deny nothing but the note is carried over: ports that were allowed must
 * not become the only ones that are denied.
 */
export function changeEntry(existing: AllowlistEntry | undefined, request: RuleRequest, by: Editor): Put {
  const effect = request.effect ?? existing?.effect ?? 'allow';
  const kept = existing && effectOf(existing) === effect ? existing : undefined;
  if (kept && request.expiresAt === undefined && isExpired(kept, by.nowMs)) return { outcome: 'expired', entry: kept };
  const { ports = kept?.ports, expiresAt = kept?.expiresAt, note = existing?.note } = request;
  const entry: AllowlistEntry = {
    pattern: request.pattern.canonical,
    ...(effect === 'deny' ? { effect } : {}),
    ...(ports === undefined || ports === 'all' ? {} : { ports }),
    ...(expiresAt === undefined || expiresAt === 'never' ? {} : { expiresAt }),
    ...(note === undefined || note === '' ? {} : { note }),
    addedBy: by.userId,
    addedAt: new Date(by.nowMs).toISOString(),
  };
  if (!existing) return { outcome: 'new', entry };
  return ruleOf(existing) === ruleOf(entry)
    ? { outcome: 'same', entry: existing }
    : { outcome: 'changed', before: existing, entry };
}

export function effectOf(entry: AllowlistEntry): 'allow' | 'deny' {
  return entry.effect ?? 'allow';
}

/** What an entry says besides its pattern, in one text: equal for entries that mean and show the same. */
export function ruleOf(entry: AllowlistEntry): string {
  const ports = parsePortRule(entry.ports ?? 'all');
  const endMs = entry.expiresAt === undefined ? null : Date.parse(entry.expiresAt);
  return JSON.stringify([effectOf(entry), ports.ok ? ports.value : entry.ports, endMs, shownNote(entry.note)]);
}

/** Why a request left the list as it was, in words for who made it. */
export function notPut(result: Exclude<Put, { outcome: 'new' | 'changed' }>): UserError {
  if (result.outcome === 'full') {
    const message = say`The list is full (${MAX_ENTRIES} entries). Remove one, or allow a range or *.name.`;
    return new UserError('list-full', message);
  }
  const { pattern, effect = 'add' } = result.entry;
  if (result.outcome === 'expired') {
    const message = say`The entry ${pattern} has expired. Say how long it is to last from now.`;
    return new UserError('expired', message, { option: 'expires', example: say`expires:30d, or expires:never` });
  }
  const message =
    effect === 'deny'
      ? say`${pattern} is on the list already as a deny entry, with the same ports, end and note.`
      : say`${pattern} is on the list already, with the same ports, end and note.`;
  return new UserError('duplicate', message, {
    option: 'target',
    example: say`/targets ${effect} target:${pattern} ports:@web, to change its ports`,
  });
}

/**
 * Takes an entry off: by its pattern in any spelling, or by its text as it is stored or shown, which is the only way to
 * one that can no longer be read.
 */
export function removeEntry(
  entries: readonly AllowlistEntry[],
  text: string,
  pattern: Pattern | undefined,
): Edit<AllowlistEntry | undefined> {
  const isMeant = (entry: AllowlistEntry) => {
    if (entry.pattern === text || (pattern && keyOf(entry) === pattern.canonical)) return true;
    return !isReadable(entry) && visibleText(entry.pattern) === visibleText(text);
  };
  const meant = entries.filter(isMeant);
  if (meant.length === 0) return { entries, result: undefined };
  return { entries: entries.filter((entry) => !meant.includes(entry)), result: meant[0] };
}
