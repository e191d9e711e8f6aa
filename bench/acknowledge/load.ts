import { setTimeout as sleep } from 'node:timers/promises';
import type { InteractionHandle } from '../../src/sandbox/client/handle.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

export interface Load {
  readonly interactions: number;
  readonly perSecond: number;
  /** How many scans run meanwhile. */
  readonly scans: number;
}

/** Milliseconds from the dispatch to the first response, as the local Discord measures them; Infinity when none came. */
export type Times = readonly number[];

const TEXT = 3;
const COMMAND = 2;
const TICK_MS = 5;
const PATIENCE_MS = 10_000;
/** Scans take this long to appear in their replies: the first edit comes after 2 s. */
const UNDER_WAY_MS = 15_000;

function command(name: string, options: Readonly<Record<string, string>>) {
  const given = Object.entries(options).map(([option, value]) => ({ name: option, type: TEXT, value }));
  return { type: COMMAND, data: { id: '1', type: 1, name, options: given } };
}

/** What people type, in turn: guidance, a scan that is not allowed, a scan of one port of this machine. */
const MIX = [
  command('explain', { port: '22' }),
  command('scan', { host: '203.0.113.9', ports: '22,80,443' }),
  command('explain', { topic: 'states' }),
  command('scan', { host: '127.0.0.1', ports: '1' }),
  command('scan', { host: '192.0.2.1' }),
];

/** Sends the mix at an even pace and collects what it took to acknowledge each. */
export async function apply({ interactions, perSecond }: Load, sandbox: Sandbox): Promise<Times> {
  const handles: InteractionHandle[] = [];
  const start = performance.now();
  while (handles.length < interactions) {
    const due = Math.min(interactions, Math.floor(((performance.now() - start) * perSecond) / 1_000));
    while (handles.length < due) handles.push(sandbox.interact(MIX[handles.length % MIX.length] ?? {}));
    await sleep(TICK_MS);
  }
  const acknowledged = await Promise.all(handles.map((handle) => handle.acknowledged(PATIENCE_MS)));
  return acknowledged.map((each) => (each === 'timeout' ? Number.POSITIVE_INFINITY : each.latencyMs));
}

/** Starts long scans of as many loopback addresses; resolves with how many are seen to run. */
export async function startScans(count: number, sandbox: Sandbox): Promise<number> {
  for (const range of ['127.0.0.1', '127.0.1.0/24']) {
    await sandbox.slash(`/targets add target:${range}`).then((added) => added.waitFor((handle) => handle.edits > 0));
  }
  const scans: InteractionHandle[] = [];
  for (let host = 1; host <= count; host += 1) {
    scans.push(await sandbox.slash(`/scan host:127.0.1.${host} ports:1-1024`));
    await sleep(TICK_MS);
  }
  const running = () => scans.filter((scan) => /Scanning/.test(JSON.stringify(scan.message()?.embeds))).length;
  const deadline = performance.now() + UNDER_WAY_MS;
  while (running() < count && performance.now() < deadline) await sleep(100);
  return running();
}
