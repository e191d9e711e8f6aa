import { type BudgetConfig, createBudget } from '../../../src/engine/budget.ts';
import { createCore } from '../../../src/engine/core/core.ts';
import type { HostConfig } from '../../../src/engine/core/state.ts';
import { drive } from '../../../src/engine/drive.ts';
import { localityOf, networkOf } from '../../../src/engine/locality.ts';
import { createVirtualLoop, type Effort } from '../../../src/engine/transport/sim/loop.ts';
import { createPath, type SimHost, type SimStats } from '../../../src/engine/transport/sim/network.ts';
import { createSimNetwork, type SimOptions } from '../../../src/engine/transport/sim/sim.ts';
import { createVirtualTime } from '../../../src/engine/transport/sim/virtual.ts';
import type { HostSummary, PortResult, Protocol, ScannableAddress, ScanOptions } from '../../../src/engine/types.ts';

export interface Simulation {
  readonly results: readonly PortResult[];
  readonly hosts: readonly HostSummary[];
  readonly durationMs: number;
  readonly attempts: number;
  readonly stats: ReadonlyMap<string, SimStats>;
  readonly mostLive: number;
  /** Attempts still open at the end. */
  readonly leftOpen: number;
  /** Where the core thinks it stands. */
  readonly done: boolean;
}

export interface SimulationSetup {
  readonly hosts: Readonly<Record<string, SimHost>>;
  readonly ports: readonly number[];
  readonly protocol?: Protocol;
  readonly seed?: number;
  readonly options?: Pick<ScanOptions, 'timeoutMs' | 'packetsPerSecond' | 'retries' | 'onRateLimit'>;
  readonly sim?: SimOptions;
  readonly budget?: Partial<BudgetConfig>;
  /** Stop after so many verdicts or milliseconds. */
  readonly stopAfterMs?: number;
  /** The event loop stands still: from when, for how long. */
  readonly stall?: readonly [number, number];
  /** What hearing costs the event loop; without it what arrives is heard at once. */
  readonly effort?: Effort;
}

/** Later than any scan in these tests may take; a core that is not done by then hangs. */
const HORIZON_MS = 1_200_000;

/** Small, fast and good enough for simulations (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Runs a whole scan in virtual time. */
export function simulate(setup: SimulationSetup): Simulation {
  const { ports, protocol = 'tcp', seed = 1, options = {}, sim = {} } = setup;
  const random = seeded(seed);
  const time = createVirtualTime();
  const paths = new Map(Object.entries(setup.hosts).map(([address, host]) => [address, createPath(host, random)]));
  const loop = setup.effort === undefined ? undefined : createVirtualLoop(time, setup.effort);
  const network = createSimNetwork(
    paths,
    loop?.network ?? time,
    loop === undefined ? sim : { ...sim, unread: loop.unread },
  );
  const unlimited = { packetsPerSecond: 1e6, networkPacketsPerSecond: 1e6, sockets: 1e6 };
  const claim = createBudget({ ...unlimited, ...setup.budget }).join();
  const results: PortResult[] = [];
  let durationMs: number | undefined;
  let summaries: () => readonly HostSummary[] = () => [];
  let attempts = () => 0;
  let isDone = () => false;
  const run = drive(
    (transport) => {
      const core = createCore({
        hosts: [...paths.keys()].map(
          (address): HostConfig => ({
            address: address as ScannableAddress,
            protocol,
            ports,
            timeoutMs: options.timeoutMs,
            packetsPerSecond: options.packetsPerSecond,
            retries: options.retries,
            onRateLimit: options.onRateLimit ?? 'pace',
            network: networkOf(address),
            locality: localityOf(address),
            holds: transport.holds,
            tellsIcmp: transport.tellsIcmp,
            capacity: transport.capacity,
            resolving: () => transport.resolving(address as ScannableAddress),
          }),
        ),
        claim,
        capacity: transport.capacity,
        batch: transport.batch,
      });
      summaries = () => core.progress().hosts;
      attempts = () => core.progress().attempts;
      isDone = core.done;
      return core;
    },
    network.open,
    loop?.scheduler ?? time,
    {
      onVerdicts: (verdicts) => results.push(...verdicts),
      onDone: () => {
        durationMs = time.now();
      },
      wantsMore: () => true,
    },
  );
  if (setup.stall !== undefined) time.after(setup.stall[0], () => time.stall(setup.stall?.[1] ?? 0));
  if (setup.stopAfterMs !== undefined) time.after(setup.stopAfterMs, run.stop);
  time.run(HORIZON_MS);
  if (durationMs === undefined) throw new Error('the scan does not end');
  return {
    results,
    hosts: summaries(),
    durationMs,
    attempts: attempts(),
    stats: new Map([...paths].map(([address, { stats }]) => [address, stats])),
    mostLive: network.mostLive(),
    leftOpen: network.live(),
    done: isDone(),
  };
}

export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
