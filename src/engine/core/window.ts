/**
 * How many attempts may await their answer at once. It grows by one an answer at first (slow start, RFC 5681 §3.1), by
 * half an epoch later, and stops growing when round trips lengthen, which says that a queue builds up on the way: a
 * self-clocked window then keeps the bottleneck busy without overflowing it (the idea of HyStart, RFC 9406).
 */
export interface Window {
  size(): number;
  /** An answer came after so long. */
  answered(rttMs: number, minRttMs: number): void;
  /** The window could not take another attempt: only a full window may grow. */
  full(): void;
  /** Ends an epoch if it is time. `healthy`: nothing speaks against growth. */
  tick(nowMs: number, state: { readonly epochMs: number; readonly minRttMs: number; readonly healthy: boolean }): void;
  /** When the present epoch ends. */
  epochEndsAtMs(): number;
  /** Congestion. */
  halve(): void;
  /** It was none. */
  unhalve(): void;
  /** The round trips are those of a LAN: there is no path to probe gently. */
  open(): void;
}

const FIRST_WINDOW = 32;
const LAN_WINDOW = 256;
const LEAST_WINDOW = 4;
/** A host that has never answered tells nothing of its path: no more than this at once. */
const MOST_UNANSWERED = 1_500;
/** More does not make a scan faster, it only costs memory (measured). */
const MOST = 4_000;
const GROWTH = 1.5;
const SLOW_START_GROWTH = 2;
/** Longer by so much than the shortest round trip means a queue. Below it is jitter of our own event loop. */
const QUEUE_MS = 5;
const LONG_QUEUE_MS = 10;
/** The shortest of so many round trips in a row: fewer say nothing, their minimum may be chance. */
const RECENT = 32;

export function createWindow(capacity: number): Window {
  const most = Math.min(MOST, capacity);
  let size = Math.min(FIRST_WINDOW, most);
  let slowStart = true;
  let wasFull = false;
  let everAnswered = false;
  let epochEndsAtMs = Number.NEGATIVE_INFINITY;
  const recent = new Float64Array(RECENT);
  let samples = 0;
  let samplesInEpoch = 0;

  /** How much longer than the shortest one the recent round trips were at least; 0 where that is not known. */
  function queueMs(minRttMs: number): number {
    if (samples < RECENT) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (const rttMs of recent) if (rttMs < least) least = rttMs;
    return least - minRttMs;
  }

  /** To what the path holds with a short queue (Little's law). */
  function shrink(minRttMs: number, rttMs: number): void {
    const share = Math.min(1, (minRttMs + QUEUE_MS) / rttMs);
    size = Math.max(Math.min(size, FIRST_WINDOW), Math.floor(size * share));
  }

  function grow(minRttMs: number): void {
    // Answers make it grow by themselves in slow start.
    if (slowStart && samplesInEpoch * 2 > size) return;
    // Where few answer, what was measured long ago says nothing of now.
    const queue = samplesInEpoch >= RECENT / 2 ? queueMs(minRttMs) : 0;
    if (queue > Math.max(LONG_QUEUE_MS, minRttMs / 2)) shrink(minRttMs, minRttMs + queue);
    else if (queue <= Math.max(QUEUE_MS, minRttMs / 8))
      size = Math.ceil(size * (slowStart ? SLOW_START_GROWTH : GROWTH));
    size = Math.min(size, everAnswered ? most : Math.min(most, MOST_UNANSWERED));
  }

  return {
    size: () => size,
    answered(rttMs, minRttMs) {
      everAnswered = true;
      recent[samples % RECENT] = rttMs;
      samples += 1;
      samplesInEpoch += 1;
      if (slowStart && queueMs(minRttMs) > Math.max(QUEUE_MS, minRttMs / 8)) {
        slowStart = false;
        shrink(minRttMs, rttMs);
      }
      if (slowStart) size = Math.min(most, size + 1);
    },
    full() {
      wasFull = true;
    },
    tick(nowMs, { epochMs, minRttMs, healthy }) {
      if (nowMs < epochEndsAtMs) return;
      if (wasFull && healthy && epochEndsAtMs > 0) grow(minRttMs);
      epochEndsAtMs = nowMs + epochMs;
      samplesInEpoch = 0;
      wasFull = false;
    },
    epochEndsAtMs: () => epochEndsAtMs,
    halve() {
      slowStart = false;
      size = Math.max(LEAST_WINDOW, Math.floor(size / 2));
    },
    unhalve() {
      size = Math.min(most, size * 2);
    },
    open() {
      size = Math.max(size, Math.min(LAN_WINDOW, most));
    },
  };
}
