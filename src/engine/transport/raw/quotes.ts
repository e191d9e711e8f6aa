import {
  AF_INET6,
  CMSGHDR,
  EXTENDED_ERROR,
  IP_RECVERR,
  IPV6_RECVERR,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  ORIGIN_ICMP,
  ORIGIN_ICMP6,
  SOCKADDR,
  SOCKADDR_IN,
  SOCKADDR_IN6,
  SOL_IP,
  SOL_IPV6,
} from '../ffi/layout.ts';
import type { Libc } from '../ffi/libc.ts';
import { outcomeOfIcmp, outcomeOfIcmpV6 } from '../icmp.ts';
import type { Outcome } from '../transport.ts';
import { type AddressKey, keyAt } from './destination.ts';
import { IOVEC, MMSGHDR, TCP } from './layout.ts';

/** An ICMP error about a TCP segment of this machine, and what it quotes of that (RFC 792; RFC 4443 §3). */
export interface Quote {
  /** `undefined` where it decides nothing. */
  readonly outcome: Outcome | undefined;
  /** Who sent it. */
  readonly offender: string;
  readonly destination: AddressKey;
  readonly port: number;
  readonly sourcePort: number;
  readonly sequence: number;
}

/** RFC 792 has every message quote so much: ports and sequence number. */
const QUOTED_BYTES = 8;
const CONTROL_BYTES = 256;
/** The message header begins; where the rest lies, and how many bytes that is. */
const PARTS = { vector: 64, name: 80, quoted: 112, control: 136, size: 136 + CONTROL_BYTES } as const;

/**
 * Reads the error queue of a raw socket with IP_RECVERR or IPV6_RECVERR (ip(7), ipv6(7)). There the kernel puts the
 * ICMP errors about all TCP segments of this machine, with the segment as far as it was quoted and, as the message's
 * name, the host that it was for. Returns `undefined` when the queue is empty, `'other'` for what is of no use.
 */
export function createQuotes(libc: Libc): (fd: number) => Quote | 'other' | undefined {
  // One piece of memory, so that using any of it keeps all of it: the kernel follows the addresses in it, which the
  // garbage collector knows nothing of.
  const { bytes, address } = libc.allocate(PARTS.size);
  bytes.writeBigUInt64LE(BigInt(address + PARTS.name), MMSGHDR.name);
  bytes.writeBigUInt64LE(BigInt(address + PARTS.vector), MMSGHDR.vector);
  bytes.writeBigUInt64LE(1n, MMSGHDR.vectorLength);
  bytes.writeBigUInt64LE(BigInt(address + PARTS.control), MMSGHDR.control);
  bytes.writeBigUInt64LE(BigInt(address + PARTS.quoted), PARTS.vector + IOVEC.base);
  bytes.writeBigUInt64LE(BigInt(TCP.size), PARTS.vector + IOVEC.length);

  /** Where the extended error begins, among other control messages; -1 if it is missing. */
  function findError(): number {
    const end = PARTS.control + bytes.readUInt32LE(MMSGHDR.controlLength);
    for (let at: number = PARTS.control; at + CMSGHDR.data <= end; ) {
      const length = bytes.readUInt32LE(at);
      const level = bytes.readInt32LE(at + CMSGHDR.level);
      const type = bytes.readInt32LE(at + CMSGHDR.type);
      const fits = at + length <= end && length >= CMSGHDR.data + EXTENDED_ERROR.offender + SOCKADDR_IN.size;
      const is = (level === SOL_IP && type === IP_RECVERR) || (level === SOL_IPV6 && type === IPV6_RECVERR);
      if (is) return fits ? at + CMSGHDR.data : -1;
      at += Math.max(CMSGHDR.data, (length + 7) & ~7);
    }
    return -1;
  }

  function decode(at: number): Pick<Quote, 'outcome' | 'offender'> | undefined {
    const origin = bytes[at + EXTENDED_ERROR.origin];
    if (origin !== ORIGIN_ICMP && origin !== ORIGIN_ICMP6) return undefined;
    const read = origin === ORIGIN_ICMP ? outcomeOfIcmp : outcomeOfIcmpV6;
    const outcome = read(bytes.readUInt8(at + EXTENDED_ERROR.type), bytes.readUInt8(at + EXTENDED_ERROR.code));
    const offender = at + EXTENDED_ERROR.offender;
    const family = bytes.readUInt16LE(offender);
    const offset = offender + (family === AF_INET6 ? SOCKADDR_IN6.address : SOCKADDR_IN.address);
    return { outcome, offender: family === 0 ? '' : libc.formatAddress(family, address + offset) };
  }

  return (fd) => {
    bytes.writeUInt32LE(SOCKADDR.size, MMSGHDR.nameLength);
    bytes.writeUInt32LE(CONTROL_BYTES, MMSGHDR.controlLength);
    const length = libc.recvmsg(fd, address, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (length < 0) return undefined;
    const at = findError();
    const named = bytes.readUInt32LE(MMSGHDR.nameLength) > 0;
    const error = at < 0 || length < QUOTED_BYTES || !named ? undefined : decode(at);
    if (error === undefined) return 'other';
    return {
      ...error,
      destination: keyAt(bytes, PARTS.name),
      port: bytes.readUInt16BE(PARTS.quoted + TCP.destination),
      sourcePort: bytes.readUInt16BE(PARTS.quoted + TCP.source),
      sequence: bytes.readUInt32BE(PARTS.quoted + TCP.sequence),
    };
  };
}
