import { outcomeOfIcmp, outcomeOfIcmpV6 } from '../icmp.ts';
import { outcomeOfError } from '../outcomes.ts';
import type { Outcome } from '../transport.ts';
import { createErrorQueue, type QueuedError } from './errorQueue.ts';
import {
  AF_INET6,
  DATAGRAM,
  IP_RECVERR,
  IPV6_RECVERR,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  ORIGIN_ICMP,
  ORIGIN_ICMP6,
  ORIGIN_LOCAL,
  SO_ERROR,
  SO_LINGER,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  STREAM,
} from './layout.ts';
import type { Libc } from './libc.ts';
import { createSockaddr, createSocketNames, type SocketNames } from './sockaddr.ts';

/** What an error queue says about an attempt. */
export interface IcmpVerdict {
  readonly outcome: Outcome;
  readonly sender: string | null;
}

/** The system calls of an attempt, put into the words of a scan. Errors are names (`'ECONNREFUSED'`), `'OK'` for none. */
export interface Sockets extends SocketNames {
  /** Chooses whom the next call of {@link create}, {@link connect} is about; false if it is no address. */
  aim(address: string, port: number): boolean;
  /** AF_INET or AF_INET6 of that address. */
  family(): number;
  /** A non-blocking socket that queues ICMP errors, or -1. */
  create(protocol: 'tcp' | 'udp'): number;
  /**
   * Begins to connect, or says how that went. An error number that another call may have written is no answer: connect(2)
   * is called again, which does no harm to a connection being made and begins anew what has failed. So a first call may
   * find `EALREADY`, `EISCONN` or `ECONNREFUSED`, and a later one `EINPROGRESS`.
   */
  connect(fd: number): string;
  sendPayload(fd: number, payload: Uint8Array): string;
  /** Reads one datagram and forgets it; false if there was none. */
  receive(fd: number): boolean;
  /** The socket's pending error, which this clears. */
  takeError(fd: number): string;
  /** What ICMP said about the attempt to reach `target`, `undefined` where it said nothing that decides. */
  takeIcmp(fd: number, target: string): IcmpVerdict | undefined;
  /** Closes; an established connection with RST (SO_LINGER with time 0, socket(7)). */
  reset(fd: number): void;
  close(fd: number): void;
  errorName(): string;
}

const DATAGRAM_BYTES = 2048;
/** What V8's own calls never leave behind, or (EACCES, EPERM) hardly: believed as the answer of connect(2) at once. */
const ANSWERS: ReadonlySet<string> = new Set([
  ...['OK', 'EINPROGRESS', 'ECONNREFUSED', 'EISCONN', 'EALREADY', 'ECONNRESET', 'EPIPE', 'ENETUNREACH', 'EHOSTUNREACH'],
  ...['EHOSTDOWN', 'ENONET', 'EPROTO', 'ENOPROTOOPT', 'EADDRNOTAVAIL', 'EACCES', 'EPERM'],
]);
/** Anything else is believed once it was heard so often in a row. */
const HEARINGS = 3;

export function createSockets(libc: Libc): Sockets {
  const target = createSockaddr(libc);
  const names = createSocketNames(libc);
  const readQueue = createErrorQueue(libc);
  const yes = libc.allocate(4);
  yes.bytes.writeInt32LE(1);
  const resetOnClose = libc.allocate(8);
  resetOnClose.bytes.writeInt32LE(1);
  const value = libc.allocate(4);
  const valueLength = libc.allocate(4);
  const datagram = libc.allocate(DATAGRAM_BYTES);

  /**
   * Linux tells a failed ARP or neighbour discovery as an ICMP message of its own making: nobody sent it. If the target
   * is this machine itself, though, the same address may really have sent one.
   */
  function verdictOf(error: QueuedError, fd: number, address: string): IcmpVerdict | undefined {
    if (error.origin === ORIGIN_LOCAL) {
      return { outcome: outcomeOfError(libc.nameOf(error.errno), false), sender: null };
    }
    if (error.origin !== ORIGIN_ICMP && error.origin !== ORIGIN_ICMP6) return undefined;
    const decode = error.origin === ORIGIN_ICMP ? outcomeOfIcmp : outcomeOfIcmpV6;
    const outcome = decode(error.type, error.code);
    if (outcome === undefined) return undefined;
    const own = error.offender !== address && error.offender === names.localAddress(fd);
    return { outcome, sender: own || error.offender === '' ? null : error.offender };
  }

  function connectOnce(fd: number): string {
    if (libc.connect(fd, target.memory.address, target.length()) === 0) return 'OK';
    const code = libc.errorName();
    return code === 'OK' ? 'E0' : code;
  }

  return {
    ...names,
    aim: target.write,
    family: target.family,
    create(protocol) {
      const fd = libc.socket(target.family(), protocol === 'tcp' ? STREAM : DATAGRAM, 0);
      if (fd < 0) return -1;
      const v6 = target.family() === AF_INET6;
      libc.setsockopt(fd, v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_RECVERR : IP_RECVERR, yes.address, 4);
      return fd;
    },
    connect(fd) {
      let code = connectOnce(fd);
      for (let heard = 1; heard < HEARINGS && !ANSWERS.has(code); heard += 1) code = connectOnce(fd);
      return code;
    },
    sendPayload(fd, payload) {
      const length = Math.min(payload.length, DATAGRAM_BYTES);
      datagram.bytes.set(payload.subarray(0, length));
      return libc.send(fd, datagram.address, length, MSG_NOSIGNAL) < 0 ? libc.errorName() : 'OK';
    },
    receive: (fd) => libc.recv(fd, datagram.address, DATAGRAM_BYTES, MSG_DONTWAIT) >= 0,
    takeError(fd) {
      value.view.setInt32(0, 0, true);
      valueLength.view.setInt32(0, 4, true);
      libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, value.address, valueLength.address);
      return libc.nameOf(value.view.getInt32(0, true));
    },
    takeIcmp(fd, address) {
      for (let error = readQueue(fd); error !== undefined; error = readQueue(fd)) {
        const verdict = verdictOf(error, fd, address);
        if (verdict !== undefined) return verdict;
      }
      return undefined;
    },
    reset(fd) {
      libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, resetOnClose.address, 8);
      libc.close(fd);
    },
    close: libc.close,
    errorName: libc.errorName,
  };
}
