import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { getPublicSuffix } from 'tldts';
import type { Parsed } from '../engine/parsed.ts';
import { inRange } from './addressClass.ts';
import { problem, quote } from './problems.ts';
import { parseTarget, type Target } from './target.ts';

/** What an allowlist entry may name: one target, every name below a name, or a small range of addresses. */
export type Pattern =
  | Target
  | {
      readonly kind: 'wildcard' /** The name below which all names match. */;
      readonly base: string;
      readonly canonical: string;
      readonly display: string;
    }
  | {
      readonly kind: 'cidr';
      readonly base: string;
      readonly prefix: number;
      readonly canonical: string;
      readonly display: string;
    };

export type Cidr = Extract<Pattern, { kind: 'cidr' }>;

/** Widest ranges a server may allow: 256 addresses of either family. */
const MIN_PREFIX = { 4: 24, 6: 120 } as const;
const TRY_WILDCARD = '*.example.com';

/**
 * Reads an allowlist entry: a target as in {@link parseTarget}, `*.name`, or a CIDR range (RFC 4632, RFC 4291 §2.3) not
 * wider than /24 or /120. A range of one address is that address, so each target has one canonical form.
 */
export function parsePattern(raw: string): Parsed<Pattern> {
  const text = raw.slice(0, 1_001).replace(/^[ \t]+|[ \t]+$/g, '');
  if (text.startsWith('*')) return parseWildcard(text);
  if (!/^[0-9a-f.:]+\//i.test(text)) return parseTarget(text);

  const cidr = parseCidr(text);
  if (!cidr.ok) return cidr;
  const { base, prefix } = cidr.value;
  const family = isIPv4(base) ? 4 : 6;
  if (prefix === (family === 4 ? 32 : 128)) return parseTarget(base);
  if (prefix < MIN_PREFIX[family]) {
    const message = `${quote(text)} is too wide: at most 256 addresses an entry (/${MIN_PREFIX[family]}).`;
    return problem('too-wide', message, `${base}/${MIN_PREFIX[family]}`);
  }
  return cidr;
}

function parseWildcard(text: string): Parsed<Pattern> {
  const rest = /^\*\.([^*\s]+)$/.exec(text)?.[1];
  if (rest === undefined) {
    return problem('bad-wildcard', `${quote(text)}: a wildcard is "*." and a full name.`, '*.example.com');
  }
  const name = parseTarget(rest);
  if (!name.ok) return name;
  if (name.value.kind !== 'name') {
    return problem('bad-wildcard', `${quote(text)}: a wildcard goes with a name, not an address.`, TRY_WILDCARD);
  }
  const { canonical, display } = name.value;
  return {
    ok: true,
    value: { kind: 'wildcard', base: canonical, canonical: `*.${canonical}`, display: `*.${display}` },
  };
}

/**
 * Reads a CIDR range of any width in canonical notation: full address, decimal prefix without sign or leading zero, host
 * bits zero. The operator's ranges and the servers' entries share it.
 */
export function parseCidr(text: string): Parsed<Cidr> {
  const [address = '', length = '', ...more] = text.split('/');
  if (more.length > 0 || !(isIPv4(address) || isIPv6(address)) || address.includes('%')) {
    return problem('bad-cidr', `${quote(text)} is not an address range.`, TRY_WILDCARD);
  }
  const bits = isIPv4(address) ? 32 : 128;
  const prefix = /^(?:0|[1-9]\d{0,2})$/.test(length) ? Number(length) : -1;
  const parsed = ipaddr.parse(address);
  if (prefix < 0 || prefix > bits) {
    const narrow = MIN_PREFIX[bits === 32 ? 4 : 6];
    const message = `${quote(text)}: the prefix length is a number from 0 to ${bits}.`;
    return problem('bad-prefix', message, `${networkAddress(parsed, narrow)}/${narrow}`);
  }
  const base = networkAddress(parsed, prefix);
  if (base !== format(parsed)) {
    const message = `${quote(text)} names a host inside a range. Write the range by its first address.`;
    return problem('host-bits', message, `${base}/${prefix}`);
  }
  const canonical = `${base}/${prefix}`;
  return { ok: true, value: { kind: 'cidr', base, prefix, canonical, display: canonical } };
}

const format = (address: ipaddr.IPv4 | ipaddr.IPv6) =>
  address.kind() === 'ipv6' ? (address as ipaddr.IPv6).toRFC5952String() : address.toString();

function networkAddress(address: ipaddr.IPv4 | ipaddr.IPv6, prefix: number): string {
  const bytes = address.toByteArray().map((byte, i) => {
    const kept = Math.min(8, Math.max(0, prefix - i * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return format(ipaddr.fromByteArray(bytes));
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
  const suffix = getPublicSuffix(name, { allowPrivateDomains: true }) ?? '';
  return name.endsWith(`.${base}`) && suffix !== base && !suffix.endsWith(`.${base}`);
}

/** An IPv4 network's first and last address are the network itself and its broadcast (RFC 919), not hosts. */
function cidrHolds(cidr: Cidr, address: string): boolean {
  if (!cidrContains(cidr, address)) return false;
  if (!isIPv4(cidr.base)) return true;
  const broadcast = ipaddr.IPv4.broadcastAddressFromCIDR(cidr.canonical).toString();
  return cidr.prefix >= 31 || (address !== cidr.base && address !== broadcast);
}

/** @param address canonical address literal */
export function cidrContains(cidr: Pick<Cidr, 'base' | 'prefix'>, address: string): boolean {
  return inRange(ipaddr.parse(address), [ipaddr.parse(cidr.base), cidr.prefix]);
}
