import { goodChain } from './certificates.ts';
import type { Host } from './host.ts';
import { accountOf, missingPrograms, versionIn } from './programs.ts';
import type { Case, Service } from './service.ts';

const DEBIAN_PACKAGE = 'bind9';
const RESOLVING = 'BIND that resolves for everyone';
const OWN_ZONES = 'BIND for its own zones, inside TLS';

// It listens on addresses that an interface has been given: of the loopback network that is the first.
const common = { protocol: 'dns', tells: 'version', firstAddressOnly: true } as const;
const mayFind = ['end-of-life', 'end-of-life-packaged'];

const CASES: readonly Case[] = [
  {
    ...common,
    name: RESOLVING,
    usualPort: 53,
    facts: { recursionOffered: true, tls: false },
    findings: ['dns-open-resolver'],
    mayFind,
  },
  {
    ...common,
    name: OWN_ZONES,
    usualPort: 853,
    facts: { recursionOffered: false, tls: true },
    tls: { spoken: true, trust: { trusted: true }, nameMatches: true },
    findings: [],
    mayFind,
  },
];

async function startOne(host: Host, name: string, tls: boolean): Promise<void> {
  const account = accountOf('bind');
  const folder = host.folder(account);
  const { key, chain } = goodChain();
  const files = `key-file "${host.file(folder, 'key', key, account)}"; cert-file "${host.file(folder, 'cert', chain, account)}";`;
  const { address, port } = host.placeOf(name);
  const config = host.file(
    folder,
    'named.conf',
    `${tls ? `tls lab { ${files} };` : ''} controls {};
     options {
       directory "${folder}"; pid-file none; session-keyfile none; dnssec-validation no; listen-on-v6 { none; };
       listen-on port ${port} ${tls ? 'tls lab' : ''} { ${address}; }; empty-zones-enable no;
       recursion ${tls ? 'no' : 'yes; allow-recursion { any; }'};
     };`,
    account,
  );
  // Started as root where the port asks for it; it changes to its own user by itself.
  const user = account.uid === undefined ? [] : ['-u', 'bind'];
  await host.run('named', ['-g', '-n', '1', '-c', config, ...user], { places: [{ address, port }] });
}

export const bind: Service = {
  product: 'BIND',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'named'),
  version: () => versionIn(/BIND (\d+\.\d+\.\d+)/, 'named', '-v'),
  cases: CASES,
  async start(host) {
    await Promise.all([startOne(host, RESOLVING, false), startOne(host, OWN_ZONES, true)]);
  },
};
