import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { addressesOf, foldAddresses } from '../../../src/engine/cli/addresses.ts';
import { BITS, blockAround, parseLiteral } from '../../../src/engine/hosts/address.ts';

/** Without dotted decimal at the end of IPv6, which ipaddr.js takes for IPv4-mapped wherever it stands. */
function inGroups(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

describe('addresses as numbers', () => {
  it('agree with another library', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const bytes = ipaddr.parse(inGroups(address)).toByteArray();
        expect(parseLiteral(address).value).toBe(BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
      }),
      { seed: 5 },
    );
  });

  it.each<[string, bigint]>([
    ['0.0.0.0', 0n],
    ['255.255.255.255', 0xffffffffn],
    ['::', 0n],
    ['::0.0.0.0', 0n],
    ['::ffff:127.0.0.1', 0xffff7f000001n],
    ['1::', 1n << 112n],
    ['1:2:3:4:5:6:7:8', 0x00010002000300040005000600070008n],
    ['64:ff9b::192.0.2.1', (0x0064ff9bn << 96n) | 0xc0000201n],
  ])('%s', (address, value) => {
    expect(parseLiteral(address).value).toBe(value);
  });
});

describe('networks', () => {
  it('agree with another library on their first address, and have 2^n addresses in a row', () => {
    const small = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 24, max: 32 })),
      fc.tuple(fc.ipV6(), fc.integer({ min: 120, max: 128 })),
    );
    fc.assert(
      fc.property(small, ([address, prefix]) => {
        const network = blockAround(parseLiteral(address), prefix);
        const library = address.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4;
        const first = library.networkAddressFromCIDR(`${inGroups(address)}/${prefix}`);
        const addresses = addressesOf(network);
        expect(parseLiteral(addresses[0] ?? '').value).toBe(parseLiteral(first.toNormalizedString()).value);
        expect(addresses).toHaveLength(2 ** (BITS[network.family] - prefix));
        addresses.forEach((each, index) => {
          expect(parseLiteral(each).value).toBe(network.value + BigInt(index));
        });
      }),
      { numRuns: 30, seed: 5 },
    );
  });
});

describe('foldAddresses', () => {
  it.each<[string[], string[]]>([
    [[], []],
    [['192.0.2.1'], ['192.0.2.1']],
    [
      ['192.0.2.2', '192.0.2.1'],
      ['192.0.2.1', '192.0.2.2'],
    ],
    [
      ['192.0.2.3', '192.0.2.1', '192.0.2.2', '192.0.2.9'],
      ['192.0.2.1-192.0.2.3', '192.0.2.9'],
    ],
    [['192.0.2.254', '192.0.2.255', '192.0.3.0'], ['192.0.2.254-192.0.3.0']],
    [
      ['::1', '::2', '::3', '0.0.0.4'],
      ['0.0.0.4', '::1-::3'],
    ],
  ])('%j → %j', (addresses, folded) => {
    expect(foldAddresses(addresses)).toEqual(folded);
  });
});
