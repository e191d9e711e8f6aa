import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpAsk, HTTP_LIMITS, headerOf, hostHeader, parseHttp } from '../../src/probes/httpGet.ts';
import { selfSigned } from './certificate.ts';
import { contextFor, LOOPBACK, type Served, serve } from './serve.ts';

let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

const parse = (text: string, ended = true) => {
  const answer = parseHttp(Buffer.from(text, 'latin1'), ended);
  return answer && { status: answer.status, body: answer.body.toString('latin1'), complete: answer.complete };
};

describe('an answer', () => {
  test.each([
    ['by length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello', { status: 200, body: 'he', complete: true }],
    [
      'shorter than said',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi',
      { status: 200, body: 'hi', complete: false },
    ],
    ['until the close', 'HTTP/1.0 404 No\r\n\r\nhi', { status: 404, body: 'hi', complete: true }],
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhi\r\n1\r\n!\r\n0\r\n\r\n',
      { status: 200, body: 'hi!', complete: true },
    ],
    [
      'a lying chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\nhi',
      { status: 200, body: '', complete: false },
    ],
    [
      'a chunk of nonsense',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nhi',
      { status: 200, body: '', complete: false },
    ],
    ['no body by status', 'HTTP/1.1 204 No Content\r\n\r\nhi', { status: 204, body: '', complete: true }],
    [
      'after an interim one',
      'HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      { status: 200, body: '', complete: true },
    ],
    ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 1\n\nx', { status: 200, body: 'x', complete: true }],
    ['no reason', 'HTTP/1.1 200\r\n\r\n', { status: 200, body: '', complete: true }],
    ['status 999', 'HTTP/1.1 999 OK\r\n\r\n', undefined],
    ['another protocol', 'SSH-2.0-x\r\n\r\n', undefined],
    ['half a head', 'HTTP/1.1 200 OK\r\nServer: x', undefined],
    ['an endless head', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(HTTP_LIMITS.headBytes)}\r\n\r\n`, undefined],
    ['nothing', '', undefined],
  ])('%s', (_, text, expected) => expect(parse(text)).toEqual(expected));

  test('headers as they came, at most a hundred', () => {
    const many = Array.from({ length: 500 }, (_, index) => `X-${index}: 1\r\n`).join('');
    const answer = parseHttp(Buffer.from(`HTTP/1.1 200 OK\r\nSERVER:  a b \r\nserver: c\r\n${many}\r\n`));
    expect(answer?.headers.length).toBeLessThanOrEqual(HTTP_LIMITS.headers);
    expect(answer && headerOf(answer, 'server')).toBe('a b');
  });

  test('whatever comes: no throw, bounded', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'HTTP/1.1 200 OK\r\n',
        'Transfer-Encoding: chunked\r\n',
        '\r\n\r\n',
        '\r\n',
        'Content-Length: 7\r\n',
        '5\r\n',
        '0\r\n',
      ),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, ended) => {
        const answer = parseHttp(Buffer.from(pieces.join(''), 'latin1'), ended);
        expect(answer?.body.length ?? 0).toBeLessThanOrEqual(HTTP_LIMITS.bodyBytes);
      }),
    );
  });
});

test.each([
  ['the name', 'example.com', 8080, false, 'example.com:8080'],
  ['no port where it is the default', 'example.com', 443, true, 'example.com'],
  ['the address', undefined, 80, false, '127.0.0.1'],
])('Host: %s', (_, name, port, secure, expected) => {
  expect(hostHeader({ address: LOOPBACK, port, name }, secure)).toBe(expected);
});

describe('asking', () => {
  test('a body without end is read as far as the limit, a redirect is not followed', async () => {
    served = await serve((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n');
        const timer = setInterval(() => socket.writable && socket.write('x'.repeat(8_192)), 1);
        socket.on('close', () => clearInterval(timer));
      });
    });
    const answer = await createHttpAsk(contextFor(served.port))({ path: '/' });
    expect([answer?.status, answer?.body.length, answer?.complete]).toEqual([302, HTTP_LIMITS.bodyBytes, false]);
    expect(served.accepted()).toBe(1);
  });

  test('a compressed body stays as it is', async () => {
    served = await serve([
      {
        on: 'Accept-Encoding: identity',
        send: 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08',
      },
    ]);
    const answer = await createHttpAsk(contextFor(served.port))({ path: '/' });
    expect(answer?.body).toEqual(Buffer.from([0x1f, 0x8b, 8]));
  });

  test('silence is not asked again over TLS', async () => {
    served = await serve([]);
    const limits = { timeoutMs: 300, maxBytes: 1_024 };
    await expect(createHttpAsk(contextFor(served.port, { limits }))({ path: '/' })).rejects.toThrow('timeout');
    expect(served.accepted()).toBe(1);
  });

  test('over TLS where that is spoken, and straight to it the next time', async () => {
    const server = createServer(selfSigned(), (_, reply) => reply.end('hi'));
    let accepted = 0;
    server.on('connection', () => {
      accepted += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const ask = createHttpAsk(contextFor((server.address() as AddressInfo).port));
      const first = await ask({ path: '/' });
      expect([first?.secure, first?.body.toString()]).toEqual([true, 'hi']);
      expect((await ask({ path: '/' }))?.status).toBe(200);
      expect(accepted).toBe(3);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('over TLS where a web server says so', async () => {
    served = await serve((socket, index) => {
      const said = 'Client sent an HTTP request to an HTTPS server.\n';
      if (index === 0) socket.once('data', () => socket.end(`HTTP/1.0 400 Bad Request\r\n\r\n${said}`));
      else socket.once('data', () => socket.end());
    });
    await expect(createHttpAsk(contextFor(served.port))({ path: '/' })).rejects.toThrow('conversation ended');
    expect(served.heard()[1]?.[0]).toBe('\x16');
  });
});
