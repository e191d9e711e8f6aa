import { readFileSync } from 'node:fs';
import { createEnvironment, type EnvironmentOptions } from '../src/engine/environment.ts';
import { scan } from '../src/engine/scan.ts';
import type { ScannableAddress } from '../src/engine/types.ts';
import { portSet } from '../test/lab/ports.ts';

// Scans from within one process, in the scanner's namespace: node bench/inside.ts SPEC, where SPEC is the JSON of
// InsideSpec. Prints the JSON of InsideReport.

export interface InsideSpec {
  /** The addresses of each scan; all of these run at once. */
  readonly scans: readonly (readonly string[])[];
  /** The size of the port set: the ports themselves would be too much for a command line. */
  readonly ports: number;
  readonly transport: EnvironmentOptions['transport'] | null;
  readonly packetsPerSecond: number;
  /** How often, one after the other; the first `warmUps` are not reported. */
  readonly repeats: number;
  readonly warmUps: number;
  /** Report every verdict of the last repeat. */
  readonly verdicts: boolean;
}

export interface InsideReport {
  readonly wallsMs: readonly number[];
  /** Peak of the resident memory, VmHWM of proc(5). */
  readonly peakKiB: number;
  readonly transport: string;
  /** Verdicts in the last repeat by state, and each of them if asked for: address, port, state, reason. */
  readonly counts: Readonly<Record<string, number>>;
  readonly verdicts: readonly (readonly [string, number, string, string])[];
}

function peakKiB(): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

const spec = JSON.parse(process.argv[2] ?? '{}') as InsideSpec;
const { packetsPerSecond, repeats, warmUps } = spec;
const environment = await createEnvironment({
  transport: spec.transport ?? undefined,
  packetsPerSecond,
  networkPacketsPerSecond: packetsPerSecond,
});
const wallsMs: number[] = [];
let counts: Record<string, number> = {};
let verdicts: [string, number, string, string][] = [];
let transport = '';
const ports = portSet(spec.ports);

async function one(addresses: readonly string[]): Promise<void> {
  const request = { addresses: addresses as readonly ScannableAddress[], ports };
  const scanning = scan(request, { packetsPerSecond }, environment);
  for await (const { address, port, state, reason } of scanning) {
    counts[state] = (counts[state] ?? 0) + 1;
    if (spec.verdicts) verdicts.push([address, port, state, reason]);
  }
  transport = scanning.summary().transport;
}

for (let repeat = 0; repeat < repeats; repeat++) {
  counts = {};
  verdicts = [];
  const startedAt = performance.now();
  await Promise.all(spec.scans.map(one));
  if (repeat >= warmUps) wallsMs.push(performance.now() - startedAt);
}
const report: InsideReport = { wallsMs, peakKiB: peakKiB(), transport, counts, verdicts };
process.stdout.write(`${JSON.stringify(report)}\n`);
