import { BITS, type Block, type Family, formatAddress, parseLiteral } from '../hosts/address.ts';

/** Every address of a block, the first and the last too (RFC 3021 and hosts without broadcast use them). */
export function addressesOf({ family, value, prefix }: Block): string[] {
  const count = 2 ** (BITS[family] - prefix);
  return Array.from({ length: count }, (_, index) => formatAddress({ family, value: value + BigInt(index) }));
}

/** Three or more IPv4 addresses in a row as `first-last`, the others as they are; the order is that of the numbers. */
export function foldAddresses(addresses: readonly string[]): readonly string[] {
  const runs: { first: string; last: string; family: Family; end: bigint; size: number }[] = [];
  const numbered = addresses.map((address) => ({ address, ...parseLiteral(address) }));
  numbered.sort((a, b) => a.family - b.family || (a.value < b.value ? -1 : 1));
  for (const { address, family, value } of numbered) {
    const run = runs.at(-1);
    if (run !== undefined && family === run.family && value === run.end + 1n) {
      Object.assign(run, { last: address, end: value, size: run.size + 1 });
    } else runs.push({ first: address, last: address, family, end: value, size: 1 });
  }
  return runs.flatMap(({ first, last, size }) => {
    if (size > 2) return [`${first}-${last}`];
    return size === 2 ? [first, last] : [first];
  });
}
