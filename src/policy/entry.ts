import { readPorts } from '../engine/ports/intervals.ts';
import { cidrContains, matches, type Pattern, parsePattern } from './pattern.ts';
import { addressTarget, type Target } from './target.ts';

/** One line of a server's list. */
export interface AllowlistEntry {
  /** Canonical text of the pattern; unique in a server. */
  readonly pattern: string;
  /** A deny entry beats every allow entry; absent = the entry allows. */
  readonly effect?: 'deny' | undefined;
  /** The ports that it allows or denies, as `formatPorts` writes them; absent = all. */
  readonly ports?: string | undefined;
  /** ISO 8601 UTC; from then on the entry does nothing. */
  readonly expiresAt?: string | undefined;
  readonly note?: string | undefined;
  readonly addedBy: string;
  readonly addedAt: string;
}

/** A date that cannot be read has passed for an entry that allows, and never passes for one that denies. */
export function isExpired(entry: AllowlistEntry, nowMs: number): boolean {
  if (entry.expiresAt === undefined) return false;
  const endMs = Date.parse(entry.expiresAt);
  return Number.isNaN(endMs) ? entry.effect !== 'deny' : endMs <= nowMs;
}

/** Does an allow entry allow the target? A pattern that no longer parses allows nothing. */
export function allows(entry: AllowlistEntry, target: Target): boolean {
  if (entry.effect === 'deny') return false;
  const pattern = parsePattern(entry.pattern);
  return pattern.ok && matches(pattern.value, target);
}

/**
 * Does a deny entry bar the target, itself or by one of the addresses that its name resolved to? Wider than
 * {@link allows}: a range's first and last address and names across a public suffix are barred too, and a pattern that no
 * longer parses bars everything.
 */
export function denies(entry: AllowlistEntry, target: Target, addresses: readonly string[]): boolean {
  if (entry.effect !== 'deny') return false;
  const pattern = parsePattern(entry.pattern);
  if (!pattern.ok) return true;
  return [target, ...addresses.map(addressTarget)].some((what) => bars(pattern.value, what));
}

function bars(pattern: Pattern, target: Target): boolean {
  if (pattern.kind === 'wildcard') return target.kind === 'name' && target.canonical.endsWith(`.${pattern.base}`);
  if (pattern.kind === 'cidr') return target.kind === 'address' && cidrContains(pattern, target.canonical);
  return pattern.kind === target.kind && pattern.canonical === target.canonical;
}

/**
 * The union of the ports of entries; `'all'` when one of them has no limit. Ports that cannot be read are none for entries
 * that allow, and all for entries that deny.
 */
export function portsOf(entries: readonly AllowlistEntry[]): ReadonlySet<number> | 'all' {
  const union = new Set<number>();
  for (const { ports, effect } of entries) {
    const list = ports === undefined ? undefined : readPorts(ports);
    if (ports === undefined || (list === undefined && effect === 'deny')) return 'all';
    for (const port of list ?? []) union.add(port);
  }
  return union;
}
