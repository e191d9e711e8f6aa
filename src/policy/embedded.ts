import { type AddressNumber, type Block, blockHolds, formatAddress, parseLiteral } from '../engine/hosts/address.ts';
import { type Phrase, say } from '../engine/phrase.ts';

/** An IPv4 address inside an IPv6 address, and by which convention it is there. */
export interface Embedded {
  readonly convention: Phrase;
  readonly document: string;
  /** Canonical. */
  readonly ipv4: string;
}

interface Convention {
  readonly name: Phrase;
  readonly document: string;
  readonly block: Block;
  readonly read: (value: bigint) => bigint;
}

const LOW_32 = 0xffffffffn;
const low = (value: bigint) => value & LOW_32;

function convention(
  name: Phrase,
  document: string,
  base: string,
  prefix: number,
  read: (value: bigint) => bigint,
): Convention {
  return { name, document, block: { ...parseLiteral(base), prefix }, read };
}

/**
 * RFC 8215 lets a network use any RFC 6052 length within the /48. Of the two in use, /96 has the address at the end; in
 * /48 the end is empty and the address stands on both sides of the octet of bits 64 to 71 (RFC 6052 §2.2).
 */
function readLocalNat64(value: bigint): bigint {
  if ((value & 0xffffffffffn) !== 0n) return low(value);
  return (((value >> 64n) & 0xffffn) << 16n) | ((value >> 40n) & 0xffffn);
}

const CONVENTIONS: readonly Convention[] = [
  convention(say`IPv4-mapped`, 'RFC 4291', '::ffff:0:0', 96, low),
  convention(say`IPv4-compatible`, 'RFC 4291', '::', 96, low),
  convention(say`IPv4-translated`, 'RFC 2765', '::ffff:0:0:0', 96, low),
  convention(say`NAT64`, 'RFC 6052', '64:ff9b::', 96, low),
  convention(say`local-use NAT64`, 'RFC 8215', '64:ff9b:1::', 48, readLocalNat64),
  convention(say`6to4`, 'RFC 3056', '2002::', 16, (value) => low(value >> 80n)),
  // RFC 4380 §4: the client's address with every bit flipped.
  convention(say`Teredo`, 'RFC 4380', '2001::', 32, (value) => low(value) ^ LOW_32),
];

/** RFC 5214 §6.1: an interface identifier of ::0:5efe:a.b.c.d or ::200:5efe:a.b.c.d carries an IPv4 address. */
const isIsatap = (value: bigint) => ((value >> 32n) & 0xfdffffffn) === 0x5efen;

/** The IPv4 address that an IPv6 address stands for: packets to it end there, where the network knows the convention. */
export function embeddedIpv4(address: AddressNumber): Embedded | undefined {
  if (address.family === 4) return undefined;
  const found = CONVENTIONS.find(({ block }) => blockHolds(block, address));
  if (found) return embedded(found.name, found.document, found.read(address.value));
  return isIsatap(address.value) ? embedded(say`ISATAP`, 'RFC 5214', low(address.value)) : undefined;
}

function embedded(convention: Phrase, document: string, value: bigint): Embedded {
  return { convention, document, ipv4: formatAddress({ family: 4, value }) };
}
