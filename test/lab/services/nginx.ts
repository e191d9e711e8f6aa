import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expired, goodChain, type Identity, selfSigned, wrongName } from './certificates.ts';
import type { Host } from './host.ts';
import { accountOf, isRoot, missingPrograms, versionIn } from './programs.ts';
import type { Case, Service } from './service.ts';

const DEBIAN_PACKAGE = 'nginx-light';
const HSTS = 'add_header Strict-Transport-Security "max-age=31536000" always;';
const MODERN = 'ssl_protocols TLSv1.2 TLSv1.3;';
/** The library refuses these by itself unless it is told otherwise. */
const OLD = 'ssl_protocols TLSv1 TLSv1.1; ssl_ciphers "ALL:!aNULL:@SECLEVEL=0";';

interface Site {
  readonly case: Pick<Case, 'name' | 'findings'> & Partial<Case>;
  /** Inside `server`, beside `listen`. */
  readonly settings: string;
  /** With TLS. */
  readonly identity?: () => Identity;
}

const SITES: readonly Site[] = [
  {
    case: { name: 'HTTP', facts: { status: 200, redirect: 'none' }, findings: ['http-no-redirect'] },
    settings: '',
  },
  {
    case: { name: 'HTTP that leads to HTTPS', facts: { status: 301, redirect: 'https-same-host' }, findings: [] },
    settings: 'return 301 https://$host/;',
  },
  {
    case: {
      name: 'HTTP with a list of files',
      facts: { directoryListing: true },
      findings: ['http-no-redirect', 'http-directory-listing'],
    },
    settings: 'autoindex on; index nothing;',
  },
  {
    case: {
      name: 'HTTPS in order',
      facts: { status: 200, tls: true, hstsMaxAgeSeconds: 31_536_000 },
      tls: { spoken: true, nameMatches: true, trust: { trusted: true }, chain: { length: 2 } },
      findings: [],
    },
    settings: HSTS + MODERN,
    identity: goodChain,
  },
  {
    case: {
      name: 'HTTPS with an expired certificate',
      tls: { nameMatches: true, trust: { trusted: false, code: 'CERT_HAS_EXPIRED' } },
      findings: ['certificate-expired'],
    },
    settings: HSTS + MODERN,
    identity: expired,
  },
  {
    case: {
      name: 'HTTPS for another name',
      tls: { nameMatches: false, certificate: { names: ['other.test'] } },
      findings: ['certificate-name-mismatch'],
    },
    settings: HSTS + MODERN,
    identity: wrongName,
  },
  {
    case: {
      name: 'HTTPS with a self-signed certificate',
      tls: { certificate: { selfSigned: true }, trust: { trusted: false } },
      findings: ['certificate-self-signed', 'http-no-hsts'],
    },
    settings: MODERN,
    identity: selfSigned,
  },
  {
    case: {
      name: 'HTTPS with TLS 1.0 and 1.1',
      facts: { status: 200, tls: true },
      tls: { negotiated: { version: 'TLSv1.1' } },
      findings: ['tls-old-versions', 'tls-weak-cipher'],
    },
    settings: HSTS + OLD,
    identity: goodChain,
  },
];

const caseOf = (site: Site): Case => ({
  usualPort: site.identity ? 443 : 80,
  protocol: 'http',
  tells: 'version',
  ...(site.identity ? {} : { tls: false }),
  mayFind: ['end-of-life', 'end-of-life-packaged', 'system-end-of-life'],
  ...site.case,
});

function serverBlock(host: Host, folder: string, { case: { name }, settings, identity }: Site, index: number): string {
  const made = identity?.();
  const tls = made
    ? `ssl_certificate ${host.file(folder, `${index}.pem`, made.chain)};
       ssl_certificate_key ${host.file(folder, `${index}.key`, made.key)};`
    : '';
  return `server { listen ${host.endpointOf(name)}${made ? ' ssl' : ''}; root ${folder}/pages; ${tls} ${settings} }`;
}

export const nginx: Service = {
  product: 'nginx',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'nginx'),
  version: () => versionIn(/nginx\/(\S+)/, 'nginx', '-v'),
  cases: SITES.map(caseOf),
  async start(host) {
    const folder = host.folder(accountOf('www-data'));
    mkdirSync(join(folder, 'pages'));
    host.file(join(folder, 'pages'), 'index.html', '<title>A page</title>', accountOf('www-data'));
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((it) => `${it}_temp_path ${folder}/${it};`);
    const blocks = SITES.map((site, index) => serverBlock(host, folder, site, index));
    const config = host.file(
      folder,
      'nginx.conf',
      `${isRoot ? 'user www-data; ' : ''}daemon off; pid ${folder}/pid; error_log stderr; events {}
       http { access_log off; ${paths.join(' ')} ${blocks.join('\n')} }`,
    );
    const places = SITES.map(({ case: { name } }) => host.placeOf(name));
    await host.run('nginx', ['-e', 'stderr', '-c', config], { places, stopSignal: 'SIGINT' });
  },
};
