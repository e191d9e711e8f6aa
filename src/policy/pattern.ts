import { getPublicSuffix } from 'tldts';
import { BITS, type Block, blockHolds, parseLiteral } from '../engine/hosts/address.ts';
import { readCidr, readHost, trimBlanks } from '../engine/hosts/host.ts';
import { usualRange } from '../engine/hosts/range.ts';
import type { Dialect, Host, HostRange } from '../engine/hosts/types.ts';
import type { Failure, Parsed } from '../engine/parsed.ts';
import { type Phrase, say } from '../engine/phrase.ts';
import { classifyRange } from './addressClass.ts';
import { isPublicSuffix, parseLabels, TRY_HOST } from './hostName.ts';
import { problem, quote } from './problems.ts';
import { acceptTarget, HOST_OPTION, parseTarget, type Target } from './target.ts';

export type Cidr = HostRange;

/** What an allowlist entry may name: one target, every name below a name, or a small range of addresses. */
export type Pattern =
  | Target
  | Cidr
  | {
      readonly kind: 'wildcard' /** The name below which all names match. */;
      readonly base: string;
      readonly canonical: string;
      readonly display: string;
      /** As for a name. */
      readonly warning?: Phrase;
    };

/** Widest ranges a server may allow: 256 addresses of either family. */
const MIN_PREFIX = { 4: 24, 6: 120 } as const;
/** As for hosts: no name is as long, blanks around it included. */
const MAX_WILDCARD = 1_000;
const TRY_WILDCARD = '*.example.com';

function isUsable(host: Host): boolean {
  if (host.kind !== 'cidr') return HOST_OPTION.usable(host);
  return !isTooWide(host) && classifyRange(host.base, host.prefix).tier !== 'forbidden';
}

const isTooWide = ({ base, prefix }: Cidr) => prefix < MIN_PREFIX[parseLiteral(base).family];

/** What an entry takes besides wildcards. */
const ENTRY: Dialect = { ...HOST_OPTION, ranges: true, usable: isUsable };
/** The operator's ranges have any width. */
const ANY_RANGE: Dialect = { ...ENTRY, fallback: '10.0.0.0/8', usable: (host) => host.kind === 'cidr' };

/**
 * Reads an allowlist entry: a target as in {@link parseTarget}, `*.name`, or a CIDR range (RFC 4632, RFC 4291 §2.3) not
 * wider than /24 or /120. A range of one address is that address, so each target has one canonical form.
 */
export function parsePattern(raw: string): Parsed<Pattern> {
  // Longer text is refused as a whole, below: nothing at its end may be overlooked.
  if (raw.length <= MAX_WILDCARD && /^[ \t]*\*/.test(raw)) return parseWildcard(raw);
  const wide = refuseWide(raw);
  if (wide) return wide;
  const host = readHost(raw, ENTRY);
  if (!host.ok) return host;
  if (host.value.kind !== 'cidr') return acceptTarget(host.value, raw);
  const { base, prefix } = host.value;
  return prefix === BITS[parseLiteral(base).family] ? parseTarget(base) : { ok: true, value: host.value };
}

/** Before anything else about a range: no other mistake in it matters if it is too wide, `0/0` and `1.2.3.4/0` too. */
function refuseWide(raw: string): Failure | undefined {
  const [text, literal = '', length] = /^[ \t]*([0-9a-fx.:]{1,60})\/(0|[1-9]\d{0,2})[ \t]*$/i.exec(raw) ?? [];
  if (text === undefined || !/[\d:]/.test(literal)) return undefined;
  const least = MIN_PREFIX[literal.includes(':') ? 6 : 4];
  if (Number(length) >= least) return undefined;
  const message = say`${quote(trimBlanks(text))} is too wide: at most 256 addresses an entry (/${least}).`;
  const narrow = readHost(usualRange(literal) ?? '', ENTRY);
  const example = narrow.ok && isUsable(narrow.value) ? narrow.value.canonical : TRY_HOST;
  return problem('too-wide', message, example);
}

function parseWildcard(raw: string): Parsed<Pattern> {
  const rest = /^[ \t]*\*\.([^*\s]+)[ \t]*$/.exec(raw)?.[1];
  if (rest === undefined || rest === '.') {
    return problem('bad-wildcard', say`${quote(raw.trim())}: a wildcard is “*.” and a full name.`, TRY_WILDCARD);
  }
  const name = parseTarget(rest);
  if (!name.ok) return refuseBase(rest, name);
  if (name.value.kind !== 'name') {
    return problem(
      'bad-wildcard',
      say`${quote(`*.${rest}`)}: a wildcard goes with a name, not an address.`,
      TRY_WILDCARD,
    );
  }
  const { canonical, display, warning } = name.value;
  const value = { kind: 'wildcard', base: canonical, canonical: `*.${canonical}`, display: `*.${display}` } as const;
  return { ok: true, value: warning === undefined ? value : { ...value, warning } };
}

/** The problem with the name of a wildcard, and a wildcard that works. */
function refuseBase(rest: string, { problem: { code, message, example } }: Failure): Failure {
  const better = parseTarget(example);
  const works = better.ok && better.value.kind === 'name' && example !== TRY_HOST;
  const name = parseLabels(rest);
  if (!name.ok || !isPublicSuffix(name.value.canonical)) {
    return problem(code, message, works ? `*.${example}` : TRY_WILDCARD);
  }
  const sentence = say`${quote(`*.${rest}`)} would cover names of many owners: ${name.value.canonical} is a public suffix.`;
  return problem('public-suffix', sentence, works ? `*.${example}` : TRY_WILDCARD);
}

/**
 * Reads a CIDR range of any width in canonical notation: full address, decimal prefix without sign or leading zero, host
 * bits zero. The operator's ranges and the servers' entries share it.
 */
export function parseCidr(text: string): Parsed<Cidr> {
  return readCidr(text, ANY_RANGE);
}

/**
 * Whether an entry allows a target: names match names, addresses match addresses and ranges. A name entry never allows
 * the address behind it, and an address entry never allows a name that points to it.
 */
export function matches(pattern: Pattern, target: Target): boolean {
  switch (pattern.kind) {
    case 'name':
    case 'address':
      return pattern.kind === target.kind && pattern.canonical === target.canonical;
    case 'wildcard':
      return target.kind === 'name' && isBelow(target.canonical, pattern.base);
    case 'cidr':
      return target.kind === 'address' && cidrHolds(pattern, target.canonical);
  }
}

/**
 * Below a name, but not across a public suffix: `*.amazonaws.com` does not allow what strangers keep below
 * `s3.amazonaws.com`.
 */
function isBelow(name: string, base: string): boolean {
  if (!name.endsWith(`.${base}`)) return false;
  const suffix = getPublicSuffix(name, { allowPrivateDomains: true }) ?? '';
  return suffix !== base && !suffix.endsWith(`.${base}`);
}

/** An IPv4 network's first and last address are the network itself and its broadcast (RFC 919), not hosts. */
function cidrHolds(cidr: Cidr, address: string): boolean {
  const block = blockOf(cidr);
  const literal = parseLiteral(address);
  if (!blockHolds(block, literal)) return false;
  const last = block.value + (1n << BigInt(BITS[block.family] - block.prefix)) - 1n;
  return block.family === 6 || cidr.prefix >= 31 || (literal.value !== block.value && literal.value !== last);
}

const blockOf = ({ base, prefix }: Pick<Cidr, 'base' | 'prefix'>): Block => ({ ...parseLiteral(base), prefix });

/** @param address address literal */
export function cidrContains(cidr: Pick<Cidr, 'base' | 'prefix'>, address: string): boolean {
  return blockHolds(blockOf(cidr), parseLiteral(address));
}
