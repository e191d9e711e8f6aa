import { CMSGHDR, MSG_DONTWAIT, SOCKADDR, SOL_SOCKET } from '../ffi/layout.ts';
import type { Libc } from '../ffi/libc.ts';
import type { RawCalls } from './calls.ts';
import { CLOCK_REALTIME, IOVEC, MMSGHDR, MMSGHDR_RESULT, MMSGHDR_SIZE, SO_TIMESTAMPNS } from './layout.ts';

/** Packets read at a time: with what each sets off, less than a millisecond. */
const RECEIVE_BATCH = 256;
const PACKET_BYTES = 128;
const NAME_BYTES = 32;
const CONTROL_BYTES = 64;

/** Where the parts of all messages lie, and how many bytes that is. */
const SLOTS = {
  vectors: MMSGHDR_SIZE * RECEIVE_BATCH,
  packets: (MMSGHDR_SIZE + IOVEC.size) * RECEIVE_BATCH,
  names: (MMSGHDR_SIZE + IOVEC.size + PACKET_BYTES) * RECEIVE_BATCH,
  controls: (MMSGHDR_SIZE + IOVEC.size + PACKET_BYTES + NAME_BYTES) * RECEIVE_BATCH,
  size: (MMSGHDR_SIZE + IOVEC.size + PACKET_BYTES + NAME_BYTES + CONTROL_BYTES) * RECEIVE_BATCH,
} as const;

/** One packet among others in the same bytes. */
export interface Packet {
  readonly bytes: Buffer;
  /** The same bytes. */
  readonly view: DataView;
  /** Where it begins and ends: at most the filter's limit of it. */
  at: number;
  end: number;
  /** Where the socket address of its sender begins. */
  nameAt: number;
  /** When it came in, on the monotonic clock, in milliseconds. */
  arrivedAtMs: number;
}

export interface Inbox {
  /**
   * Reads a batch and hands over each packet, the object being the same for all. Returns true if there may be more.
   * What a handler throws is thrown after the batch: packets come only once.
   */
  read(fd: number, handle: (packet: Packet) => void): boolean;
}

/** @param now milliseconds, monotonic */
export function createInbox(libc: Libc, calls: RawCalls, now: () => number): Inbox {
  // One piece of memory, so that using any of it keeps all of it: the kernel follows the addresses in it, which the
  // garbage collector knows nothing of.
  const { bytes, view, address: base } = libc.allocate(SLOTS.size);
  const clock = libc.allocate(16);
  const packet: Packet = { bytes, view, at: 0, end: 0, nameAt: 0, arrivedAtMs: 0 };

  for (let slot = 0; slot < RECEIVE_BATCH; slot += 1) {
    const [message, vector] = [slot * MMSGHDR_SIZE, SLOTS.vectors + slot * IOVEC.size];
    bytes.writeBigUInt64LE(BigInt(base + SLOTS.names + slot * NAME_BYTES), message + MMSGHDR.name);
    bytes.writeBigUInt64LE(BigInt(base + vector), message + MMSGHDR.vector);
    bytes.writeBigUInt64LE(1n, message + MMSGHDR.vectorLength);
    bytes.writeBigUInt64LE(BigInt(base + SLOTS.controls + slot * CONTROL_BYTES), message + MMSGHDR.control);
    bytes.writeBigUInt64LE(BigInt(base + SLOTS.packets + slot * PACKET_BYTES), vector + IOVEC.base);
    bytes.writeBigUInt64LE(BigInt(PACKET_BYTES), vector + IOVEC.length);
    makeRoom(slot);
  }

  /** The kernel writes over these with what it has filled in. */
  function makeRoom(slot: number): void {
    view.setUint32(slot * MMSGHDR_SIZE + MMSGHDR.nameLength, SOCKADDR.size, true);
    view.setUint32(slot * MMSGHDR_SIZE + MMSGHDR.controlLength, CONTROL_BYTES, true);
  }

  /** How long before the time in `clock` the packet came, in milliseconds: the time it has waited for us. */
  function waitedMs(slot: number): number {
    const at = SLOTS.controls + slot * CONTROL_BYTES;
    if (view.getUint32(slot * MMSGHDR_SIZE + MMSGHDR.controlLength, true) < CMSGHDR.data + 16) return 0;
    if (view.getInt32(at + CMSGHDR.level, true) !== SOL_SOCKET) return 0;
    if (view.getInt32(at + CMSGHDR.type, true) !== SO_TIMESTAMPNS) return 0;
    // The low halves do: the difference is small, or not to be believed.
    const seconds = (clock.view.getInt32(0, true) - view.getInt32(at + CMSGHDR.data, true)) | 0;
    const nanoseconds = clock.view.getInt32(8, true) - view.getInt32(at + CMSGHDR.data + 8, true);
    return Math.max(0, seconds * 1e3 + nanoseconds / 1e6);
  }

  /** How many there were, -1 if an error was in the way: with IP_RECVERR each ICMP error makes one call fail. */
  function receive(fd: number): number {
    const count = calls.recvmmsg(fd, base, RECEIVE_BATCH, MSG_DONTWAIT, 0);
    return count < 0 && libc.errorName() === 'EAGAIN' ? 0 : count;
  }

  return {
    read(fd, handle) {
      const count = receive(fd);
      if (count <= 0) return count < 0;
      calls.clockGettime(CLOCK_REALTIME, clock.address);
      const readAtMs = now();
      const troubles: unknown[] = [];
      for (let slot = 0; slot < count; slot += 1) {
        packet.at = SLOTS.packets + slot * PACKET_BYTES;
        packet.end = packet.at + view.getUint32(slot * MMSGHDR_SIZE + MMSGHDR_RESULT, true);
        packet.nameAt = SLOTS.names + slot * NAME_BYTES;
        packet.arrivedAtMs = readAtMs - waitedMs(slot);
        makeRoom(slot);
        try {
          handle(packet);
        } catch (trouble) {
          troubles.push(trouble);
        }
      }
      if (troubles.length > 0) throw troubles[0];
      return count === RECEIVE_BATCH;
    },
  };
}
