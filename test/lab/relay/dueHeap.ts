/** Packets on their way, soonest first: slot numbers under their due times, in memory taken once. */
export interface DueHeap {
  readonly size: number;
  /** Due time of the first in milliseconds, `Infinity` when empty. */
  nextMs(): number;
  push(dueMs: number, slot: number): void;
  /** Takes out the first slot; only when not empty. */
  pop(): number;
}

/** A binary heap for up to `capacity` slots. */
export function dueHeap(capacity: number): DueHeap {
  const due = new Float64Array(capacity + 1);
  const slots = new Int32Array(capacity + 1);
  let size = 0;
  const at = (index: number) => due[index] ?? 0;
  const put = (index: number, dueMs: number, slot: number) => {
    due[index] = dueMs;
    slots[index] = slot;
  };
  return {
    get size() {
      return size;
    },
    nextMs: () => (size === 0 ? Number.POSITIVE_INFINITY : at(0)),
    push(dueMs, slot) {
      let index = size;
      size += 1;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (at(parent) <= dueMs) break;
        put(index, at(parent), slots[parent] ?? 0);
        index = parent;
      }
      put(index, dueMs, slot);
    },
    pop() {
      const first = slots[0] ?? 0;
      size -= 1;
      const dueMs = at(size);
      const slot = slots[size] ?? 0;
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= size) break;
        if (child + 1 < size && at(child + 1) < at(child)) child += 1;
        if (at(child) >= dueMs) break;
        put(index, at(child), slots[child] ?? 0);
        index = child;
      }
      put(index, dueMs, slot);
      return first;
    },
  };
}
