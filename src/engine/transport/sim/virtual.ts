import type { Scheduler } from '../../drive.ts';

export interface VirtualTime extends Scheduler {
  /** Runs what is due, in order of time, until nothing is left or the time is past `untilMs`. */
  run(untilMs: number): void;
  /** Lets time pass without running anything, as an event loop that stands still does. */
  stall(forMs: number): void;
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/** Later than anything that arrives at the same moment. */
const AFTER_ARRIVALS = 2 ** 40;

/** Time that passes as fast as its events can be handled: the same events in the same order every time. */
export function createVirtualTime(): VirtualTime {
  const heap: Event[] = [];
  let nowMs = 0;
  let order = 0;

  function add(atMs: number, place: number, callback: () => void): () => void {
    order += 1;
    const event: Event = { atMs, order: place + order, callback, cancelled: false };
    push(heap, event);
    return () => {
      event.cancelled = true;
    };
  }

  return {
    now: () => nowMs,
    after: (delayMs, callback) => add(nowMs + Math.max(0, delayMs), 0, callback),
    soon: (callback) => add(nowMs, AFTER_ARRIVALS, callback),
    run(untilMs) {
      for (let event = heap[0]; event !== undefined && event.atMs <= untilMs; event = heap[0]) {
        pop(heap);
        if (event.cancelled) continue;
        nowMs = Math.max(nowMs, event.atMs);
        event.callback();
      }
    },
    stall(forMs) {
      nowMs += forMs;
    },
  };
}

function before(one: Event | undefined, other: Event | undefined): boolean {
  if (one === undefined || other === undefined) return one !== undefined;
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

function push(heap: Event[], event: Event): void {
  let place = heap.length;
  heap.push(event);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (!before(event, heap[parent])) break;
    heap[place] = heap[parent] as Event;
    place = parent;
  }
  heap[place] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (before(heap[child + 1], heap[child])) child += 1;
    if (!before(heap[child], last)) break;
    heap[place] = heap[child] as Event;
    place = child;
  }
  heap[place] = last;
}
