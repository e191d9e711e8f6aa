import { describe, expect, test } from 'vitest';
import {
  explainFinding,
  FINDING_KINDS,
  type FindingContext,
  findFindings,
  findingsOf,
} from '../../src/advice/findings/index.ts';
import type { Severity } from '../../src/advice/guide.ts';
import type { Evidence } from '../../src/probes/evidence.ts';
import { recogniseAll } from '../../src/probes/products/index.ts';
import { evidence, facts, http, NOW_MS, OPEN_SERVICES, service, ssh, tls, webServer } from './findingsEvidence.ts';

const CONTEXT: FindingContext = { nowMs: NOW_MS, addressTier: 'global' };
const find = (seen: Evidence, id: string, context = CONTEXT) =>
  findingsOf([seen], context).find((finding) => finding.id === id);
const banner = (identification: string) => ssh(undefined, { identification });

/** People link to these ids and sort by these words: adding is free, changing is not. */
const CONTRACT: Readonly<Record<Severity, string>> = {
  critical: `couchdb-open docker-open elasticsearch-open etcd-open imap-open influxdb-open jupyter-open kubelet-open
    kubernetes-open memcached-open mongodb-open postgresql-open redis-open telnet vnc-open x11-open`,
  high: `certificate-expired certificate-not-yet-valid certificate-weak-key certificate-weak-signature consul-open
    database-reachable dns-open-resolver ftp-no-tls http-basic-in-the-clear http-development-server jenkins-open mail-auth-before-tls
    mqtt-open postgresql-password-in-the-clear rabbitmq-open ssh-protocol-1 system-end-of-life tls-broken-cipher
    tls-sslv3 vnc-weak-password-method zookeeper-open`,
  medium: `certificate-expires-soon certificate-name-mismatch certificate-self-signed certificate-untrusted
    database-no-tls end-of-life ftp-anonymous-offered grafana-open http-directory-listing http-no-redirect
    mailbox-no-tls prometheus-open smtp-no-starttls ssh-only-sha1-macs ssh-terrapin ssh-weak-host-keys
    ssh-weak-key-exchange starttls-broken tls-old-versions tls-small-dh-group`,
  low: 'end-of-life-packaged http-cookies-not-secure http-no-hsts ssh-weak-ciphers tls-weak-cipher',
  info: 'answers-everything closes-at-once ssh-no-post-quantum',
};

test('ids and severities are as promised', () => {
  const promised = Object.entries(CONTRACT).flatMap(([severity, ids]) => ids.split(/\s+/).map((id) => [id, severity]));
  expect(Object.fromEntries(FINDING_KINDS.map(({ id, severity }) => [id, severity]))).toEqual(
    Object.fromEntries(promised),
  );
});

test('each fits an embed with room to spare', () => {
  for (const { id } of FINDING_KINDS) {
    const { title = '', why = '', actions = [], source } = explainFinding(id) ?? {};
    expect(title.length, id).toBeLessThanOrEqual(256);
    // Numbered or dotted lines, and the source as a link.
    const description = [why, ...actions.map((action) => `1. ${action}`), source?.title, source?.url].join('\n\n');
    expect(description.length, id).toBeLessThanOrEqual(1_500);
  }
});

describe('search', () => {
  const idsFor = (text: string, limit = 3) => findFindings(text, limit).map(({ id }) => id);

  test.each<[string, string]>([
    ['redis-open', 'redis-open'],
    ['Redis Open', 'redis-open'],
    ['certificate-exp', 'certificate-expired'],
    ['ssh-t', 'ssh-terrapin'],
    ['answers without jenkins', 'jenkins-open'],
    ['hsts', 'http-no-hsts'],
    ['terrapin', 'ssh-terrapin'],
    ['every port', 'answers-everything'],
  ])('%s: %s first', (text, id) => expect(idsFor(text)[0]).toBe(id));

  test('an exact id comes before longer ones', () => {
    expect(idsFor('end-of-life')).toEqual(['end-of-life', 'end-of-life-packaged', 'system-end-of-life']);
  });

  test('nothing typed gives all, worst first, up to the limit', () => {
    expect(findFindings('', 25).length).toBe(25);
    expect(findFindings('', 1_000).length).toBe(FINDING_KINDS.length);
    expect(findFindings('', 1)[0]?.severity).toBe('critical');
    for (const limit of [0, -1, Number.NaN]) expect(findFindings('', limit)).toEqual([]);
  });

  test('what nobody means gives nothing, and long texts cost nothing', () => {
    for (const text of ['zzz', '__proto__', '\u0000', '@everyone', 'x'.repeat(1_000_000)])
      expect(idsFor(text)).toEqual([]);
  });
});

describe('old versions', () => {
  test.each<[string, Evidence, string | undefined]>([
    ['nothing about packages', banner('SSH-2.0-OpenSSH_7.4'), 'end-of-life'],
    ['a release in support', banner('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3'), undefined],
    ['a release in support', facts('mysql', { version: '8.0.36-0ubuntu0.22.04.1' }, 3306), undefined],
    ['no release', webServer('Apache/2.4.57 (Debian) PHP/7.4.33'), 'end-of-life-packaged'],
    ['no release', webServer('Apache/2.2.15 (CentOS)'), 'end-of-life-packaged'],
    ['a release out of support', banner('SSH-2.0-OpenSSH_7.4p1 Debian-10+deb9u7'), 'system-end-of-life'],
  ])('the banner names %s', (_, seen, expected) => {
    const found = findingsOf([seen], CONTEXT).filter(({ id }) => id.includes('end-of-life'));
    expect(found.map(({ id }) => id)).toEqual(expected === undefined ? [] : [expected]);
  });

  test('of packages it says who may still fix them, and no more', () => {
    const finding = find(webServer('Apache/2.4.57 (Debian) PHP/7.4.33'), 'end-of-life-packaged');
    expect(finding).toMatchObject({ severity: 'low', title: { text: 'PHP 7.4.33 is old; Debian may still fix it' } });
    expect(finding?.seen.text).toContain('which may still fix it');
    expect(`${finding?.title.text} ${finding?.seen.text}`).not.toMatch(/vulnerab|end of life/);
  });

  test('the system of a web server says nothing of the application behind', () => {
    const front = recogniseAll({ protocol: 'http', headers: { server: 'nginx (Ubuntu)' } });
    const seen = http({ products: [{ product: 'Grafana', kind: 'application', version: '9.0.0' }, ...front] });
    expect(find(seen, 'end-of-life')?.title.text).toBe('Grafana 9.0.0 is end of life');
  });
});

describe('what is claimed', () => {
  test('nothing is "from outside" unless the address is public', () => {
    const all = [...Object.keys(OPEN_SERVICES)].map((name) => service(name, false));
    for (const addressTier of ['private', 'forbidden', undefined] as const) {
      for (const { title, seen, why } of findingsOf(all, { nowMs: NOW_MS, addressTier })) {
        expect(`${title.text} ${seen.text} ${why}`).not.toMatch(/from outside|public address/);
      }
    }
  });

  test('a wrapper without a service is said once, for all its ports', () => {
    const ports = [1, 7, 9, 13].map((port) => evidence({ port, seen: 'closes-at-once' }));
    const findings = findingsOf(ports, CONTEXT);
    expect(findings).toMatchObject([
      {
        id: 'closes-at-once',
        severity: 'info',
        ports: [1, 7, 9, 13],
        seen: { text: 'Accepts and closes at once: a wrapper or proxy without a service behind.' },
      },
    ]);
  });

  test.each<[string, Evidence, Severity]>([
    ['ssh-weak-key-exchange', ssh({ keyExchange: ['mlkem768x25519-sha256', 'diffie-hellman-group14-sha1'] }), 'low'],
    ['ssh-weak-key-exchange', ssh({ keyExchange: ['mlkem768x25519-sha256', 'diffie-hellman-group1-sha1'] }), 'medium'],
    ['ssh-weak-ciphers', ssh({ cipherToClient: ['aes128-ctr', 'aes128-cbc'] }), 'low'],
    ['ssh-weak-ciphers', ssh({ cipherToClient: ['aes128-ctr', 'arcfour'] }), 'medium'],
    ['tls-small-dh-group', tls({ negotiated: { cipher: 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', dhBits: 1536 } }), 'low'],
    ['certificate-weak-key', tls({}, { keyType: 'ec', keyBits: 224 }), 'medium'],
    ['certificate-weak-key', tls({}, { keyType: 'dsa', keyBits: 1024 }), 'high'],
  ])('%s grows with what it found', (id, seen, severity) => {
    const finding = find(seen, id);
    expect(finding?.severity).toBe(severity);
    expect(finding?.source.url).toMatch(/^https:/);
  });

  test('it says why the worst of what is offered is bad, by its own source', () => {
    const finding = find(ssh({ cipherToClient: ['aes128-cbc', 'arcfour'] }), 'ssh-weak-ciphers');
    expect(finding?.seen.text).toBe(
      'Offered: aes128-cbc, arcfour. RC4 leaks plain text by its biases; it must not be used.',
    );
    expect(finding?.source.url).toBe('https://www.rfc-editor.org/rfc/rfc8758');
  });
});
