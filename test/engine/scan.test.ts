import { readdirSync, readlinkSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scan } from '../../src/engine/scan.ts';
import type { PortResult, Scan, ScannableAddress } from '../../src/engine/types.ts';
import { type SilentPort, silentPort } from '../helpers/silentPort.ts';
import { type Listener, listen, OWN_HOST, refusingPort } from './loopback.ts';
import { range } from './simulation.ts';

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

describe('scan on loopback', () => {
  it('tells listening, refusing and silent ports apart', async () => {
    const refusing = await refusingPort();
    const scanning = scan({ address: HOST, ports: [open.port, refusing, silent.port] });
    const results = new Map((await collect(scanning)).map((result) => [result.port, result]));
    expect(results.get(open.port)).toEqual({
      address: HOST,
      port: open.port,
      protocol: 'tcp',
      state: 'open',
      reason: 'syn-ack',
      rttMs: expect.any(Number),
      attempts: 1,
    });
    expect(results.get(refusing)).toMatchObject({ state: 'closed', reason: 'conn-refused', attempts: 1 });
    expect(results.get(silent.port)).toMatchObject({ state: 'filtered', reason: 'no-response', rttMs: null });
    expect(results.get(silent.port)?.attempts).toBeGreaterThanOrEqual(2);
    expect(scanning.summary()).toMatchObject({
      address: HOST,
      total: 3,
      counts: { open: 1, closed: 1, filtered: 1, error: 0 },
      complete: true,
      unprobed: 0,
      transport: 'net',
    });
  });

  it('speaks IPv6', async () => {
    const listener = await listen('::1');
    const address = '0:0:0:0:0:0:0:1' as ScannableAddress;
    const results = await collect(scan({ address, ports: [listener.port, await refusingPort('::1')] }));
    await listener.close();
    expect(results.map(({ state }) => state).sort()).toEqual(['closed', 'open']);
  });

  it('gives each verdict when it falls, not at the end', async () => {
    const seen: { port: number; atMs: number }[] = [];
    const startedAtMs = performance.now();
    for await (const { port } of scan({ address: HOST, ports: [silent.port, open.port] }, { retries: 1 })) {
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
    const scanning = scan({ address: HOST, ports: QUIET }, { packetsPerSecond: 20_000 });
    const results = await collect(scanning);
    delay.disable();
    await listener.close();
    expect(results).toHaveLength(1_000);
    expect(results.filter(({ state }) => state === 'open').map(({ port }) => port)).toEqual([20_500]);
    expect(scanning.summary()).toMatchObject({
      counts: { open: 1, closed: 999, filtered: 0, error: 0 },
      complete: true,
    });
    expect(delay.percentile(50) / 1e6).toBeLessThan(50);
    expect(sockets()).toBe(before);
  });

  it('does not mistake its own busy event loop for silence', async () => {
    const refusing = await refusingPort();
    const collecting = collect(scan({ address: HOST, ports: [refusing, open.port] }));
    // Runs after the connection attempts are made and before their answers can be read, longer than any timeout.
    process.nextTick(() => {
      const untilMs = performance.now() + 400;
      while (performance.now() < untilMs);
    });
    expect((await collecting).map(({ attempts }) => attempts)).toEqual([1, 1]);
  });

  it('says that there is no route instead of calling the target filtered', async () => {
    // TCP to a multicast address: connect(2) refuses it, nothing is sent.
    const scanning = scan({ address: '224.0.0.1' as ScannableAddress, ports: [22] });
    expect(await collect(scanning)).toMatchObject([{ state: 'error', reason: 'no-route', rttMs: null, attempts: 0 }]);
  });

  it('answers for its summary before, during and after', async () => {
    const scanning = scan({ address: HOST, ports: [open.port, silent.port] }, { retries: 0 });
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
  it('an abort frees every socket in the same tick and ends the iteration', async () => {
    const before = sockets();
    const controller = new AbortController();
    const ports = [silent.port, ...QUIET];
    const scanning = scan({ address: HOST, ports }, { signal: controller.signal, retries: 5 });
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
    const scanning = scan({ address: HOST, ports: [silent.port] }, { signal });
    expect(await collect(scanning)).toEqual([]);
    expect(scanning.summary().durationMs).toBeLessThan(200);
  });

  it('an aborted signal opens nothing', async () => {
    const scanning = scan({ address: HOST, ports: QUIET }, { signal: AbortSignal.abort() });
    expect(await collect(scanning)).toEqual([]);
    expect(scanning.summary()).toMatchObject({ complete: false, attempts: 0, unprobed: 1_000 });
  });

  it('leaving the loop frees everything', async () => {
    const before = sockets();
    const scanning = scan({ address: HOST, ports: [silent.port, ...QUIET] });
    for await (const _ of scanning) break;
    expect(sockets()).toBe(before);
    expect(scanning.summary().complete).toBe(false);
  });

  it('a fault in the loop frees everything', async () => {
    const before = sockets();
    const scanning = scan({ address: HOST, ports: [silent.port, ...QUIET] });
    const looping = async () => {
      for await (const { port } of scanning) throw new Error(`fault at ${port}`);
    };
    await expect(looping()).rejects.toThrow('fault at');
    expect(sockets()).toBe(before);
  });

  it('can be iterated once', async () => {
    const scanning = scan({ address: HOST, ports: [open.port] });
    await collect(scanning);
    await expect(collect(scanning)).rejects.toThrow('once');
  });
});

describe('what it will not do', () => {
  it.each(['localhost', '', '127.1', 'example.com'])('scan %j, which is no address', (name) => {
    expect(() => scan({ address: name as ScannableAddress, ports: [22] })).toThrow(TypeError);
  });

  it.each([[[0]], [[65_536]], [[22.5]], [[Number.NaN]], [[-1]]])('scan ports %j', (ports) => {
    expect(() => scan({ address: HOST, ports })).toThrow(RangeError);
  });

  it.each([
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
    { packetsPerSecond: 0 },
    { packetsPerSecond: Number.POSITIVE_INFINITY },
    { retries: -1 },
    { retries: 1.5 },
  ])('work with %j', (options) => {
    expect(() => scan({ address: HOST, ports: [22] }, options)).toThrow(RangeError);
  });
});
