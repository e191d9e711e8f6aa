import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainFinding, FINDING_KINDS, type FindingContext, findingsOf } from '../../src/advice/findings/index.ts';
import { compareSeverity, SEVERITIES } from '../../src/advice/guide.ts';
import type { Evidence } from '../../src/probes/evidence.ts';
import {
  evidence,
  expiresIn,
  facts,
  goodHttps,
  http,
  NOW_MS,
  OPEN_SERVICES,
  service,
  ssh,
  tls,
  webServer,
} from './findingsEvidence.ts';
import { expectInstruction, expectPlainText } from './text.ts';

const CONTEXT: FindingContext = { nowMs: NOW_MS, addressTier: 'global' };
const idsOf = (seen: Evidence, context = CONTEXT) => findingsOf([seen], context).map(({ id }) => id);

const smtp = (parts: object) => facts('smtp', { tls: false, code: 220, banner: 'mx ESMTP', ...parts }, 25);
const imap = (parts: object) => facts('imap', { tls: false, greeting: 'OK', banner: 'ready', ...parts }, 143);
const pop3 = (parts: object) => facts('pop3', { tls: false, banner: '+OK ready', ...parts }, 110);
const ftp = (parts: object) =>
  facts('ftp', { tls: false, code: 220, banner: '220 FTP', anonymousOffered: false, ...parts }, 21);
const telnet = (parts: object) =>
  facts('telnet', { tls: false, negotiation: [], text: 'login:', asksForLogin: true, ...parts }, 23);
const vnc = (securityTypes: number[], openToStrangers: boolean) =>
  facts('vnc', { tls: false, version: '3.8', securityTypes, openToStrangers }, 5900);
const banner = (identification: string) => ssh(undefined, { identification });

type Row = readonly [id: string, fires: Evidence, quiet: Evidence, context?: FindingContext];

/** One that fires each rule, and its nearest neighbour that must not. */
const ROWS: readonly Row[] = [
  ...Object.keys(OPEN_SERVICES).map((name) => [`${name}-open`, service(name, true), service(name, false)] as const),
  ['database-reachable', service('redis', false), service('prometheus', false)],
  ['database-reachable', facts('mysql', { version: '9.7.0', startTls: true }, 3306), http({})],
  [
    'postgresql-password-in-the-clear',
    facts('postgresql', { tls: false, tlsOffered: true, auth: 'password' }, 5432),
    facts('postgresql', { tls: false, tlsOffered: true, auth: 'sasl' }, 5432),
  ],
  [
    'database-no-tls',
    facts('postgresql', { tls: false, tlsOffered: false }, 5432),
    facts('postgresql', { tls: false, tlsOffered: true }, 5432),
  ],
  ['database-no-tls', facts('mysql', { startTls: false }, 3306), facts('mysql', {}, 3306)],
  ['telnet', telnet({}), telnet({ tls: true })],
  [
    'dns-open-resolver',
    facts('dns', { tls: false, responseCode: 0, recursionOffered: true }, 53),
    facts('dns', { tls: false, responseCode: 0, recursionOffered: false }, 53),
  ],
  ['vnc-weak-password-method', vnc([2], false), vnc([2, 19], false)],
  ['certificate-expired', expiresIn(-3), expiresIn(0)],
  ['certificate-expires-soon', expiresIn(9), expiresIn(29)],
  ['certificate-expires-soon', expiresIn(28), expiresIn(-1)],
  ['certificate-not-yet-valid', tls({}, { validFromMs: NOW_MS + 1 }), tls({}, { validFromMs: NOW_MS })],
  ['certificate-name-mismatch', tls({ nameMatches: false }), tls({ nameMatches: true })],
  ['certificate-self-signed', tls({ trust: { trusted: false } }, { selfSigned: true }), tls({})],
  [
    'certificate-untrusted',
    tls({ trust: { trusted: false, code: 'UNABLE_TO_GET_ISSUER_CERT' } }),
    tls({ trust: { trusted: false } }, { selfSigned: true }),
  ],
  ['certificate-weak-key', tls({}, { keyType: 'rsa', keyBits: 1024 }), tls({}, { keyType: 'ec', keyBits: 256 })],
  [
    'certificate-weak-signature',
    tls({}, { signature: 'sha1WithRSAEncryption' }),
    tls({}, { signature: 'sha1WithRSAEncryption', selfSigned: true }),
  ],
  [
    'tls-old-versions',
    tls({ versions: [{ version: 'TLSv1.0', accepted: 'yes' }] }),
    tls({ versions: [{ version: 'TLSv1.0', accepted: 'unknown' }] }),
  ],
  [
    'tls-sslv3',
    tls({ versions: [{ version: 'SSLv3', accepted: 'yes' }] }),
    tls({ versions: [{ version: 'SSLv3', accepted: 'no' }] }),
  ],
  ['tls-broken-cipher', tls({ lastResortCipher: 'TLS_RSA_WITH_RC4_128_SHA' }), tls({})],
  [
    'tls-broken-cipher',
    tls({ negotiated: { cipher: 'TLS_RSA_WITH_3DES_EDE_CBC_SHA' } }),
    tls({ lastResortCipher: 'TLS_NEW_AND_UNKNOWN' }),
  ],
  [
    'tls-weak-cipher',
    tls({ negotiated: { cipher: 'TLS_RSA_WITH_AES_128_GCM_SHA256' } }),
    tls({ negotiated: { cipher: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' } }),
  ],
  [
    'tls-small-dh-group',
    tls({ negotiated: { cipher: 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', dhBits: 1024 } }),
    tls({ negotiated: { cipher: 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', dhBits: 2048 } }),
  ],
  [
    'starttls-broken',
    tls({ spoken: false, versions: [], certificate: undefined, startTls: { protocol: 'smtp', answer: 'ready' } }),
    tls({ spoken: false, versions: [], certificate: undefined, startTls: { protocol: 'smtp', answer: 'refused' } }),
  ],
  ['ssh-protocol-1', ssh(undefined, { protocolVersion: '1.99' }), ssh(undefined)],
  [
    'ssh-only-sha1-macs',
    ssh({ macToServer: ['hmac-sha1', 'hmac-md5'], macToClient: ['hmac-sha1'] }),
    ssh({ macToServer: ['hmac-sha1', 'hmac-sha2-256'], macToClient: ['hmac-sha1'] }),
  ],
  ['ssh-weak-key-exchange', ssh({ keyExchange: ['diffie-hellman-group1-sha1', 'mlkem768x25519-sha256'] }), ssh({})],
  ['ssh-weak-ciphers', ssh({ cipherToClient: ['aes128-ctr', '3des-cbc'] }), ssh({})],
  ['ssh-weak-host-keys', ssh({ hostKey: ['ssh-rsa'] }), ssh({ hostKey: ['ssh-rsa', 'rsa-sha2-256'] })],
  [
    'ssh-terrapin',
    ssh({ strictKeyExchange: false, cipherToClient: ['chacha20-poly1305@openssh.com'] }),
    ssh({ strictKeyExchange: false }),
  ],
  [
    'ssh-terrapin',
    ssh({ strictKeyExchange: false, cipherToServer: ['aes128-cbc'] }),
    ssh({ cipherToServer: ['aes128-cbc'] }),
  ],
  ['ssh-no-post-quantum', ssh({ keyExchange: ['curve25519-sha256'] }), ssh({})],
  ['http-no-redirect', http({}), http({ status: 301, redirect: 'https-same-host' })],
  ['http-no-redirect', http({ status: 302, redirect: 'same-host' }), http({ status: 404 })],
  ['http-no-hsts', http({ tls: true }), goodHttps],
  [
    'http-no-hsts',
    http({ tls: true, securityHeaders: ['strict-transport-security'], hstsMaxAgeSeconds: 60 }),
    http({ tls: false }),
  ],
  ['http-directory-listing', http({ directoryListing: true, title: 'Index of /' }), http({ title: 'Index of /' })],
  ['http-development-server', http({ developmentServer: 'vite' }), http({ title: 'Vite' })],
  ['http-basic-in-the-clear', http({ authSchemes: ['basic'] }), http({ tls: true, authSchemes: ['basic'] })],
  [
    'http-cookies-not-secure',
    http({ tls: true, cookies: [{ name: 'sid', secure: false, httpOnly: true }] }),
    http({ tls: true, cookies: [{ name: 'sid', secure: true, httpOnly: true }] }),
  ],
  ['mail-auth-before-tls', smtp({ authBeforeTls: true, auth: ['PLAIN'] }), smtp({ authBeforeTls: false })],
  ['mail-auth-before-tls', imap({ authBeforeTls: true }), imap({ authBeforeTls: true, greeting: 'BYE' })],
  ['mail-auth-before-tls', pop3({ authBeforeTls: true }), pop3({})],
  ['smtp-no-starttls', smtp({ startTls: false }), smtp({ startTls: true })],
  ['mailbox-no-tls', imap({ startTls: false }), imap({ startTls: false, tls: true })],
  ['mailbox-no-tls', pop3({ startTls: false }), pop3({})],
  ['imap-open', imap({ greeting: 'PREAUTH' }), imap({})],
  ['ftp-no-tls', ftp({ startTls: false }), ftp({})],
  ['ftp-anonymous-offered', ftp({ anonymousOffered: true }), ftp({})],
  ['answers-everything', http({}), http({}), { ...CONTEXT, answersEverything: true }],
  ['closes-at-once', evidence({ seen: 'closes-at-once' }), evidence({ seen: 'silent' })],
  ['end-of-life', banner('SSH-2.0-OpenSSH_7.4'), banner('SSH-2.0-OpenSSH_9.9')],
  ['end-of-life', webServer('nginx/1.22.1'), webServer('nginx')],
  ['end-of-life', facts('mysql', { version: '8.0.36' }, 3306), facts('mysql', { version: '8.4.2' }, 3306)],
  ['end-of-life-packaged', webServer('Apache/2.4.57 (Debian) PHP/7.4.33'), webServer('nginx/1.22.1')],
  [
    'system-end-of-life',
    banner('SSH-2.0-OpenSSH_7.6p1 Ubuntu-4ubuntu0.7'),
    banner('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3'),
  ],
];

describe('rules', () => {
  test.each(ROWS.map((row) => ({ row, name: row[0] })))('$name', ({ row: [id, fires, quiet, context = CONTEXT] }) => {
    expect(idsOf(fires, context)).toContain(id);
    expect(idsOf(quiet)).not.toContain(id);
    // Whether it could be told is not the same as a no.
    const { facts: seen } = fires;
    if (seen && seen.protocol in OPEN_SERVICES && id === `${seen.protocol}-open`)
      expect(idsOf(service(seen.protocol, undefined))).not.toContain(id);
  });

  test('every kind has its rows, and nothing is found that nobody can explain', () => {
    expect(new Set(ROWS.map(([id]) => id))).toEqual(new Set(FINDING_KINDS.map(({ id }) => id)));
  });

  test('a sound service gives nothing', () => {
    expect(idsOf(goodHttps)).toEqual([]);
    expect(idsOf(tls({}))).toEqual([]);
    expect(idsOf(ssh({}))).toEqual([]);
    expect(idsOf(evidence({ seen: 'failed' }))).toEqual([]);
  });
});

describe('judgement', () => {
  test('says how long a certificate still lasts, and grows louder', () => {
    const [finding] = findingsOf([expiresIn(9)], CONTEXT);
    expect(finding).toMatchObject({ severity: 'medium', title: { text: 'The certificate expires in 9 days' } });
    expect([2, 9, 20].map((days) => findingsOf([expiresIn(days)], CONTEXT)[0]?.severity)).toEqual([
      'high',
      'medium',
      'low',
    ]);
  });

  test('a database is reachable "from outside" only on a global address', () => {
    const seen = service('redis', false);
    expect(idsOf(seen, { nowMs: NOW_MS, addressTier: 'private' })).not.toContain('database-reachable');
    const resolver = facts('dns', { tls: false, responseCode: 0, recursionOffered: true }, 53);
    expect(idsOf(resolver, { nowMs: NOW_MS, addressTier: 'private' })).not.toContain('dns-open-resolver');
    expect(idsOf(seen, { nowMs: NOW_MS })).not.toContain('database-reachable');
    expect(idsOf(service('redis', true))).toEqual(['redis-open']);
  });

  test('says that a distribution patches old versions, and names the source', () => {
    const [finding] = findingsOf([webServer('Apache/2.4.57 (Debian) PHP/7.4.33', 8080)], CONTEXT).filter(
      ({ id }) => id === 'end-of-life-packaged',
    );
    expect(finding?.severity).toBe('low');
    expect(finding?.why).toContain('does not prove');
    expect(finding?.source.url).toBe('https://endoflife.date/php');
  });

  test('of a system without support it says so once, not of its packages', () => {
    const ids = idsOf(ssh({}, { identification: 'SSH-2.0-OpenSSH_7.6p1 Ubuntu-4ubuntu0.7' }));
    expect(ids).toEqual(['system-end-of-life']);
  });

  test('a host that answers everything gives one finding, however many ports', () => {
    const ports = [1, 2, 3].map((port) => evidence({ port, seen: 'closes-at-once' }));
    const findings = findingsOf([...ports, service('redis', true)], { ...CONTEXT, answersEverything: true });
    expect(findings.map(({ id, ports: on }) => [id, on])).toEqual([['answers-everything', [1, 2, 3, 6379]]]);
  });

  test('ports that close at once share one finding', () => {
    const findings = findingsOf(
      [9, 7, 7].map((port) => evidence({ port, seen: 'closes-at-once' })),
      CONTEXT,
    );
    expect(findings.map(({ port, ports }) => [port, ports])).toEqual([[7, [7, 9]]]);
  });

  test('foreign text stays within bounds', () => {
    const names = Array.from({ length: 64 }, () => 'x'.repeat(200));
    for (const finding of findingsOf([tls({ nameMatches: false }, { names })], CONTEXT)) {
      expect(finding.seen.text.length).toBeLessThanOrEqual(200);
      expect(finding.title.text.length).toBeLessThanOrEqual(100);
    }
  });

  test('worst first, each once a port, the same in any order', () => {
    const all = ROWS.map(([, fires]) => fires);
    const expected = findingsOf(all, CONTEXT);
    const keys = expected.map(({ id, port }) => `${id} ${port}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const [index, finding] of expected.entries()) {
      const next = expected[index + 1];
      if (next) expect(compareSeverity(finding.severity, next.severity)).toBeLessThanOrEqual(0);
    }
    const onePort = all.filter((_, index) => all.findIndex(({ port }) => port === all[index]?.port) === index);
    const reference = findingsOf(onePort, CONTEXT);
    fc.assert(
      fc.property(fc.shuffledSubarray(onePort, { minLength: onePort.length }), (shuffled) => {
        expect(findingsOf(shuffled, CONTEXT)).toEqual(reference);
      }),
      { numRuns: 30, seed: 1 },
    );
  });
});

describe('texts', () => {
  test.each(FINDING_KINDS.map((kind) => [kind.id, kind] as const))('%s', (id, kind) => {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(SEVERITIES).toContain(kind.severity);
    expectPlainText(kind.title, 60);
    expectPlainText(kind.why, 250);
    expect(kind.why.endsWith('.')).toBe(true);
    expect(kind.actions.length).toBeGreaterThanOrEqual(2);
    expect(kind.actions.length).toBeLessThanOrEqual(4);
    for (const action of kind.actions) expectInstruction(action, 160);
    const explained = explainFinding(id);
    expect(explained).toMatchObject({ id, title: kind.title, why: kind.why, actions: kind.actions });
    expect(explained?.source.url).toMatch(/^https:\/\//);
    expectPlainText(explained?.source.title ?? '', 90);
  });

  test('ids are unique, and an unknown one is explained by nothing', () => {
    expect(new Set(FINDING_KINDS.map(({ id }) => id)).size).toBe(FINDING_KINDS.length);
    for (const id of ['', 'nothing', '__proto__', 'constructor']) expect(explainFinding(id)).toBeUndefined();
  });
});
