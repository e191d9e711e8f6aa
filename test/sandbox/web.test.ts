import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startDemoTargets } from '../../src/sandbox/demo/targets.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { startWeb, type WebPage } from '../../src/sandbox/web/server.ts';

let sandbox: Sandbox;
let page: WebPage;
let origin: string;
beforeAll(async () => {
  sandbox = await startSandbox();
  page = await startWeb({ sandbox, tour: [], restartBot: async () => {} });
  origin = new URL(page.url).origin;
});
afterAll(async () => {
  await page?.stop();
  await sandbox?.stop();
});

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A request with any path and any headers, which fetch would not send. */
function get(path: string, headers: Record<string, string> = {}, base = origin, method = 'GET'): Promise<Got> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Opens the live connection: the first word of the page's side, or the status of the refusal. */
function connect(headers: Record<string, string>, path = '/live'): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}${path}`, { headers });
    socket.on('message', (data) => {
      resolve(JSON.parse(String(data)).type);
      socket.terminate();
    });
    socket.on('unexpected-response', (_request, response) => resolve(String(response.statusCode)));
    socket.on('error', () => resolve('refused'));
  });
}

describe('who is answered', () => {
  test.each([
    ['this address', {}, 200],
    ['localhost', { host: 'localhost:4400' }, 200],
    ['IPv6 loopback', { host: '[::1]:4400' }, 200],
    ['a name that was made to point here', { host: 'evil.example' }, 403],
    ['a name that begins like an address', { host: '127.0.0.1.evil.example' }, 403],
    ['a Host with an account in it', { host: 'localhost@evil.example' }, 403],
    ['another origin', { origin: 'https://evil.example' }, 403],
    ['an opaque origin', { origin: 'null' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['a page elsewhere that embeds this one', { 'sec-fetch-site': 'cross-site' }, 403],
  ])('%s', async (_who, headers, status) => {
    expect((await get('/', headers)).status).toBe(status);
  });

  test('the live connection is for the page alone', async () => {
    expect(await connect({ origin })).toBe('welcome');
    expect(await connect({})).toMatch(/403|refused/);
    expect(await connect({ origin: 'https://evil.example' })).toMatch(/403|refused/);
    expect(await connect({ origin: 'http://evil.example', host: 'evil.example' })).toMatch(/403|refused/);
    expect(await connect({ origin }, '/other')).toMatch(/403|refused/);
  });

  test("the bot's API and gateway are not for pages", async () => {
    const api = new URL(sandbox.apiUrl).origin;
    expect((await get('/api/v10/gateway', {}, api)).status).toBe(200);
    expect((await get('/api/v10/gateway', { origin: 'https://evil.example' }, api)).status).toBe(403);
    expect((await get('/api/v10/gateway', { host: 'evil.example' }, api)).status).toBe(403);
  });
});

describe('what is served', () => {
  test('the page, and every module that it names, as scripts from here', async () => {
    const { body, headers } = await get('/');
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(body).not.toMatch(/<script(?![^>]*src=)|\son\w+=|https?:\/\//);
    const paths = [...body.matchAll(/modulepreload" href="([^"]+)"/g)].map(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(50);
    const known = new Set(paths);
    for (const path of paths) {
      const module = await get(path);
      expect({ path, status: module.status, type: module.headers['content-type'] }).toEqual({
        path,
        status: 200,
        type: 'text/javascript; charset=utf-8',
      });
      const imports = [
        ...module.body.matchAll(/(?:^|;)\s*(?:import|export)\b[\w\s{},*$]*(?:from)?\s*["']([^"']+)["']/gm),
      ];
      expect(imports.map(([, name = '']) => name).filter((name) => !known.has(name))).toEqual([]);
    }
  });

  test.each([
    '/package.json',
    '/tsconfig.json',
    '/index.html',
    '/../server.ts',
    '/%2e%2e/server.ts',
    '/packages/lit@3.3.3/package.json',
    '/packages/../../package.json',
    '/attachments/../../../etc/passwd',
    '/attachments/%2e%2e/x',
    '//evil.example/',
    '/constructor',
  ])('nothing else: %s', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('not by %s', async (method) => {
    expect((await get('/', {}, origin, method)).status).toBe(405);
  });

  test('nonsense on the live connection is answered with a sentence, and does no harm', async () => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/live`, { headers: { origin } });
    await new Promise((resolve) => socket.once('open', resolve));
    const refusals: string[] = [];
    socket.on('message', (data) => {
      const { type, text } = JSON.parse(String(data));
      if (type === 'refusal') refusals.push(text);
    });
    const frames = ['not JSON', '{}', '{"id":1,"request":{"do":"constructor"}}', '{"id":2,"request":{"do":"slash"}}'];
    for (const frame of [...frames, '{"id":3,"request":{"do":"act","as":"__proto__"}}']) socket.send(frame);
    await expect.poll(() => refusals.length).toBe(5);
    socket.terminate();
    expect((await get('/')).status).toBe(200);
  });
});

test('the demo machines are on loopback, and gone afterwards', async () => {
  const [first, second] = [await startDemoTargets(), await startDemoTargets()];
  try {
    for (const { targets, network } of [first, second]) {
      expect(targets.map(({ name }) => name)).toEqual(['tidy', 'careless', 'silent']);
      expect(targets.every(({ host }) => host.startsWith('127.0.') && network.startsWith('127.0.'))).toBe(true);
    }
  } finally {
    await first.stop();
    await second.stop();
  }
  const third = await startDemoTargets();
  expect(third.targets).toEqual(first.targets);
  await third.stop();
});
