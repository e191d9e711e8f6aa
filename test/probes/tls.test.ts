import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, TLSSocket, type TlsOptions } from 'node:tls';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { certificateFacts, certificateMatches } from '../../src/probes/tls/certificate.ts';
import { readFlight } from '../../src/probes/tls/flight.ts';
import { readHelloAnswer } from '../../src/probes/tls/hello.ts';
import { inspectTls, TLS_FACTS, type TlsFacts, tlsProbe } from '../../src/probes/tls.ts';
import { derOf, type Made, makeCertificate } from './certificates.ts';
import { type ContextOptions, contextFor, type Script, serve } from './serve.ts';

const NOW_MS = Date.now();
const DAY_MS = 86_400_000;
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const ordinary = makeCertificate({ dnsNames: ['service.test'], addresses: [[127, 0, 0, 1]] });

function listening(server: Server): Promise<number> {
  closers.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

async function tlsServer(options: TlsOptions = {}): Promise<number> {
  const server = createServer({ ...ordinary, ...options }, (socket) => socket.on('error', () => undefined));
  server.on('tlsClientError', () => undefined);
  return listening(server);
}

async function served(script: Script): Promise<number> {
  const server = await serve(script);
  closers.push(server.close);
  return server.port;
}

type InspectOptions = Partial<Parameters<typeof inspectTls>[2]>;

async function inspect(port: number, options: InspectOptions = {}, context: ContextOptions = {}) {
  const { open, target } = contextFor(port, { name: 'service.test', ...context });
  const facts = await inspectTls(open, target, { nowMs: NOW_MS, ...options });
  return facts && TLS_FACTS.parse(JSON.parse(JSON.stringify(facts)));
}

const accepted = (facts: TlsFacts | undefined) =>
  facts?.versions.filter((version) => version.accepted === 'yes').map(({ version }) => version);

describe('versions, cipher and group', () => {
  test.each<[string, TlsOptions, string[]]>([
    ['1.2 and 1.3', {}, ['TLSv1.2', 'TLSv1.3']],
    ['1.2 only', { maxVersion: 'TLSv1.2' }, ['TLSv1.2']],
    ['1.3 only', { minVersion: 'TLSv1.3' }, ['TLSv1.3']],
    ['1.0 only', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }, ['TLSv1.0']],
    ['1.0 and 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }, ['TLSv1.0', 'TLSv1.1']],
  ])('%s', async (_name, options, expected) => {
    const facts = await inspect(await tlsServer(options));
    expect(accepted(facts)).toEqual(expected);
    expect(facts?.versions.map(({ accepted }) => accepted)).not.toContain('unknown');
    expect(facts?.negotiated?.version).toBe(expected.at(-1));
    expect(facts?.certificate?.subject).toBe('service.test');
  });

  test('group, ALPN and cipher of a current server', async () => {
    const facts = await inspect(await tlsServer({ ALPNProtocols: ['http/1.1'], ecdhCurve: 'P-256' }));
    expect(facts?.negotiated).toEqual({
      version: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      group: 'secp256r1',
      alpn: 'http/1.1',
    });
    expect(facts?.lastResortCipher).toBeUndefined();
  });

  test.each(['TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'])(
    'the chain is read under %s',
    async (ciphers) => {
      const facts = await inspect(await tlsServer({ minVersion: 'TLSv1.3', ciphers }));
      expect(facts).toMatchObject({ negotiated: { cipher: ciphers }, certificate: { subject: 'service.test' } });
    },
  );

  test('finite-field Diffie-Hellman, and a protocol of the web that is not spoken', async () => {
    const rsa = makeCertificate({ rsaBits: 2048 });
    const options = { ...rsa, maxVersion: 'TLSv1.2' as const, ciphers: 'DHE-RSA-AES256-GCM-SHA384', dhparam: 'auto' };
    const facts = await inspect(await tlsServer({ ...options, ALPNProtocols: ['xmpp-client'] }));
    expect(facts?.negotiated).toEqual({
      version: 'TLSv1.2',
      cipher: 'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384',
      dhBits: expect.toSatisfy((bits: number) => bits >= 2048),
    });
  });

  test('ciphers without identity are found behind good ones', async () => {
    const options = {
      maxVersion: 'TLSv1.2' as const,
      ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:AECDH-AES128-SHA:@SECLEVEL=0',
    };
    const facts = await inspect(await tlsServer(options));
    expect(facts?.negotiated?.cipher).toBe('TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256');
    expect(facts?.lastResortCipher).toBe('TLS_ECDH_anon_WITH_AES_128_CBC_SHA');
  });

  test('SSLv3 alone, which no library speaks any more', async () => {
    const hello = Buffer.alloc(38);
    hello.writeUInt16BE(0x0300);
    hello.writeUInt16BE(0x0005, 35);
    const message = Buffer.concat([Buffer.from([22, 3, 0, 0, 42, 2, 0, 0, 38]), hello]);
    const port = await served((socket) => {
      socket.once('data', (data) => (data[2] === 0 ? socket.write(message) : socket.end()));
    });
    const facts = await inspect(port);
    expect(accepted(facts)).toEqual(['SSLv3']);
    expect(facts?.lastResortCipher).toBe('TLS_RSA_WITH_RC4_128_SHA');
    expect(facts?.negotiated).toBeUndefined();
  });
});

describe('certificates', () => {
  test.each<[string, Made, object]>([
    ['expired', makeCertificate({ toMs: NOW_MS - 3.5 * DAY_MS, fromMs: NOW_MS - 9 * DAY_MS }), { daysLeft: -4 }],
    ['ends soon', makeCertificate({ toMs: NOW_MS + 9.5 * DAY_MS }), { daysLeft: 9, selfSigned: true }],
    ['not yet valid', makeCertificate({ fromMs: NOW_MS + 5.5 * DAY_MS }), { daysLeft: 95 }],
    ['RSA 1024', makeCertificate({ rsaBits: 1024 }), { keyType: 'rsa', keyBits: 1024 }],
    ['SHA-1', makeCertificate({ rsaBits: 2048, sha1: true }), { signature: 'sha1WithRSAEncryption' }],
    ['EC', makeCertificate(), { keyType: 'ec', keyBits: 256, signature: 'ecdsa-with-SHA256', serial: '010203' }],
  ])('%s', async (_name, made, expected) => {
    const facts = await inspect(await tlsServer({ ...made, ciphers: 'DEFAULT:@SECLEVEL=0' }));
    expect(facts?.certificate).toMatchObject(expected);
    expect(facts?.trust?.trusted).toBe(false);
  });

  test('trust, and why not', async () => {
    const root = makeCertificate({ subject: 'Root', isCa: true });
    const middle = makeCertificate({ subject: 'Middle', isCa: true, issuer: root });
    const leaf = makeCertificate({ issuer: middle, dnsNames: ['service.test'] });
    const whole = await tlsServer({ key: leaf.key, cert: leaf.cert + middle.cert });
    const incomplete = await tlsServer({ key: leaf.key, cert: leaf.cert });
    const ca = [root.cert];
    expect(await inspect(whole, { ca })).toMatchObject({
      trust: { trusted: true },
      chain: { length: 2, cut: false, issuers: [{ subject: 'Middle', issuer: 'Root', selfSigned: false }] },
    });
    const untrusted = { trusted: false, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' };
    expect(await inspect(incomplete, { ca })).toMatchObject({ trust: untrusted, chain: { length: 1 } });
    expect((await inspect(whole))?.trust?.trusted).toBe(false);
    const old = makeCertificate({ issuer: root, fromMs: NOW_MS - 9 * DAY_MS, toMs: NOW_MS - DAY_MS });
    expect((await inspect(await tlsServer(old), { ca }))?.trust?.code).toBe('CERT_HAS_EXPIRED');
  });

  test('the name asked for decides, else the address', async () => {
    const port = await tlsServer();
    expect(await inspect(port)).toMatchObject({ nameMatches: true });
    expect(await inspect(port, {}, { name: 'other.test' })).toMatchObject({ nameMatches: false });
    // A certificate need not be for an address.
    const nameOnly = await tlsServer(makeCertificate({ dnsNames: ['service.test'] }));
    expect(await inspect(nameOnly, {}, { name: undefined })).not.toHaveProperty('nameMatches');
    const { open, target } = contextFor(port);
    expect(await inspectTls(open, target, { nowMs: NOW_MS })).toMatchObject({ nameMatches: true });
    const wild = derOf(makeCertificate({ dnsNames: ['*.service.test'] }).cert);
    expect(certificateMatches(wild, 'a.service.test')).toBe(true);
    expect(certificateMatches(wild, 'a.b.service.test')).toBe(false);
    expect(certificateMatches(wild, '127.0.0.1')).toBe(false);
    const commonName = derOf(makeCertificate({ subject: 'plain.test' }).cert);
    expect(certificateMatches(commonName, 'plain.test')).toBe(true);
  });

  test('hostile names come out neutralised, and counted', () => {
    const dnsNames = ['a\nb\u0000.evil', '*.evil', ...Array.from({ length: 5_000 }, (_, index) => `${index}.test`)];
    const made = makeCertificate({ subject: `\u202e@everyone\u001b[2J${'x'.repeat(60_000)}`, dnsNames });
    const facts = certificateFacts(derOf(made.cert), NOW_MS);
    expect(facts?.subject).toMatch(/^@everyone \[2Jx+…$/);
    expect(facts?.names.slice(0, 3)).toEqual(['a b .evil', '*.evil', '0.test']);
    expect([facts?.names.length, facts?.moreNames]).toEqual([64, 4_938]);
  });

  test.each([60, 400])('a chain of %i certificates is cut, the handshake survives', async (count) => {
    const cert = ordinary.cert + makeCertificate({ subject: 'y'.repeat(150) }).cert.repeat(count);
    const facts = await inspect(await tlsServer({ key: ordinary.key, cert, maxVersion: 'TLSv1.2' }));
    expect(facts?.certificate?.subject).toBe('service.test');
    expect(facts?.chain?.cut).toBe(true);
    expect(facts?.chain?.issuers.length).toBe(5);
  });
});

describe('client certificates', () => {
  test.each<[string, TlsOptions, string]>([
    ['not asked', {}, 'not asked'],
    ['asked in 1.3', { requestCert: true, rejectUnauthorized: false }, 'asked'],
    ['required in 1.3', { requestCert: true }, 'required'],
    ['required in 1.2', { requestCert: true, maxVersion: 'TLSv1.2' }, 'required'],
  ])('%s', async (_name, options, expected) => {
    const facts = await inspect(await tlsServer(options));
    expect(facts).toMatchObject({ clientCertificate: expected, certificate: { subject: 'service.test' } });
  });
});

/** Plays a dialogue in the clear, then speaks TLS on the same socket. */
async function startTlsServer(greeting: string, dialogue: readonly [on: string, send: string][]): Promise<number> {
  return listening(
    createTcp((socket) => {
      socket.on('error', () => undefined);
      socket.write(greeting);
      let next = 0;
      const answer = (data: Buffer) => {
        const [on, send] = dialogue[next] ?? ['\u0000never', ''];
        if (!data.toString('latin1').includes(on)) return;
        next += 1;
        if (next === dialogue.length) {
          socket.off('data', answer);
          const tls = new TLSSocket(socket, { isServer: true, ...ordinary });
          tls.on('error', () => undefined);
        }
        socket.write(send);
      };
      socket.on('data', answer);
    }),
  );
}

describe('STARTTLS', () => {
  const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]).toString('latin1');
  const EHLO: [string, string] = ['EHLO', '250-mail.test\r\n250-STARTTLS\r\n250 SIZE 1\r\n'];
  test.each<['smtp' | 'imap' | 'pop3' | 'ftp' | 'postgres', string, [string, string][]]>([
    ['smtp', '220-mail.test\r\n220 ready\r\n', [EHLO, ['STARTTLS', '220 go ahead\r\n']]],
    ['imap', '* OK IMAP4rev1\r\n', [['a1 STARTTLS', 'a1 OK begin\r\n']]],
    ['pop3', '+OK ready\r\n', [['STLS', '+OK begin\r\n']]],
    ['ftp', '220 ftp\r\n', [['AUTH TLS', '234 proceed\r\n']]],
    ['postgres', '', [[SSL_REQUEST, 'S']]],
  ])('%s', async (starttls, greeting, dialogue) => {
    const facts = await inspect(await startTlsServer(greeting, dialogue), { starttls });
    expect(facts).toMatchObject({
      startTls: { protocol: starttls, answer: 'ready' },
      spoken: true,
      certificate: { subject: 'service.test' },
    });
    expect(accepted(facts)).toEqual(['TLSv1.2', 'TLSv1.3']);
  });

  test('refused, and agreed to without keeping it', async () => {
    const refuses = await served([
      '220 mail\r\n',
      { on: 'EHLO', send: '250 mail\r\n' },
      { on: 'STARTTLS', send: '502 no\r\n' },
    ]);
    expect(await inspect(refuses, { starttls: 'smtp' })).toEqual({
      protocol: 'tls',
      startTls: { protocol: 'smtp', answer: 'refused' },
      spoken: false,
      versions: [],
    });
    const lies = await served([
      '+OK\r\n',
      { on: 'STLS', send: '+OK\r\n' },
      { on: '', send: '+OK still in the clear\r\n' },
    ]);
    expect(await inspect(lies, { starttls: 'pop3' })).toMatchObject({ startTls: { answer: 'ready' }, spoken: false });
    const other = await served(['SSH-2.0-x\r\n', { close: 'end' }]);
    expect(await inspect(other, { starttls: 'imap' })).toBeUndefined();
  });
});

const QUICK = { timeoutMs: 400, maxBytes: 256 * 1024 };

describe('what is not TLS, or hostile', () => {
  test.each<[string, Script]>([
    ['plain HTTP', [{ on: '', send: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, { close: 'end' }]],
    ['an SSH banner', ['SSH-2.0-OpenSSH_9.2p1\r\n']],
    ['silence', []],
    ['close at once', [{ close: 'end' }]],
    ['reset at once', [{ close: 'reset' }]],
    ['garbage', [Buffer.alloc(5_000, 0xff)]],
  ])('%s', async (_name, script) => {
    const { open, target } = contextFor(await served(script), { limits: QUICK });
    const facts = await inspectTls(open, target, { nowMs: NOW_MS }).catch((error: Error) => error.name);
    expect([undefined, 'Error']).toContain(facts);
  });

  test('lying lengths, an endless record and a drip end in time', async () => {
    const lie = await served([Buffer.from([22, 3, 3, 0x40, 0, 2, 0xff, 0xff, 0xff])]);
    const endless = await served((socket) => {
      const timer = setInterval(() => socket.write(Buffer.alloc(65_536, 22)), 5);
      socket.on('close', () => clearInterval(timer));
    });
    const drip = await served((socket) => {
      const timer = setInterval(() => socket.write(Buffer.from([22])), 20);
      socket.on('close', () => clearInterval(timer));
    });
    const startMs = performance.now();
    for (const port of [lie, endless, drip]) await inspect(port, {}, { limits: QUICK });
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  test('an alert alone is TLS', async () => {
    const port = await served([{ on: '', send: Buffer.from([21, 3, 3, 0, 2, 2, 40]) }, { close: 'end' }]);
    const facts = await inspect(port);
    expect(facts).toMatchObject({ spoken: true, alert: 'handshake_failure' });
    expect(facts?.versions.every((version) => version.alert === 'handshake_failure')).toBe(true);
  });

  test('parsers survive any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
    const der = derOf(ordinary.cert);
    fc.assert(
      fc.property(bytes, fc.nat(der.length - 1), fc.nat(255), (random, at, value) => {
        const record = Buffer.concat([Buffer.from([22, 3, 3, random.length >> 8, random.length & 0xff]), random]);
        for (const input of [random, record]) {
          readHelloAnswer(input);
          expect(readFlight(input, Buffer.alloc(32)).certificates.length).toBeLessThanOrEqual(10);
        }
        const broken = Buffer.from(der);
        broken[at] = value;
        for (const input of [broken, random]) {
          certificateFacts(input, NOW_MS);
          certificateMatches(input, 'service.test');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('with openssl s_server', () => {
  const openssl = ['/usr/bin/openssl', '/usr/local/bin/openssl'].find(existsSync);
  test.skipIf(!openssl).each<[string, string[], string]>([
    ['-tls1', ['-tls1', '-cipher', 'ALL:@SECLEVEL=0'], 'TLSv1.0'],
    ['-tls1_3 -Verify', ['-tls1_3', '-Verify', '1', '-verify_return_error'], 'TLSv1.3'],
  ])('%s (skipped where openssl is not installed)', async (_name, options, version) => {
    const folder = mkdtempSync(join(tmpdir(), 'tls-probe-'));
    writeFileSync(join(folder, 'pem'), ordinary.key + ordinary.cert);
    const args = ['s_server', '-accept', '127.0.0.1:0', '-cert', join(folder, 'pem'), ...options];
    const server = spawn(openssl ?? '', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    closers.push(async () => {
      server.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true });
    });
    const port = await new Promise<number>((resolve, reject) => {
      let output = '';
      server.stdout.on('data', (data: Buffer) => {
        output += data.toString('latin1');
        const found = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(output);
        if (found) resolve(Number(found[1]));
      });
      server.once('exit', () => reject(new Error('openssl s_server did not start')));
    });
    const facts = await inspect(port);
    expect(accepted(facts)).toEqual([version]);
    expect(facts?.certificate?.subject).toBe('service.test');
    if (version === 'TLSv1.3') expect(facts?.clientCertificate).toBe('required');
  });
});

test('the probe takes STARTTLS where the port is known for it', async () => {
  expect(tlsProbe.ports).toEqual(expect.arrayContaining([443, 25, 5432]));
  const context = contextFor(await tlsServer(), { nowMs: NOW_MS });
  expect(await tlsProbe.run(context)).toMatchObject({ protocol: 'tls', spoken: true });
});
