import ipaddr from 'ipaddr.js';

/**
 * `global`: public unicast. `private`: scannable only inside the operator's SCAN_PRIVATE_RANGES. `forbidden`: never.
 */
export type AddressTier = 'global' | 'private' | 'forbidden';

export interface AddressClass {
  readonly tier: AddressTier;
  /** What the range is, in words for a person, with its document. */
  readonly rule: string;
}

interface SpecialRange extends AddressClass {
  readonly cidr: string;
}

/**
 * First match wins, so single metadata addresses stand before the ranges that hold them.
 * Source: IANA IPv4 Special-Purpose Address Registry (RFC 6890 and updates) and the cloud vendors' documentation.
 */
const SPECIAL_IPV4: readonly SpecialRange[] = [
  { cidr: '169.254.169.254/32', tier: 'forbidden', rule: 'cloud metadata service' },
  { cidr: '169.254.170.2/32', tier: 'forbidden', rule: 'cloud metadata service (ECS)' },
  { cidr: '169.254.170.23/32', tier: 'forbidden', rule: 'cloud metadata service (EKS)' },
  { cidr: '100.100.100.200/32', tier: 'forbidden', rule: 'cloud metadata service (Alibaba)' },
  { cidr: '168.63.129.16/32', tier: 'forbidden', rule: 'cloud platform service (Azure WireServer)' },
  { cidr: '192.0.0.192/32', tier: 'forbidden', rule: 'cloud metadata service (Oracle)' },
  { cidr: '0.0.0.0/8', tier: 'forbidden', rule: 'unspecified, "this network" (RFC 791)' },
  { cidr: '10.0.0.0/8', tier: 'private', rule: 'private network (RFC 1918)' },
  { cidr: '100.64.0.0/10', tier: 'private', rule: 'carrier-grade NAT (RFC 6598)' },
  { cidr: '127.0.0.0/8', tier: 'private', rule: 'loopback (RFC 1122)' },
  { cidr: '169.254.0.0/16', tier: 'private', rule: 'link-local (RFC 3927)' },
  { cidr: '172.16.0.0/12', tier: 'private', rule: 'private network (RFC 1918)' },
  { cidr: '192.0.0.0/24', tier: 'forbidden', rule: 'IETF protocol assignments (RFC 6890)' },
  { cidr: '192.0.2.0/24', tier: 'forbidden', rule: 'documentation (RFC 5737)' },
  { cidr: '192.31.196.0/24', tier: 'forbidden', rule: 'AS112 (RFC 7535)' },
  { cidr: '192.52.193.0/24', tier: 'forbidden', rule: 'AMT (RFC 7450)' },
  { cidr: '192.88.99.0/24', tier: 'forbidden', rule: 'former 6to4 relay (RFC 7526)' },
  { cidr: '192.168.0.0/16', tier: 'private', rule: 'private network (RFC 1918)' },
  { cidr: '192.175.48.0/24', tier: 'forbidden', rule: 'AS112 (RFC 7534)' },
  { cidr: '198.18.0.0/15', tier: 'forbidden', rule: 'benchmarking (RFC 2544)' },
  { cidr: '198.51.100.0/24', tier: 'forbidden', rule: 'documentation (RFC 5737)' },
  { cidr: '203.0.113.0/24', tier: 'forbidden', rule: 'documentation (RFC 5737)' },
  { cidr: '224.0.0.0/4', tier: 'forbidden', rule: 'multicast (RFC 5771)' },
  { cidr: '255.255.255.255/32', tier: 'forbidden', rule: 'broadcast (RFC 919)' },
  { cidr: '240.0.0.0/4', tier: 'forbidden', rule: 'reserved (RFC 1112)' },
];

/** Source: IANA IPv6 Special-Purpose Address Registry. What lies outside 2000::/3 and is not listed is forbidden too. */
const SPECIAL_IPV6: readonly SpecialRange[] = [
  { cidr: 'fd00:ec2::254/128', tier: 'forbidden', rule: 'cloud metadata service' },
  { cidr: 'fd00:ec2::23/128', tier: 'forbidden', rule: 'cloud metadata service (EKS)' },
  { cidr: 'fd20:ce::254/128', tier: 'forbidden', rule: 'cloud metadata service (GCP)' },
  { cidr: '::/128', tier: 'forbidden', rule: 'unspecified (RFC 4291)' },
  { cidr: '::1/128', tier: 'private', rule: 'loopback (RFC 4291)' },
  { cidr: '::ffff:0:0/96', tier: 'forbidden', rule: 'IPv4-mapped (RFC 4291)' },
  { cidr: '::/96', tier: 'forbidden', rule: 'IPv4-compatible (RFC 4291)' },
  { cidr: '64:ff9b::/96', tier: 'forbidden', rule: 'NAT64 (RFC 6052)' },
  { cidr: '64:ff9b:1::/48', tier: 'forbidden', rule: 'local-use NAT64 (RFC 8215)' },
  { cidr: 'fc00::/7', tier: 'private', rule: 'unique local (RFC 4193)' },
  { cidr: 'fe80::/10', tier: 'private', rule: 'link-local (RFC 4291)' },
  { cidr: 'fec0::/10', tier: 'forbidden', rule: 'former site-local (RFC 3879)' },
  { cidr: 'ff00::/8', tier: 'forbidden', rule: 'multicast (RFC 4291)' },
  { cidr: '2001::/32', tier: 'forbidden', rule: 'Teredo (RFC 4380)' },
  { cidr: '2001::/23', tier: 'forbidden', rule: 'IETF protocol assignments (RFC 2928)' },
  { cidr: '2001:db8::/32', tier: 'forbidden', rule: 'documentation (RFC 3849)' },
  { cidr: '2002::/16', tier: 'forbidden', rule: '6to4 (RFC 3056)' },
  { cidr: '2620:4f:8000::/48', tier: 'forbidden', rule: 'AS112 (RFC 7534)' },
  { cidr: '3fff::/20', tier: 'forbidden', rule: 'documentation (RFC 9637)' },
];

const GLOBAL: AddressClass = { tier: 'global', rule: 'public address' };
const NOT_GLOBAL: AddressClass = { tier: 'forbidden', rule: 'outside global unicast (RFC 4291)' };
const ISATAP: AddressClass = { tier: 'forbidden', rule: 'ISATAP (RFC 5214)' };
const GLOBAL_UNICAST_IPV6 = parseRange('2000::/3');

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

function parseRange(cidr: string): Range {
  return ipaddr.parseCIDR(cidr);
}

const compile = (ranges: readonly SpecialRange[]) =>
  ranges.map(({ cidr, tier, rule }) => ({ range: parseRange(cidr), tier, rule }));
const IPV4_TABLE = compile(SPECIAL_IPV4);
const IPV6_TABLE = compile(SPECIAL_IPV6);

/** True when `address` lies in `range`; different families never match (ipaddr.js throws there). */
export function inRange(address: ipaddr.IPv4 | ipaddr.IPv6, [base, prefix]: Range): boolean {
  if (address.kind() === 'ipv4' && base.kind() === 'ipv4') {
    return (address as ipaddr.IPv4).match(base as ipaddr.IPv4, prefix);
  }
  if (address.kind() === 'ipv6' && base.kind() === 'ipv6') {
    return (address as ipaddr.IPv6).match(base as ipaddr.IPv6, prefix);
  }
  return false;
}

/** RFC 5214 §6.1: an interface identifier of ::0:5efe:a.b.c.d or ::200:5efe:a.b.c.d carries an IPv4 address. */
function isIsatap(address: ipaddr.IPv6): boolean {
  const parts = address.parts;
  return parts[5] === 0x5efe && ((parts[4] ?? 0) & 0xfdff) === 0;
}

/**
 * Judges a canonical address literal. Default deny: IPv4 that is not listed is global; IPv6 is global only inside
 * 2000::/3. Throws on anything that is not an address literal: callers parse first.
 */
export function classifyAddress(address: string): AddressClass {
  const parsed = ipaddr.parse(address);
  const table = parsed.kind() === 'ipv4' ? IPV4_TABLE : IPV6_TABLE;
  const hit = table.find(({ range }) => inRange(parsed, range));
  if (hit) return { tier: hit.tier, rule: hit.rule };
  if (parsed.kind() === 'ipv4') return GLOBAL;
  if (isIsatap(parsed as ipaddr.IPv6)) return ISATAP;
  return inRange(parsed, GLOBAL_UNICAST_IPV6) ? GLOBAL : NOT_GLOBAL;
}

/**
 * The strictest class of any part of a CIDR range. A single special address inside a range (a metadata service) does
 * not taint its neighbours: it is refused when it is scanned.
 *
 * @param base canonical network address, host bits zero
 * @param prefix prefix length in bits
 */
export function classifyRange(base: string, prefix: number): AddressClass {
  const parsed = ipaddr.parse(base);
  const [table, bits] = parsed.kind() === 'ipv4' ? [IPV4_TABLE, 32] : [IPV6_TABLE, 128];
  const around = table.find(({ range }) => range[1] <= prefix && inRange(parsed, range));
  const inside = table.filter(
    ({ range }) => range[1] > prefix && range[1] < bits && inRange(range[0], [parsed, prefix]),
  );
  const strictest = inside.find(({ tier }) => tier === 'forbidden') ?? around ?? inside[0];
  return strictest ? { tier: strictest.tier, rule: strictest.rule } : classifyAddress(base);
}
