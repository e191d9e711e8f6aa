import { isIP } from 'node:net';
import { createCore, type Progress, type Step } from './core.ts';
import { createMailbox } from './mailbox.ts';
import { netTransport } from './net.ts';
import { MAX_PORT } from './ports/intervals.ts';
import type { CoreConfig } from './state.ts';
import type { Settlement, TransportFactory } from './transport.ts';
import type { PortResult, Scan, ScanOptions, ScanRequest, ScanSummary } from './types.ts';

/** What a scan stands on; handed in by tests. */
export interface ScanEnvironment {
  readonly transport: TransportFactory;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

const HERE: ScanEnvironment = { transport: netTransport, now: () => performance.now() };

const NOT_STARTED: Progress = {
  counts: { open: 0, closed: 0, filtered: 0, error: 0 },
  decided: 0,
  attempts: 0,
  live: 0,
  done: false,
};

const DEFAULT_TIMEOUT_MS = 1_000;
const DEFAULT_PACKETS_PER_SECOND = 2_500;

/** Mistakes of the calling code, not of a person: they throw. */
function check({ address, ports }: ScanRequest, options: ScanOptions): void {
  if (isIP(address) === 0) throw new TypeError(`not an IP address: ${address}`);
  if (!ports.every((port) => Number.isInteger(port) && port >= 1 && port <= MAX_PORT)) {
    throw new RangeError('ports must be whole numbers from 1 to 65535');
  }
  const { timeoutMs = 1, packetsPerSecond = 1, retries = 0 } = options;
  if (!(timeoutMs > 0 && Number.isFinite(timeoutMs))) throw new RangeError('timeoutMs must be positive');
  if (!(packetsPerSecond > 0 && Number.isFinite(packetsPerSecond))) {
    throw new RangeError('packetsPerSecond must be positive');
  }
  if (!(Number.isInteger(retries) && retries >= 0)) throw new RangeError('retries must be a whole number from 0');
}

function configure({ address, ports }: ScanRequest, options: ScanOptions, capacity: number): CoreConfig {
  return {
    address,
    ports,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    packetsPerSecond: options.packetsPerSecond ?? DEFAULT_PACKETS_PER_SECOND,
    retries: options.retries,
    capacity,
  };
}

/**
 * Scans the TCP ports of one address. Nothing happens until the scan is iterated; then verdicts come as they fall.
 * Leaving the loop, or aborting `options.signal`, closes every socket in the same tick; after an abort the iteration
 * ends without throwing. Trouble with a port is its verdict, never an exception.
 *
 * @param options defaults: 1000 ms, 2500 attempts a second, two retries (one where round trips take under 2 ms)
 * @throws TypeError, RangeError for an address that is none, or numbers out of range; on a second iteration, Error
 */
export function scan(request: ScanRequest, options: ScanOptions = {}, environment: ScanEnvironment = HERE): Scan {
  check(request, options);
  let started = false;
  let run: Run | undefined;
  return {
    async *[Symbol.asyncIterator]() {
      if (started) throw new Error('a scan can be iterated once');
      started = true;
      if (options.signal?.aborted) return;
      run = startRun(request, options, environment);
      const stop = run.stop;
      options.signal?.addEventListener('abort', stop);
      try {
        yield* run.results();
      } finally {
        options.signal?.removeEventListener('abort', stop);
        stop();
      }
    },
    summary: () => summarize(request, run?.progress() ?? NOT_STARTED, run?.durationMs() ?? 0),
  };
}

function summarize({ address, ports }: ScanRequest, progress: Progress, durationMs: number): ScanSummary {
  const { counts, decided, attempts } = progress;
  const unprobed = ports.length - decided;
  return {
    address,
    total: ports.length,
    counts,
    complete: unprobed === 0,
    unprobed,
    attempts,
    durationMs: Math.round(durationMs),
    transport: 'net',
  };
}

interface Run {
  results(): AsyncGenerator<PortResult, void, void>;
  stop(): void;
  progress(): Progress;
  durationMs(): number;
}

/** Drives a core over a transport with the event loop's timers. */
function startRun(request: ScanRequest, options: ScanOptions, { transport: open, now }: ScanEnvironment): Run {
  const startedAtMs = now();
  let endedAtMs: number | undefined;
  const results = createMailbox<PortResult>();
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;

  function report(settlement: Settlement): void {
    core.settle(settlement, now());
    stepSoon();
  }

  /** Steps after the event loop has polled, so that answers already here count before any timeout is judged. */
  function stepSoon(): void {
    clearTimeout(timer);
    immediate ??= setImmediate(() => {
      immediate = undefined;
      carryOut(core.step(now()));
    });
  }

  function carryOut(step: Step): void {
    for (const attempt of step.close) transport.close(attempt);
    for (const { attempt, port } of step.open) transport.open(attempt, port);
    results.put(step.verdicts);
    if (core.progress().done) {
      endedAtMs ??= now();
      results.close();
    } else if (step.wakeAtMs !== undefined && immediate === undefined) {
      wakeAt(step.wakeAtMs);
    }
  }

  function wakeAt(timeMs: number): void {
    clearTimeout(timer);
    const delayMs = timeMs - now();
    if (delayMs <= 0) stepSoon();
    else timer = setTimeout(stepSoon, Math.ceil(delayMs));
  }

  const transport = open(request.address, report, now);
  const core = createCore(configure(request, options, transport.capacity));
  carryOut(core.step(startedAtMs));

  return {
    results: results.read,
    stop() {
      clearTimeout(timer);
      clearImmediate(immediate);
      carryOut(core.cancel());
    },
    progress: core.progress,
    durationMs: () => (endedAtMs ?? now()) - startedAtMs,
  };
}
