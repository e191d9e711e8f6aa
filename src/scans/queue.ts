/** Bounds how many jobs run at once, fairly between servers. */
export interface JobQueue {
  /**
   * Runs `work` when there is room. `onPlace` hears the place in the queue (1 = next) at the start and whenever it changes;
   * it is never called for a job that starts at once. Rejects with {@link QueueFull} when too many wait, and with the
   * signal's reason when it is aborted before `work` began.
   */
  run<T>(
    guildId: string,
    work: () => Promise<T>,
    options: { signal: AbortSignal; onPlace: (place: number) => void },
  ): Promise<T>;
}

export class QueueFull extends Error {}

interface Waiter {
  readonly guildId: string;
  readonly start: () => void;
  readonly onPlace: (place: number) => void;
}

/**
 * A place that becomes free goes to the longest waiting job of the server that runs the fewest, so that a server with
 * many jobs cannot keep the others waiting.
 */
export function createJobQueue(limits: { concurrency: number; maxWaitingPerGuild: number }): JobQueue {
  const waiting: Waiter[] = [];
  const running = new Map<string, number>();
  let busy = 0;

  const runningOf = (guildId: string) => running.get(guildId) ?? 0;

  function occupy(guildId: string): void {
    busy += 1;
    running.set(guildId, runningOf(guildId) + 1);
  }

  function release(guildId: string): void {
    busy -= 1;
    const left = runningOf(guildId) - 1;
    if (left === 0) running.delete(guildId);
    else running.set(guildId, left);
    admit();
  }

  function admit(): void {
    while (busy < limits.concurrency && waiting.length > 0) {
      const next = waiting.reduce((best, waiter) =>
        runningOf(waiter.guildId) < runningOf(best.guildId) ? waiter : best,
      );
      waiting.splice(waiting.indexOf(next), 1);
      occupy(next.guildId);
      next.start();
    }
    announce();
  }

  function announce(): void {
    for (const [i, waiter] of waiting.entries()) waiter.onPlace(i + 1);
  }

  function turn(guildId: string, signal: AbortSignal, onPlace: (place: number) => void): Promise<void> {
    if (busy < limits.concurrency) {
      occupy(guildId);
      return Promise.resolve();
    }
    if (waiting.filter((waiter) => waiter.guildId === guildId).length >= limits.maxWaitingPerGuild) {
      return Promise.reject(new QueueFull());
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(waiter), 1);
        announce();
        reject(signal.reason);
      };
      const waiter: Waiter = {
        guildId,
        onPlace,
        start: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      waiting.push(waiter);
      signal.addEventListener('abort', leave, { once: true });
      announce();
    });
  }

  return {
    async run(guildId, work, { signal, onPlace }) {
      signal.throwIfAborted();
      await turn(guildId, signal, onPlace);
      try {
        return await work();
      } finally {
        release(guildId);
      }
    },
  };
}
