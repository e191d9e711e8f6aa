import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a bot's process tells the benchmark. */
export interface Report {
  readonly rssMiB: number;
  readonly heapMiB: number;
  /** Of the processor, since the last report, in milliseconds. */
  readonly cpuMs: number;
  /** How late the event loop was, since the last report: median, 99 % and worst, in milliseconds. */
  readonly lagMs: readonly [number, number, number];
}

const SETTLE_MS = 500;

/** A CPU profile from one report to the next. */
async function profile(session: Session, path: string): Promise<void> {
  const { profile: taken } = await session.post('Profiler.stop').catch(() => ({ profile: undefined }));
  if (taken) writeFileSync(path, JSON.stringify(taken));
  await session.post('Profiler.start');
}

/**
 * Says that the bot is ready; from then on every message is answered with the state after a garbage collection.
 * `PROFILE` is a file for the CPU profile of the time between the last two.
 */
export function report(): void {
  let before = process.cpuUsage();
  const lag = monitorEventLoopDelay({ resolution: 1 });
  lag.enable();
  const session = new Session();
  const path = process.env.PROFILE;
  if (path) {
    session.connect();
    void session.post('Profiler.enable');
  }
  const send = async () => {
    if (path) await profile(session, path);
    const { user, system } = process.cpuUsage(before);
    const lagMs = [lag.percentile(50), lag.percentile(99), lag.max].map((ns) => ns / 1e6) as [number, number, number];
    for (let round = 0; round < 2; round += 1) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    }
    before = process.cpuUsage();
    lag.reset();
    const { rss, heapUsed } = process.memoryUsage();
    const said: Report = { rssMiB: rss / 2 ** 20, heapMiB: heapUsed / 2 ** 20, cpuMs: (user + system) / 1_000, lagMs };
    process.send?.(said);
  };
  process.on('message', () => void send());
  process.on('disconnect', () => process.exit());
  void send();
}
