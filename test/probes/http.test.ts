import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HTTP_FACTS, httpFacts, httpProbe } from '../../src/probes/http.ts';
import { parseHttp } from '../../src/probes/httpGet.ts';
import { LinkError } from '../../src/probes/link.ts';
import { contextFor, LOOPBACK, type Script, serve } from './serve.ts';

const TARGET = { address: LOOPBACK, port: 8080, name: 'example.com' };

/** An answer with these header lines and this body. */
const answerOf = (headers: readonly string[], body = '', status = '200 OK') =>
  Buffer.from([`HTTP/1.1 ${status}`, ...headers, '', body].join('\r\n'));

function factsOf(answer: Buffer, { tls = false, target = TARGET } = {}) {
  const parsed = parseHttp(answer);
  const facts = parsed && httpFacts(parsed, target, tls);
  if (facts) expect(HTTP_FACTS.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
  return facts;
}

async function ask(script: Script, options: Parameters<typeof contextFor>[1] = {}) {
  const server = await serve(script);
  try {
    return { facts: await httpProbe.run(contextFor(server.port, options)), heard: server.heard(), port: server.port };
  } finally {
    await server.close();
  }
}

describe('what one answer says', () => {
  test('everything there is', () => {
    const facts = factsOf(
      answerOf(
        [
          'Server: nginx/1.26.3',
          'X-Powered-By: PHP/8.4.1',
          'Strict-Transport-Security: max-age=31536000; includeSubDomains',
          "Content-Security-Policy: default-src 'self'",
          'X-Content-Type-Options: nosniff',
          'X-Frame-Options: DENY',
          'Referrer-Policy: no-referrer',
          'WWW-Authenticate: Basic realm="a, Digest b"',
          'WWW-Authenticate: Negotiate, NTLM',
          'Set-Cookie: sid=SECRET; Path=/; HttpOnly; Secure',
          'Set-Cookie: theme=dark; path=/',
        ],
        '<html><head><TITLE lang=en>\n Admin &amp; more </TITLE></head>',
        '401 Unauthorized',
      ),
    );
    expect(facts).toEqual({
      protocol: 'http',
      tls: false,
      status: 401,
      server: 'nginx/1.26.3',
      poweredBy: 'PHP/8.4.1',
      title: 'Admin & more',
      securityHeaders: [
        'strict-transport-security',
        'content-security-policy',
        'x-content-type-options',
        'x-frame-options',
        'referrer-policy',
      ],
      hstsMaxAgeSeconds: 31_536_000,
      redirect: 'none',
      authSchemes: ['basic', 'negotiate', 'ntlm'],
      cookies: [
        { name: 'sid', secure: true, httpOnly: true },
        { name: 'theme', secure: false, httpOnly: false },
      ],
      directoryListing: false,
      products: [
        { product: 'nginx', kind: 'server', version: '1.26.3' },
        { product: 'PHP', kind: 'platform', version: '8.4.1' },
      ],
    });
    expect(JSON.stringify(facts)).not.toContain('SECRET');
  });

  test.each<[string, boolean, string]>([
    ['https://example.com/', false, 'https-same-host'],
    ['https://EXAMPLE.com./x', false, 'https-same-host'],
    ['https://example.com:8443/', false, 'https-same-host'],
    ['//example.com/x', true, 'https-same-host'],
    ['/login', false, 'same-host'],
    ['/login', true, 'https-same-host'],
    ['http://example.com/x', true, 'same-host'],
    ['https://www.example.com/', false, 'other-host'],
    ['//evil.example/', true, 'other-host'],
    ['javascript:alert(1)', false, 'other-host'],
    ['http://[', false, 'other-host'],
    ['', false, 'same-host'],
  ])('a redirect to %s (TLS: %s) is %s', (location, tls, expected) => {
    expect(factsOf(answerOf([`Location: ${location}`], '', '302 Found'), { tls })?.redirect).toBe(expected);
  });

  test('a Location without a redirect is none', () => {
    expect(factsOf(answerOf(['Location: https://example.com/']))?.redirect).toBe('none');
  });

  test.each(['Index of /', 'Directory listing for /', 'Directory: /'])('a listing: %s', (title) => {
    expect(factsOf(answerOf([], `<title>${title}</title>`))?.directoryListing).toBe(true);
  });

  test('a packed answer is not unpacked', () => {
    const bomb = gzipSync(Buffer.from(`<title>x</title>${'a'.repeat(1_000_000)}`));
    const answer = Buffer.concat([answerOf(['Content-Encoding: gzip']), bomb]);
    expect(factsOf(answer)).toMatchObject({ encoding: 'gzip' });
    expect(factsOf(answer)?.title).toBeUndefined();
  });
});

describe('development servers', () => {
  test.each<[string | undefined, readonly string[], string, string?]>([
    ['vite', [], '<script type="module" src="/@vite/client"></script>'],
    ['webpack-dev-server', ['X-Powered-By: Express'], '<script defer src="/static/js/bundle.js"></script>'],
    ['next-dev', ['X-Powered-By: Next.js'], '<script src="/_next/static/chunks/webpack.js?v=1700000000000"></script>'],
    ['django-debug', ['Server: WSGIServer/0.2 CPython/3.13.1'], ''],
    ['django-debug', [], 'because you have <code>DEBUG = True</code> in your Django settings', '404 Not Found'],
    ['werkzeug', ['Server: Werkzeug/3.1.3 Python/3.13.1'], ''],
    ['rails-dev', [], '<title>Ruby on Rails 8.0.1</title><li><strong>Rails version:</strong> 8.0.1</li>'],
    [
      'rails-dev',
      ['X-Web-Console-Session-Id: 1'],
      '<title>Action Controller: Exception caught</title>',
      '404 Not Found',
    ],
    ['php-built-in', ['Host: example.com:8080', 'X-Powered-By: PHP/8.4.1'], ''],
    ['php-built-in', ['Host: example.com:8080'], '<code class="url">/</code> was not found', '404 Not Found'],
    ['jupyter', ['Server: TornadoServer/6.4', 'Location: /tree?'], '', '302 Found'],
    ['jupyter', [], '<body data-jupyter-api-token="">'],
    ['python-http-server', ['Server: SimpleHTTP/0.6 Python/3.13.1'], '<title>Directory listing for /</title>'],
    [undefined, ['Server: nginx', 'X-Powered-By: PHP/8.4.1'], '<title>Vite and webpack explained</title>'],
    [undefined, ['Server: TornadoServer/6.4'], '<title>Shop</title>'],
    [undefined, ['X-Powered-By: Next.js'], '<script src="/_next/static/chunks/webpack-0123abcd.js"></script>'],
  ])('%s', (expected, headers, body, status) => {
    expect(factsOf(answerOf(headers, body, status))?.developmentServer).toBe(expected);
  });
});

describe('one conversation', () => {
  test('asks once, by name, for an unpacked page, and sends no credential', async () => {
    const { facts, heard, port } = await ask(
      [
        {
          on: '\r\n\r\n',
          send: answerOf(['Transfer-Encoding: chunked'], '10\r\n<title>ok</title\r\n1\r\n>\r\n0\r\n\r\n'),
        },
      ],
      { name: 'example.com' },
    );
    expect(facts).toMatchObject({ status: 200, title: 'ok', tls: false });
    expect(heard.length).toBe(1);
    expect(heard[0]).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
    expect(heard[0]).toContain(`\r\nHost: example.com:${port}\r\n`);
    expect(heard[0]).toMatch(/\r\naccept-encoding: identity\r\n/i);
    expect(heard[0]).not.toMatch(/authorization|cookie/i);
  });

  test('plain HTTP on an HTTPS port is no web page', async () => {
    const body = '<title>400 The plain HTTP request was sent to HTTPS port</title>';
    const { facts } = await ask([{ on: '\r\n\r\n', send: answerOf([], body, '400 Bad Request') }, { close: 'end' }]);
    expect(facts).toBeUndefined();
  });

  const limits = { timeoutMs: 500, maxBytes: 256 * 1024 };
  const flood =
    (first: string, chunk: string): Script =>
    (socket) => {
      socket.write(first);
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', more);
      more();
    };
  test.each<[string, Script]>([
    ['silence', []],
    ['a close', [{ close: 'end' }]],
    ['no HTTP', ['SSH-2.0-x\r\n']],
    ['endless headers', flood('HTTP/1.1 200 OK\r\n', 'a: b\r\n'.repeat(9_999))],
    ['one endless header', flood('HTTP/1.1 200 OK\r\na: ', 'x'.repeat(60_000))],
    ['endless interim answers', flood('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2_000))],
    ['an endless body', flood('HTTP/1.1 200 OK\r\n\r\n', '<title>'.repeat(9_000))],
    ['endless tiny chunks', flood('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'.repeat(9_000))],
    ['a chunk that lies', ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\nx']],
    ['a length that lies', ['HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx']],
  ])('%s stays within its limits', async (_, script) => {
    const startedAt = performance.now();
    const { facts } = await ask(script, { limits }).catch((error: unknown) => {
      if (error instanceof LinkError) return { facts: undefined };
      throw error;
    });
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    if (facts) expect(HTTP_FACTS.safeParse(facts).error).toBeUndefined();
  });
});

test('any answer gives facts that fit', () => {
  const line = fc.oneof(
    fc
      .constantFrom('Server', 'Set-Cookie', 'WWW-Authenticate', 'Location', 'Strict-Transport-Security', 'Host')
      .chain((name) =>
        fc.string({ unit: 'binary', maxLength: 60 }).map((value) => `${name}: ${value.replace(/[\r\n]/g, '')}`),
      ),
    fc.string({ maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, '')),
  );
  const page = fc.array(
    fc.oneof(fc.constantFrom('<title>', '</title>', '<title', '>', '&amp;'), fc.string({ unit: 'binary' })),
  );
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 80 }),
      page,
      fc.integer({ min: 100, max: 599 }),
      (headers, parts, status) => {
        factsOf(answerOf(headers, parts.join(''), `${status} x`));
      },
    ),
  );
});

test('long and hostile pages are looked through in no time', () => {
  const startedAt = performance.now();
  for (const piece of ['<title', '<title>', '</title', 'DEBUG=True', ' ', '\0']) {
    factsOf(
      answerOf([`Set-Cookie: ${'; '.repeat(9_000)}`, `WWW-Authenticate: ${'a, '.repeat(5_000)}`], piece.repeat(9_000)),
    );
  }
  expect(performance.now() - startedAt).toBeLessThan(500);
});
