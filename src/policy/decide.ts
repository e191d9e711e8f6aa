import { formatPorts, readPorts } from '../engine/ports/intervals.ts';
import { type AddressClass, classifyAddress, classifyRange } from './addressClass.ts';
import { type Cidr, cidrContains, matches, type Pattern, parsePattern } from './pattern.ts';
import type { Target } from './target.ts';

/** One line of a server's allowlist. */
export interface AllowlistEntry {
  /** Canonical text of the pattern; unique in a server. */
  readonly pattern: string;
  /** Permitted ports as `formatPorts` writes them; absent = all. */
  readonly ports?: string | undefined;
  /** ISO 8601 UTC; from then on the entry allows nothing. */
  readonly expiresAt?: string | undefined;
  readonly note?: string | undefined;
  readonly addedBy: string;
  readonly addedAt: string;
}

/** What the operator decided for all servers, from the configuration. */
export interface OperatorPolicy {
  /** Ranges beyond the public internet that servers may allow. */
  readonly privateRanges: readonly Cidr[];
  /** Nobody scans these, whatever a server allows; a name covers itself and all names below it. */
  readonly blocklist: readonly Pattern[];
}

export type RefusalCode =
  | 'empty-allowlist'
  | 'not-allowed'
  | 'expired'
  | 'ports-not-allowed'
  | 'blocklisted'
  | 'special-address'
  | 'private-address';

export interface Refusal {
  readonly code: RefusalCode;
  /** Which rule refused, in a sentence for a person. */
  readonly message: string;
  /** Who can change it, and how. */
  readonly remedy: string;
  /** A command that would change it. */
  readonly command?: string;
}

export type Decision =
  | {
      readonly allowed: true;
      /** The asked ports that the matching entries permit. */
      readonly ports: readonly number[];
      readonly skippedPorts: readonly number[];
      /** The entries that allow the target. */
      readonly entries: readonly AllowlistEntry[];
    }
  | Refused;

export interface Refused {
  readonly allowed: false;
  readonly refusal: Refusal;
}

const ADMIN = 'A member with Manage Server can change that:';
const OPERATOR = 'Only the operator of this bot can change that';

/**
 * May this server scan this target on any port? Pure: the caller reads the server's entries and the clock. Order: the
 * operator's blocklist, the address class (when the target is an address), the server's allowlist, its expiry. A name's
 * addresses are judged after resolution by {@link judgeAddress}.
 */
export function admit(
  target: Target,
  entries: readonly AllowlistEntry[],
  operator: OperatorPolicy,
  nowMs: number,
): { readonly allowed: true; readonly entries: readonly AllowlistEntry[] } | Refused {
  const barred = target.kind === 'address' ? judgeAddress(target.canonical, operator) : judgeName(target, operator);
  if (barred) return { allowed: false, refusal: barred };
  const listed = entries.filter((entry) => entryMatches(entry, target));
  const live = listed.filter((entry) => !isExpired(entry, nowMs));
  if (live.length > 0) return { allowed: true, entries: live };
  return { allowed: false, refusal: explainUnlisted(target, entries, listed) };
}

/** May this server scan these ports of this target? {@link admit}, then the ports that the matching entries permit. */
export function decide(
  target: Target,
  ports: readonly number[],
  entries: readonly AllowlistEntry[],
  operator: OperatorPolicy,
  nowMs: number,
): Decision {
  const admitted = admit(target, entries, operator, nowMs);
  if (!admitted.allowed) return admitted;
  const permitted = permittedPorts(admitted.entries);
  if (!permitted) return { allowed: true, ports, skippedPorts: [], entries: admitted.entries };
  const kept = ports.filter((port) => permitted.has(port));
  const skippedPorts = ports.filter((port) => !permitted.has(port));
  if (kept.length > 0) return { allowed: true, ports: kept, skippedPorts, entries: admitted.entries };
  const list = formatPorts([...permitted].sort((a, b) => a - b)).replaceAll(',', ', ');
  const refusal: Refusal = {
    code: 'ports-not-allowed',
    message: `${target.display} is allowed only on these ports: ${list || 'none'}.`,
    remedy: ADMIN,
    command: `/targets add target:${admitted.entries[0]?.pattern} ports:…`,
  };
  return { allowed: false, refusal };
}

export function isExpired(entry: AllowlistEntry, nowMs: number): boolean {
  return entry.expiresAt !== undefined && !(Date.parse(entry.expiresAt) > nowMs);
}

function entryMatches(entry: AllowlistEntry, target: Target): boolean {
  const pattern = parsePattern(entry.pattern);
  return pattern.ok && matches(pattern.value, target);
}

/** The union of the entries' ports; undefined when one of them permits every port. Unreadable ports permit none. */
function permittedPorts(entries: readonly AllowlistEntry[]): ReadonlySet<number> | undefined {
  const permitted = new Set<number>();
  for (const entry of entries) {
    if (entry.ports === undefined) return undefined;
    for (const port of readPorts(entry.ports) ?? []) permitted.add(port);
  }
  return permitted;
}

/** Judges one address, whether a person typed it or a name resolved to it. Returns why it must not be scanned. */
export function judgeAddress(address: string, operator: OperatorPolicy): Refusal | undefined {
  const blocked = operator.blocklist.some((pattern) => {
    if (pattern.kind === 'cidr') return cidrContains(pattern, address);
    return pattern.kind === 'address' && pattern.canonical === address;
  });
  if (blocked) return blocklisted(address);
  return judgeClass(
    address,
    classifyAddress(address),
    operator.privateRanges.some((range) => cidrContains(range, address)),
  );
}

/**
 * May this pattern stand on an allowlist at all? Refuses what no scan could ever use, so that a mistake is met when it is
 * made.
 */
export function judgePattern(pattern: Pattern, operator: OperatorPolicy): Refusal | undefined {
  if (pattern.kind === 'address') return judgeAddress(pattern.canonical, operator);
  if (pattern.kind === 'name') return judgeName(pattern, operator);
  if (pattern.kind === 'wildcard') return judgeName({ canonical: pattern.base, display: pattern.display }, operator);
  const covers = (range: Pattern) =>
    range.kind === 'cidr' && range.prefix <= pattern.prefix && cidrContains(range, pattern.base);
  if (operator.blocklist.some(covers)) return blocklisted(pattern.canonical);
  const inside = operator.privateRanges.some(covers);
  return judgeClass(pattern.canonical, classifyRange(pattern.base, pattern.prefix), inside);
}

function judgeClass(what: string, { tier, rule }: AddressClass, insidePrivateRanges: boolean): Refusal | undefined {
  if (tier === 'global' || (tier === 'private' && insidePrivateRanges)) return undefined;
  if (tier === 'private') {
    const message = `${what} is not on the public internet: ${rule}.`;
    return { code: 'private-address', message, remedy: `${OPERATOR}, in SCAN_PRIVATE_RANGES.` };
  }
  return { code: 'special-address', message: `${what} is never scanned: ${rule}.`, remedy: 'Nobody can change that.' };
}

function judgeName(name: { canonical: string; display: string }, operator: OperatorPolicy): Refusal | undefined {
  const blocked = operator.blocklist.some((pattern) => {
    const base = pattern.kind === 'wildcard' ? pattern.base : pattern.canonical;
    if (pattern.kind === 'name' && name.canonical === base) return true;
    return (pattern.kind === 'name' || pattern.kind === 'wildcard') && name.canonical.endsWith(`.${base}`);
  });
  return blocked ? blocklisted(name.display) : undefined;
}

function blocklisted(what: string): Refusal {
  const message = `${what} is on the operator's blocklist, which no server can override.`;
  return { code: 'blocklisted', message, remedy: `${OPERATOR}, in SCAN_BLOCKLIST.` };
}

function explainUnlisted(
  target: Target,
  entries: readonly AllowlistEntry[],
  listed: readonly AllowlistEntry[],
): Refusal {
  const add = { remedy: ADMIN, command: `/targets add target:${target.canonical}` };
  const [expired] = listed;
  if (expired) {
    const day = expired.expiresAt?.slice(0, 10) ?? 'earlier';
    const ports = expired.ports === undefined ? '' : ` ports:${expired.ports}`;
    const command = `/targets add target:${expired.pattern}${ports} expires:30d`;
    return { code: 'expired', message: `The entry ${expired.pattern} expired on ${day}.`, remedy: ADMIN, command };
  }
  if (entries.length === 0) {
    return {
      code: 'empty-allowlist',
      message: "This server's allowlist is empty, so nothing may be scanned.",
      ...add,
    };
  }
  const near = nearMiss(target, entries);
  return { code: 'not-allowed', message: `${target.display} is not on this server's allowlist.${near}`, ...add };
}

/** The two things people expect to match and that deliberately do not. */
function nearMiss(target: Target, entries: readonly AllowlistEntry[]): string {
  if (target.kind === 'name' && entries.some((entry) => entry.pattern === `*.${target.canonical}`)) {
    return ` The entry *.${target.canonical} allows only names below it, not the name itself.`;
  }
  if (target.kind === 'address' && entries.some(({ pattern }) => /[a-z]/.test(pattern) && !pattern.includes(':'))) {
    return ' An entry for a name does not allow its addresses.';
  }
  return '';
}
