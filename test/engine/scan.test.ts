import { readdirSync, readlinkSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBudget } from '../../src/engine/budget.ts';
import { EVENT_LOOP } from '../../src/engine/drive.ts';
import { createEnvironment } from '../../src/engine/environment.ts';
import { type ScanEnvironment, scan as scanIn } from '../../src/engine/scan.ts';
import type { PortResult, Scan, ScannableAddress, ScanOptions, ScanRequest } from '../../src/engine/types.ts';
import { type SilentPort, silentPort } from '../helpers/silentPort.ts';
import { range } from './core/simulate.ts';
import { type Listener, listen, OWN_HOST, refusingPort } from './loopback.ts';

const HOST = OWN_HOST as ScannableAddress;
/** Below the kernel's ephemeral ports and away from well-known ones. */
const QUIET = range(20_000, 20_999);

async function collect(scanning: Scan): Promise<PortResult[]> {
  return Array.fromAsync(scanning);
}

/** How many sockets this process has open, by proc_pid_fd(5). Ask where no listener of ours is about to accept. */
function sockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

let open: Listener;
let silent: SilentPort;

beforeAll(async () => {
  open = await listen();
  silent = await silentPort(OWN_HOST);
});

afterAll(async () => {
  await silent?.close();
  await open?.close();
});

describe.each(['net', 'ffi'] as const)('by %s', (transport) => {
  let environment: ScanEnvironment;
  const scan = (request: ScanRequest, options: ScanOptions = {}) => scanIn(request, options, environment);

  beforeAll(async () => {
    environment = await createEnvironment({ transport });
    // Node opens what it keeps open for good (its first socket's poller) before anything is counted.
    await collect(scan({ addresses: [HOST], ports: [open.port] }));
  });

  describe('scan on loopback', () => {
    it('tells listening, refusing and silent ports apart', async () => {
      const refusing = await refusingPort();
      const scanning = scan({ addresses: [HOST], ports: [open.port, refusing, silent.port] });
      const results = new Map((await collect(scanning)).map((result) => [result.port, result]));
      expect(results.get(open.port)).toEqual({
        address: HOST,
        port: open.port,
        protocol: 'tcp',
        state: 'open',
        reason: 'syn-ack',
        rttMs: expect.any(Number),
        attempts: 1,
        confidence: 1,
        sender: null,
      });
      expect(results.get(refusing)).toMatchObject({ state: 'closed', reason: 'conn-refused', attempts: 1 });
      expect(results.get(silent.port)).toMatchObject({ state: 'filtered', reason: 'no-response', rttMs: null });
      expect(results.get(silent.port)?.attempts).toBeGreaterThanOrEqual(2);
      expect(scanning.summary()).toMatchObject({
        hosts: [{ address: HOST, status: 'up', suspicions: [] }],
        total: 3,
        counts: { open: 1, 'open|filtered': 0, closed: 1, filtered: 1, error: 0 },
        complete: true,
        ended: 'complete',
        unprobed: 0,
        transport,
      });
    });

    it('speaks IPv6', async () => {
      const listener = await listen('::1');
      const address = '0:0:0:0:0:0:0:1' as ScannableAddress;
      const results = await collect(scan({ addresses: [address], ports: [listener.port, await refusingPort('::1')] }));
      await listener.close();
      expect(results.map(({ state }) => state).sort()).toEqual(['closed', 'open']);
    });

    it('gives each verdict when it falls, not at the end', async () => {
      const seen: { port: number; atMs: number }[] = [];
      const startedAtMs = performance.now();
      for await (const { port } of scan({ addresses: [HOST], ports: [silent.port, open.port] }, { retries: 1 })) {
        seen.push({ port, atMs: performance.now() - startedAtMs });
      }
      expect(seen.map(({ port }) => port)).toEqual([open.port, silent.port]);
      expect((seen[1]?.atMs ?? 0) - (seen[0]?.atMs ?? 0)).toBeGreaterThan(80);
    });

    it('scans 1,000 ports, finds the one open, and leaves nothing behind', async () => {
      const before = sockets();
      const listener = await listen(HOST, 20_500);
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const scanning = scan({ addresses: [HOST], ports: QUIET }, { packetsPerSecond: 20_000 });
      const results = await collect(scanning);
      delay.disable();
      await listener.close();
      expect(results).toHaveLength(1_000);
      expect(results.filter(({ state }) => state === 'open').map(({ port }) => port)).toEqual([20_500]);
      expect(scanning.summary()).toMatchObject({
        counts: { open: 1, 'open|filtered': 0, closed: 999, filtered: 0, error: 0 },
        complete: true,
      });
      expect(delay.percentile(50) / 1e6).toBeLessThan(50);
      expect(sockets()).toBe(before);
    });

    it('does not mistake its own busy event loop for silence', async () => {
      const refusing = await refusingPort();
      const collecting = collect(scan({ addresses: [HOST], ports: [refusing, open.port] }));
      // Runs after the connection attempts are made and before their answers can be read, longer than any timeout.
      process.nextTick(() => {
        const untilMs = performance.now() + 400;
        while (performance.now() < untilMs);
      });
      expect((await collecting).map(({ attempts }) => attempts)).toEqual([1, 1]);
    });

    it('says that there is no route instead of calling the target filtered', async () => {
      // TCP to a multicast address: connect(2) refuses it, nothing is sent.
      const scanning = scan({ addresses: ['224.0.0.1' as ScannableAddress], ports: [22] });
      expect(await collect(scanning)).toMatchObject([{ state: 'error', reason: 'no-route', rttMs: null, attempts: 0 }]);
    });

    it('waits for a reader who is slow, and still gives every verdict', async () => {
      const ports = range(20_000, 29_999);
      const scanning = scan({ addresses: [HOST], ports }, { packetsPerSecond: 1_000_000 });
      const iterator = scanning[Symbol.asyncIterator]();
      await iterator.next();
      await new Promise((resolve) => setTimeout(resolve, 400));
      // What is under way when the limit is reached still falls.
      expect(scanning.summary().attempts).toBeLessThan(6_000);
      let count = 1;
      while ((await iterator.next()).done !== true) count += 1;
      expect(count).toBe(10_000);
    });

    it('scans several addresses at once, TCP and UDP', async () => {
      const addresses = ['127.0.0.1', '127.0.0.2', '::1'] as ScannableAddress[];
      const [tcp, udp] = [await refusingPort(), await refusingPort()];
      const results = await collect(scan({ addresses, ports: [tcp], udpPorts: [udp] }));
      const said = results.map(({ address, protocol, state }) => `${address} ${protocol} ${state}`).sort();
      expect(said).toEqual(addresses.flatMap((address) => [`${address} tcp closed`, `${address} udp closed`]).sort());
    });

    it('several scans at once end with every verdict', async () => {
      const scans = range(1, 8).map(() => collect(scan({ addresses: [HOST], ports: QUIET })));
      for (const results of await Promise.all(scans)) {
        expect(results).toHaveLength(1_000);
        expect(results.filter(({ state }) => state !== 'closed')).toEqual([]);
      }
    });

    it('answers for its summary before, during and after', async () => {
      const scanning = scan({ addresses: [HOST], ports: [open.port, silent.port] }, { retries: 0 });
      expect(scanning.summary()).toMatchObject({ total: 2, complete: false, unprobed: 2, attempts: 0, durationMs: 0 });
      for await (const { state } of scanning) {
        if (state === 'open') expect(scanning.summary()).toMatchObject({ complete: false, unprobed: 1, attempts: 2 });
      }
      const after = scanning.summary();
      expect(after).toMatchObject({ complete: true, unprobed: 0 });
      expect(scanning.summary().durationMs).toBe(after.durationMs);
    });
  });

  describe('ending early', () => {
    it('a deadline ends it with what was found, and says so', async () => {
      const before = sockets();
      const scanning = scan({ addresses: [HOST], ports: [open.port, silent.port] }, { deadlineMs: 60 });
      expect((await collect(scanning)).map(({ port }) => port)).toEqual([open.port]);
      expect(scanning.summary()).toMatchObject({ complete: false, ended: 'deadline', unprobed: 1 });
      expect(sockets()).toBe(before);
    });

    it('leaving while the next verdict is awaited ends that wait', async () => {
      const iterator = scan({ addresses: [HOST], ports: [silent.port] })[Symbol.asyncIterator]();
      const pending = iterator.next();
      setTimeout(() => void iterator.return?.(), 20);
      expect(await pending).toEqual({ value: undefined, done: true });
    });

    it('an abort frees every socket in the same tick and ends the iteration', async () => {
      const before = sockets();
      const controller = new AbortController();
      const ports = [silent.port, ...QUIET];
      const scanning = scan({ addresses: [HOST], ports }, { signal: controller.signal, retries: 5 });
      let after = -1;
      setTimeout(() => {
        expect(sockets()).toBeGreaterThan(before);
        controller.abort();
        after = sockets();
      }, 100);
      const results = await collect(scanning);
      expect(after).toBe(before);
      expect(results.length).toBeLessThan(ports.length);
      expect(scanning.summary()).toMatchObject({ complete: false, unprobed: ports.length - results.length });
    });

    it('an abort while nothing happens ends the iteration at once', async () => {
      const signal = AbortSignal.timeout(50);
      const scanning = scan({ addresses: [HOST], ports: [silent.port] }, { signal });
      expect(await collect(scanning)).toEqual([]);
      expect(scanning.summary().durationMs).toBeLessThan(200);
    });

    it('an aborted signal opens nothing', async () => {
      const scanning = scan({ addresses: [HOST], ports: QUIET }, { signal: AbortSignal.abort() });
      expect(await collect(scanning)).toEqual([]);
      expect(scanning.summary()).toMatchObject({ complete: false, attempts: 0, unprobed: 1_000 });
    });

    it('leaving the loop frees everything', async () => {
      const before = sockets();
      const scanning = scan({ addresses: [HOST], ports: [silent.port, ...QUIET] });
      for await (const _ of scanning) break;
      expect(sockets()).toBe(before);
      expect(scanning.summary().complete).toBe(false);
    });

    it('a fault in the loop frees everything', async () => {
      const before = sockets();
      const scanning = scan({ addresses: [HOST], ports: [silent.port, ...QUIET] });
      const looping = async () => {
        for await (const { port } of scanning) throw new Error(`fault at ${port}`);
      };
      await expect(looping()).rejects.toThrow('fault at');
      expect(sockets()).toBe(before);
    });

    it('can be iterated once', async () => {
      const scanning = scan({ addresses: [HOST], ports: [open.port] });
      await collect(scanning);
      await expect(collect(scanning)).rejects.toThrow('once');
    });
  });
});

describe('what it will not do', () => {
  const environment: ScanEnvironment = {
    transport: { name: 'sim', open: () => expect.unreachable('nothing may be opened') },
    scheduler: EVENT_LOOP,
    budget: createBudget({ packetsPerSecond: 1, networkPacketsPerSecond: 1, sockets: 1 }),
  };
  const scan = (request: ScanRequest, options: ScanOptions = {}) => scanIn(request, options, environment);

  it.each(['localhost', '', '127.1', 'example.com'])('scan %j, which is no address', (name) => {
    expect(() => scan({ addresses: [name as ScannableAddress], ports: [22] })).toThrow(TypeError);
  });

  it.each([[[22, 22]], [[0]], [[65_536]], [[22.5]], [[Number.NaN]], [[-1]]])('scan ports %j', (ports) => {
    expect(() => scan({ addresses: [HOST], ports })).toThrow(RangeError);
  });

  it.each([
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
    { packetsPerSecond: 0 },
    { packetsPerSecond: Number.POSITIVE_INFINITY },
    { deadlineMs: 0 },
    { retries: -1 },
    { retries: 1.5 },
  ])('work with %j', (options) => {
    expect(() => scan({ addresses: [HOST], ports: [22] }, options)).toThrow(RangeError);
  });
});
