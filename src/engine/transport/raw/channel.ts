import { AF_INET6, EPOLLIN, IP_RECVERR, IPV6_RECVERR, SOL_IP, SOL_IPV6, SOL_SOCKET } from '../ffi/layout.ts';
import type { Libc } from '../ffi/libc.ts';
import type { Poller } from '../ffi/poller.ts';
import { answersOnly, instructionsIn } from './filter.ts';
import {
  IPPROTO_RAW,
  IPPROTO_TCP,
  RAW,
  SO_ATTACH_FILTER,
  SO_RCVBUFFORCE,
  SO_SNDBUFFORCE,
  SO_TIMESTAMPNS,
} from './layout.ts';
import type { PortRange } from './portRange.ts';

/** The two raw sockets of an address family. */
export interface Channel {
  readonly sender: number;
  /** Answers, and in its error queue the ICMP errors. */
  readonly receiver: number;
  close(): void;
}

/** Thousands of packets: the system's own limit is for a few hundred. More than asked is not taken. */
const BUFFER_BYTES = 8 * 1024 * 1024;

/**
 * Opens the sockets of a family. Sending and receiving are apart, since an ICMP error, once IP_RECVERR asks for it, also
 * makes the next call on its socket fail, whatever that call is about. The sender, which hears nothing, has it set
 * because without it the kernel keeps a full queue (ENOBUFS) to itself.
 *
 * @returns the name of the error if the system refuses
 */
export function openChannel(
  libc: Libc,
  poller: Poller,
  family: number,
  range: PortRange,
  onReady: () => void,
): Channel | string {
  const opened: number[] = [];
  const value = libc.allocate(4);
  const program = libc.allocate(128);
  const programHeader = libc.allocate(16);
  const v6 = family === AF_INET6;

  function set(fd: number, level: number, option: number, to: number): boolean {
    value.bytes.writeInt32LE(to);
    return libc.setsockopt(fd, level, option, value.address, 4) === 0;
  }

  /** struct sock_fprog: how many instructions, and where. */
  function filter(fd: number, instructions: Buffer): boolean {
    instructions.copy(program.bytes);
    programHeader.bytes.writeUInt16LE(instructionsIn(instructions), 0);
    programHeader.bytes.writeBigUInt64LE(BigInt(program.address), 8);
    return libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, programHeader.address, 16) === 0;
  }

  function open(protocol: number): number {
    const fd = libc.socket(family, RAW, protocol);
    if (fd < 0) return -1;
    opened.push(fd);
    return set(fd, v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_RECVERR : IP_RECVERR, 1) ? fd : -1;
  }

  function closeAll(): void {
    for (const fd of opened.splice(0)) {
      poller.listen(fd, undefined);
      libc.close(fd);
    }
  }

  function openBoth(): { sender: number; receiver: number } | undefined {
    const sender = open(IPPROTO_RAW);
    const receiver = sender < 0 ? -1 : open(IPPROTO_TCP);
    if (receiver < 0 || !filter(receiver, answersOnly(family, range))) return undefined;
    set(sender, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES);
    set(receiver, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES);
    set(receiver, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    if (!poller.add(receiver, EPOLLIN)) return undefined;
    poller.listen(receiver, { ready: onReady });
    return { sender, receiver };
  }

  const both = openBoth();
  if (both !== undefined) return { ...both, close: closeAll };
  const error = libc.errorName();
  closeAll();
  return error;
}
