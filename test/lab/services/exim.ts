import { goodChain } from './certificates.ts';
import type { Host } from './host.ts';
import { accountOf, missingPrograms, missingRoot, versionIn } from './programs.ts';
import type { Service } from './service.ts';

const DEBIAN_PACKAGE = 'exim4-daemon-light';
const WITH_TLS = 'Exim with STARTTLS';
const PLAIN = 'Exim without TLS, with passwords';

async function startOne(host: Host, name: string, settings: readonly string[]): Promise<void> {
  const { address, port } = host.placeOf(name);
  const account = accountOf('Debian-exim');
  const folder = host.folder(account);
  const all = [
    'primary_hostname = service.test',
    `local_interfaces = <; ${address}`,
    `daemon_smtp_ports = ${port}`,
    `spool_directory = ${folder}`,
    `log_file_path = ${folder}/%slog`,
    `pid_file_path = ${folder}/pid`,
    'host_lookup =',
    'rfc1413_query_timeout = 0s',
    'keep_environment =',
    ...settings,
  ];
  const config = host.file(folder, 'exim.conf', `${all.join('\n')}\n`);
  await host.run('exim4', ['-bdf', '-C', config], { places: [{ address, port }] });
}

export const exim: Service = {
  product: 'Exim',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'exim4') ?? missingRoot(),
  version: () => versionIn(/Exim version (\S+)/, 'exim4', '-bV'),
  cases: [
    {
      name: WITH_TLS,
      usualPort: 25,
      protocol: 'smtp',
      tells: 'version',
      facts: { code: 220, startTls: true, authBeforeTls: false },
      tls: { startTls: { protocol: 'smtp', answer: 'ready' }, trust: { trusted: true }, nameMatches: true },
      findings: [],
      mayFind: ['end-of-life', 'end-of-life-packaged'],
    },
    {
      name: PLAIN,
      usualPort: 587,
      protocol: 'smtp',
      tells: 'version',
      facts: { startTls: false, auth: ['PLAIN'], authBeforeTls: true },
      tls: false,
      findings: ['smtp-no-starttls', 'mail-auth-before-tls'],
      mayFind: ['end-of-life', 'end-of-life-packaged'],
    },
  ],
  async start(host) {
    const account = accountOf('Debian-exim');
    const folder = host.folder(account);
    const { key, chain } = goodChain();
    const tls = [
      'tls_advertise_hosts = *',
      // Of GnuTLS, which still takes the old ones by itself.
      'tls_require_ciphers = NORMAL:-VERS-TLS-ALL:+VERS-TLS1.3:+VERS-TLS1.2',
      `tls_certificate = ${host.file(folder, 'cert', chain, account)}`,
      `tls_privatekey = ${host.file(folder, 'key', key, account)}`,
    ];
    const plain = [
      'tls_advertise_hosts =',
      'begin authenticators',
      'plain:',
      '  driver = plaintext',
      '  public_name = PLAIN',
      '  server_condition = false',
      '  server_prompts = :',
    ];
    await Promise.all([startOne(host, WITH_TLS, tls), startOne(host, PLAIN, plain)]);
  },
};
