import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bed } from './beds.ts';
import type { Engine } from './engines.ts';
import type { Lab } from './lab.ts';
import { type Score, score } from './score.ts';
import type { Traffic } from './traffic.ts';
import type { Output } from './verdicts.ts';

/** One process in a bed, from spawn to exit. */
export interface ProcessRun {
  readonly wallMs: number;
  readonly stdout: string;
  readonly stderr: string;
  /** `null` when it was cut or killed. */
  readonly exitCode: number | null;
  /** True when it ran into the limit and was killed. */
  readonly cut: boolean;
  readonly traffic: Traffic;
}

/** One scan, judged. */
export interface ScanRun extends ProcessRun {
  readonly engine: string;
  readonly output: Output;
  readonly score: Score;
  /** What is wrong about the host's status in the summary; `null` when it is right, or not asked of this engine. */
  readonly hostFault: string | null;
}

type Ending = Pick<ProcessRun, 'exitCode' | 'cut'>;

function ended(child: ChildProcess, limitMs: number): Promise<Ending> {
  let cut = false;
  const timer = setTimeout(() => {
    cut = true;
    child.kill('SIGKILL');
  }, limitMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('exit', (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, cut });
    });
  });
}

/**
 * Runs a command in the scanner's namespace. Its output goes to files, so that nobody competes with it for the processor
 * by reading.
 */
export async function runProcess(lab: Lab, command: readonly string[], limitMs: number): Promise<ProcessRun> {
  await lab.reset();
  const directory = mkdtempSync(join(tmpdir(), 'hmlab-'));
  const paths = [join(directory, 'out'), join(directory, 'err')] as const;
  const [out, err] = [openSync(paths[0], 'w'), openSync(paths[1], 'w')];
  try {
    const watch = await lab.count();
    const startedAt = performance.now();
    let traffic: Traffic;
    let end: Ending;
    let wallMs: number;
    try {
      end = await ended(
        spawn('ip', ['netns', 'exec', lab.namespace, ...command], { stdio: ['ignore', out, err] }),
        limitMs,
      );
      wallMs = performance.now() - startedAt;
    } finally {
      traffic = await watch.end();
    }
    return { wallMs, ...end, traffic, stdout: readFileSync(paths[0], 'utf8'), stderr: readFileSync(paths[1], 'utf8') };
  } finally {
    closeSync(out);
    closeSync(err);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The judgement of a whole output over the addresses scanned, summed up. */
export function judge(
  bed: Bed,
  output: Output,
  addresses: readonly string[],
  ports: readonly number[],
  openOnly = false,
): Score {
  const scores = addresses.map((address) =>
    score(output.hosts.get(address) ?? new Map(), {
      truth: bed.truth,
      ports,
      icmpCertain: bed.icmp === 'unlimited' && (bed.link?.loss ?? 0) === 0,
      openOnly,
      mayOmit: bed.host !== 'up' && (output.statuses.get(address) === 'down' || output.hosts.size === 0),
    }),
  );
  return scores.reduce(addScores, PERFECT);
}

const PERFECT: Score = score(new Map(), { truth: () => 'nobody', ports: [], icmpCertain: false });

function addScores(a: Score, b: Score): Score {
  return {
    wrong: a.wrong + b.wrong,
    missedOpen: a.missedOpen + b.missedOpen,
    falseOpen: a.falseOpen + b.falseOpen,
    falseFiltered: a.falseFiltered + b.falseFiltered,
    falseClosed: a.falseClosed + b.falseClosed,
    errors: a.errors + b.errors,
    missing: a.missing + b.missing,
    flakyMissed: a.flakyMissed + b.flakyMissed,
    flakyTotal: a.flakyTotal + b.flakyTotal,
    strictWrong: a.strictWrong + b.strictWrong,
    examples: [...a.examples, ...b.examples].slice(0, 5),
  };
}

/** Scans the lab's first address and judges it. */
export async function runScan(
  lab: Lab,
  engine: Engine,
  ports: readonly number[],
  limitMs: number,
  openOnly = false,
): Promise<ScanRun> {
  const run = await runProcess(lab, engine.command([lab.address], ports), limitMs);
  const output = engine.parse(run.stdout);
  const status = output.statuses.get(lab.address);
  const hostFault =
    engine.name !== 'ours' || status === lab.bed.host
      ? null
      : `host is ${lab.bed.host}, said ${status ?? 'nothing about it'}`;
  return {
    ...run,
    engine: engine.name,
    output,
    score: judge(lab.bed, output, [lab.address], ports, openOnly),
    hostFault,
  };
}
