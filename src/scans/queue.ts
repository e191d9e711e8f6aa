/** Bounds how many jobs run at once, fairly between servers. */
export interface JobQueue {
  /**
   * Runs `work` when there is room. `onPlace` hears the place among the waiting jobs of the same server (1 = its next) at
   * the start and whenever it changes; it is never called for a job that starts at once. Rejects with {@link QueueFull} when too many wait, and with the
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
 * A place that becomes free goes to the server that runs the fewest, among equals to the one that was served longest ago,
 * and there to the job that waits longest: a server with many jobs cannot keep the others waiting.
 */
export function createJobQueue(limits: { concurrency: number; maxWaitingPerGuild: number }): JobQueue {
  const waiting: Waiter[] = [];
  const running = new Map<string, number>();
  /** When each server that waits or runs was last given a place, counted in places given. */
  const servedAt = new Map<string, number>();
  let placesGiven = 0;
  let busy = 0;

  const runningOf = (guildId: string) => running.get(guildId) ?? 0;

  function occupy(guildId: string): void {
    busy += 1;
    placesGiven += 1;
    servedAt.set(guildId, placesGiven);
    running.set(guildId, runningOf(guildId) + 1);
  }

  function release(guildId: string): void {
    busy -= 1;
    const left = runningOf(guildId) - 1;
    if (left > 0) running.set(guildId, left);
    else running.delete(guildId);
    admit();
    if (runningOf(guildId) === 0 && !waiting.some((waiter) => waiter.guildId === guildId)) servedAt.delete(guildId);
  }

  function isBefore(guildId: string, other: string): boolean {
    const fewer = runningOf(guildId) - runningOf(other);
    return fewer < 0 || (fewer === 0 && (servedAt.get(guildId) ?? 0) < (servedAt.get(other) ?? 0));
  }

  function admit(): void {
    while (busy < limits.concurrency && waiting.length > 0) {
      const next = waiting.reduce((best, waiter) => (isBefore(waiter.guildId, best.guildId) ? waiter : best));
      waiting.splice(waiting.indexOf(next), 1);
      occupy(next.guildId);
      next.start();
    }
    announce();
  }

  function announce(): void {
    const places = new Map<string, number>();
    for (const waiter of waiting) {
      const place = (places.get(waiter.guildId) ?? 0) + 1;
      places.set(waiter.guildId, place);
      waiter.onPlace(place);
    }
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
