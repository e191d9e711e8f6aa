import { goodChain } from './certificates.ts';
import { accountOf, missingPrograms, missingRoot, versionIn } from './programs.ts';
import type { Case, Service } from './service.ts';

const DEBIAN_PACKAGE = 'dovecot-imapd dovecot-pop3d';
const version = (): string => versionIn(/^(\S+)/, 'dovecot', '--version');

const common = { tells: 'product', mayFind: ['end-of-life'] } as const;
const inOrder = { spoken: true, trust: { trusted: true }, nameMatches: true };

const CASES: readonly Case[] = [
  {
    name: 'IMAP that wants TLS first',
    usualPort: 143,
    protocol: 'imap',
    ...common,
    facts: { greeting: 'OK', startTls: true, authBeforeTls: false },
    tls: { ...inOrder, startTls: { protocol: 'imap', answer: 'ready' } },
    findings: [],
  },
  {
    name: 'IMAP without TLS',
    usualPort: 143,
    protocol: 'imap',
    ...common,
    facts: { startTls: false, authBeforeTls: true },
    tls: false,
    findings: ['mail-auth-before-tls', 'mailbox-no-tls'],
  },
  {
    name: 'IMAP inside TLS',
    usualPort: 993,
    protocol: 'imap',
    ...common,
    facts: { tls: true, greeting: 'OK' },
    tls: inOrder,
    findings: [],
  },
  {
    name: 'POP3 that wants TLS first',
    usualPort: 110,
    protocol: 'pop3',
    ...common,
    facts: { startTls: true, authBeforeTls: false },
    tls: { ...inOrder, startTls: { protocol: 'pop3', answer: 'ready' } },
    findings: [],
  },
  {
    name: 'POP3 inside TLS',
    usualPort: 995,
    protocol: 'pop3',
    ...common,
    facts: { tls: true },
    tls: inOrder,
    findings: [],
  },
];

export const dovecot: Service = {
  product: 'Dovecot',
  debianPackage: DEBIAN_PACKAGE,
  missing() {
    const why = missingPrograms(DEBIAN_PACKAGE, 'dovecot') ?? missingRoot();
    // 2.4 reads another language of settings.
    return why ?? (/^2\.[0-3]\./.test(version()) ? undefined : 'this Dovecot is newer than the settings here');
  },
  version,
  cases: CASES,
  async start(host) {
    const folder = host.folder();
    const { key, chain } = goodChain();
    const listeners = (protocol: 'imap' | 'pop3') =>
      CASES.filter((one) => one.protocol === protocol).map(({ name, usualPort }, index) => {
        const { address, port } = host.placeOf(name);
        const ssl = usualPort > 900 ? 'ssl = yes' : '';
        return `inet_listener ${protocol}${index} {\n address = ${address}\n port = ${port}\n ${ssl}\n }`;
      });
    // What stands there by default would listen on every address.
    const off = (name: string) => `inet_listener ${name} {\n port = 0\n }`;
    const service = (protocol: 'imap' | 'pop3') =>
      [`service ${protocol}-login {`, off(protocol), off(`${protocol}s`), ...listeners(protocol), '}'].join('\n');
    const places = CASES.map(({ name }) => host.placeOf(name));
    const account = accountOf('dovecot');
    const settings = [
      `base_dir = ${folder}/run`,
      `state_dir = ${folder}/state`,
      'log_path = /dev/stderr',
      'protocols = imap pop3',
      `ssl_cert = <${host.file(folder, 'cert', chain)}`,
      `ssl_key = <${host.file(folder, 'key', key)}`,
      'disable_plaintext_auth = yes',
      `passdb {\n driver = static\n args = nopassword=no password=secret\n}`,
      `userdb {\n driver = static\n args = uid=${account.uid ?? 65_534} gid=${account.gid ?? 65_534} home=/nonexistent\n}`,
      service('imap'),
      service('pop3'),
      `local ${places[1]?.address} {\n ssl = no\n disable_plaintext_auth = no\n}`,
    ];
    const config = host.file(folder, 'dovecot.conf', `${settings.join('\n')}\n`);
    await host.run('dovecot', ['-F', '-c', config], { places });
  },
};
