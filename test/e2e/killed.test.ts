import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InteractionHandle } from '../../src/sandbox/client/handle.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type BotProcess, startProcess } from './process.ts';

const KILLS = 50;
/** Longer than a scan at this pace with its look behind the open port, so that some kills come after the end. */
const LATEST_KILL_MS = 900;
const LOADING = 128;

let sandbox: Sandbox;
let folder: string;
let bot: BotProcess;
let listener: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  sandbox = await startSandbox();
  folder = await mkdtemp(join(tmpdir(), 'harbormaster-'));
  listener = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {}).end('220 ready\r\n');
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  port = (listener.address() as AddressInfo).port;
});
afterAll(async () => {
  bot?.child.kill('SIGKILL');
  await bot?.ended;
  listener?.close();
  await sandbox?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  bot = startProcess(
    {
      DISCORD_TOKEN: sandbox.token,
      DISCORD_API_URL: sandbox.apiUrl,
      SCAN_PRIVATE_RANGES: '127.0.0.0/8',
      SCAN_PACKETS_PER_SECOND: '20',
      SCAN_CONCURRENCY: '1',
    },
    folder,
  );
  await bot.ready();
}

const titleOf = (handle: InteractionHandle) => handle.message()?.embeds[0]?.title ?? '';
/** Discord's "thinking…", or a state that somebody would have to take further. */
const spins = (handle: InteractionHandle) =>
  ((handle.message()?.flags ?? 0) & LOADING) !== 0 || /^(?:Scanning|Waiting)/.test(titleOf(handle));

/** The same sequence every time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What is said and how long after it the bot dies, in milliseconds; then everything that was acknowledged gets an ending. */
async function killDuring(lines: readonly string[], afterMs: number): Promise<InteractionHandle[]> {
  const handles: InteractionHandle[] = [];
  for (const line of lines) handles.push(await sandbox.slash(line));
  await delay(afterMs);
  bot.child.kill('SIGKILL');
  await bot.ended;
  await delay(20);
  const before = connections;
  await start();
  for (const handle of handles) if (handle.message()) await handle.waitFor((each) => !spins(each), 10_000);
  expect(connections, 'a scan went on after the restart').toBe(before);
  return handles;
}

interface Recorded {
  readonly action?: string;
  readonly scanId?: string;
  readonly decision?: string;
}

async function auditOfScans(): Promise<readonly Recorded[]> {
  const exported = await sandbox.slash('/audit export');
  await exported.waitFor((handle) => (handle.message()?.attachments.length ?? 0) > 0, 10_000);
  const log = await (await fetch(exported.message()?.attachments[0]?.url ?? '')).text();
  const lines = log.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Recorded).filter(({ action }) => action === 'scan');
}

const SCAN_FOR_LONG = 180_000;

test(
  `killed at ${KILLS} moments of a scan, every reply gets an ending and nothing runs twice`,
  async () => {
    const next = random(7);
    await start();
    const added = await sandbox.slash('/targets add target:127.0.0.1');
    await added.waitFor((handle) => /Added/.test(titleOf(handle)), 10_000);

    const besides = [['/scan host:127.0.0.1 ports:9'], ['/explain port:22'], [], [], []];
    const scans: InteractionHandle[] = [];
    for (let round = 0; round < KILLS; round += 1) {
      const lines = [`/scan host:127.0.0.1 ports:${port},1-8`, ...(besides[round % besides.length] ?? [])];
      const [scan] = await killDuring(lines, next() * LATEST_KILL_MS);
      if (scan) scans.push(scan);
    }

    const interrupted = scans.filter((handle) => titleOf(handle) === 'Interrupted by a restart: 127.0.0.1');
    const finished = scans.filter((handle) => titleOf(handle) === '1 open port on 127.0.0.1');
    // Kills that all came before or after the scans would prove nothing.
    expect(interrupted.length).toBeGreaterThan(KILLS / 5);
    expect(finished.length).toBeGreaterThan(0);
    const others = scans.filter((handle) => handle.message() && ![...interrupted, ...finished].includes(handle));
    // Right after the acknowledgement it is not known yet which scan the reply is about.
    expect(others.map(titleOf).filter((title) => title !== 'Interrupted by a restart')).toEqual([]);

    const click = await sandbox.click(interrupted[0]?.message()?.id ?? '', 'Rescan');
    await click.waitFor((handle) => titleOf(handle) === '1 open port on 127.0.0.1', 10_000);

    const records = await auditOfScans();
    const begun = records.filter(({ decision }) => decision === 'allowed');
    expect(begun.length).toBeGreaterThan(KILLS / 5);
    for (const { scanId } of begun) {
      const ends = records.filter((record) => record.scanId === scanId && record.decision !== 'allowed');
      expect(ends, `the end of ${scanId}`).toHaveLength(1);
    }
  },
  SCAN_FOR_LONG,
);
