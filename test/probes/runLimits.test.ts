import { describe, expect, test } from 'vitest';
import { createDial } from '../../src/probes/link.ts';
import type { Probe } from '../../src/probes/probe.ts';
import type { Facts } from '../../src/probes/registry.ts';
import type { ProberOptions } from '../../src/probes/run.ts';
import { collect, LINK, listen, look, prober } from './collect.ts';
import { LOOPBACK, type Script } from './serve.ts';

const PAGE = 'HTTP/1.1 200 OK\r\n\r\n';
const WEB: Script = [{ on: '\r\n\r\n', send: PAGE }, { close: 'end' }];

describe('limits', () => {
  const DRIP: Script = (socket) => {
    const drip = setInterval(() => socket.write('220-x\r\n'), 40);
    socket.on('close', () => clearInterval(drip));
  };

  test('a port has its time, and what was heard until then counts', async () => {
    const { seen, ms, rawText } = await look(DRIP, { limits: { portMs: 400 } });
    expect(seen).toBe('answered');
    expect(rawText).toMatch(/^220-x/);
    expect(ms).toBeLessThan(700);
  });

  test('all ports together have theirs; those that the time did not suffice for get no evidence', async () => {
    const server = await listen(DRIP);
    const others = await Promise.all([listen([]), listen([]), listen([])]);
    const ports = [server, ...others].map(({ port }) => port);
    const startedAt = performance.now();
    const seen = await collect(ports, { limits: { portsAtOnce: 2, totalMs: 300 } });
    expect(performance.now() - startedAt).toBeLessThan(700);
    expect(seen.map(({ port }) => port).sort()).toEqual(ports.slice(0, 2).sort());
    expect(seen.map((evidence) => evidence.seen).sort()).toEqual(['answered', 'silent']);
  });

  test('no more ports at a time than allowed; the first to finish comes first', async () => {
    const servers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => listen([{ waitMs: index === 0 ? 200 : 20 }, '* BYE\r\n'])),
    );
    let [open, most] = [0, 0];
    const dial: ProberOptions['dial'] = async (target, signal) => {
      most = Math.max(most, ++open);
      const link = await createDial(LINK)(target, signal);
      let isOpen = true;
      const close = () => {
        open -= Number(isOpen);
        isOpen = false;
        link.close();
      };
      return { ...link, close };
    };
    const ports = servers.map(({ port }) => port);
    const seen = await collect(ports, { dial, limits: { portsAtOnce: 3 } });
    expect([most, open]).toEqual([3, 0]);
    expect(seen.length).toBe(6);
    expect(seen.at(-1)?.port).toBe(servers[0]?.port);
  });

  test('abort ends it at once, with every connection', async () => {
    const server = await listen([]);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    const startedAt = performance.now();
    expect(await collect([server.port], {}, controller.signal)).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(180);
    expect(await collect([server.port], {}, controller.signal)).toEqual([]);
    expect(server.accepted()).toBe(1);
  });

  test('whoever stops listening stops the work', async () => {
    const closed: string[] = [];
    const quick = await listen(['* BYE\r\n']);
    const slow = await listen((socket) => socket.on('close', () => closed.push('slow')));
    const { probePorts } = prober();
    for await (const { port } of probePorts(
      { address: LOOPBACK, ports: [quick.port, slow.port] },
      new AbortController().signal,
    )) {
      expect(port).toBe(quick.port);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(closed).toEqual(['slow']);
  });

  test('facts that do not fit are our defect, too', async () => {
    const facts = { protocol: 'banner', tls: false, unasked: true, text: 'x'.repeat(1_000) } as const;
    const broken: Probe<Facts> = { protocol: 'http', ports: [], run: async () => facts };
    const server = await listen(['* OK\r\n']);
    const { probePorts, defects } = prober({ probes: [{ ...broken, ports: [server.port] }] });
    for await (const evidence of probePorts({ address: LOOPBACK, ports: [server.port] }, AbortSignal.timeout(5_000))) {
      expect(evidence).toMatchObject({ seen: 'answered', facts: { protocol: 'banner', looksLike: 'imap' } });
    }
    expect(defects.length).toBe(1);
  });

  test('a probe that throws is our defect, reported, and the port is not lost', async () => {
    const broken: Probe<Facts> = { protocol: 'http', ports: [], run: () => Promise.reject(new RangeError('ours')) };
    const server = await listen(WEB);
    const { probePorts, defects } = prober({ probes: [broken] });
    for await (const { seen } of probePorts(
      { address: LOOPBACK, ports: [server.port] },
      new AbortController().signal,
    )) {
      expect(seen).toBe('silent');
    }
    expect(defects.map(String)).toEqual(['RangeError: ours']);
  });
});

test('nothing is sent to what may be a printer', async () => {
  const sent: string[] = [];
  const link = {
    received: () => Buffer.alloc(0),
    ended: () => false,
    read: async () => Buffer.alloc(0),
    write: async (bytes: Uint8Array | string) => void sent.push(String(bytes)),
    secure: () => Promise.reject(new Error('not here')),
    close: () => undefined,
  };
  expect(await collect([515, 9_100, 9_107], { dial: async () => link })).toMatchObject([
    { seen: 'silent' },
    { seen: 'silent' },
    { seen: 'silent' },
  ]);
  expect(sent).toEqual([]);
});
