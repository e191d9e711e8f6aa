import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareVersions,
  FINGERPRINTS,
  patchesOldVersions,
  readVersion,
  recognise,
  recogniseAll,
  versionNumbers,
} from '../../src/probes/products/index.ts';

type Row = readonly [
  protocol: string,
  text: string,
  product: string,
  version?: string | undefined,
  os?: string | undefined,
];

const BANNERS: readonly Row[] = [
  ['ssh', 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3', 'OpenSSH', '9.2p1', 'Debian 12'],
  ['ssh', 'OpenSSH_8.4p1 Debian-5', 'OpenSSH', '8.4p1', 'Debian 11'],
  ['ssh', 'SSH-2.0-OpenSSH_8.2p1 Ubuntu-4ubuntu0.5', 'OpenSSH', '8.2p1', 'Ubuntu 20.04'],
  ['ssh', 'SSH-2.0-OpenSSH_7.4', 'OpenSSH', '7.4'],
  ['ssh', 'SSH-2.0-OpenSSH_9.7 FreeBSD-20240806', 'OpenSSH', '9.7', 'FreeBSD'],
  ['ssh', 'SSH-2.0-OpenSSH_for_Windows_8.1', 'OpenSSH', '8.1', 'Windows'],
  ['ssh', 'SSH-2.0-dropbear_2022.83', 'Dropbear', '2022.83'],
  ['ssh', 'SSH-2.0-ROSSSH', 'MikroTik RouterOS'],
  ['ssh', 'SSH-2.0-libssh_0.9.6', 'libssh', '0.9.6'],
  ['ssh', 'SSH-2.0-Go', 'Go SSH server'],
  ['ftp', '220 (vsFTPd 3.0.3)', 'vsftpd', '3.0.3'],
  ['ftp', '220 ProFTPD 1.3.8 Server (Debian) [::ffff:192.0.2.1]', 'ProFTPD', '1.3.8', 'Debian'],
  ['ftp', '220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------', 'Pure-FTPd'],
  ['ftp', '220-FileZilla Server 1.8.2', 'FileZilla Server', '1.8.2'],
  ['ftp', '220 Microsoft FTP Service', 'IIS FTP'],
  ['ftp', '220 router FTP server (MikroTik 6.49.10) ready', 'MikroTik RouterOS', '6.49.10'],
  ['smtp', '220 mx.example.com ESMTP Postfix (Debian/GNU)', 'Postfix', undefined, 'Debian'],
  ['smtp', '220 mx.example.com ESMTP Exim 4.96 Tue, 24 Nov 2026 00:00:00 +0000', 'Exim', '4.96'],
  ['smtp', '220 mx ESMTP Sendmail 8.17.1/8.17.1; Tue, 24 Nov 2026', 'Sendmail', '8.17.1'],
  ['smtp', '220 mx ESMTP OpenSMTPD', 'OpenSMTPD'],
  ['smtp', '220 ex Microsoft ESMTP MAIL Service ready', 'Microsoft Exchange', undefined, 'Windows'],
  ['imap', '[CAPABILITY IMAP4rev1 STARTTLS] Dovecot (Debian) ready.', 'Dovecot', undefined, 'Debian'],
  ['pop3', '+OK Dovecot (Ubuntu) ready.', 'Dovecot', undefined, 'Ubuntu'],
  ['imap', '* OK Courier-IMAP ready. Copyright', 'Courier'],
  ['imap', '* OK mail Cyrus IMAP 3.6.1-4+deb12u1 server ready', 'Cyrus IMAP', '3.6.1', 'Debian 12'],
  ['mysql', '8.0.36-0ubuntu0.22.04.1', 'MySQL', '8.0.36', 'Ubuntu 22.04'],
  ['mysql', '5.5.5-10.11.6-MariaDB-0+deb12u1', 'MariaDB', '10.11.6', 'Debian 12'],
  ['mysql', '11.4.2-MariaDB', 'MariaDB', '11.4.2'],
  ['mysql', '8.0.35-27', 'MySQL', '8.0.35'],
  ['mysql', '8.0.11-TiDB-v7.5.0', 'TiDB', '7.5.0'],
  ['redis', '# Server redis_version:7.0.15 redis_mode:standalone', 'Redis', '7.0.15'],
  ['redis', 'redis_version:7.2.4 server_name:valkey valkey_version:8.0.1', 'Valkey', '8.0.1'],
  ['memcached', 'VERSION 1.6.18', 'Memcached', '1.6.18'],
  ['zookeeper', 'Zookeeper version: 3.8.0-1, built on 2023', 'ZooKeeper', '3.8.0'],
  ['vnc', 'RFB 003.889', 'Apple Remote Desktop'],
  ['vnc', 'RFB 005.000', 'RealVNC Server'],
  ['dns', '9.18.24-1-Debian', 'BIND', '9.18.24', 'Debian'],
  ['dns', 'unbound 1.17.1', 'Unbound', '1.17.1'],
  ['dns', 'dnsmasq-2.89', 'dnsmasq', '2.89'],
  ['rsync', '@RSYNCD: 31.0', 'rsync'],
  ['telnet', 'User Access Verification Password:', 'Cisco IOS'],
];

type WebRow = readonly [
  sighting: { title?: string; body?: string; headers?: object },
  product: string,
  version?: string,
];

const server = (value: string) => ({ headers: { server: value } });

const WEB: readonly WebRow[] = [
  [server('nginx/1.22.1'), 'nginx', '1.22.1'],
  [server('nginx'), 'nginx'],
  [server('openresty/1.25.3.1'), 'OpenResty', '1.25.3.1'],
  [server('Apache/2.4.57 (Debian)'), 'Apache httpd', '2.4.57'],
  [server('Apache'), 'Apache httpd'],
  [server('Apache-Coyote/1.1'), 'Tomcat'],
  [server('Microsoft-IIS/10.0'), 'IIS', '10.0'],
  [server('Caddy'), 'Caddy'],
  [server('lighttpd/1.4.69'), 'lighttpd', '1.4.69'],
  [server('LiteSpeed'), 'LiteSpeed'],
  [server('Jetty(9.4.51.v20230217)'), 'Jetty', '9.4.51.v20230217'],
  [server('envoy'), 'Envoy'],
  [server('gunicorn/20.1.0'), 'gunicorn', '20.1.0'],
  [server('uvicorn'), 'uvicorn'],
  [server('Werkzeug/2.3.7 Python/3.11.4'), 'Werkzeug', '2.3.7'],
  [server('SimpleHTTP/0.6 Python/3.11.2'), 'Python http.server', '0.6'],
  [server('CouchDB/3.3.2 (Erlang OTP/24)'), 'CouchDB', '3.3.2'],
  [server('Docker/24.0.7 (linux)'), 'Docker', '24.0.7'],
  [server('MinIO'), 'MinIO'],
  [server('Nexus/3.63.0-01 (OSS)'), 'Nexus Repository', '3.63.0'],
  [server('MiniServ/2.105'), 'Webmin', '2.105'],
  [server('cpsrvd/11.110.0.15'), 'cPanel', '11.110.0.15'],
  [server('CUPS/2.4 IPP/2.1'), 'CUPS', '2.4'],
  [server('pve-api-daemon/3.0'), 'Proxmox VE'],
  [{ headers: { server: 'nginx', 'x-jenkins': '2.426.1' } }, 'Jenkins', '2.426.1'],
  [{ headers: { 'x-influxdb-version': '1.8.10' } }, 'InfluxDB', '1.8.10'],
  [{ headers: { 'x-powered-by': 'Express' } }, 'Express'],
  [{ headers: { 'set-cookie': 'i_like_gitea=abc' } }, 'Gitea'],
  [{ title: 'Grafana' }, 'Grafana'],
  [{ title: 'Prometheus Time Series Collection and Processing Server' }, 'Prometheus'],
  [{ title: 'Sign in · GitLab' }, 'GitLab'],
  [{ title: 'SonarQube' }, 'SonarQube'],
  [{ title: 'Portainer' }, 'Portainer'],
  [{ title: 'phpMyAdmin 5.2.1' }, 'phpMyAdmin', '5.2.1'],
  [{ title: 'Roundcube Webmail :: Welcome' }, 'Roundcube'],
  [{ title: 'pfSense - Login' }, 'pfSense'],
  [{ title: 'RouterOS v7.11 configuration page' }, 'MikroTik RouterOS', '7.11'],
  [{ title: 'Plesk Obsidian 18.0.57' }, 'Plesk', '18.0.57'],
  [{ title: 'Apache Tomcat/9.0.65' }, 'Tomcat', '9.0.65'],
  [{ title: 'pve1 - Proxmox Virtual Environment' }, 'Proxmox VE'],
  [{ title: 'Synology DiskStation - nas' }, 'Synology DSM'],
  [{ body: '{"couchdb":"Welcome","version":"3.3.2"}' }, 'CouchDB', '3.3.2'],
  [{ body: '{"version":{"number" : "8.11.1"},"tagline":"You Know, for Search"}' }, 'Elasticsearch'],
  [{ body: '{"etcdserver":"3.5.9","etcdcluster":"3.5.0"}' }, 'etcd', '3.5.9'],
  [{ body: '<meta name="generator" content="WordPress 6.4.2">' }, 'WordPress', '6.4.2'],
  [{ body: '<script type="module" src="/@vite/client"></script>' }, 'Vite'],
];

describe('banners', () => {
  test.each(BANNERS.map((row) => ({ row, name: `${row[0]}: ${row[1]}` })))('$name', ({ row }) => {
    const [protocol, text, product, version, os] = row;
    const found = recognise({ protocol, text });
    expect(found?.product).toBe(product);
    expect(found?.version).toBe(version);
    expect(found?.os && [found.os.name, found.os.version].filter(Boolean).join(' ')).toBe(os);
  });

  test('say nothing of what is not known, or of another protocol', () => {
    expect(recognise({ protocol: 'ssh', text: 'SSH-2.0-something' })).toBeUndefined();
    expect(recognise({ protocol: 'smtp', text: 'SSH-2.0-OpenSSH_9.2p1' })).toBeUndefined();
    expect(recognise({ protocol: '__proto__', text: 'nginx' })).toBeUndefined();
    expect(recognise({ protocol: 'http', headers: { via: 'nginx' } })).toBeUndefined();
    expect(recognise({ protocol: 'http', headers: { server: 'my-nginx-clone' } })).toBeUndefined();
    expect(recognise({ protocol: 'dns', text: '9.4 is my number' })).toBeUndefined();
    for (const title of ['Harbormaster', 'Silo docs', 'Sign in to Example', 'Elastic bands', 'PHP lessons']) {
      expect(recognise({ protocol: 'http', title }), title).toBeUndefined();
    }
  });

  test('know which systems patch old versions', () => {
    expect(patchesOldVersions({ name: 'Debian', version: '12' })).toBe(true);
    expect(patchesOldVersions({ name: 'FreeBSD' })).toBe(false);
    expect(patchesOldVersions(undefined)).toBe(false);
  });
});

describe('web', () => {
  test.each(WEB)('%j', (sighting, product, version) => {
    const found = recognise({ protocol: 'http', ...(sighting as object) });
    expect(found?.product).toBe(product);
    expect(found?.version).toBe(version);
  });

  test('the application before the server before the platform', () => {
    const headers = { server: 'Apache/2.4.52 (Ubuntu) OpenSSL/3.0.2 PHP/8.1.2', 'set-cookie': 'phpMyAdmin=1' };
    const all = recogniseAll({ protocol: 'http', headers });
    expect(all.map(({ product, version }) => [product, version])).toEqual([
      ['phpMyAdmin', undefined],
      ['Apache httpd', '2.4.52'],
      ['PHP', '8.1.2'],
      ['OpenSSL', '3.0.2'],
    ]);
  });
});

describe('versions', () => {
  test.each([
    ['9.2p1 Debian', '9.2p1'],
    ['4.0.0-rc2)', '4.0.0-rc2'],
    ['v1.30.4+k3s1', '1.30.4'],
    ['" : "8.11.1",', '8.11.1'],
    ['1.22.1.', '1.22.1'],
    ['3.6.1-4+deb12u1', '3.6.1'],
    ['8.0.36-0ubuntu', '8.0.36'],
    ['', undefined],
    ['none', undefined],
    ['1'.repeat(500), '1'.repeat(40)],
  ] as const)('%s', (text, version) => {
    expect(readVersion(text, 0)).toBe(version);
  });

  test('are compared by their numbers', () => {
    expect(versionNumbers('9.2p1')).toEqual([9, 2]);
    expect(versionNumbers('v1.30.4+k3s1')).toEqual([1, 30, 4]);
    expect(compareVersions('1.9', '1.10')).toBeLessThan(0);
    expect(compareVersions('2.4', '2.4.0')).toBe(0);
    expect(compareVersions('10.0', '9.9.9')).toBeGreaterThan(0);
  });
});

describe('the table', () => {
  test('covers at least 80 products, in lower-case ASCII, without a row that can never match', () => {
    expect(new Set(FINGERPRINTS.map(({ product }) => product)).size).toBeGreaterThanOrEqual(80);
    const seen = new Set<string>();
    for (const { protocols, field, at, needle, product } of FINGERPRINTS) {
      expect(needle, product).toMatch(/^[\x20-\x7e]*$/);
      expect(needle).toBe(needle.toLowerCase());
      expect(field).toBe(field.toLowerCase());
      const key = `${protocols.join()} ${field} ${at} ${needle} ${product}`;
      expect(seen.has(key), key).toBe(false);
      seen.add(key);
    }
  });

  test('takes any text at any length in bounded time', () => {
    const piece = fc.constantFrom(
      ...FINGERPRINTS.map(({ needle }) => needle),
      '1.2',
      '.',
      '-rc',
      'a'.repeat(60),
      '\u0130',
      '\n',
    );
    const text = fc.array(fc.oneof(piece, fc.string({ unit: 'binary' })), { maxLength: 80 }).map((all) => all.join(''));
    const protocol = fc.constantFrom('http', 'ssh', 'ftp', 'smtp', 'imap', 'mysql', 'dns', 'redis', 'telnet');
    fc.assert(
      fc.property(protocol, text, text, (name, one, two) => {
        const headers = { server: one, 'set-cookie': two, 'x-powered-by': two };
        for (const found of recogniseAll({ protocol: name, text: one, title: one, body: two, headers })) {
          expect((found.version ?? '').length).toBeLessThanOrEqual(40);
          expect(found.version ?? '1').toMatch(/^[0-9][0-9A-Za-z.-]*$/);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test('a megabyte of almost-matches costs no more than its first kilobyte', () => {
    const nasty = 'openssh_openssh-mod_sftpapache-sshd'.repeat(30_000);
    const startedMs = performance.now();
    for (let round = 0; round < 50; round++)
      recogniseAll({ protocol: 'http', title: nasty, body: nasty, headers: { server: nasty } });
    expect((performance.now() - startedMs) / 50).toBeLessThan(20);
  });
});
