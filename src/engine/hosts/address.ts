import { isIP } from 'node:net';

export type Family = 4 | 6;

/** An address as a number of 32 or 128 bits. */
export interface AddressNumber {
  readonly family: Family;
  readonly value: bigint;
}

export const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };
const MAPPED = 0xffffn;

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

/**
 * Reads an address literal: four decimal numbers without leading zeros, or IPv6 (RFC 4291 §2.2) without zone. Returns
 * `undefined` for anything else. Every spelling of an address gives one number, dotted decimal within IPv6 too.
 */
export function readLiteral(text: string): AddressNumber | undefined {
  const family = isIP(text);
  if (family === 0 || text.includes('%')) return undefined;
  if (family === 4) return { family: 4, value: joinNumbers(text.split('.').map(Number), 8n) };
  const [head = '', tail] = text.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const gap = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return { family: 6, value: joinNumbers([...before, ...gap, ...after], 16n) };
}

/** @throws {TypeError} for what is not an address literal: callers have read it before */
export function parseLiteral(text: string): AddressNumber {
  const literal = readLiteral(text);
  if (literal === undefined) throw new TypeError('Not an address literal');
  return literal;
}

function dotted(value: bigint): string {
  const bits = Number(value);
  return [bits >>> 24, (bits >>> 16) & 0xff, (bits >>> 8) & 0xff, bits & 0xff].join('.');
}

/** RFC 5952 §4: lower case, no leading zeros, the first of the longest runs of two or more zero groups as `::`. */
function colons(value: bigint): string {
  if (value >> 32n === MAPPED) return `::ffff:${dotted(value & 0xffffffffn)}`;
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
    start += length;
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length === 1) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}

/** The one spelling of an address. IPv4-mapped addresses show what they map (RFC 5952 §5). */
export function formatAddress({ family, value }: AddressNumber): string {
  return family === 4 ? dotted(value) : colons(value);
}

/** The one spelling of an address literal. @throws {TypeError} like {@link parseLiteral} */
export function canonicalAddress(address: string): string {
  return formatAddress(parseLiteral(address));
}

/** The block of a prefix length that an address lies in. */
export interface Block extends AddressNumber {
  readonly prefix: number;
}

/** @param prefix from 0 to the bits of the family */
export function blockAround({ family, value }: AddressNumber, prefix: number): Block {
  const hostBits = BigInt(BITS[family] - prefix);
  return { family, prefix, value: (value >> hostBits) << hostBits };
}

/** True when an address lies in a block; addresses of different families never do. */
export function blockHolds(block: Block, address: AddressNumber): boolean {
  if (block.family !== address.family) return false;
  const hostBits = BigInt(BITS[block.family] - block.prefix);
  return address.value >> hostBits === block.value >> hostBits;
}
