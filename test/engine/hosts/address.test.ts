import fc from 'fast-check';
import { Address4, Address6 } from 'ip-address';
import { describe, expect, it } from 'vitest';
import {
  blockAround,
  blockHolds,
  canonicalAddress,
  formatAddress,
  parseLiteral,
  readLiteral,
} from '../../../src/engine/hosts/address.ts';

const anyAddress = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  // Many zero groups, where the rules of RFC 5952 matter.
  fc
    .array(fc.constantFrom('0', '0', '1', 'ffff', '0abc'), { minLength: 8, maxLength: 8 })
    .map((list) => list.join(':')),
);

describe('one number and one spelling for each address', () => {
  it('agree with another library', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const library = address.includes(':') ? new Address6(address) : new Address4(address);
        expect(parseLiteral(address).value).toBe(library.bigInt());
        const mapped = /^::ffff:\d+\.\d+\.\d+\.\d+$/.test(canonicalAddress(address));
        if (!mapped) expect(canonicalAddress(address)).toBe(library.correctForm());
        expect(canonicalAddress(canonicalAddress(address))).toBe(canonicalAddress(address));
      }),
      { numRuns: 2_000, seed: 1 },
    );
  });

  it.each([
    ['::', '::'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::0.0.0.0', '::'],
    ['1::', '1::'],
    ['::1', '::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['2001:DB8::ABCD', '2001:db8::abcd'],
    ['::127.0.0.1', '::7f00:1'],
    ['::ffff:7f00:1', '::ffff:127.0.0.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ])('%s is %s', (address, canonical) => expect(canonicalAddress(address)).toBe(canonical));

  it.each(['', '1', '127.1', '01.2.3.4', '1.2.3.4 ', '1.2.3.256', '::1%lo', '1::2::3', '12345::', 'a.b', '[::1]'])(
    '%j is no literal',
    (text) => {
      expect(readLiteral(text)).toBeUndefined();
      expect(() => parseLiteral(text)).toThrow(TypeError);
    },
  );
});

describe('blocks', () => {
  it('hold their first and last address, and not the ones beside them', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 1, max: 32 }), (address, prefix) => {
        const block = blockAround(parseLiteral(address), prefix);
        const size = 1n << BigInt(32 - prefix);
        const holds = (value: bigint) => blockHolds(block, { family: 4, value });
        expect([holds(block.value), holds(block.value + size - 1n)]).toEqual([true, true]);
        expect([holds(block.value - 1n), holds(block.value + size)]).toEqual([false, false]);
        expect(blockHolds(block, parseLiteral(address))).toBe(true);
        expect(blockHolds(block, { family: 6, value: block.value })).toBe(false);
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  it('begin where their prefix says', () => {
    expect(formatAddress(blockAround(parseLiteral('10.1.2.3'), 0))).toBe('0.0.0.0');
    expect(formatAddress(blockAround(parseLiteral('2001:db8:ffff::1'), 33))).toBe('2001:db8:8000::');
  });
});
