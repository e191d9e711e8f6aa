/** Bounds how many jobs run at once, fairly between servers and between the members of a server. */
export interface JobQueue {
  /**
   * Runs `work` when there is room. `onPlace` hears the place among the waiting jobs of the same server (1 = its next) at
   * the start and whenever it changes; it is never called for a job that starts at once. Rejects with {@link QueueFull} when
   * too many wait, and with the signal's reason when it is aborted before `work` began.
   */
  run<T>(
    guildId: string,
    work: () => Promise<T>,
    options: { signal: AbortSignal; onPlace: (place: number) => void; userId?: string },
  ): Promise<T>;
  /** How many jobs run and wait now: of one server, or of all. */
  load(guildId?: string): QueueLoad;
}

export interface QueueLoad {
  readonly running: number;
  readonly waiting: number;
}

export interface QueueLimits {
  /** Jobs that run at once, of all servers together. */
  readonly concurrency: number;
  /** Jobs of one server that run at once. Default: `concurrency`. */
  readonly concurrencyPerGuild?: number;
  readonly maxWaitingPerGuild: number;
  /** So that one member cannot fill the queue of a server. Default: `maxWaitingPerGuild`. */
  readonly maxWaitingPerUser?: number;
}

/** Too many jobs wait already, of the whole server or of this user. */
export class QueueFull extends Error {
  readonly scope: 'server' | 'user';

  constructor(scope: 'server' | 'user') {
    super(`too many jobs of this ${scope} wait`);
    this.scope = scope;
  }
}

interface Waiter {
  readonly guildId: string;
  readonly userId: string;
  /** As `onPlace` was told last. */
  place: number;
  readonly start: () => void;
  readonly onPlace: (place: number) => void;
}

/** The waiting jobs of one server: members in the order of their turns, each with their jobs, oldest first. */
type Line = Map<string, Waiter[]>;

/**
 * Round robin on two levels (Nagle, RFC 970): servers with waiting jobs take turns, and within a server its members do.
 * Whoever begins to wait joins behind those who wait, so everybody's turn comes, however many jobs others have. A server
 * that runs as many as it may is passed over, and keeps its turn.
 */
export function createJobQueue(limits: QueueLimits): JobQueue {
  const { concurrency, maxWaitingPerGuild } = limits;
  const { concurrencyPerGuild = concurrency, maxWaitingPerUser = maxWaitingPerGuild } = limits;
  /** Servers in the order of their turns: a Map keeps the order of insertion. */
  const lines = new Map<string, Line>();
  const running = new Map<string, number>();
  let busy = 0;

  const runningOf = (guildId: string) => running.get(guildId) ?? 0;
  const hasRoom = (guildId: string) => busy < concurrency && runningOf(guildId) < concurrencyPerGuild;

  function occupy(guildId: string): void {
    busy += 1;
    running.set(guildId, runningOf(guildId) + 1);
  }

  function release(guildId: string): void {
    busy -= 1;
    const left = runningOf(guildId) - 1;
    if (left > 0) running.set(guildId, left);
    else running.delete(guildId);
    admit();
  }

  /** Whose turn it is, of the servers that may run one more. */
  function next(): Waiter | undefined {
    for (const [guildId, line] of lines) {
      if (hasRoom(guildId)) return inOrder(line)[0];
    }
    return undefined;
  }

  /** Gives out every free place. */
  function admit(): void {
    for (let waiter = next(); waiter; waiter = next()) {
      const { guildId, userId } = waiter;
      const line = take(waiter);
      // Behind all others, when something is left.
      moveToEnd(line, userId);
      moveToEnd(lines, guildId);
      occupy(guildId);
      waiter.start();
      announce(line);
    }
  }

  /** Takes a job out of its line, and what is empty then out of the turns. */
  function take(waiter: Waiter): Line {
    const { guildId, userId } = waiter;
    const line: Line = lines.get(guildId) ?? new Map();
    const others = (line.get(userId) ?? []).filter((other) => other !== waiter);
    if (others.length > 0) line.set(userId, others);
    else line.delete(userId);
    if (line.size === 0) lines.delete(guildId);
    return line;
  }

  /** Places are told only when they changed. */
  function announce(line: Line): void {
    for (const [index, waiter] of inOrder(line).entries()) {
      if (waiter.place === index + 1) continue;
      waiter.place = index + 1;
      waiter.onPlace(waiter.place);
    }
  }

  function refuseWhenFull(guildId: string, userId: string): void {
    const line = lines.get(guildId);
    if ((line?.get(userId)?.length ?? 0) >= maxWaitingPerUser) throw new QueueFull('user');
    if (line && inOrder(line).length >= maxWaitingPerGuild) throw new QueueFull('server');
  }

  /** Resolves when the job has its place. */
  async function turn(guildId: string, userId: string, signal: AbortSignal, onPlace: (place: number) => void) {
    // Free room means that nobody who could use it waits: every change hands out what it freed.
    if (hasRoom(guildId)) {
      occupy(guildId);
      return;
    }
    refuseWhenFull(guildId, userId);
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        announce(take(waiter));
        reject(signal.reason);
      };
      const start = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const waiter: Waiter = { guildId, userId, place: 0, start, onPlace };
      const line: Line = lines.get(guildId) ?? new Map();
      lines.set(guildId, line);
      line.set(userId, [...(line.get(userId) ?? []), waiter]);
      signal.addEventListener('abort', leave, { once: true });
      announce(line);
    });
  }

  return {
    async run(guildId, work, { signal, onPlace, userId = '' }) {
      signal.throwIfAborted();
      await turn(guildId, userId, signal, onPlace);
      try {
        signal.throwIfAborted();
        return await work();
      } finally {
        release(guildId);
      }
    },
    load(guildId) {
      if (guildId !== undefined) return { running: runningOf(guildId), waiting: lengthOf(lines.get(guildId)) };
      return { running: busy, waiting: [...lines.values()].reduce((sum, line) => sum + lengthOf(line), 0) };
    },
  };
}

function lengthOf(line: Line | undefined): number {
  return [...(line?.values() ?? [])].reduce((sum, own) => sum + own.length, 0);
}

/** The last in the order of insertion, when it is there. */
function moveToEnd<T>(turns: Map<string, T>, key: string): void {
  const value = turns.get(key);
  if (value === undefined) return;
  turns.delete(key);
  turns.set(key, value);
}

/** The jobs of a line in the order in which they will be served when nobody joins: a round takes one of each member. */
function inOrder(line: Line): readonly Waiter[] {
  const jobs = [...line.values()];
  const rounds = Math.max(0, ...jobs.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) => jobs.flatMap((own) => own[round] ?? [])).flat();
}
