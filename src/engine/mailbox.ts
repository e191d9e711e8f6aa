/** A bounded-by-agreement queue between callbacks and one reader. */
export interface Mailbox<T> {
  put(items: readonly T[]): void;
  /** Nothing more will come: the reader is told so when it has read what is there. */
  close(): void;
  /** True while so much waits to be read that no more should be produced. */
  full(): boolean;
  /** The next item, as an async iterator gives it. */
  next(): Promise<IteratorResult<T, undefined>>;
}

/** @param limit so many unread items count as full; `onRoom` is called when half of them have been read */
export function createMailbox<T>(limit: number, onRoom: () => void): Mailbox<T> {
  let items: T[] = [];
  let head = 0;
  let wasFull = false;
  let closed = false;
  const readers: ((result: IteratorResult<T, undefined>) => void)[] = [];

  function take(): IteratorResult<T, undefined> | undefined {
    if (head < items.length) {
      const value = items[head] as T;
      head += 1;
      if (head === items.length) {
        items = [];
        head = 0;
      }
      if (wasFull && items.length - head <= limit / 2) {
        wasFull = false;
        onRoom();
      }
      return { value, done: false };
    }
    return closed ? { value: undefined, done: true } : undefined;
  }

  function serve(): void {
    while (readers.length > 0) {
      const result = take();
      if (result === undefined) return;
      readers.shift()?.(result);
    }
  }

  return {
    put(more) {
      for (const item of more) items.push(item);
      serve();
    },
    close() {
      closed = true;
      serve();
    },
    full() {
      wasFull = items.length - head >= limit;
      return wasFull;
    },
    next() {
      const result = take();
      if (result !== undefined) return Promise.resolve(result);
      return new Promise((resolve) => {
        readers.push(resolve);
      });
    },
  };
}
