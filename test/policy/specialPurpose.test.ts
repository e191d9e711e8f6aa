import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { Address4, Address6 } from 'ip-address';
import { describe, expect, test } from 'vitest';
import { BITS, formatAddress, parseLiteral } from '../../src/engine/hosts/address.ts';
import { classifyAddress, classifyRange } from '../../src/policy/addressClass.ts';

/** The IANA IPv4 and IPv6 Special-Purpose Address Registries, as of 2025-10-09. */
const REGISTRY = parse<Record<string, string>>(readFileSync(join(import.meta.dirname, 'specialPurpose.csv')), {
  columns: true,
}).map((row) => ({
  block: row['address block'] ?? '',
  name: row.name ?? '',
  reference: (row.reference ?? '').replace('RFC', 'RFC '),
}));

/** What an operator may open; every other block of the registry is closed for good. */
const PRIVATE = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];
/** Blocks whose addresses carry IPv4 addresses, of which the rule speaks. */
const CARRYING = ['::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '2001::/32', '2002::/16'];
/** Special beyond the registry: multicast, conventions for embedded IPv4, former ranges. */
const BEYOND = ['224.0.0.0/4', '::/96', '::ffff:0:0:0/96', 'fec0::/10', 'ff00::/8'];

const addressOf = (text: string) => (text.includes(':') ? new Address6(text) : new Address4(text));
const isIn = (address: string, blocks: readonly string[]) =>
  blocks.some((block) => {
    if (address.includes(':')) return block.includes(':') && new Address6(address).isInSubnet(new Address6(block));
    return !block.includes(':') && new Address4(address).isInSubnet(new Address4(block));
  });
const isSpecial = (address: string) =>
  isIn(address, [...REGISTRY.map(({ block }) => block), ...BEYOND]) ||
  (address.includes(':') && !isIn(address, ['2000::/3']));

function edgesOf(block: string) {
  const [base = '', prefix] = block.split('/');
  const { family, value } = parseLiteral(base);
  const size = 1n << BigInt(BITS[family] - Number(prefix));
  const all = 1n << BigInt(BITS[family]);
  const at = (number: bigint) => formatAddress({ family, value: number });
  const outside = [value - 1n, value + size].filter((number) => number >= 0n && number < all);
  return { first: at(value), last: at(value + size - 1n), middle: at(value + size / 2n), outside: outside.map(at) };
}

describe('every block of the registries (groups B and C)', () => {
  test('is there', () => expect(REGISTRY).toHaveLength(51));

  test.each(REGISTRY)('$block $name', ({ block, reference }) => {
    const { first, last, middle, outside } = edgesOf(block);
    const narrower = REGISTRY.filter((row) => row.block !== block && isIn(row.block.split('/')[0] ?? '', [block]));
    const closed = PRIVATE.includes(block) ? 'private' : 'forbidden';
    for (const address of [first, middle, last]) {
      const { tier, rule } = classifyAddress(address);
      expect(tier).not.toBe('global');
      if (isIn(address, [...narrower.map((row) => row.block)])) continue;
      expect([address, tier]).toEqual([address, closed]);
      if (!CARRYING.includes(block))
        expect([address, rule.text]).toEqual([address, expect.stringContaining(reference)]);
    }
    for (const address of outside) {
      expect([address, classifyAddress(address).tier === 'global']).toEqual([address, !isSpecial(address)]);
    }
    const [base = '', prefix] = block.split('/');
    expect(classifyRange(base, Number(prefix)).tier).toBe(closed);
  });

  test.each(BEYOND)('%s is special too', (block) => {
    const { first, last, middle } = edgesOf(block);
    for (const address of [first, last, middle]) expect(classifyAddress(address).tier).toBe('forbidden');
  });
});

/** Where another library says “globally reachable” and we refuse on purpose. */
const STRICTER: readonly (readonly [string, string])[] = [
  ['192.0.0.9/32', 'infrastructure of a protocol'],
  ['192.0.0.10/32', 'infrastructure of a protocol'],
  ['192.31.196.0/24', 'AS112 belongs to nobody'],
  ['192.52.193.0/24', 'infrastructure of a protocol'],
  ['192.88.99.0/24', 'former relays: leads into a tunnel'],
  ['192.175.48.0/24', 'AS112 belongs to nobody'],
  ['168.63.129.16/32', 'the platform of a cloud'],
  ['::ffff:0:0/96', 'IPv4 has a spelling of its own'],
  ['64:ff9b::/96', 'leads to IPv4 by a translator'],
  ['2001:1::1/128', 'infrastructure of a protocol'],
  ['2001:1::2/128', 'infrastructure of a protocol'],
  ['2001:1::3/128', 'infrastructure of a protocol'],
  ['2001:3::/32', 'infrastructure of a protocol'],
  ['2001:4:112::/48', 'AS112 belongs to nobody'],
  ['2001:20::/28', 'names of keys, not places'],
  ['2001:30::/28', 'names of aircraft, not places'],
  ['2620:4f:8000::/48', 'AS112 belongs to nobody'],
];
const isIsatap = (address: string) => /^0[02]00:5efe$/.test(groupsOf(address).slice(4, 6).join(':'));
const groupsOf = (address: string) => new Address6(address).canonicalForm().split(':');

const near = (block: string) => {
  const [base = '', prefix] = block.split('/');
  const { family, value } = parseLiteral(base);
  const size = 1n << BigInt(BITS[family] - Number(prefix));
  const all = (1n << BigInt(BITS[family])) - 1n;
  return fc
    .bigInt({ min: value - size < 0n ? 0n : value - size, max: value + 2n * size > all ? all : value + 2n * size })
    .map((number) => formatAddress({ family, value: number }));
};
const anyAddress = fc.oneof(
  fc.ipV4(),
  fc.ipV6().map((address) => formatAddress(parseLiteral(address))),
  fc.bigInt({ min: 1n << 125n, max: (1n << 126n) - 1n }).map((value) => formatAddress({ family: 6, value })),
  fc.ipV4().map((ipv4) => formatAddress(parseLiteral(`2a00::200:5efe:${ipv4}`))),
  ...['168.63.129.16/32', '169.254.169.254/32', ...REGISTRY.map(({ block }) => block), ...BEYOND].map(near),
);

describe('another library', () => {
  test('agrees on what is global, but for what is listed', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const ours = classifyAddress(address).tier === 'global';
        const theirs = addressOf(address).isGlobal();
        const stricter = STRICTER.some(([block]) => isIn(address, [block]));
        const carries = address.includes(':') && isIsatap(address);
        expect([address, ours]).toEqual([address, theirs && !stricter && !carries]);
      }),
      { numRuns: 3_000, seed: 7 },
    );
  });

  test.each(STRICTER)('would let %s pass: %s', (block) => {
    const [base = ''] = block.split('/');
    const public4 = block === '::ffff:0:0/96' ? '::ffff:8.8.8.8' : block === '64:ff9b::/96' ? '64:ff9b::808:808' : base;
    expect(addressOf(public4).isGlobal()).toBe(true);
    expect(classifyAddress(public4).tier).toBe('forbidden');
  });
});
