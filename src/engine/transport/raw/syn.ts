import { AF_INET6, SOCKADDR_IN, SOCKADDR_IN6 } from '../ffi/layout.ts';
import { IPPROTO_TCP, SYN, TCP } from './layout.ts';

const IPV4_SIZE = 20;
const IPV6_SIZE = 40;
/** A TCP header and the one option that every real SYN has. */
const SEGMENT_SIZE = TCP.size + 4;
const HOPS = 64;
const DONT_FRAGMENT = 0x4000;
const WINDOW = 64_240;
/** What fits an Ethernet frame behind the IP and TCP headers (RFC 9293 §3.7.1, RFC 8200 §8.3). */
const MSS = 1_460;
const MSS_V6 = 1_440;

/** All SYNs between two addresses, but for ports, sequence number and checksum. */
export interface SynTemplate {
  /** With the IP header, as a socket of protocol IPPROTO_RAW sends it (raw(7)). */
  readonly bytes: Buffer;
  /** Where the TCP header begins. */
  readonly segmentAt: number;
  /** The checksum's part that is the same for all. */
  readonly sum: number;
}

/** The length of a SYN with its IP header. */
export const synSize = (family: number): number => (family === AF_INET6 ? IPV6_SIZE : IPV4_SIZE) + SEGMENT_SIZE;

/** RFC 791 §3.1. The kernel fills in total length and checksum. */
function writeIpv4(bytes: Buffer, source: Buffer, destination: Buffer): void {
  bytes[0] = 0x40 | (IPV4_SIZE / 4);
  bytes.writeUInt16BE(DONT_FRAGMENT, 6);
  bytes[8] = HOPS;
  bytes[9] = IPPROTO_TCP;
  source.copy(bytes, 12);
  destination.copy(bytes, 16);
}

/** RFC 8200 §3. */
function writeIpv6(bytes: Buffer, source: Buffer, destination: Buffer): void {
  bytes[0] = 0x60;
  bytes.writeUInt16BE(SEGMENT_SIZE, 4);
  bytes[6] = IPPROTO_TCP;
  bytes[7] = HOPS;
  source.copy(bytes, 8);
  destination.copy(bytes, 24);
}

/** RFC 9293 §3.1, §3.2. */
function writeSegment(segment: Buffer, mss: number): void {
  segment[12] = (SEGMENT_SIZE / 4) << 4;
  segment[TCP.flags] = SYN;
  segment.writeUInt16BE(WINDOW, 14);
  segment[TCP.size] = 2; // maximum segment size
  segment[TCP.size + 1] = 4; // the option's length
  segment.writeUInt16BE(mss, TCP.size + 2);
}

function sumWords(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  return sum;
}

/** @param source socket addresses of the family, as is `destination` */
export function createSynTemplate(family: number, source: Buffer, destination: Buffer): SynTemplate {
  const v6 = family === AF_INET6;
  const [from, to] = v6 ? [SOCKADDR_IN6.address, SOCKADDR_IN6.scope] : [SOCKADDR_IN.address, SOCKADDR_IN.address + 4];
  const [own, far] = [source.subarray(from, to), destination.subarray(from, to)];
  const bytes = Buffer.alloc(synSize(family));
  const segmentAt = bytes.length - SEGMENT_SIZE;
  const segment = bytes.subarray(segmentAt);
  (v6 ? writeIpv6 : writeIpv4)(bytes, own, far);
  writeSegment(segment, v6 ? MSS_V6 : MSS);
  // The pseudo-header of RFC 9293 §3.1 and RFC 8200 §8.1.
  const sum = sumWords(own) + sumWords(far) + IPPROTO_TCP + SEGMENT_SIZE + sumWords(segment);
  return { bytes, segmentAt, sum };
}

/**
 * Completes the TCP header of a template copied to `bytes`, at an offset. Ports are 16 bits, the sequence number 32;
 * `sum` is the template's.
 */
export function completeSyn(
  bytes: Buffer,
  at: number,
  source: number,
  destination: number,
  sequence: number,
  sum: number,
): void {
  bytes[at] = source >> 8;
  bytes[at + 1] = source & 0xff;
  bytes[at + 2] = destination >> 8;
  bytes[at + 3] = destination & 0xff;
  bytes[at + 4] = sequence >>> 24;
  bytes[at + 5] = (sequence >>> 16) & 0xff;
  bytes[at + 6] = (sequence >>> 8) & 0xff;
  bytes[at + 7] = sequence & 0xff;
  let folded = sum + source + destination + (sequence >>> 16) + (sequence & 0xffff);
  folded = (folded & 0xffff) + (folded >>> 16);
  folded = ~((folded & 0xffff) + (folded >>> 16));
  bytes[at + TCP.checksum] = (folded >> 8) & 0xff;
  bytes[at + TCP.checksum + 1] = folded & 0xff;
}
