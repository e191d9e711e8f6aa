import type { Scheduler } from '../../drive.ts';
import type { VirtualTime } from './virtual.ts';

/** What it costs to hear. */
export interface Effort {
  /** Most events heard in one turn of the loop. */
  readonly atMost: number;
  /** Milliseconds that each of them takes. */
  readonly costMs: number;
}

export interface VirtualLoop {
  /** For the driver: its timers and immediates. */
  readonly scheduler: Scheduler;
  /** For the network: what calls back here has arrived, and waits until the loop polls. */
  readonly network: Scheduler;
  /** True where the last poll heard as much as it could. */
  unread(): boolean;
}

interface Task {
  readonly callback: () => void;
  cancelled: boolean;
}

/**
 * An event loop that needs time, as the real one does: in each turn first the timers that are due, then a poll, which
 * hears what had arrived when it began, then the immediates. What arrives meanwhile waits for the next turn.
 */
export function createVirtualLoop(time: VirtualTime, { atMost, costMs }: Effort): VirtualLoop {
  const timers: Task[] = [];
  const arrivals: Task[] = [];
  const immediates: Task[] = [];
  let awake = false;
  let full = false;

  function wake(): void {
    if (awake) return;
    awake = true;
    time.soon(turn);
  }

  function runAll(tasks: readonly Task[], eachMs: number): void {
    for (const task of tasks) {
      if (task.cancelled) continue;
      time.stall(eachMs);
      task.callback();
    }
  }

  function turn(): void {
    runAll(timers.splice(0), 0);
    const batch = arrivals.splice(0, atMost);
    full = batch.length === atMost;
    runAll(batch, costMs);
    runAll(immediates.splice(0), 0);
    awake = false;
    if (timers.length + arrivals.length + immediates.length > 0) wake();
  }

  function put(tasks: Task[], callback: () => void): Task {
    const task = { callback, cancelled: false };
    tasks.push(task);
    wake();
    return task;
  }

  /** Puts a task among the others once its time has come. */
  function later(tasks: Task[], delayMs: number, callback: () => void): () => void {
    let task: Task | undefined;
    const cancelTime = time.after(delayMs, () => {
      task = put(tasks, callback);
    });
    return () => {
      cancelTime();
      if (task !== undefined) task.cancelled = true;
    };
  }

  function soon(callback: () => void): () => void {
    const task = put(immediates, callback);
    return () => {
      task.cancelled = true;
    };
  }

  return {
    scheduler: { now: time.now, after: (delayMs, callback) => later(timers, delayMs, callback), soon },
    network: { now: time.now, after: (delayMs, callback) => later(arrivals, delayMs, callback), soon },
    unread: () => full,
  };
}
