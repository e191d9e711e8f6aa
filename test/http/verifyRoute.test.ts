import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { verifyRoutes } from '../../src/http/verifyRoute.ts';
import { createLogger } from '../../src/log.ts';
import { createOwnership, type OwnershipService } from '../../src/policy/ownershipService.ts';
import { createOwnershipVisits } from '../../src/policy/ownershipVisit.ts';
import { createLookup } from '../../src/policy/resolve.ts';
import { addressTarget } from '../../src/policy/target.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createOwnershipProofs } from '../../src/storage/ownershipProofs.ts';
import { ask } from './client.ts';

const GUILD = '111111111111111111';
const PUBLIC_URL = 'https://bot.example';
const calm = new AbortController().signal;
const log = createLogger({ level: 'silent', secrets: [] });

let ownership: OwnershipService;
let server: HttpServer;
let start: (trustedProxies: readonly string[], host?: string) => Promise<void>;

beforeEach(async () => {
  const proofs = createOwnershipProofs((await openDatabase('memory://')).store('ownership'));
  const now = () => Date.parse('2027-01-01T00:00:00Z');
  const resolve = () => Promise.reject(new Error('unused'));
  ownership = createOwnership({ proofs, lookup: createLookup([]), resolve, publicUrl: PUBLIC_URL, now });
  const routes = verifyRoutes({ visits: createOwnershipVisits(proofs, now), publicUrl: PUBLIC_URL });
  start = async (trustedProxies, host = '127.0.0.1') => {
    server = await createHttpServer({ host, port: 0, routes, trustedProxies, log });
  };
});
afterEach(() => server.close());

async function linkFor(address: string, guildId = GUILD): Promise<string> {
  const { ways } = await ownership.challenge(guildId, addressTarget(address));
  const link = ways.find(({ method }) => method === 'link');
  if (link?.method !== 'link') throw new Error('no link');
  expect(link.url.startsWith(`${PUBLIC_URL}/verify/`)).toBe(true);
  return link.url.slice(PUBLIC_URL.length);
}
const isProven = async (address: string) => (await ownership.stillProven(GUILD, addressTarget(address), calm)).proven;
const get = (path: string, options = {}) => ask(server.port, path, options);
const post = (path: string, options = {}) => ask(server.port, path, { method: 'POST', ...options });

describe('a visit by a socket of its own', () => {
  beforeEach(() => start([]));

  test('GET shows one button and changes nothing, however often', async () => {
    const link = await linkFor('127.0.0.2');
    for (let i = 0; i < 3; i++) {
      const page = await get(link, { from: '127.0.0.2' });
      expect(page.status).toBe(200);
      expect(page.body).toContain('127.0.0.2');
      expect(page.body).toContain(GUILD);
      expect(page.body.match(/<button/g)).toHaveLength(1);
    }
    await ask(server.port, link, { method: 'HEAD', from: '127.0.0.2' });
    expect(await isProven('127.0.0.2')).toBe(false);
    expect((await post(link, { from: '127.0.0.2' })).status).toBe(200);
    expect(await isProven('127.0.0.2')).toBe(true);
  });

  test('the page is self-contained and closed', async () => {
    const { headers, body } = await get(await linkFor('127.0.0.1'));
    expect(body).not.toMatch(/<script|src=|href=|https?:|\son\w+=/);
    const style = /<style>(.*)<\/style>/.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    );
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-robots-tag': expect.stringContaining('noindex') });
  });

  test('from another address proves nothing and leaves the link usable', async () => {
    const link = await linkFor('127.0.0.2');
    const page = await get(link, { from: '127.0.0.1' });
    expect(page.body).not.toContain('<button');
    expect(page.body).toContain('You come from 127.0.0.1');
    expect((await post(link, { from: '127.0.0.1' })).status).toBe(403);
    const forged = { from: '127.0.0.1', headers: { 'x-forwarded-for': '127.0.0.2' } };
    expect((await post(link, forged)).status).toBe(403);
    expect(await isProven('127.0.0.2')).toBe(false);
    expect(await isProven('127.0.0.1')).toBe(false);
    expect((await post(link, { from: '127.0.0.2' })).status).toBe(200);
  });

  test('works once; a new challenge makes a new link', async () => {
    const link = await linkFor('127.0.0.1');
    expect((await post(link)).status).toBe(200);
    expect((await post(link)).status).toBe(404);
    expect((await get(link)).status).toBe(404);
    const again = await linkFor('127.0.0.1');
    expect(again).not.toBe(link);
    expect((await post(again)).status).toBe(200);
  });

  test.each([
    '/verify/',
    '/verify/x',
    `/verify/${'A'.repeat(43)}`,
    `/verify/${'A'.repeat(64)}`,
    '/verify/%00',
    '/verify/a/b',
  ])('%s: no such link', async (path) => {
    await linkFor('127.0.0.1');
    expect((await get(path)).status).toBe(404);
    expect((await post(path)).status).toBe(404);
  });

  test.each([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another site, old browser', { origin: 'https://evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a neighbour', { origin: PUBLIC_URL, 'sec-fetch-site': 'same-site' }],
  ])('%s cannot make a browser press the button', async (_who, headers) => {
    const link = await linkFor('127.0.0.1');
    expect((await post(link, { headers })).status).toBe(403);
    expect(await isProven('127.0.0.1')).toBe(false);
    const own = { origin: PUBLIC_URL, 'sec-fetch-site': 'same-origin' };
    expect((await post(link, { headers: own })).status).toBe(200);
  });

  test('a service that posts to any URL, as webhooks do, proves nothing', async () => {
    const link = await linkFor('127.0.0.1');
    const headers = { 'content-type': 'application/json' };
    expect((await post(link, { headers, body: '{"event":"push"}' })).status).toBe(400);
    expect(await isProven('127.0.0.1')).toBe(false);
    expect((await post(link)).status).toBe(200);
  });
});

describe('a visit through a proxy', () => {
  const via = (forwarded: string, from = '127.0.0.1') => ({ from, headers: { 'x-forwarded-for': forwarded } });

  test('that is trusted proves the address that it reports, not its own', async () => {
    await start(['127.0.0.1']);
    const link = await linkFor('8.8.8.8');
    expect((await post(link, via('8.8.4.4'))).status).toBe(403);
    expect((await post(link, via('8.8.8.8, 8.8.4.4'))).status).toBe(403);
    expect((await post(link, via('8.8.8.8', '127.0.0.3'))).status).toBe(403);
    expect((await post(await linkFor('127.0.0.1'))).status).toBe(403);
    expect((await get(await linkFor('127.0.0.1'))).body).toContain('X-Forwarded-For');
    expect((await post(link, via('::ffff:8.8.8.8'))).status).toBe(200);
    expect(await isProven('8.8.8.8')).toBe(true);
  });

  test('that is not trusted proves nothing', async () => {
    await start([]);
    const link = await linkFor('8.8.8.8');
    expect((await post(link, via('8.8.8.8'))).status).toBe(403);
    expect(await isProven('8.8.8.8')).toBe(false);
  });
});

test('an IPv4 visitor of a dual-stack server is that IPv4 address', async () => {
  await start([], '::');
  const link = await linkFor('127.0.0.1');
  expect((await post(link)).status).toBe(200);
  expect(await isProven('127.0.0.1')).toBe(true);
});
