import type { Engine } from '../test/lab/engines.ts';
import { nmap, ours } from '../test/lab/engines.ts';
import type { Lab } from '../test/lab/lab.ts';
import { portSet } from '../test/lab/ports.ts';
import { runScan, type ScanRun } from '../test/lab/run.ts';
import type { Score } from '../test/lab/score.ts';
import { runInside } from './inProcess.ts';
import type { Row } from './rows.ts';
import { median } from './statistics.ts';

/** One measured scan, ours or the rival's. */
export interface Sample {
  readonly wallMs: number;
  readonly packets: number;
  readonly peakPerSecond: number;
  readonly queueDrops: number;
  readonly score: Score;
  readonly hostFault: string | null;
  readonly labFaults: readonly string[];
  readonly cut: boolean;
}

/** All that was measured for a row. */
export interface Measurement {
  readonly row: Row;
  /** As the scan's own summary names it; empty when it never got that far. */
  readonly transport: string;
  readonly ours: readonly Sample[];
  readonly rival: readonly Sample[];
  readonly rivalName: string;
  /** Packets a second we were held to; `null` when free. */
  readonly rate: number | null;
  readonly peakMiB: number | null;
  /** Why the row could not be measured. */
  readonly trouble: string | null;
}

export interface Wish {
  /** Timed runs of both sides. */
  readonly runs: number;
  readonly transport: string | null;
  /** Runs for accuracy alone are left out. */
  readonly quick: boolean;
  readonly cli: string | undefined;
}

const OURS_LIMIT_MS = 90_000;
/** A rival that takes longer is run no more than twice. */
const SLOW_RIVAL_MS = 20_000;
const SLOW_RIVAL_RUNS = 2;
export const FREE = 1_000_000;
/** Of the rival's peak: a window of 100 ms may hold a little more than a tenth of a second's packets. */
const POLITE_SHARE = 0.97;

function sampleOf(run: ScanRun): Sample {
  const { wallMs, traffic, score, hostFault, cut } = run;
  const { packets, peakPerSecond, queueDrops, faults } = traffic;
  return { wallMs, packets, peakPerSecond, queueDrops, score, hostFault, labFaults: faults, cut };
}

/** Why a run of ours counts for nothing, `null` when it counts. */
function troubleOf({ cut, exitCode, stderr, output }: ScanRun): string | null {
  if (cut) return `cut after ${OURS_LIMIT_MS / 1_000} s`;
  const said = stderr.split('\n').find((line) => /\S/.test(line));
  if (exitCode !== 0) return `exit ${exitCode}: ${said ?? 'nothing said'}`;
  return output.complete ? null : 'no summary';
}

export function rivalOf({ transport }: Wish): Engine {
  return nmap(transport === 'raw' ? '-sS' : '-sT');
}

function enough(rival: readonly Sample[], runs: number): boolean {
  if (rival.some(({ cut }) => cut)) return true;
  const slow = rival.some(({ wallMs }) => wallMs > SLOW_RIVAL_MS);
  return rival.length >= (slow ? Math.min(runs, SLOW_RIVAL_RUNS) : runs);
}

/** The rate for our next run. */
export function rateFor({ rate }: Row, rival: readonly Sample[]): number | null {
  if (rate === 'free') return null;
  if (rate !== 'as-rival') return rate;
  return Math.floor(median(rival.map(({ peakPerSecond }) => peakPerSecond)) * POLITE_SHARE);
}

/** Process against process, in turns. */
async function measureCommands(lab: Lab, row: Row, wish: Wish): Promise<Measurement> {
  const ports = portSet(row.ports);
  const rivalEngine = rivalOf(wish);
  const rival: Sample[] = [];
  const own: Sample[] = [];
  let transport = '';
  let rate: number | null = null;
  const result = (trouble: string | null): Measurement => {
    return { row, transport, ours: own, rival, rivalName: rivalEngine.name, rate, peakMiB: null, trouble };
  };
  const openOnly = row.accuracy.by === 'open';
  const runs = wish.quick ? wish.runs : Math.max(wish.runs, row.accuracy.runs);
  for (let run = 0; run < runs; run++) {
    if (!enough(rival, wish.runs))
      rival.push(sampleOf(await runScan(lab, rivalEngine, ports, row.rivalLimitS * 1_000)));
    rate = rateFor(row, rival);
    const means = wish.transport === null ? [] : ['--transport', wish.transport];
    const engine = ours([...means, '--rate', String(rate ?? FREE), ...row.flags], wish.cli);
    const scanRun = await runScan(lab, engine, ports, OURS_LIMIT_MS, openOnly);
    const trouble = troubleOf(scanRun);
    if (trouble !== null) return result(trouble);
    transport = scanRun.output.transport;
    own.push(sampleOf(scanRun));
  }
  return result(null);
}

/** Measures a row in its bed. */
export function measure(lab: Lab, row: Row, wish: Wish): Promise<Measurement> {
  return row.kind === 'command' ? measureCommands(lab, row, wish) : runInside(lab, row, wish);
}
