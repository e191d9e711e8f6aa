import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ScannableAddress } from '../../src/engine/types.ts';
import { fileUrl, lookForFile } from '../../src/policy/fileProof.ts';
import { OWN_HOST } from '../engine/loopback.ts';
import { startWebServers, type WebServers } from './fileServers.ts';

const TOKEN = randomBytes(24).toString('base64url');
const CONTENT = `harbormaster-verification=${TOKEN}`;
const PATH = `/.well-known/harbormaster/${TOKEN}`;
const calm = new AbortController().signal;

let web: WebServers;
beforeAll(async () => {
  web = await startWebServers(OWN_HOST);
});
beforeEach(() => {
  web.requests.length = 0;
  web.serverNames.length = 0;
});
afterAll(() => web.close());

const settings = (timeoutMs = 2_000) => ({ httpPort: web.httpPort, httpsPort: web.httpsPort, timeoutMs });
const place = (host = 'www.example.com') => ({ host, address: OWN_HOST as ScannableAddress, token: TOKEN });
const look = (timeoutMs?: number, signal = calm) => lookForFile(place(), settings(timeoutMs), signal);

const isSecure = (request: Parameters<RequestListener>[0]) => 'encrypted' in request.socket;
const text =
  (body: string, status = 200, headers = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);

describe('the file is there', () => {
  test.each([
    ['as it is', CONTENT],
    ['with a line end', `${CONTENT}\r\n`],
    ['with blanks around', `  ${CONTENT} \n\n`],
    ['with blanks up to 1 KiB', CONTENT.padEnd(1_024)],
  ])('%s', async (_what, body) => {
    web.answer = text(body);
    expect(await look()).toMatchObject({ result: 'present', scheme: 'https' });
    expect(web.requests).toEqual([`https www.example.com ${PATH}`]);
    expect(web.serverNames).toEqual(['www.example.com']);
  });

  test('by HTTP alone', async () => {
    web.answer = (request, response) => text(CONTENT, isSecure(request) ? 404 : 200)(request, response);
    expect(await look()).toMatchObject({ result: 'present', scheme: 'http' });
  });

  test('at an address without a name: no server name is sent', async () => {
    web.answer = text(CONTENT);
    expect(await lookForFile(place(OWN_HOST), settings(), calm)).toMatchObject({ result: 'present' });
    expect(web.requests).toEqual([`https ${OWN_HOST} ${PATH}`]);
    expect(web.serverNames).toEqual([false]);
  });
});

describe('the file is not there', () => {
  const html = `<!doctype html><p>Welcome to ${CONTENT}</p>`;
  test.each<[string, RequestListener, 'absent' | 'unknown', RegExp]>([
    ['404', text('', 404), 'absent', /HTTPS: status 404\. HTTP: status 404\./],
    ['300', text('', 300), 'absent', /redirect \(300\)/],
    ['399', text('', 399), 'absent', /redirect \(399\)/],
    ['400', text('', 400), 'unknown', /status 400/],
    ['one byte more than 1 KiB', text(CONTENT.padEnd(1_025)), 'absent', /longer/],
    ['410', text('', 410), 'absent', /status 410/],
    ['404 with the token', text(CONTENT, 404), 'absent', /status 404/],
    ['403', text('', 403), 'unknown', /status 403/],
    ['502', text(CONTENT, 502), 'unknown', /status 502/],
    ['201', text(CONTENT, 201), 'unknown', /status 201/],
    ['HTML for everything', text(html, 200, { 'content-type': 'text/html' }), 'absent', /something else/],
    ['another token', text(CONTENT.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'))), 'absent', /something else/],
    ['the token alone, as a server that repeats the path would say', text(TOKEN), 'absent', /something else/],
    ['the token twice', text(`${CONTENT}\n${CONTENT}`), 'absent', /something else/],
    ['nothing', text(''), 'absent', /something else/],
    ['2 KiB of blanks around it', text(' '.repeat(1_024) + CONTENT + ' '.repeat(1_024)), 'absent', /longer/],
  ])('%s', async (_what, answer, result, told) => {
    web.answer = answer;
    expect(await look()).toMatchObject({ result, scheme: 'https', told: { text: expect.stringMatching(told) } });
    expect(web.requests).toHaveLength(2);
  });

  test('a redirect is not followed, wherever it leads', async () => {
    const elsewhere = createServer(text(CONTENT));
    let followed = 0;
    elsewhere.on('request', () => {
      followed += 1;
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const { port } = elsewhere.address() as AddressInfo;
    for (const status of [301, 302, 307, 308]) {
      web.answer = text(CONTENT, status, { location: `http://127.0.0.1:${port}${PATH}` });
      expect(await look()).toMatchObject({
        result: 'absent',
        told: { text: expect.stringContaining(`redirect (${status})`) },
      });
    }
    expect(followed).toBe(0);
    elsewhere.close();
  });

  test('a body of 10 MB is left after the first KiB', async () => {
    let sent = 0;
    web.answer = (_request, response) => {
      const chunk = Buffer.alloc(64 * 1_024, 'x');
      response.writeHead(200);
      const more = () => {
        while (sent < 10_000_000 && !response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    };
    expect(await look()).toMatchObject({
      result: 'absent',
      told: { text: expect.stringContaining('longer than the content') },
    });
    expect(sent).toBeLessThan(10_000_000);
  });

  test('a slow body ends at the time limit, and so does silence', async () => {
    web.answer = (request, response) => {
      response.writeHead(200).flushHeaders();
      const drip = setInterval(() => response.write(' '), 20);
      request.socket.once('close', () => clearInterval(drip));
    };
    const startedAt = performance.now();
    expect(await look(300)).toMatchObject({
      result: 'unknown',
      told: { text: expect.stringContaining('no complete answer in 0.3 s') },
    });
    web.answer = () => {};
    expect(await look(200)).toMatchObject({ result: 'unknown' });
    expect(performance.now() - startedAt).toBeLessThan(2_500);
  });

  test('endless headers are cut off', async () => {
    web.answer = text(CONTENT, 200, { 'x-filler': 'x'.repeat(12_000) });
    expect(await look()).toMatchObject({
      result: 'unknown',
      told: { text: expect.stringContaining('HPE_HEADER_OVERFLOW') },
    });
  });

  test('a port where nobody listens, and one that speaks something else', async () => {
    const shut = { ...settings(), httpPort: 1, httpsPort: 1 };
    const told = { text: expect.stringContaining('ECONNREFUSED') };
    expect(await lookForFile(place(), shut, calm)).toMatchObject({ result: 'unknown', told });
    const babble = createTcpServer((socket) => socket.on('error', () => {}).end('220 mail ready\r\n'));
    await new Promise<void>((resolve) => babble.listen(0, OWN_HOST, resolve));
    const { port } = babble.address() as AddressInfo;
    expect(await lookForFile(place(), { ...shut, httpPort: port, httpsPort: port }, calm)).toMatchObject({
      result: 'unknown',
    });
    babble.close();
  });

  test('an abort ends it with its reason', async () => {
    web.answer = () => {};
    const controller = new AbortController();
    setTimeout(() => controller.abort('shutdown'), 50);
    await expect(look(5_000, controller.signal)).rejects.toBe('shutdown');
  });
});

test('the scheme that proved before is asked first, and its answer counts', async () => {
  web.answer = (request, response) => text('', isSecure(request) ? 502 : 404)(request, response);
  expect(await lookForFile(place(), settings(), calm, 'http')).toMatchObject({ result: 'absent', scheme: 'http' });
  expect(await lookForFile(place(), settings(), calm, 'https')).toMatchObject({ result: 'unknown', scheme: 'https' });
});

test('after HTTP comes HTTPS, too', async () => {
  web.answer = (request, response) => text(CONTENT, isSecure(request) ? 200 : 404)(request, response);
  expect(await lookForFile(place(), settings(), calm, 'http')).toMatchObject({ result: 'present', scheme: 'https' });
});

test('the URL for people', () => {
  expect(fileUrl('www.example.com', 'T')).toBe('https://www.example.com/.well-known/harbormaster/T');
  expect(fileUrl('2606:4700::1111', 'T')).toBe('https://[2606:4700::1111]/.well-known/harbormaster/T');
});
