import { createServer, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { findingsOf, productsOf } from '../../src/advice/findings/index.ts';
import { HTTP_FACTS, httpFacts } from '../../src/probes/http.ts';
import { parseHttp } from '../../src/probes/httpGet.ts';
import { PRODUCTS_SEEN } from '../../src/probes/httpProducts.ts';
import { collect } from './collect.ts';
import { LOOPBACK } from './serve.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** What the prober sees of a real web server that says this on `/`, and 404 elsewhere. */
async function lookAt(body: string | Buffer, headers: OutgoingHttpHeaders = {}, status = 200) {
  const server = createServer(({ url }, response) => {
    if (url === '/') response.writeHead(status, { 'Content-Type': 'text/html', ...headers }).end(body);
    else response.writeHead(404).end('nothing here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  const [evidence] = await collect([(server.address() as AddressInfo).port]);
  if (!evidence) throw new Error('no evidence');
  return { evidence, products: productsOf(evidence.facts) };
}

const page = (head: string, body = '') => `<!doctype html>\n<html><head>${head}</head><body>${body}</body></html>`;
const FILLER = '<p>What nobody looks for.</p>\n'.repeat(400);

describe('what a web server says in headers, title and page is recognised', () => {
  test.each<[string, string | undefined, Parameters<typeof lookAt>]>([
    ['Grafana', undefined, [page('<title>Grafana</title>', '<script>window.grafanaBootData = {}</script>')]],
    [
      'Jenkins',
      undefined,
      [page('<title>Dashboard [Jenkins]</title>', FILLER), { Server: 'Jetty(12.0.16)', 'X-Hudson': '1.395' }],
    ],
    ['Jenkins', '2.492.1', [page('', 'Authentication required'), { 'X-Jenkins': '2.492.1' }, 403]],
    ['phpMyAdmin', undefined, [page('<title>phpMyAdmin</title>'), { 'Set-Cookie': 'phpMyAdmin=secret; HttpOnly' }]],
    ['phpMyAdmin', '5.2.1', [page('<title>db / localhost | phpMyAdmin 5.2.1</title>')]],
    ['Vite', undefined, [page('<title>app</title><script type="module" src="/@vite/client"></script>')]],
    ['webpack-dev-server', undefined, [page('<title>app</title>', `${FILLER}<!-- webpack-dev-server -->`)]],
    ['WordPress', '6.8.2', [page(`<title>Blog</title>${FILLER}<meta name="generator" content="WordPress 6.8.2" />`)]],
    ['CouchDB', '3.5.0', ['{"couchdb":"Welcome","version":"3.5.0"}\n', { Server: 'something' }]],
  ])('%s %s', async (product, version, said) => {
    const { products, evidence } = await lookAt(...said);
    expect(products[0]).toMatchObject({ product, ...(version !== undefined && { version }) });
    expect(JSON.stringify(evidence)).not.toContain('secret');
  });

  test('with the server below it, and its system', async () => {
    const { products } = await lookAt(page('<title>Grafana</title>'), { Server: 'nginx/1.22.1 (Ubuntu)' });
    expect(products).toEqual([
      { product: 'Grafana', kind: 'application' },
      { product: 'nginx', kind: 'server', version: '1.22.1', os: { name: 'Ubuntu' } },
    ]);
  });

  test('a development server is also a finding', async () => {
    const { evidence } = await lookAt(page('<script type="module" src="/@vite/client"></script>'));
    expect(findingsOf([evidence], { nowMs: 0 }).map(({ id }) => id)).toEqual(['http-development-server']);
  });

  test('a mark is found with its version wherever it stands', () => {
    for (const before of [0, 1_000, 1_010, 1_020, 1_030, 60_000]) {
      const answer = parseHttp(Buffer.from(`HTTP/1.1 200 OK\r\n\r\n${'.'.repeat(before)}content="WordPress 6.8.2"`));
      const facts = answer && httpFacts(answer, { address: LOOPBACK, port: 80 }, false);
      expect(facts?.products, String(before)).toEqual([
        { product: 'WordPress', kind: 'application', version: '6.8.2' },
      ]);
    }
  });

  test('a packed page is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const { evidence, products } = await lookAt(bomb, { 'Content-Encoding': 'gzip', Server: 'nginx' });
    expect(evidence.facts).toMatchObject({ encoding: 'gzip' });
    expect(products.map(({ product }) => product)).toEqual(['nginx']);
  });
});

test('any answer gives facts that fit, in little time', () => {
  const line = fc.tuple(fc.constantFrom('Server', 'Set-Cookie', 'X-Powered-By', '__proto__', 'Via'), fc.string());
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), fc.string({ unit: 'binary' }), (lines, body) => {
      const head = lines.map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, '')}`);
      const answer = parseHttp(Buffer.from(['HTTP/1.1 200 OK', ...head, '', body].join('\r\n')));
      const facts = answer && httpFacts(answer, { address: LOOPBACK, port: 80 }, false);
      expect(HTTP_FACTS.safeParse(facts).error).toBeUndefined();
      expect(PRODUCTS_SEEN.safeParse(facts?.products ?? []).success).toBe(true);
    }),
    { seed: 1 },
  );
  const startedAt = performance.now();
  for (const piece of ['a', '<title>', 'content="wordpress ', '"number"', '\u{1f600}', '/@vite']) {
    const body = piece.repeat(Math.ceil(65_536 / piece.length));
    const answer = parseHttp(Buffer.from(`HTTP/1.1 200 OK\r\nServer: ${'x'.repeat(10_000)}\r\n\r\n${body}`));
    if (answer) httpFacts(answer, { address: LOOPBACK, port: 80 }, false);
  }
  expect(performance.now() - startedAt).toBeLessThan(300);
});
