/** A first-in, first-out queue in an array; taking is constant in time on average. */
export interface Queue<T> {
  readonly size: number;
  push(item: T): void;
  peek(): T | undefined;
  take(): T | undefined;
  clear(): void;
}

const COMPACT_AT = 1024;

export function createQueue<T>(): Queue<T> {
  let items: T[] = [];
  let head = 0;
  return {
    get size() {
      return items.length - head;
    },
    push(item) {
      items.push(item);
    },
    peek: () => items[head],
    take() {
      const item = items[head];
      if (item === undefined) return undefined;
      head += 1;
      if (head === items.length) {
        items = [];
        head = 0;
      } else if (head >= COMPACT_AT && head * 2 >= items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    clear() {
      items = [];
      head = 0;
    },
  };
}
