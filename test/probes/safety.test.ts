import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EVIDENCE } from '../../src/probes/evidence.ts';
import { createDial } from '../../src/probes/link.ts';
import { FACTS, inspectPort, PROBES } from '../../src/probes/registry.ts';
import { inspectTls } from '../../src/probes/tls.ts';
import { selfSigned } from './certificate.ts';
import { prober } from './collect.ts';
import { CONVERSATIONS } from './conversations.ts';
import { LOOPBACK, type Served, serve } from './serve.ts';

const FOLDER = resolve(import.meta.dirname, '../../src/probes');
const SOURCES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const codeOf = (file: string) =>
  readFileSync(join(FOLDER, file), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

describe('what no probe may call', () => {
  test.each<[string, RegExp]>([
    ['Node’s legacy certificate objects, which end the process on a malformed certificate', /\.getPeerCertificate\b/],
    ['the same under another name', /\b(?:toLegacyObject|getPeerX509Certificate|rootCertificates)\b/],
    ['code from text', /\beval\b|\bFunction\s*\(|\bnode:vm\b/],
    ['names instead of addresses', /\bnode:dns\b/],
    ['decompression', /\bnode:zlib\b/],
  ])('%s', (_, forbidden) => {
    expect(SOURCES.length).toBeGreaterThan(40);
    expect(SOURCES.filter((file) => forbidden.test(codeOf(file)))).toEqual([]);
  });

  test('foreign text becomes a fact in one way only', () => {
    expect(SOURCES.filter((file) => /\b(?:visibleText|safeText)\(/.test(codeOf(file)))).toEqual(['openFacts.ts']);
  });

  test('no shape of facts holds a judgement', () => {
    const names = JSON.stringify(z.toJSONSchema(EVIDENCE)).match(/"\w+":/g) ?? [];
    expect(names.length).toBeGreaterThan(300);
    expect(names.filter((name) => /rating|strength|severity|weak|broken|secure"|score|risk/i.test(name))).toEqual([
      // Attributes of cookies.
      '"secure":',
    ]);
  });

  test('nor does Node do so for us, even when the chain is trusted', async () => {
    const pair = selfSigned();
    const { createServer } = await import('node:tls');
    const server = createServer(pair, (socket) => socket.on('error', () => undefined));
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const legacy = TLSSocket.prototype.getPeerCertificate;
    let calls = 0;
    TLSSocket.prototype.getPeerCertificate = function counted(this: TLSSocket) {
      calls += 1;
      return legacy.call(this);
    } as typeof legacy;
    cleanups.push(
      () => server.close(),
      () => {
        TLSSocket.prototype.getPeerCertificate = legacy;
      },
    );
    const address = server.address();
    const target = { address: LOOPBACK, port: typeof address === 'object' && address ? address.port : 0 };
    const open = () => createDial()(target, new AbortController().signal);
    const facts = await inspectTls(open, target, { nowMs: Date.now(), ca: [String(pair.cert)] });
    expect(facts?.trust).toEqual({ trusted: true });
    const link = await open();
    await link.secure();
    link.close();
    expect(calls).toBe(0);
  });
});

/** What a credential looks like, in any of the protocols that are asked. */
const CREDENTIALS: readonly (readonly [string, RegExp])[] = [
  ['POP3, FTP: names and passwords', /^(?:USER|PASS|ACCT|APOP) /im],
  ['AUTH of mail, FTP and Redis', /^AUTH\b|\bAUTH\r\n\$|\bHELLO\r\n/im],
  ['IMAP: LOGIN, AUTHENTICATE', /\b(?:LOGIN|AUTHENTICATE)\b/i],
  ['HTTP: Authorization, cookies, tokens', /^(?:authorization|proxy-authorization|cookie|x-[\w-]*token):/im],
  ['HTTP: a name in the address', /(?:user|pass|token|apikey)\w*=/i],
  ['MongoDB: SASL', /saslStart|saslContinue|authenticate|speculativeAuthenticate/],
  ['Memcached, ZooKeeper: sets and adds', /^(?:set|add|auth|addauth)\b/im],
  ['well-known names', /\banonymous\b|\bguest\b|\badministrator\b|\broot\b/i],
  ['PostgreSQL: PasswordMessage', /p\0\0\0/],
];

/** Protocols that are spoken over HTTP. */
const OVER_HTTP: ReadonlySet<string> = new Set(
  FACTS.options.filter(({ shape }) => 'status' in shape).map(({ shape }) => shape.protocol.value),
);

/** What else must hold of all that was sent, by protocol. */
const RULES: Readonly<Record<string, (served: Served) => void>> = {
  mysql(served) {
    expect(served.heard().join('')).toBe('');
    // One connection for each of the two looks: each costs one of max_connect_errors.
    expect(served.accepted()).toBe(2);
  },
  // 16 bytes would be the answer to the challenge.
  vnc: (served) => expect(Math.max(...served.heard().map((text) => text.length))).toBeLessThan(16),
  // Bits 6 and 7 of the flags of CONNECT announce a name and a password (MQTT 3.1.1 §3.1.2).
  mqtt(served) {
    const flags = served.heard().flatMap((text) => text.split('MQTT\x04')[1]?.charCodeAt(0) ?? []);
    expect(flags.length).toBeGreaterThan(0);
    for (const each of flags) expect(each & 0xc0).toBe(0);
  },
  // After the identification nothing is said: no key exchange, no authentication.
  ssh: (served) => expect(new Set([...served.heard(), ''])).toEqual(new Set(['SSH-2.0-Harbormaster\r\n', ''])),
};

describe.concurrent('with a server that wants to know who is there, no probe says who, wherever it is met', () => {
  test.each(CONVERSATIONS)('%s', async (protocol, script) => {
    const served = await serve(script);
    try {
      await askTwice(served.port, protocol);
    } finally {
      await served.close();
    }
    // In a ClientHello any bytes may stand; a change to TLS is no credential.
    const clear = served.heard().filter((text) => !text.startsWith('\x16\x03'));
    const sent = clear.join('\n').replaceAll('AUTH TLS\r\n', '');
    for (const [name, pattern] of CREDENTIALS) expect(sent, name).not.toMatch(pattern);
    RULES[protocol]?.(served);
  });
});

/** As an unusual port of the service, and as its usual one. */
async function askTwice(port: number, protocol: string): Promise<void> {
  const isAsked = (name: string) => name === protocol || (protocol === 'http' && OVER_HTTP.has(name));
  const asked = PROBES.map((probe) => ({ ...probe, ports: isAsked(probe.protocol) ? [port] : [] }));
  for (const probes of [PROBES, asked]) {
    const { probePorts } = prober({ probes, inspectTls: inspectPort });
    for await (const { facts } of probePorts({ address: LOOPBACK, ports: [port] }, AbortSignal.timeout(8_000))) {
      // Without the protocol being understood, the test would show nothing.
      if (probes === asked) expect(facts?.protocol).toBe(protocol);
    }
  }
}
