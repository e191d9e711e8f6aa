/** Edits of one reply while its command works. */
export interface Progress<T> {
  /** From now on `source()` is what there is to show. */
  show(source: () => T): void;
  /** No edit begins after this; resolves when one in flight has ended. */
  finish(): Promise<void>;
}

export interface ProgressOptions<T> {
  edit(value: T): Promise<unknown>;
  /** Time to the first edit and between the end of one and the start of the next, in milliseconds. */
  readonly everyMs: number;
  onError(error: unknown): void;
}

/**
 * Shows where long work stands: at most one edit in flight, the latest state wins, and a slow or rate-limited Discord
 * slows the edits down by itself. A failed edit is reported and tried again with the next state.
 */
export function createProgress<T>({ edit, everyMs, onError }: ProgressOptions<T>): Progress<T> {
  let source: (() => T) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let inFlight: Promise<void> = Promise.resolve();
  let finished = false;

  function schedule(): void {
    if (finished) return;
    timer = setTimeout(() => {
      inFlight = update().finally(schedule);
    }, everyMs);
  }

  async function update(): Promise<void> {
    try {
      if (source) await edit(source());
    } catch (error) {
      onError(error);
    }
  }

  return {
    show(next) {
      source = next;
      if (!timer) schedule();
    },
    async finish() {
      finished = true;
      clearTimeout(timer);
      await inFlight;
    },
  };
}
