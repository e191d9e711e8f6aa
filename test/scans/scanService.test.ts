import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEnvironment } from '../../src/engine/environment.ts';
import { scan } from '../../src/engine/scan.ts';
import { createLogger } from '../../src/log.ts';
import { parseCidr } from '../../src/policy/pattern.ts';
import { createLookup } from '../../src/policy/resolve.ts';
import { createServerResolver } from '../../src/policy/serverResolver.ts';
import { addressTarget } from '../../src/policy/target.ts';
import { vantageOf } from '../../src/policy/vantage.ts';
import { createRepositories } from '../../src/repositories.ts';
import { createGate, type GateDeps } from '../../src/scans/gate.ts';
import type { ScanSnapshot } from '../../src/scans/perform.ts';
import { createJobQueue } from '../../src/scans/queue.ts';
import { createScanService } from '../../src/scans/scanService.ts';
import type { Decided, RunOptions } from '../../src/scans/types.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { quickProber } from '../helpers/quickProber.ts';

const GUILD = '111111111111111111';
const QUOTAS = { user: 1_000, server: 1_000, network: 1_000, global: 1_000 };
const environment = await createEnvironment();
const options: RunOptions = { signal: new AbortController().signal, onProgress: () => {} };

let database: Database;
let repositories: ReturnType<typeof createRepositories>;
let listener: Server;
let port: number;
let connections: number;

beforeEach(async () => {
  connections = 0;
  listener = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {}).destroy();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  port = (listener.address() as AddressInfo).port;
  database = await openDatabase('memory://');
  repositories = createRepositories(database, QUOTAS, Date.now);
  const entry = { pattern: '127.0.0.1', addedBy: '1', addedAt: '2026-01-01T00:00:00.000Z' };
  await repositories.allowlists.update(GUILD, () => ({ entries: [entry], result: undefined }));
});
afterEach(async () => {
  listener.close();
  await database.close();
});

const removeEntry = () => repositories.allowlists.update(GUILD, () => ({ entries: [], result: undefined }));
const narrowEntry = () =>
  repositories.allowlists.update(GUILD, ([entry]) => ({
    entries: entry ? [{ ...entry, ports: '1' }] : [],
    result: undefined,
  }));
const job = () => ({ guildId: GUILD, userId: '1', target: addressTarget('127.0.0.1'), ports: [port] });

function start(
  given: {
    onRecord?: (decided: Decided) => Promise<unknown>;
    onOwnership?: () => Promise<unknown>;
    onScanned?: () => Promise<unknown>;
  } = {},
) {
  const range = parseCidr('127.0.0.0/8');
  const operator = { privateRanges: range.ok ? [range.value] : [], blocklist: [] };
  const { allowlists, quotas, records, sightings } = repositories;
  const now = Date.now;
  const deps: GateDeps = {
    allowlists,
    operator,
    quotas,
    now,
    resolve: createServerResolver({ allowlists, operator, lookup: createLookup([]), now }),
    checkOwnership: async () => void (await given.onOwnership?.()),
  };
  const decisions: Decided[] = [];
  const probed: number[] = [];
  const prober = quickProber();
  const service = createScanService({
    gate: createGate(deps),
    records,
    sightings,
    recordDecision: async (_job, decided) => {
      decisions.push(decided);
      await given.onRecord?.(decided);
    },
    engine: (request, scanOptions) => {
      const running = scan(request, scanOptions, environment);
      return {
        summary: running.summary,
        async *[Symbol.asyncIterator]() {
          yield* running;
          await given.onScanned?.();
        },
      };
    },
    prober: {
      probePorts(request, signal) {
        probed.push(...request.ports);
        return prober.probePorts(request, signal);
      },
    },
    vantageOf: (address) => vantageOf(address, { interfaces: {}, publicAddresses: [] }),
    queue: createJobQueue({ concurrency: 1, maxWaitingPerGuild: 1 }),
    packetsPerSecond: undefined,
    now,
    log: createLogger({ level: 'silent', secrets: [] }),
  });
  return { service, decisions, probed };
}

test('an allowed scan reaches the target', async () => {
  const { service, decisions } = start();
  expect((await service.run(job(), options)).outcome).toBe('finished');
  expect(connections).toBeGreaterThan(0);
  expect(decisions).toMatchObject([{ decision: 'allowed' }, { decision: 'done', rule: 'finished' }]);
  expect(decisions[1]?.scanId).toBe(decisions[0]?.scanId);
});

test.each([
  [
    'the audit record is written',
    { onRecord: ({ decision }: Decided) => Promise.resolve(decision === 'allowed' && removeEntry()) },
  ],
  ['the ownership is looked at', { onOwnership: () => removeEntry() }],
])('an entry that is removed while %s sends nothing to the target', async (_when, given) => {
  const { service, decisions } = start(given);
  const outcome = await service.run(job(), options);
  await delay(50);
  expect(connections).toBe(0);
  expect(outcome).toMatchObject({ outcome: 'refused', refusal: { code: 'empty-allowlist' } });
  expect(decisions.at(-1)).toMatchObject({ decision: 'refused', rule: 'empty-allowlist' });
  // It cost nothing.
  const peeked = await repositories.quotas.peek({ guildId: GUILD, userId: '1', addresses: [], cost: 1_000 });
  expect(peeked).toBeUndefined();
});

describe('behind the open ports', () => {
  const jobOf = (...ports: number[]) => ({ ...job(), ports });

  test('only open ports are looked behind, and the record keeps what was seen', async () => {
    const { service, probed } = start();
    const outcome = await service.run(jobOf(port, 1), options);
    expect(probed).toEqual([port]);
    expect(outcome).toMatchObject({
      record: { evidence: [{ port, seen: 'closes-at-once' }], vantage: 'this-host' },
    });
    expect(await repositories.sightings.ofPort(GUILD, port)).toMatchObject([
      { host: '127.0.0.1', port, state: 'open', service: 'accepts and closes at once' },
    ]);
  });

  test.each([
    ['the whole target', () => removeEntry()],
    ['the port', () => narrowEntry()],
  ])(
    'a service is not talked to when %s was taken off the list after the ports were scanned',
    async (_what, change) => {
      const { service, probed } = start({ onScanned: change });
      const outcome = await service.run(job(), options);
      expect(probed).toEqual([]);
      expect(outcome).toMatchObject({
        outcome: 'finished',
        record: { evidence: [], notProbed: String(port), groups: [{ state: 'open' }] },
      });
    },
  );

  test('a list that cannot be read permits no look, and loses no port', async () => {
    const { service, probed } = start({ onScanned: () => database.close() });
    const outcome = await service.run(job(), options);
    expect(probed).toEqual([]);
    expect(outcome).toMatchObject({ outcome: 'finished', kept: false, record: { groups: [{ state: 'open' }] } });
  });

  test('cancelling in mid-look ends at once, with the ports that are known', async () => {
    const mute = createServer((socket) => socket.on('error', () => {}).resume());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const silent = (mute.address() as AddressInfo).port;
    const { service } = start();
    const stop = new AbortController();
    const watch = setInterval(() => {
      if (snapshot()?.lookingBehind) stop.abort('cancelled');
    }, 1);
    let snapshot: () => ScanSnapshot | undefined = () => undefined;
    const outcome = await service.run(jobOf(silent), {
      signal: stop.signal,
      onProgress: (progress) => {
        if (progress.phase === 'scanning') snapshot = progress.snapshot;
      },
    });
    clearInterval(watch);
    mute.close();
    expect(outcome).toMatchObject({
      record: { stopped: 'cancelled', unprobed: 0, notProbed: String(silent), groups: [{ state: 'open' }] },
    });
  });

  test('what was open and is not any more is remembered as closed', async () => {
    const { service } = start();
    await service.run(job(), options);
    await new Promise((resolve) => listener.close(resolve));
    await service.run(jobOf(port, 1), options);
    expect(await repositories.sightings.ofPort(GUILD, port)).toMatchObject([{ state: 'closed' }]);
    expect(await repositories.sightings.ofPort(GUILD, 1)).toEqual([]);
  });
});

test('who has no quota left for a network cannot make the bot look at a proof again and again', async () => {
  let looks = 0;
  const request = { guildId: '2', userId: '2', addresses: ['127.0.0.9'], cost: 1_000 };
  repositories = createRepositories(database, { ...QUOTAS, global: 100_000 }, Date.now);
  await repositories.quotas.take(request);
  const onOwnership = async () => {
    looks += 1;
  };
  const { service } = start({ onOwnership });
  expect(await service.run(job(), options)).toMatchObject({ refusal: { code: 'quota-network' } });
  expect(looks).toBe(0);
});

test('a scan for which there is no room in the queue is recorded as refused', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { service, decisions } = start({ onOwnership: () => promise });
  const runs = [service.run(job(), options), service.run(job(), options)];
  await delay(20);
  expect(await service.run(job(), options)).toMatchObject({ outcome: 'busy' });
  expect(decisions).toMatchObject([{ decision: 'refused', rule: 'queue-full' }]);
  resolve();
  await Promise.all(runs);
});
