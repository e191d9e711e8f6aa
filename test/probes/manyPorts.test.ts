import { getEventListeners } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { ScannableAddress } from '../../src/engine/types.ts';
import { createDial, createProber, type Dial, type Evidence } from '../../src/probes/index.ts';
import type { Link } from '../../src/probes/link.ts';
import { listen } from './collect.ts';
import { LOOPBACK } from './serve.ts';

const LIMITS = { listenMs: 200, briefMs: 50, helloMs: 300, portMs: 3_000 };
const PORTS = Array.from({ length: 1_000 }, (_, index) => 20_000 + index);

/** Whatever port is asked for, this one answers. */
const alwaysTo =
  (port: number, opened: (link: Link) => void = () => undefined): Dial =>
  async (target, signal) => {
    const link = await createDial()({ ...target, port }, signal);
    opened(link);
    return link;
  };

describe('a thousand ports', () => {
  test('each gets its evidence, in the order asked for where nothing holds it up; nothing gathers', async () => {
    const server = await listen(['* BYE not now\r\n', { close: 'end' }]);
    const controller = new AbortController();
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    const limits = { ...LIMITS, portsAtOnce: 16 };
    const { probePorts } = createProber({ dial: alwaysTo(server.port), now: Date.now, limits });
    const seen: Evidence[] = [];
    let mostListeners = 0;
    for await (const evidence of probePorts({ address: LOOPBACK, ports: PORTS }, controller.signal)) {
      seen.push(evidence);
      mostListeners = Math.max(mostListeners, getEventListeners(controller.signal, 'abort').length);
    }
    process.off('warning', warned);
    expect(seen.map(({ port }) => port).sort((a, b) => a - b)).toEqual(PORTS);
    expect(seen.every(({ facts }) => facts?.protocol === 'imap')).toBe(true);
    // Those of most interest come first: never further from their place than ports are asked at once.
    for (const [index, { port }] of seen.entries()) expect(Math.abs(port - 20_000 - index)).toBeLessThan(64);
    expect(mostListeners).toBeLessThanOrEqual(3);
    expect(getEventListeners(controller.signal, 'abort').length).toBe(0);
    expect(warnings).toEqual([]);
  });

  test('an abort closes every link in the same tick', async () => {
    const server = await listen([]);
    const controller = new AbortController();
    const links: Link[] = [];
    const dial = alwaysTo(server.port, (link) => links.push(link));
    const { probePorts } = createProber({ dial, now: Date.now, limits: { ...LIMITS, portsAtOnce: 32 } });
    const seen = Array.fromAsync(probePorts({ address: LOOPBACK, ports: PORTS }, controller.signal));
    while (links.length < 32) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(links.filter((link) => !link.ended()).length).toBeGreaterThan(0);
    controller.abort();
    expect(links.filter((link) => !link.ended()).length).toBe(0);
    expect(await seen).toEqual([]);
  });
});

test('IPv6', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).end('* BYE\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
  try {
    const { port = 0 } = { ...(server.address() as { port: number }) };
    const { probePorts } = createProber({ dial: createDial(), now: Date.now, limits: LIMITS });
    const request = { address: '::1' as ScannableAddress, ports: [port] };
    const seen = await Array.fromAsync(probePorts(request, new AbortController().signal));
    expect(seen).toMatchObject([{ port, seen: 'answered', facts: { protocol: 'imap', greeting: 'BYE' } }]);
  } finally {
    server.close();
  }
});
