import { performance } from 'node:perf_hooks';
import type { Core, Step } from './core/core.ts';
import type { Settlement, Transport, TransportFactory } from './transport/transport.ts';
import type { PortResult } from './types.ts';

/** Time, as a driver needs it; the real one is the event loop's, tests have a virtual one. */
export interface Scheduler {
  /** Milliseconds on a clock that does not run backwards. */
  now(): number;
  /** Calls back once after so many milliseconds; returns how to prevent it. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls back once, after everything that has already arrived has been heard. */
  soon(callback: () => void): () => void;
}

export const EVENT_LOOP: Scheduler = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  soon(callback) {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  },
};

export interface Listener {
  readonly onVerdicts: (verdicts: readonly PortResult[]) => void;
  readonly onDone: () => void;
  /** False while nobody takes the verdicts. */
  readonly wantsMore: () => boolean;
}

export interface Run {
  /** Frees every socket in this tick. */
  stop(): void;
  /** Room for verdicts again. */
  resume(): void;
}

/** A timer this late means that the event loop stood still. */
const STALL_MS = 50;

/**
 * So many turns in a row that left something over, and all that waited before the first of them has been heard, since
 * there are not more connections: the poller's batch times this is more than `transport/descriptors.ts` allows.
 */
const MOST_FULL_TURNS = 100;

/**
 * Says at each step up to which time all that had arrived has been heard. The event loop polls between two steps, so
 * without leftovers that is the time of the step before.
 */
function createHearing({ unread }: Transport): (lastStepMs: number) => number {
  let heardMs = Number.NEGATIVE_INFINITY;
  let fullSinceMs = heardMs;
  let fullTurns = 0;
  return (lastStepMs) => {
    if (!unread()) {
      fullTurns = 0;
      heardMs = lastStepMs;
      return heardMs;
    }
    if (fullTurns === 0) fullSinceMs = lastStepMs;
    fullTurns += 1;
    if (fullTurns < MOST_FULL_TURNS) return heardMs;
    fullTurns = 0;
    heardMs = fullSinceMs;
    return heardMs;
  };
}

/** Carries out over a transport what a core wants, until it is done. */
export function drive(
  makeCore: (transport: Transport) => Core,
  makeTransport: TransportFactory,
  scheduler: Scheduler,
  { onVerdicts, onDone, wantsMore }: Listener,
): Run {
  let plannedAtMs: number | undefined;
  let cancelTimer = (): void => {};
  let cancelSoon: (() => void) | undefined;
  let lastStepMs = Number.NEGATIVE_INFINITY;
  let over = false;

  /** A stall, or a jump of the clock: what is measured across it is not the network's doing. */
  function noticeStall(nowMs: number): void {
    if (plannedAtMs === undefined || nowMs <= plannedAtMs + STALL_MS) return;
    core.stalled(nowMs, nowMs - plannedAtMs);
    plannedAtMs = undefined;
  }

  function report(settlement: Settlement): void {
    if (over) return;
    const nowMs = scheduler.now();
    noticeStall(nowMs);
    core.settle(settlement, nowMs);
    stepSoon();
  }

  /** Steps after the event loop has polled, so that answers already here count before any timeout is judged. */
  function stepSoon(): void {
    cancelTimer();
    cancelSoon ??= scheduler.soon(() => {
      cancelSoon = undefined;
      step();
    });
  }

  function step(): void {
    if (over) return;
    const nowMs = scheduler.now();
    noticeStall(nowMs);
    carryOut(core.step(nowMs, hear(lastStepMs), wantsMore()));
    lastStepMs = scheduler.now();
  }

  function carryOut({ close, open, verdicts, wakeAtMs }: Step): void {
    for (const attempt of close) transport.close(attempt);
    for (const opening of open) transport.open(opening);
    if (open.length > 0) transport.flush();
    if (verdicts.length > 0) onVerdicts(verdicts);
    if (over) return;
    if (core.done()) finish();
    else if (cancelSoon === undefined) wakeAt(wakeAtMs);
  }

  function wakeAt(timeMs: number | undefined): void {
    cancelTimer();
    plannedAtMs = timeMs;
    if (timeMs === undefined) return;
    const delayMs = timeMs - scheduler.now();
    if (delayMs <= 0) stepSoon();
    else cancelTimer = scheduler.after(Math.ceil(delayMs), stepSoon);
  }

  function finish(): void {
    over = true;
    cancelTimer();
    cancelSoon?.();
    core.cancel();
    transport.destroy();
    onDone();
  }

  const transport = makeTransport(report, scheduler.now);
  const core = makeCore(transport);
  const hear = createHearing(transport);
  // Not at once: whoever starts a scan must be able to keep the handle before anything happens.
  stepSoon();

  return {
    stop() {
      if (!over) finish();
    },
    resume: stepSoon,
  };
}
