import type { Libc } from '../ffi/libc.ts';
import type { RawCalls } from './calls.ts';
import type { Flight } from './flight.ts';
import { IOVEC, MMSGHDR, MMSGHDR_SIZE } from './layout.ts';
import { completeSyn, type SynTemplate, synSize } from './syn.ts';

/** Messages to a call of sendmmsg(2): at 5 µs each, as long as the event loop may be held up. */
export const SEND_BATCH = 512;

/** Where vectors and packets lie behind the messages. */
const VECTORS = MMSGHDR_SIZE * SEND_BATCH;
const PACKETS = VECTORS + IOVEC.size * SEND_BATCH;

/** SYNs of one address family waiting to be sent. */
export interface Outbox {
  add(flight: Flight): void;
  isFull(): boolean;
  /** Sends all that is waiting and still wanted. What cannot be sent is told to its scan. */
  send(fd: number): void;
  clear(): void;
}

/** @param now milliseconds, monotonic */
export function createOutbox(libc: Libc, calls: RawCalls, family: number, now: () => number): Outbox {
  const size = synSize(family);
  // One piece of memory, so that using any of it keeps all of it: the kernel follows the addresses in it, which the
  // garbage collector knows nothing of.
  const { bytes, address: base } = libc.allocate(PACKETS + size * SEND_BATCH);
  const prepared: (SynTemplate | undefined)[] = new Array(SEND_BATCH);
  let waiting: Flight[] = [];

  for (let slot = 0; slot < SEND_BATCH; slot += 1) {
    const [message, vector] = [slot * MMSGHDR_SIZE, VECTORS + slot * IOVEC.size];
    bytes.writeBigUInt64LE(BigInt(base + vector), message + MMSGHDR.vector);
    bytes.writeBigUInt64LE(1n, message + MMSGHDR.vectorLength);
    bytes.writeBigUInt64LE(BigInt(base + PACKETS + slot * size), vector + IOVEC.base);
    bytes.writeBigUInt64LE(BigInt(size), vector + IOVEC.length);
  }

  function direct(slot: number, { sockaddr, sockaddrLength, template }: Flight['destination']): void {
    if (prepared[slot] === template) return;
    prepared[slot] = template;
    const at = slot * MMSGHDR_SIZE;
    bytes.writeBigUInt64LE(BigInt(sockaddr.address), at + MMSGHDR.name);
    bytes.writeUInt32LE(sockaddrLength, at + MMSGHDR.nameLength);
    template.bytes.copy(bytes, PACKETS + slot * size);
  }

  function prepare(flights: readonly Flight[]): void {
    let slot = 0;
    for (const { destination, sourcePort, port, sequence } of flights) {
      direct(slot, destination);
      const { segmentAt, sum } = destination.template;
      completeSyn(bytes, PACKETS + slot * size + segmentAt, sourcePort, port, sequence, sum);
      slot += 1;
    }
  }

  /** A call's messages leave one after the other while it runs, answers to the first may come before the last has left. */
  function stamp(flights: readonly Flight[], from: number, count: number, startedAtMs: number): void {
    const eachMs = (now() - startedAtMs) / count;
    for (let index = 0; index < count; index += 1) {
      const flight = flights[from + index];
      if (flight !== undefined) flight.sentAtMs = startedAtMs + index * eachMs;
    }
  }

  function failRest(flights: readonly Flight[], from: number, code: string): void {
    for (let index = from; index < flights.length; index += 1) fail(flights[index], code);
  }

  function fail(flight: Flight | undefined, code: string): void {
    flight?.scan.failed(flight, code);
  }

  return {
    add(flight) {
      waiting.push(flight);
    },
    isFull: () => waiting.length >= SEND_BATCH,
    send(fd) {
      if (waiting.length === 0) return;
      const flights = waiting.filter(({ live }) => live);
      waiting = [];
      prepare(flights);
      for (let at = 0; at < flights.length; ) {
        const startedAtMs = now();
        const sent = calls.sendmmsg(fd, base + at * MMSGHDR_SIZE, flights.length - at, 0);
        if (sent > 0) {
          stamp(flights, at, sent, startedAtMs);
          at += sent;
          continue;
        }
        const code = libc.errorName();
        if (isShortage(code)) {
          failRest(flights, at, code);
          return;
        }
        fail(flights[at], code);
        at += 1;
      }
    },
    clear() {
      waiting = [];
      prepared.fill(undefined);
    },
  };
}

/** The rest would fare no better. */
function isShortage(code: string): boolean {
  return code === 'EAGAIN' || code === 'ENOBUFS' || code === 'ENOMEM';
}
