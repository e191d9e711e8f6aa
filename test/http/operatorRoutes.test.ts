import { afterEach, describe, expect, test } from 'vitest';
import { type OperatorDeps, operatorRoutes } from '../../src/http/operatorRoutes.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { createLogger } from '../../src/log.ts';
import { ask } from './client.ts';

const log = createLogger({ level: 'silent', secrets: [] });
const running: HttpServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));

const WELL: OperatorDeps = {
  publicUrl: undefined,
  metrics: { text: async () => 'a_total 1\n', contentType: 'text/plain; version=0.0.4; charset=utf-8' },
  isConnected: () => true,
  readStore: async () => {},
  storeTimeoutMs: 50,
};

async function start(deps: Partial<OperatorDeps> = {}, host = '127.0.0.1'): Promise<number> {
  const routes = operatorRoutes({ ...WELL, ...deps });
  const server = await createHttpServer({ host, port: 0, routes, trustedProxies: ['127.0.0.1'], log });
  running.push(server);
  return server.port;
}

const PATHS = ['/healthz', '/readyz', '/metrics'];

describe('for the operator', () => {
  test('health, readiness and metrics', async () => {
    const port = await start();
    expect(await ask(port, '/healthz')).toMatchObject({ status: 200, body: 'ok' });
    const ready = await ask(port, '/readyz');
    expect(ready).toMatchObject({ status: 200, body: '{"ready":true,"gateway":true,"store":true}' });
    expect(ready.headers['content-type']).toBe('application/json');
    const metrics = await ask(port, '/metrics');
    expect(metrics).toMatchObject({ status: 200, body: 'a_total 1\n' });
    expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  test.each<[string, Partial<OperatorDeps>, string]>([
    ['the gateway is not connected', { isConnected: () => false }, '{"ready":false,"gateway":false,"store":true}'],
    [
      'the store fails',
      { readStore: () => Promise.reject(new Error('canary')) },
      '{"ready":false,"gateway":true,"store":false}',
    ],
    ['the store hangs', { readStore: () => new Promise(() => {}) }, '{"ready":false,"gateway":true,"store":false}'],
    [
      'the store throws at once',
      {
        readStore: () => {
          throw new Error('closed');
        },
      },
      '{"ready":false,"gateway":true,"store":false}',
    ],
  ])('not ready when %s, and alive all the same', async (_what, deps, body) => {
    const port = await start(deps);
    expect(await ask(port, '/readyz')).toMatchObject({ status: 503, body });
    expect((await ask(port, '/healthz')).status).toBe(200);
  });

  test('over IPv6 too', async () => {
    const port = await start({}, '::1');
    expect((await ask(port, '/metrics', { host: '::1' })).status).toBe(200);
  });
});

describe('not for the internet', () => {
  const HIDDEN: [string, Record<string, string>][] = [
    ['passed on with X-Forwarded-For', { 'x-forwarded-for': '203.0.113.7' }],
    ['passed on with an empty X-Forwarded-For', { 'x-forwarded-for': '' }],
    ['passed on with Forwarded', { forwarded: 'for=203.0.113.7' }],
    ['passed on with Via', { via: '1.1 proxy' }],
    ['passed on with X-Real-IP', { 'x-real-ip': '203.0.113.7' }],
    ['sent to the public host', { host: 'bot.example.com' }],
    ['sent to the public host with a port', { host: 'BOT.example.com:443' }],
  ];
  test.each(HIDDEN)('%s: as if there were no such page', async (_what, headers) => {
    const port = await start({ publicUrl: 'https://bot.example.com' });
    for (const path of PATHS) {
      expect(await ask(port, path, { headers })).toMatchObject({ status: 404, body: 'not found' });
      expect((await ask(port, path, { headers: { host: '127.0.0.1' } })).status).toBe(200);
    }
  });

  test.each([
    ['203.0.113.7', 404],
    ['2001:db8::7', 404],
    ['::ffff:203.0.113.7', 404],
    ['', 404],
    ['127.0.0.1', 200],
    ['::1', 200],
    ['::ffff:127.0.0.1', 200],
    ['10.1.2.3', 200],
    ['172.17.0.1', 200],
    ['192.168.1.1', 200],
    ['100.64.0.9', 200],
    ['fd12::1', 200],
  ])('a peer at %s: %i', async (peer, status) => {
    for (const { handle } of operatorRoutes(WELL)) {
      const reply = await handle({ headers: { host: 'x' }, peer, visitor: undefined, body: '' }, []);
      expect(reply.status).toBe(status);
    }
  });
});
