import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { BEDS } from './beds.ts';
import { ours } from './engines.ts';
import { buildLab, type Lab } from './lab.ts';
import { namespacePath, whyNoLab } from './namespaces.ts';
import { portSet } from './ports.ts';
import { runScan, type ScanRun } from './run.ts';

const why = whyNoLab();
const LIMIT_MS = 15_000;
/** A run in which the lab itself failed (a relay that a busy machine made late) says nothing, and is made again. */
const MOST_RUNS = 3;
/** No process has this number: Linux ends at 2^22. */
const DEAD_PID = 999_999_999;
let lab: Lab | undefined;

afterEach(async () => {
  await lab?.down();
  lab = undefined;
});

async function build(name: string): Promise<Lab> {
  const bed = BEDS.get(name);
  if (bed === undefined) throw new Error(`no bed ${name}`);
  lab = await buildLab(bed);
  return lab;
}

async function scanned(name: string, ports: number): Promise<ScanRun> {
  const target = await build(name);
  let run = await runScan(target, ours(), portSet(ports), LIMIT_MS);
  for (let runs = 1; runs < MOST_RUNS && run.traffic.faults.length > 0; runs += 1) {
    run = await runScan(target, ours(), portSet(ports), LIMIT_MS);
  }
  expect(run.stderr).toBe('');
  expect(run.output.complete).toBe(true);
  expect(run.traffic.faults).toEqual([]);
  return run;
}

if (why !== null) process.stdout.write(`${why} Its tests are skipped.\n`);

describe.skipIf(why !== null)('scans of targets with a known truth', () => {
  test.for([
    ['a', 1_000],
    ['b', 100],
    ['e', 300],
    ['s', 100],
    ['s40', 100],
  ] as const)('bed %s, %i ports: every verdict is right', async ([name, ports]) => {
    const { score, hostFault } = await scanned(name, ports);
    expect(score).toMatchObject({ wrong: 0, examples: [] });
    expect(hostFault).toBeNull();
  });

  test('mixed answers: right, and by the right reason where the transport sees ICMP', async () => {
    const { score, output } = await scanned('c', 100);
    expect(score).toMatchObject({ wrong: 0, examples: [] });
    if (output.transport !== 'net') expect(score.strictWrong).toBe(0);
  });

  test('5 % loss each way: no open port is missed, nothing false is found', async () => {
    const { score } = await scanned('d5b', 100);
    expect(score).toMatchObject({ missedOpen: 0, falseOpen: 0, falseClosed: 0, errors: 0, missing: 0 });
  });

  test('no ARP answer: the host is down, and no port is open', async () => {
    const { score, hostFault } = await scanned('g1', 100);
    expect(score.falseOpen).toBe(0);
    expect(hostFault).toBeNull();
  });
});

describe.skipIf(why !== null)('the lab', () => {
  test('takes its namespaces down, and those of makers that crashed', async () => {
    const stale = `hmlab-${DEAD_PID}-a-s`;
    spawnSync('ip', ['netns', 'add', stale]);
    const { namespace, down } = await build('a');
    expect(existsSync(namespacePath(stale))).toBe(false);
    expect(existsSync(namespacePath(namespace))).toBe(true);
    await down();
    expect(existsSync(namespacePath(namespace))).toBe(false);
  });

  test('a scanner that says nothing is not right', async () => {
    const silent = { ...ours(), command: () => ['true'] };
    const { score, output } = await runScan(await build('b'), silent, portSet(22), LIMIT_MS);
    expect(output.complete).toBe(false);
    expect(score).toMatchObject({ wrong: 22, missing: 22 });
  });
});
