import { goodChain } from './certificates.ts';
import { missingPrograms, versionIn } from './programs.ts';
import type { Service } from './service.ts';

const DEBIAN_PACKAGE = 'openssl';
const NAME = 'HTTPS with ciphers that protect nothing';

/** What no web server can be talked into any more. */
export const openssl: Service = {
  product: 'OpenSSL s_server',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'openssl'),
  version: () => versionIn(/OpenSSL (\S+)/, 'openssl', 'version'),
  cases: [
    {
      name: NAME,
      usualPort: 443,
      protocol: 'http',
      tells: 'product',
      facts: { status: 200, tls: true },
      tls: { spoken: true, trust: { trusted: true } },
      findings: ['tls-broken-cipher', 'http-no-hsts'],
    },
  ],
  async start(host) {
    const folder = host.folder();
    const { key, chain } = goodChain();
    const chainFile = host.file(folder, 'cert', chain);
    const files = ['-key', host.file(folder, 'key', key), '-cert', chainFile, '-cert_chain', chainFile];
    const ciphers = ['-cipher', 'ALL:aNULL:eNULL:@SECLEVEL=0', '-no_tls1_3', '-no_tls1', '-no_tls1_1'];
    const args = ['s_server', '-accept', host.endpointOf(NAME), '-www', '-quiet', ...files, ...ciphers];
    await host.run('openssl', args, { places: [host.placeOf(NAME)] });
  },
};
