import type { Claim } from '../budget.ts';
import type { Opening, Settlement } from '../transport/transport.ts';
import type { HostSummary, PortResult, PortState } from '../types.ts';
import { settleAttempt } from './answers.ts';
import { stepHost, summarizeHost } from './host.ts';
import { createShared, dropAttempt } from './shared.ts';
import { goDown } from './silence.ts';
import { createHostState, type HostConfig, type HostState, undecided } from './state.ts';

/** So many hosts are under way at once; each of the others starts when one is done. */
const ACTIVE_HOSTS = 256;

export interface CoreConfig {
  /** One for each address and protocol; all of one scan share the transport's capacity and the claim. */
  readonly hosts: readonly HostConfig[];
  readonly claim: Claim;
  /** How many attempts can be open at once. */
  readonly capacity: number;
  /** Most attempts to open in one step. */
  readonly batch: number;
}

/** What the driver has to do now. */
export interface Step {
  readonly open: readonly Opening[];
  readonly close: readonly number[];
  readonly verdicts: readonly PortResult[];
  /** When to step again if nothing happens before; `undefined` when the scan is done or waits for an event alone. */
  readonly wakeAtMs: number | undefined;
}

export interface Progress {
  readonly hosts: readonly HostSummary[];
  readonly total: number;
  readonly counts: Readonly<Record<PortState, number>>;
  readonly decided: number;
  /** Packets sent. */
  readonly attempts: number;
}

/**
 * A scan as a state machine. It opens no socket and reads no clock: the driver tells it what happened and what time it
 * is, and carries out what it answers. Times are milliseconds on any clock that does not run backwards.
 */
export interface Core {
  /** Takes note of an attempt's end. Call `step` afterwards; several notes may share one step. */
  settle(settlement: Settlement, nowMs: number): void;
  /**
   * @param heardMs everything that had arrived by then has been noted
   * @param mayOpen false while nobody takes the verdicts: nothing new is sent, what is under way goes on
   */
  step(nowMs: number, heardMs: number, mayOpen: boolean): Step;
  /** The event loop stood still until now, for so long: round trips across that time tell nothing. */
  stalled(nowMs: number, forMs: number): void;
  /** Forgets every attempt: the driver frees the transport. Later steps are empty. */
  cancel(): void;
  /** Attempts open now. */
  live(): number;
  /** Every port has its verdict, or the scan was cancelled. */
  done(): boolean;
  progress(): Progress;
}

export function createCore(config: CoreConfig): Core {
  const shared = createShared(config.claim, config.capacity);
  const total = config.hosts.reduce((sum, { ports }) => sum + ports.length, 0);
  const finished: HostSummary[] = [];
  const byAddress = new Map<string, HostState[]>();
  let active: HostState[] = [];
  let next = 0;
  let turn = 0;
  let cancelled = false;

  function activate(): void {
    while (active.length < ACTIVE_HOSTS && next < config.hosts.length) {
      const host = config.hosts[next] as HostConfig;
      next += 1;
      const state = createHostState(host, shared);
      active.push(state);
      byAddress.set(host.address, [...(byAddress.get(host.address) ?? []), state]);
    }
  }

  function retire(): void {
    const done = active.filter((host) => undecided(host) === 0);
    if (done.length === 0) return;
    active = active.filter((host) => undecided(host) > 0);
    for (const host of done) {
      finished.push(summarizeHost(host));
      shareFate(byAddress.get(host.config.address) ?? [], host);
      // Canaries may still be out.
      for (const attempt of shared.live.values()) if (attempt.host === host) dropAttempt(shared, attempt);
    }
  }

  return {
    settle(settlement, nowMs) {
      const attempt = shared.live.get(settlement.attempt);
      if (attempt === undefined) return;
      settleAttempt(attempt.host, attempt, settlement, nowMs);
      attempt.host.wakeAtMs = nowMs;
    },
    step(nowMs, heardMs, mayOpen) {
      if (cancelled) return { open: [], close: [], verdicts: [], wakeAtMs: undefined };
      activate();
      turn += 1;
      stepHosts(active, turn, mayOpen ? config.batch : 0, { nowMs, heardMs });
      retire();
      const more = active.length < ACTIVE_HOSTS && next < config.hosts.length;
      const wakeAtMs = more ? nowMs : earliestWake(active, nowMs, mayOpen);
      const { open, close, verdicts } = shared.pending;
      shared.pending = { open: [], close: [], verdicts: [] };
      return { open, close, verdicts, wakeAtMs };
    },
    stalled(nowMs, forMs) {
      for (const host of active) {
        host.stalledAtMs = nowMs;
        host.stoodStillMs += forMs;
      }
    },
    cancel() {
      cancelled = true;
      for (const attempt of shared.live.values()) attempt.place = 'gone';
      for (let count = shared.live.size; count > 0; count -= 1) config.claim.closed();
      shared.live.clear();
      shared.hedges.clear();
    },
    live: () => shared.live.size,
    done: () => cancelled || shared.decided === total,
    progress: () => ({
      hosts: mergeByAddress([...finished, ...active.map(summarizeHost), ...config.hosts.slice(next).map(notYet)]),
      total,
      counts: { ...shared.counts },
      decided: shared.decided,
      attempts: shared.attempts,
    }),
  };
}

interface Moment {
  readonly nowMs: number;
  readonly heardMs: number;
}

/** Every host that is due does its part; all get an equal number of packets, each turn begins with another. */
function stepHosts(hosts: readonly HostState[], turn: number, batch: number, { nowMs, heardMs }: Moment): void {
  const due = hosts.filter(({ wakeAtMs }) => wakeAtMs <= nowMs);
  let left = batch;
  const share = Math.max(1, Math.ceil(batch / Math.max(1, due.length)));
  for (let place = 0; place < due.length; place += 1) {
    const host = due[(place + turn) % due.length] as HostState;
    left -= stepHost(host, Math.min(left, share), nowMs, heardMs);
  }
}

/** While nobody takes the verdicts, hosts that only want to send must not keep the event loop busy. */
const HELD_UP_MS = 20;

function earliestWake(hosts: readonly HostState[], nowMs: number, mayOpen: boolean): number | undefined {
  let earliest = Number.POSITIVE_INFINITY;
  for (const { wakeAtMs } of hosts) if (wakeAtMs < earliest) earliest = wakeAtMs;
  if (earliest === Number.POSITIVE_INFINITY) return undefined;
  return mayOpen ? earliest : Math.max(earliest, nowMs + HELD_UP_MS);
}

/** A neighbour that is not there is not there by any protocol. */
function shareFate(hosts: readonly HostState[], { down }: HostState): void {
  if (!down) return;
  for (const host of hosts) {
    if (undecided(host) === 0) continue;
    goDown(host);
    host.wakeAtMs = Number.NEGATIVE_INFINITY;
  }
}

function notYet({ address }: HostConfig): HostSummary {
  return { address, status: 'unknown', suspicions: [], rttMs: null, loss: 0 };
}

const BY_NEWS = ['up', 'down', 'silent', 'unknown'] as const;

/** One summary an address: what either protocol found out. */
function mergeByAddress(hosts: readonly HostSummary[]): HostSummary[] {
  const merged = new Map<string, HostSummary>();
  for (const host of hosts) {
    const other = merged.get(host.address);
    merged.set(host.address, other === undefined ? host : merge(other, host));
  }
  return [...merged.values()];
}

function merge(one: HostSummary, other: HostSummary): HostSummary {
  return {
    address: one.address,
    status: BY_NEWS.find((status) => status === one.status || status === other.status) ?? 'unknown',
    suspicions: [...new Set([...one.suspicions, ...other.suspicions])],
    rttMs: one.rttMs ?? other.rttMs,
    loss: Math.max(one.loss, other.loss),
  };
}
