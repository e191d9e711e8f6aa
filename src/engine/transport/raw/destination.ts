import { createTable, type Table } from '../../table.ts';
import { AF_INET6, DATAGRAM, SOCKADDR, SOCKADDR_IN, SOCKADDR_IN6 } from '../ffi/layout.ts';
import type { Libc, Memory } from '../ffi/libc.ts';
import { createSockaddr } from '../ffi/sockaddr.ts';
import type { Flight } from './flight.ts';
import { createSynTemplate, type SynTemplate } from './syn.ts';

/** A host being scanned, and what all packets to it have in common. */
export interface Destination {
  readonly key: AddressKey;
  readonly family: number;
  /** For the kernel: a socket address with port 0, which raw IPv6 sockets insist on. */
  readonly sockaddr: Memory;
  readonly sockaddrLength: number;
  /** The address as text, as the kernel writes it. */
  readonly name: string;
  /** The address that this machine sends from, and the SYN with it: as the last scan to begin found them. */
  source: string;
  template: SynTemplate;
  /** Attempts awaiting their answer, by {@link flightKey}. */
  readonly flights: Table<Flight>;
  users: number;
}

/** What tells hosts apart in packets: an IPv4 address as a number, an IPv6 one as its bytes, with the scope if link-local. */
export type AddressKey = number | string;

/** Both ports in one small integer. */
export const flightKey = (port: number, sourcePort: number): number => (port << 16) | sourcePort;

/** The key of the address in the socket address at an offset. */
export function keyAt(bytes: Buffer, at: number): AddressKey {
  if (bytes[at + SOCKADDR.family] !== AF_INET6) return bytes.readUInt32LE(at + SOCKADDR_IN.address);
  const address = at + SOCKADDR_IN6.address;
  const linkLocal = bytes[address] === 0xfe && ((bytes[address + 1] ?? 0) & 0xc0) === 0x80;
  return bytes.toString('latin1', address, at + (linkLocal ? SOCKADDR_IN6.size : SOCKADDR_IN6.scope));
}

/** For choosing a route; nothing is sent. */
const ANY_PORT = 9;

/** Finds the way to hosts: by connecting a UDP socket, which sends nothing, and asking it for its two ends. */
export interface Destinations {
  /** The host at a literal address, or the name of the error that says why there is no way to it. */
  take(address: string): Destination | string;
  /** Taken as often as given back: forgotten. */
  give(destination: Destination): void;
  find(key: AddressKey): Destination | undefined;
}

export function createDestinations(libc: Libc): Destinations {
  const known = new Map<AddressKey, Destination>();
  const wanted = createSockaddr(libc);
  const local = libc.allocate(SOCKADDR.size);
  const length = libc.allocate(4);

  function ask(call: 'getsockname' | 'getpeername', fd: number, into: Memory): boolean {
    length.bytes.writeUInt32LE(SOCKADDR.size);
    return libc[call](fd, into.address, length.address) === 0;
  }

  /** Fills in `local` and `far`; the name of the error if there is no way. */
  function findWay(far: Memory): string | undefined {
    const fd = libc.socket(wanted.family(), DATAGRAM, 0);
    if (fd < 0) return libc.errorName();
    const found =
      libc.connect(fd, wanted.memory.address, wanted.length()) === 0 &&
      ask('getsockname', fd, local) &&
      ask('getpeername', fd, far);
    const error = found ? undefined : libc.errorName();
    libc.close(fd);
    // UDP may not broadcast unasked (EACCES); TCP has no way to many at all.
    if (error === 'EACCES' || isMulticast(far.bytes)) return 'ENETUNREACH';
    return error;
  }

  /** What `local` says about sending to a host. */
  function readWay(far: Memory): Pick<Destination, 'source' | 'template'> {
    const family = wanted.family();
    const offset = family === AF_INET6 ? SOCKADDR_IN6.address : SOCKADDR_IN.address;
    return {
      source: libc.formatAddress(family, local.address + offset),
      template: createSynTemplate(family, local.bytes, far.bytes),
    };
  }

  function make(far: Memory, key: AddressKey): Destination {
    const family = wanted.family();
    const offset = family === AF_INET6 ? SOCKADDR_IN6.address : SOCKADDR_IN.address;
    far.bytes.writeUInt16LE(0, SOCKADDR.port);
    return {
      key,
      family,
      sockaddr: far,
      sockaddrLength: wanted.length(),
      ...readWay(far),
      name: libc.formatAddress(family, far.address + offset),
      flights: createTable(),
      users: 0,
    };
  }

  return {
    take(address) {
      if (!wanted.write(address, ANY_PORT)) return 'EINVAL';
      const far = libc.allocate(SOCKADDR.size);
      const error = findWay(far);
      if (error !== undefined) return error;
      const key = keyAt(far.bytes, 0);
      const old = known.get(key);
      const destination = old === undefined ? make(far, key) : Object.assign(old, readWay(far));
      known.set(key, destination);
      destination.users += 1;
      return destination;
    },
    give(destination) {
      destination.users -= 1;
      if (destination.users === 0) known.delete(destination.key);
    },
    find: (key) => known.get(key),
  };
}

/** RFC 1112 §4, RFC 4291 §2.7. */
function isMulticast(sockaddr: Buffer): boolean {
  const v6 = sockaddr[SOCKADDR.family] === AF_INET6;
  const first = sockaddr[v6 ? SOCKADDR_IN6.address : SOCKADDR_IN.address] ?? 0;
  return v6 ? first === 0xff : (first & 0xf0) === 0xe0;
}
