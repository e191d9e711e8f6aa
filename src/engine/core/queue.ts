/** A first-in, first-out queue. */
export interface Queue<T> {
  readonly size: number;
  push(item: T): void;
  peek(): T | undefined;
  take(): T | undefined;
  clear(): void;
}

const LEAST = 16;

/**
 * A queue in a ring that doubles when it is full. What was taken is no longer held, neither by the ring nor by one that
 * went before it: garbage that refers to the young keeps them.
 */
export function createQueue<T>(): Queue<T> {
  let ring = new Array<T | undefined>(LEAST).fill(undefined);
  let head = 0;
  let size = 0;

  function grow(): void {
    const items = [...ring.slice(head), ...ring.slice(0, head)];
    ring.fill(undefined);
    ring = items.concat(new Array<T | undefined>(size).fill(undefined));
    head = 0;
  }

  return {
    get size() {
      return size;
    },
    push(item) {
      if (size === ring.length) grow();
      ring[(head + size) & (ring.length - 1)] = item;
      size += 1;
    },
    peek: () => ring[head],
    take() {
      const item = ring[head];
      if (size === 0) return undefined;
      ring[head] = undefined;
      head = (head + 1) & (ring.length - 1);
      size -= 1;
      return item;
    },
    clear() {
      ring = new Array<T | undefined>(LEAST).fill(undefined);
      head = 0;
      size = 0;
    },
  };
}
