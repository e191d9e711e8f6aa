/** A queue between callbacks and one reader that iterates. */
export interface Mailbox<T> {
  put(items: readonly T[]): void;
  /** Nothing more will come: the reader ends when it has read what is there. */
  close(): void;
  read(): AsyncGenerator<T, void, void>;
}

export function createMailbox<T>(): Mailbox<T> {
  let waiting: T[] = [];
  let closed = false;
  let wakeReader = (): void => {};
  return {
    put(items) {
      if (items.length === 0) return;
      waiting.push(...items);
      wakeReader();
    },
    close() {
      closed = true;
      wakeReader();
    },
    async *read() {
      for (;;) {
        const batch = waiting;
        waiting = [];
        yield* batch;
        if (waiting.length > 0) continue;
        if (closed) return;
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
      }
    },
  };
}
