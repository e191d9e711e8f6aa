import {
  AF_INET6,
  CMSGHDR,
  EXTENDED_ERROR,
  IP_RECVERR,
  IPV6_RECVERR,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSGHDR,
  SOCKADDR_IN,
  SOCKADDR_IN6,
  SOL_IP,
  SOL_IPV6,
} from './layout.ts';
import type { Libc } from './libc.ts';

/** An error as the kernel queued it: from an ICMP message, or found on this machine. */
export interface QueuedError {
  readonly errno: number;
  /** One of the ORIGIN numbers. */
  readonly origin: number;
  readonly type: number;
  readonly code: number;
  /** Who sent the ICMP message, `''` where nobody did. */
  readonly offender: string;
}

const CONTROL_BYTES = 256;

/**
 * Reads the error queue of sockets that have IP_RECVERR or IPV6_RECVERR set (ip(7), ipv6(7)); for TCP it holds the ICMP
 * errors of a connection that is being made, since Linux 5.8.
 */
export function createErrorQueue(libc: Libc): (fd: number) => QueuedError | undefined {
  const header = libc.allocate(MSGHDR.size);
  const control = libc.allocate(CONTROL_BYTES);
  header.bytes.writeBigUInt64LE(BigInt(control.address), MSGHDR.control);

  return (fd) => {
    const { bytes } = control;
    header.view.setUint32(MSGHDR.controlLength, CONTROL_BYTES, true);
    if (libc.recvmsg(fd, header.address, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return undefined;
    if (header.bytes.readUInt32LE(MSGHDR.controlLength) < CMSGHDR.data + EXTENDED_ERROR.offender) return undefined;

    const level = bytes.readInt32LE(CMSGHDR.level);
    const type = bytes.readInt32LE(CMSGHDR.type);
    const expected = (level === SOL_IP && type === IP_RECVERR) || (level === SOL_IPV6 && type === IPV6_RECVERR);
    if (!expected) return undefined;

    const at = CMSGHDR.data;
    const offender = at + EXTENDED_ERROR.offender;
    const family = bytes.readUInt16LE(offender);
    const address = offender + (family === AF_INET6 ? SOCKADDR_IN6.address : SOCKADDR_IN.address);
    return {
      errno: bytes.readUInt32LE(at + EXTENDED_ERROR.errno),
      origin: bytes.readUInt8(at + EXTENDED_ERROR.origin),
      type: bytes.readUInt8(at + EXTENDED_ERROR.type),
      code: bytes.readUInt8(at + EXTENDED_ERROR.code),
      offender: family === 0 ? '' : libc.formatAddress(family, control.address + address),
    };
  };
}
