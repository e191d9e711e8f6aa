import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { EVIDENCE, type Evidence, MAX_EVIDENCE_BYTES } from '../../src/probes/evidence.ts';
import { createDial } from '../../src/probes/link.ts';
import { inspectPort, PROBES } from '../../src/probes/registry.ts';
import { createProber, type ProberOptions } from '../../src/probes/run.ts';
import { flood, HOSTILE } from './hostileServers.ts';
import { LOOPBACK, type Script, type Served, serve } from './serve.ts';

// These tests wait; they do not compute.
vi.setConfig({ maxConcurrency: 12 });

const LIMITS = { listenMs: 200, briefMs: 50, helloMs: 300, portMs: 1_500, totalMs: 60_000, portsAtOnce: 64 };
/** Both ends run in this process, with all the others. */
const SLACK_MS = 1_500;

/** As the product asks, but for its patience. Defects are thrown. */
function createHastyProber(options: Partial<ProberOptions> = {}) {
  const dial = createDial({ timeoutMs: 1_000, maxBytes: 256 * 1_024 });
  const defects: unknown[] = [];
  const prober = createProber({
    dial,
    now: () => 0,
    limits: LIMITS,
    onDefect: (error) => defects.push(error),
    ...options,
  });
  return { ...prober, defects };
}

/** On an unusual port, on one where TLS comes first, and where the protocol that lies is expected. */
function waysToAsk(port: number, protocol: string | undefined): Partial<ProberOptions>[] {
  const listed = PROBES.map((probe) => ({ ...probe, ports: probe.protocol === protocol ? [port] : [] }));
  return [{}, { tlsPorts: new Set([port]) }, ...(protocol === undefined ? [] : [{ probes: listed }])].map(
    (options) => ({
      inspectTls: inspectPort,
      ...options,
    }),
  );
}

function expectSmallAndClean(evidence: Evidence): void {
  const text = JSON.stringify(evidence);
  expect(EVIDENCE.parse(JSON.parse(text))).toEqual(evidence);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_EVIDENCE_BYTES);
  // Nothing that could steer a terminal, or the direction of what is read.
  expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]|\\u00/u);
}

const tcpSockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

/** Resolves once there are no more sockets than `before`; rejects when that takes over a second. */
async function expectNoSocketsLeft(before: number): Promise<void> {
  for (let tries = 0; tries < 50 && tcpSockets() > before; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(tcpSockets()).toBeLessThanOrEqual(before);
}

describe.concurrent('a hostile server', () => {
  test.each(HOSTILE.map(([name, script, asked]) => ({ name, script, asked })))('$name', async ({ script, asked }) => {
    const server = await serve(script);
    try {
      for (const options of waysToAsk(server.port, asked)) {
        const { probePorts, defects } = createHastyProber(options);
        const startedAt = performance.now();
        const seen: Evidence[] = [];
        for await (const evidence of probePorts(
          { address: LOOPBACK, name: 'example.com', ports: [server.port] },
          new AbortController().signal,
        )) {
          seen.push(evidence);
        }
        expect(performance.now() - startedAt).toBeLessThan(LIMITS.portMs + SLACK_MS);
        expect(defects).toEqual([]);
        expect(seen.length).toBe(1);
        for (const evidence of seen) expectSmallAndClean(evidence);
      }
    } finally {
      await server.close();
    }
  });
});

test('where a redirect points is never contacted: every connection goes to the one address and port', async () => {
  const elsewhere = await serve(['HTTP/1.1 200 OK\r\n\r\nfound']);
  const there = `127.0.0.1:${elsewhere.port}`;
  const locations = [
    `http://${there}/`,
    `//${there}/`,
    `https://${there}/`,
    `http://example.com:${elsewhere.port}/`,
    '/',
  ];
  const servers = await Promise.all(
    locations.map((to) =>
      serve([{ on: '\r\n\r\n', send: `HTTP/1.1 302 Found\r\nLocation: ${to}\r\n\r\n` }, { close: 'end' }]),
    ),
  );
  const dialled = new Set<string>();
  const dial: ProberOptions['dial'] = (target, signal) => {
    dialled.add(`${target.address} ${target.port}`);
    return createDial()(target, signal);
  };
  const seen = await lookAll(servers, { dial });
  expect(seen.map(({ facts }) => facts?.protocol)).toEqual(locations.map(() => 'http'));
  expect(dialled).toEqual(new Set(servers.map(({ port }) => `127.0.0.1 ${port}`)));
  expect(elsewhere.accepted()).toBe(0);
  await Promise.all([elsewhere, ...servers].map((server) => server.close()));
});

/** All evidence of these ports. */
async function lookAll(servers: readonly Served[], options: Partial<ProberOptions> = {}): Promise<Evidence[]> {
  const { probePorts, defects } = createHastyProber(options);
  const ports = servers.map(({ port }) => port);
  const seen = await Array.fromAsync(probePorts({ address: LOOPBACK, ports }, new AbortController().signal));
  expect(defects).toEqual([]);
  return seen;
}

test('512 servers of random bytes', async () => {
  const before = tcpSockets();
  const starts = [
    '',
    'SSH-2.0-',
    '220 ',
    'HTTP/1.1 200 OK\r\n',
    '\x16\x03\x03',
    '\x15\x03',
    'RFB 003.008\n',
    '+OK ',
    '* OK ',
  ];
  const said = fc.tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400 }), fc.boolean(), fc.boolean());
  const servers = await Promise.all(
    fc.sample(said, { numRuns: 512, seed: 1 }).map(([start, rest, unasked, closes]) => {
      const send = Buffer.concat([Buffer.from(start, 'latin1'), rest]);
      const script: Script = [unasked ? send : { on: '', send }, ...(closes ? [{ close: 'end' as const }] : [])];
      return serve(script);
    }),
  );
  try {
    const hasty = { ...LIMITS, listenMs: 40, briefMs: 20, helloMs: 100, portMs: 500 };
    const seen = await lookAll(servers, { limits: hasty });
    expect(seen.length).toBe(512);
    for (const evidence of seen) expectSmallAndClean(evidence);
    // Else nothing of the above would have been looked at.
    expect(new Set(seen.map(({ facts }) => facts?.protocol)).size).toBeGreaterThan(3);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
  await expectNoSocketsLeft(before);
});

describe('what hostile servers cost', () => {
  const CONNECTIONS = 64;
  const MIB = 1_024 * 1_024;

  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' | 'major' }) => void;

  /**
   * How much more memory this process takes at most while `work` runs: both ends of every connection are in it, but not
   * what is dropped already and only waits to be collected.
   */
  async function memoryOf(work: () => Promise<unknown>) {
    collect({ type: 'major' });
    const before = process.memoryUsage();
    const most = { rss: 0, buffers: 0 };
    const sample = () => {
      collect({ type: 'minor' });
      const { rss, external } = process.memoryUsage();
      most.rss = Math.max(most.rss, rss - before.rss);
      // Of `external`, array buffers are a part.
      most.buffers = Math.max(most.buffers, external - before.external);
    };
    const timer = setInterval(sample, 5);
    await work();
    clearInterval(timer);
    sample();
    return most;
  }

  const named = new Map(HOSTILE.map(([name, script]) => [name, script]));
  test.each([
    'a banner without end',
    'a body without end',
    'headers without end',
    'a MySQL packet of 16 MiB',
    'a gzip bomb',
    'a web page without end inside TLS',
    'empty TLS records without end',
  ])('%s: under 1 MiB a connection with 64 at once, and no socket left', async (name) => {
    const sockets = tcpSockets();
    const script = named.get(name) ?? flood('');
    const servers = await Promise.all(Array.from({ length: CONNECTIONS }, () => serve(script)));
    const { buffers, rss } = await memoryOf(() => lookAll(servers, { limits: LIMITS }));
    await Promise.all(servers.map((server) => server.close()));
    expect(buffers / CONNECTIONS).toBeLessThan(MIB);
    // Of both ends, with what is not collected yet.
    expect(rss / CONNECTIONS).toBeLessThan(2 * MIB);
    await expectNoSocketsLeft(sockets);
  });
});
