import { ascii, bytes, counted8, fill, join, u16 } from './bytes.ts';

/** Who asks, for protocols that echo a number: “HM”. One attempt has one socket, so it need not be random. */
const TRANSACTION = 0x484d;

const QUESTION_COUNT = 1;

const TYPE_PTR = 12;
const TYPE_TXT = 16;
const TYPE_NBSTAT = 0x21;
const CLASS_IN = 1;
const CLASS_CHAOS = 3;

/** A name as labels behind their lengths (RFC 1035 §3.1). */
function encodeName(name: string): Uint8Array {
  return join(...name.split('.').map((label) => counted8(ascii(label))), bytes(0));
}

/** A message of one question: header (RFC 1035 §4.1.1), then name, type and class (§4.1.2). */
function question(flags: number, name: Uint8Array, type: number, queryClass: number): Uint8Array {
  const header = join(u16(TRANSACTION), u16(flags), u16(QUESTION_COUNT), fill(6));
  return join(header, name, u16(type), u16(queryClass));
}

/**
 * DNS: TXT of `version.bind` in class CHAOS (RFC 4892 §3 on the practice). Servers settle it by themselves, without
 * asking others: the answer, or the refusal, is quick and small, while an ordinary name invites a recursion.
 */
export function dnsVersion(): Uint8Array {
  return question(0, encodeName('version.bind'), TYPE_TXT, CLASS_CHAOS);
}

/**
 * Multicast DNS: which kinds of services are there (RFC 6763 §9). It comes from a port other than 5353, so the answer
 * goes to the asker alone (RFC 6762 §6.7), and the QU bit says so once more (§5.4).
 */
export function mdnsServices(): Uint8Array {
  const unicastResponse = 0x8000;
  return question(0, encodeName('_services._dns-sd._udp.local'), TYPE_PTR, CLASS_IN | unicastResponse);
}

/**
 * NetBIOS name service: node status of the wildcard name (RFC 1002 §4.2.17). The name `*` is padded with zeros to 16
 * bytes, then each half byte becomes a letter (RFC 1001 §14.1).
 */
export function netbiosStatus(): Uint8Array {
  const letters = [0x2a, ...fill(15)].flatMap((byte) => [0x41 + (byte >>> 4), 0x41 + (byte & 0xf)]);
  return question(0, join(counted8(bytes(...letters)), bytes(0)), TYPE_NBSTAT, CLASS_IN);
}
