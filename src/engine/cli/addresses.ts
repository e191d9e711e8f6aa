import { isIP, SocketAddress } from 'node:net';

type Family = 4 | 6;

const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/** The value of dotted decimal, or of groups in hexadecimal. */
function joinNumbers(numbers: readonly number[], bits: bigint): bigint {
  return numbers.reduce((sum, number) => (sum << bits) | BigInt(number), 0n);
}

function groupsOf(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const value = Number(joinNumbers(group.split('.').map(Number), 8n));
    return [value >>> 16, value & 0xffff];
  });
}

/** A literal address (`isIP` says so) as a number. */
export function addressToNumber(address: string): bigint {
  if (isIP(address) === 4) return joinNumbers(address.split('.').map(Number), 8n);
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const gap = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return joinNumbers([...before, ...gap, ...after], 16n);
}

function numberToAddress(value: bigint, family: Family): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  return canonicalAddress(groups.join(':'));
}

/** One spelling for each address: IPv6 as RFC 5952 has it. */
export function canonicalAddress(address: string): string {
  return isIP(address) === 6 ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}

/** A block of addresses (RFC 4632 §3.1, RFC 4291 §2.3), not yet written out. */
export interface Network {
  readonly family: Family;
  readonly prefix: number;
  /** The lowest address of the block, as a number. */
  readonly base: bigint;
  /** Its size in bits: 2^hostBits addresses. */
  readonly hostBits: number;
  /** The block in its proper form. */
  readonly text: string;
}

/** The block of a prefix length that an address lies in; `undefined` for a length the family does not have. */
export function networkAround(address: string, prefix: number): Network | undefined {
  const family = isIP(address) === 6 ? 6 : 4;
  const hostBits = BITS[family] - prefix;
  if (hostBits < 0) return undefined;
  const base = (addressToNumber(address) >> BigInt(hostBits)) << BigInt(hostBits);
  return { family, prefix, base, hostBits, text: `${numberToAddress(base, family)}/${prefix}` };
}

/** Every address of a block, the first and the last too (RFC 3021 and hosts without broadcast use them). */
export function addressesOf({ family, base, hostBits }: Network): string[] {
  return Array.from({ length: 2 ** hostBits }, (_, index) => numberToAddress(base + BigInt(index), family));
}

/** Three or more IPv4 addresses in a row as `first-last`, the others as they are; the order is that of the numbers. */
export function foldAddresses(addresses: readonly string[]): readonly string[] {
  const runs: { first: string; last: string; end: bigint; size: number }[] = [];
  const numbered = addresses.map((address) => ({ address, family: isIP(address), value: addressToNumber(address) }));
  numbered.sort((a, b) => a.family - b.family || (a.value < b.value ? -1 : 1));
  for (const { address, family, value } of numbered) {
    const run = runs.at(-1);
    if (run !== undefined && family === isIP(run.last) && value === run.end + 1n) {
      Object.assign(run, { last: address, end: value, size: run.size + 1 });
    } else runs.push({ first: address, last: address, end: value, size: 1 });
  }
  return runs.flatMap(({ first, last, size }) => {
    if (size > 2) return [`${first}-${last}`];
    return size === 2 ? [first, last] : [first];
  });
}
