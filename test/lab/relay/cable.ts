import { type Meter, meter, type RelayCounters } from './counters.ts';
import { type DueHeap, dueHeap } from './dueHeap.ts';
import { type Direction, direction, type LinkModel, LOST, QUEUE_DROP } from './link.ts';
import { addressOf, type Syscalls } from './syscalls.ts';

/** Packets that can be under way in one direction. */
const SLOTS = 8_192;
/** An Ethernet frame of 1500 bytes payload, with room for a VLAN tag. */
const SLOT_BYTES = 1_536;
/** Frames taken from one side before the other gets its turn. */
const BURST = 64;
const POLLIN = 1;

interface Side {
  readonly fd: number;
  readonly farFd: number;
  readonly link: Direction;
  readonly meter: Meter;
  readonly heap: DueHeap;
  readonly memory: Uint8Array;
  readonly base: number;
  readonly lengths: Int32Array;
  readonly free: Int32Array;
  freeCount: number;
}

/** A cable between two TAP descriptors. */
export interface Cable {
  /** Carries packets until `untilMs` on the clock, sleeping whenever nothing is due. */
  carry(untilMs: number): void;
  /** What was counted since the last call. */
  take(): RelayCounters;
}

function side(fd: number, farFd: number, link: Direction): Side {
  const memory = new Uint8Array(new ArrayBuffer(SLOTS * SLOT_BYTES));
  return {
    fd,
    farFd,
    link,
    meter: meter(),
    heap: dueHeap(SLOTS),
    memory,
    base: addressOf(memory),
    lengths: new Int32Array(SLOTS),
    free: Int32Array.from({ length: SLOTS }, (_, slot) => slot),
    freeCount: SLOTS,
  };
}

/** Reads what has arrived on one side; true when something had. */
function receive(calls: Syscalls, from: Side, now: () => number): boolean {
  for (let count = 0; count < BURST; count++) {
    // With every slot taken, frames wait in the device, which counts what it has to drop.
    if (from.freeCount === 0) return false;
    const slot = from.free[from.freeCount - 1] ?? 0;
    const length = calls.read(from.fd, from.base + slot * SLOT_BYTES, SLOT_BYTES);
    if (length <= 0) return count > 0;
    const nowMs = now();
    from.meter.arrived(nowMs);
    const due = from.link.arrive(nowMs);
    if (due === LOST) from.meter.lost();
    else if (due === QUEUE_DROP) from.meter.queueDropped();
    else {
      from.freeCount -= 1;
      from.lengths[slot] = length;
      from.heap.push(due, slot);
    }
  }
  return true;
}

/** Sends what is due; returns by how many milliseconds the latest packet was late. */
function send(calls: Syscalls, from: Side, nowMs: number): number {
  let lateMs = 0;
  while (from.heap.nextMs() <= nowMs) {
    lateMs = Math.max(lateMs, nowMs - from.heap.nextMs());
    const slot = from.heap.pop();
    const written = calls.write(from.farFd, from.base + slot * SLOT_BYTES, from.lengths[slot] ?? 0);
    if (written < 0) from.meter.refused();
    from.free[from.freeCount] = slot;
    from.freeCount += 1;
  }
  return lateMs;
}

/** Poll structures: two `struct pollfd`, one `struct timespec`. */
function poller(calls: Syscalls, first: number, second: number): (waitMs: number) => void {
  const fds = new Int32Array(new ArrayBuffer(16));
  const time = new BigInt64Array(new ArrayBuffer(16));
  const fdsAt = addressOf(new Uint8Array(fds.buffer));
  const timeAt = addressOf(new Uint8Array(time.buffer));
  return (waitMs) => {
    // Written on every call, which also keeps memory whose address the kernel gets from being collected.
    fds[0] = first;
    fds[1] = POLLIN;
    fds[2] = second;
    fds[3] = POLLIN;
    const nanoseconds = Math.max(0, Math.floor(waitMs * 1e6));
    time[0] = BigInt(Math.floor(nanoseconds / 1e9));
    time[1] = BigInt(nanoseconds % 1e9);
    calls.ppoll(fdsAt, 2, timeAt);
  };
}

/** Joins the scanner's and the target's TAP by two directions of the model. */
export function cable(
  calls: Syscalls,
  taps: { readonly scanner: number; readonly target: number },
  model: LinkModel,
  random: () => number,
  now: () => number,
): Cable {
  const there = side(taps.scanner, taps.target, direction(model, random));
  const back = side(taps.target, taps.scanner, direction({ ...model, bottleneck: null }, random));
  const poll = poller(calls, taps.scanner, taps.target);
  let worstLateMs = 0;
  return {
    carry(untilMs) {
      for (;;) {
        let nowMs = now();
        worstLateMs = Math.max(worstLateMs, send(calls, there, nowMs), send(calls, back, nowMs));
        const busyThere = receive(calls, there, now);
        const busyBack = receive(calls, back, now);
        nowMs = now();
        if (nowMs >= untilMs) return;
        if (!busyThere && !busyBack) poll(Math.min(untilMs, there.heap.nextMs(), back.heap.nextMs()) - nowMs);
      }
    },
    take() {
      const counters = { toTarget: there.meter.take(), toScanner: back.meter.take(), worstLateMs };
      worstLateMs = 0;
      return counters;
    },
  };
}
