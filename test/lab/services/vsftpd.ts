import { goodChain } from './certificates.ts';
import type { Host } from './host.ts';
import { missingPrograms, missingRoot, versionIn } from './programs.ts';
import type { Service } from './service.ts';

const DEBIAN_PACKAGE = 'vsftpd';
const WITH_TLS = 'vsftpd with TLS';
const ANONYMOUS = 'vsftpd that invites everyone';

async function startOne(host: Host, name: string, settings: readonly string[]): Promise<void> {
  const { address, port } = host.placeOf(name);
  const folder = host.folder();
  const all = [
    'listen=YES',
    'background=NO',
    `listen_address=${address}`,
    `listen_port=${port}`,
    `secure_chroot_dir=${folder}`,
    'local_enable=YES',
    'seccomp_sandbox=NO',
    ...settings,
  ];
  await host.run('vsftpd', [host.file(folder, 'vsftpd.conf', `${all.join('\n')}\n`)], { places: [{ address, port }] });
}

export const vsftpd: Service = {
  product: 'vsftpd',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'vsftpd', 'sh') ?? missingRoot(),
  // It writes to where it reads from.
  version: () => versionIn(/version (\S+)/, 'sh', '-c', 'PATH=$PATH:/usr/sbin vsftpd -v 0>&1'),
  cases: [
    {
      name: WITH_TLS,
      usualPort: 21,
      protocol: 'ftp',
      tells: 'version',
      facts: { code: 220, startTls: true, anonymousOffered: false },
      tls: { startTls: { protocol: 'ftp', answer: 'ready' }, trust: { trusted: true } },
      findings: [],
    },
    {
      name: ANONYMOUS,
      usualPort: 21,
      protocol: 'ftp',
      // Its own greeting is replaced, as on mirrors; the list of its features is not.
      tells: 'product',
      facts: { code: 220, startTls: false, anonymousOffered: true },
      tls: false,
      findings: ['ftp-no-tls', 'ftp-anonymous-offered'],
    },
  ],
  async start(host) {
    const folder = host.folder();
    const { key, chain } = goodChain();
    const tls = [
      'ssl_enable=YES',
      'anonymous_enable=NO',
      `rsa_cert_file=${host.file(folder, 'cert', chain)}`,
      `rsa_private_key_file=${host.file(folder, 'key', key)}`,
      'ssl_ciphers=HIGH',
    ];
    const mirror = ['anonymous_enable=YES', 'ftpd_banner=Welcome to the mirror. Log in as anonymous.'];
    await Promise.all([startOne(host, WITH_TLS, tls), startOne(host, ANONYMOUS, mirror)]);
  },
};
