import { join } from 'node:path';
import { NODE_FLAGS } from '../test/lab/engines.ts';
import type { Lab } from '../test/lab/lab.ts';
import { portSet } from '../test/lab/ports.ts';
import { judge, type ProcessRun, runProcess } from '../test/lab/run.ts';
import type { State, Verdict } from '../test/lab/truth.ts';
import type { InsideReport, InsideSpec } from './inside.ts';
import { FREE, type Measurement, rivalOf, type Sample, type Wish } from './measure.ts';
import type { Row } from './rows.ts';
import { median } from './statistics.ts';

const SCRIPT = join(import.meta.dirname, 'inside.ts');
const LIMIT_MS = 120_000;
const WARM_REPEATS = 8;
const WARM_UPS = 3;

function specOf(lab: Lab, row: Row, wish: Wish): InsideSpec {
  const warm = row.kind === 'in-process';
  const scans =
    row.kind === 'growth'
      ? [lab.addresses.slice(0, row.hosts)]
      : lab.addresses.slice(0, row.scans).map((address) => [address]);
  return {
    scans,
    ports: row.ports,
    transport: wish.transport as InsideSpec['transport'],
    packetsPerSecond: row.rate === 'free' ? FREE : Number(row.rate),
    repeats: warm ? WARM_REPEATS : 1,
    warmUps: warm ? WARM_UPS : 0,
    // Keeping a million verdicts would be measured as memory.
    verdicts: row.kind !== 'memory',
  };
}

function outputOf({ verdicts }: InsideReport): ReadonlyMap<string, ReadonlyMap<number, Verdict>> {
  const hosts = new Map<string, Map<number, Verdict>>();
  for (const [address, port, state, reason] of verdicts) {
    const host = hosts.get(address) ?? new Map<number, Verdict>();
    hosts.set(address, host.set(port, { state: state as State, reason }));
  }
  return hosts;
}

function sampleOf(lab: Lab, spec: InsideSpec, run: ProcessRun, report: InsideReport, warm: boolean): Sample {
  const { packets, peakPerSecond, queueDrops, faults } = run.traffic;
  const output = { hosts: outputOf(report), statuses: new Map(), complete: true, transport: report.transport };
  return {
    wallMs: warm ? median(report.wallsMs) : run.wallMs,
    packets: packets / spec.repeats,
    peakPerSecond,
    queueDrops,
    score: judge(lab.bed, output, spec.verdicts ? spec.scans.flat() : [], portSet(spec.ports)),
    hostFault: null,
    labFaults: faults,
    cut: run.cut,
  };
}

/** Scans from within one process; against the rival's process where the row compares. */
export async function runInside(lab: Lab, row: Row, wish: Wish): Promise<Measurement> {
  const spec = specOf(lab, row, wish);
  const ports = portSet(row.ports);
  const rivalEngine = rivalOf(wish);
  const rival: Sample[] = [];
  const own: Sample[] = [];
  let transport = '';
  let peakKiB = 0;
  const result = (trouble: string | null): Measurement => {
    const peakMiB = peakKiB / 1_024;
    return { row, transport, ours: own, rival, rivalName: rivalEngine.name, rate: null, peakMiB, trouble };
  };
  for (let run = 0; run < wish.runs; run++) {
    if (row.kind !== 'memory') {
      const addresses = spec.scans.flat();
      const theirs = await runProcess(lab, rivalEngine.command(addresses, ports), row.rivalLimitS * 1_000);
      const score = judge(lab.bed, rivalEngine.parse(theirs.stdout), addresses, ports);
      const { faults, ...traffic } = theirs.traffic;
      rival.push({ ...traffic, wallMs: theirs.wallMs, score, hostFault: null, labFaults: faults, cut: theirs.cut });
    }
    const process_ = await runProcess(lab, [process.execPath, ...NODE_FLAGS, SCRIPT, JSON.stringify(spec)], LIMIT_MS);
    if (process_.exitCode !== 0) {
      const said = process_.stderr.split('\n').find((line) => /Error|\S/.test(line));
      return result(process_.cut ? `cut after ${LIMIT_MS / 1_000} s` : `exit ${process_.exitCode}: ${said}`);
    }
    const report = JSON.parse(process_.stdout) as InsideReport;
    transport = report.transport;
    peakKiB = Math.max(peakKiB, report.peakKiB);
    own.push(sampleOf(lab, spec, process_, report, row.kind === 'in-process'));
  }
  return result(null);
}
