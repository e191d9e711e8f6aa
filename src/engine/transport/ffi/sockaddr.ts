import { AF_INET, AF_INET6, SOCKADDR, SOCKADDR_IN, SOCKADDR_IN6 } from './layout.ts';
import type { Libc, Memory } from './libc.ts';

/** A socket address being written, and reused for every call. */
export interface Sockaddr {
  readonly memory: Memory;
  /** AF_INET or AF_INET6, 0 before the first address. */
  family(): number;
  length(): number;
  /** Writes address and port; false if the text is no address. */
  write(address: string, port: number): boolean;
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Writes socket addresses into one piece of memory. A scan asks for the same address over and over, with another port,
 * so the text is parsed only when it changes. IPv4 written as IPv6 (RFC 4291 §2.5.5.2) is taken for the IPv4 it is; a
 * zone (`fe80::1%eth0`, RFC 4007 §11) becomes the interface's index.
 */
export function createSockaddr(libc: Libc): Sockaddr {
  const memory = libc.allocate(SOCKADDR.size);
  const { bytes } = memory;
  let written = '';
  let family = 0;

  function parse(text: string): boolean {
    const address = MAPPED.exec(text)?.[1] ?? text;
    const [host = '', zone] = address.split('%');
    bytes.fill(0);
    family = host.includes(':') ? AF_INET6 : AF_INET;
    bytes.writeUInt16LE(family, SOCKADDR.family);
    if (zone !== undefined) bytes.writeUInt32LE(Number(zone) || libc.interfaceIndex(zone), SOCKADDR_IN6.scope);
    const offset = family === AF_INET6 ? SOCKADDR_IN6.address : SOCKADDR_IN.address;
    return libc.parseAddress(family, host, memory.address + offset) === 1;
  }

  return {
    memory,
    family: () => family,
    length: () => (family === AF_INET6 ? SOCKADDR_IN6.size : SOCKADDR_IN.size),
    write(address, port) {
      if (address !== written) {
        written = '';
        if (!parse(address)) return false;
        written = address;
      }
      bytes[SOCKADDR.port] = port >> 8;
      bytes[SOCKADDR.port + 1] = port & 0xff;
      return true;
    },
  };
}

/** Reads sockets' own and far addresses. */
export interface SocketNames {
  /** True for a connection whose two ends are one: RFC 9293 §3.5, simultaneous open with oneself. */
  isSelfConnected(fd: number): boolean;
  /** The address this machine sends from. */
  localAddress(fd: number): string;
}

export function createSocketNames(libc: Libc): SocketNames {
  const local = libc.allocate(SOCKADDR.size);
  const far = libc.allocate(SOCKADDR.size);
  const length = libc.allocate(4);

  function ask(call: 'getsockname' | 'getpeername', fd: number, into: Memory): boolean {
    length.bytes.writeUInt32LE(SOCKADDR.size);
    return libc[call](fd, into.address, length.address) === 0;
  }

  /** Family, port and address; flow information and scope say nothing about identity here. */
  function same(): boolean {
    if (local.bytes.readUInt32LE(0) !== far.bytes.readUInt32LE(0)) return false;
    const v6 = local.bytes.readUInt16LE(SOCKADDR.family) === AF_INET6;
    const [from, to] = v6 ? [SOCKADDR_IN6.address, SOCKADDR_IN6.address + 16] : [SOCKADDR_IN.address, 8];
    return local.bytes.compare(far.bytes, from, to, from, to) === 0;
  }

  return {
    isSelfConnected: (fd) => ask('getsockname', fd, local) && ask('getpeername', fd, far) && same(),
    localAddress(fd) {
      if (!ask('getsockname', fd, local)) return '';
      const family = local.bytes.readUInt16LE(SOCKADDR.family);
      const offset = family === AF_INET6 ? SOCKADDR_IN6.address : SOCKADDR_IN.address;
      return libc.formatAddress(family, local.address + offset);
    },
  };
}
