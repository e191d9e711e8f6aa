import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpServer, type HttpServer, type Route } from '../../src/http/server.ts';
import { createLogger } from '../../src/log.ts';
import { ask } from './client.ts';

let lines: string[] = [];
const log = createLogger({ level: 'debug', secrets: [], destination: { write: (line) => void lines.push(line) } });
const running: HttpServer[] = [];

const health: Route = { method: 'GET', path: /^\/healthz$/, handle: async () => ({ status: 200, body: 'ok' }) };

async function start(routes: readonly Route[] = [], trustedProxies: readonly string[] = []): Promise<HttpServer> {
  const server = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    routes: [health, ...routes],
    trustedProxies,
    log,
  });
  running.push(server);
  return server;
}
afterEach(async () => {
  lines = [];
  await Promise.all(running.splice(0).map((server) => server.close()));
});

const echo: Route = {
  method: 'POST',
  path: /^\/echo\/(\w+)$/,
  handle: async ({ visitor, body }, [word]) => ({ status: 200, body: `${word} ${visitor} ${body}` }),
};
const whoami: Route = {
  method: 'GET',
  path: /^\/whoami$/,
  handle: async ({ visitor }) => ({ status: 200, body: String(visitor) }),
};

describe('requests', () => {
  test('health, by GET and HEAD, with headers that keep it private', async () => {
    const { port } = await start();
    const health = await ask(port, '/healthz?x=1');
    expect(health).toMatchObject({ status: 200, body: 'ok' });
    expect(health.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    expect(await ask(port, '/healthz', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  test.each([
    ['/', 'GET', 404],
    ['/healthz/', 'GET', 404],
    ['//healthz', 'GET', 404],
    ['/echo/../healthz', 'GET', 404],
    ['http://other.example/healthz', 'GET', 404],
    ['/healthz', 'POST', 405],
    ['/healthz', 'DELETE', 405],
    ['/echo/word', 'GET', 405],
  ])('%s by %s: %i', async (path, method, status) => {
    const { port } = await start([echo]);
    expect((await ask(port, path, { method })).status).toBe(status);
  });

  test('a route gets what matched, the body, and the peer', async () => {
    const { port } = await start([echo]);
    const answer = await ask(port, '/echo/word', { method: 'POST', body: 'x'.repeat(1_024), from: '127.0.0.2' });
    expect(answer.body).toBe(`word 127.0.0.2 ${'x'.repeat(1_024)}`);
  });

  test('a failing route: 500, nothing of the error outside, and a log line', async () => {
    const broken = { ...whoami, handle: () => Promise.reject(new Error('canary')) };
    const { port } = await start([broken]);
    expect(await ask(port, '/whoami')).toMatchObject({ status: 500, body: 'failed' });
    expect(lines.join()).toContain('canary');
  });
});

describe('limits', () => {
  test('a body over 1 KiB, announced or not', async () => {
    const { port } = await start([echo]);
    const body = 'x'.repeat(1_025);
    expect((await ask(port, '/echo/word', { method: 'POST', body })).status).toBe(413);
    const chunked = { method: 'POST', body, headers: { 'transfer-encoding': 'chunked' } };
    expect((await ask(port, '/echo/word', chunked)).status).toBe(413);
  });

  test('headers over 8 KiB', async () => {
    const { port } = await start();
    expect((await ask(port, '/healthz', { headers: { filler: 'x'.repeat(9_000) } })).status).toBe(431);
  });

  test('headers that never end are given up', async () => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n');
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk;
    });
    await once(socket, 'close');
    expect(heard).toContain('408');
  });

  test('nonsense', async () => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    socket.end('SSH-2.0-x\r\n\r\n');
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk;
    });
    await once(socket, 'close');
    expect(heard).toContain('400');
    expect((await ask(port, '/healthz')).status).toBe(200);
  });

  test('one peer cannot take all connections from the others; a trusted proxy may have many', async () => {
    const connectAll = (port: number, localAddress: string) =>
      Promise.all(
        Array.from({ length: 60 }, async () => {
          const socket = connect({ port, host: '127.0.0.1', localAddress });
          sockets.push(socket.on('error', () => {}));
          await once(socket, 'connect');
        }),
      );
    const sockets: Socket[] = [];
    const { port } = await start([], ['127.0.0.4']);
    const closed = () => sockets.filter((socket) => socket.closed).length;
    for (const [i, from] of ['127.0.0.2', '127.0.0.3', '127.0.0.5', '127.0.0.6'].entries()) {
      await connectAll(port, from);
      await expect.poll(closed).toBe(40 * (i + 1));
    }
    await connectAll(port, '127.0.0.4');
    expect((await ask(port, '/healthz')).status).toBe(200);
    expect(closed()).toBe(160);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await ask(port, '/healthz', { from: '127.0.0.2' })).status).toBe(200);
  });

  test('closing does not wait for a peer that says nothing', async () => {
    const server = await start();
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write('GET /healthz HTTP/1.1\r\n');
    const startedAt = performance.now();
    await running.pop()?.close();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await expect(ask(server.port, '/healthz')).rejects.toThrow();
  });

  test('a port that is taken, a proxy that is none', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const options = { host: '127.0.0.1', port, routes: [], trustedProxies: [], log };
    await expect(createHttpServer(options)).rejects.toThrow('EADDRINUSE');
    await expect(createHttpServer({ ...options, trustedProxies: ['proxy'] })).rejects.toThrow();
    taken.close();
  });
});

describe('who asks', () => {
  const as = async (trusted: readonly string[], headers: Record<string, string>, from = '127.0.0.1') =>
    (await ask((await start([whoami], trusted)).port, '/whoami', { headers, from })).body;
  const via = (forwarded: string) => ({ 'x-forwarded-for': forwarded });

  test('the peer, whatever it says, unless it is a trusted proxy', async () => {
    expect(await as([], via('8.8.8.8'))).toBe('127.0.0.1');
    expect(await as(['127.0.0.2'], via('8.8.8.8'))).toBe('127.0.0.1');
    expect(await as(['127.0.0.2'], via('8.8.8.8'), '127.0.0.2')).toBe('8.8.8.8');
    expect(await as(['127.0.0.0/8'], via('8.8.8.8'))).toBe('8.8.8.8');
    expect(await as(['loopback'], via('::ffff:8.8.8.8'))).toBe('8.8.8.8');
    expect(await as(['loopback'], via('2606:4700:0::1111'))).toBe('2606:4700::1111');
  });

  test('the last one that is no trusted proxy, not what the visitor made up before it', async () => {
    expect(await as(['loopback'], via('1.1.1.1, 8.8.8.8'))).toBe('8.8.8.8');
    expect(await as(['loopback', '10.0.0.0/8'], via('1.1.1.1, 8.8.8.8, 10.0.0.7'))).toBe('8.8.8.8');
  });

  test('nobody, when a proxy does not tell or tells no address', async () => {
    expect(await as(['loopback'], {})).toBe('undefined');
    for (const text of ['unknown', '8.8.8.8:4711', 'fe80::1%eth0', '0x8.8.8.8', '', ' ']) {
      expect([text, await as(['loopback'], via(text))]).toEqual([text, 'undefined']);
    }
    expect(await as(['loopback'], { forwarded: 'for=8.8.8.8', 'x-real-ip': '8.8.8.8' })).toBe('undefined');
  });
});
