import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from './host.ts';
import { isRoot, missingPrograms, said, versionIn } from './programs.ts';
import type { Service } from './service.ts';

const DEBIAN_PACKAGE = 'openssh-server';
const GOOD = 'OpenSSH as it comes';
const WEAK = 'OpenSSH with weak algorithms';

/** Of these algorithms those that this OpenSSH still takes. */
function known(kind: 'cipher' | 'mac' | 'kex', wanted: readonly string[]): readonly string[] {
  const all = said('ssh', '-Q', kind).split('\n');
  return wanted.filter((name) => all.includes(name));
}

async function startOne(host: Host, name: string, keyType: readonly string[], lines: readonly string[]): Promise<void> {
  const folder = host.folder();
  const key = join(folder, 'key');
  await host.setUp('ssh-keygen', ['-q', '-N', '', '-f', key, ...keyType]);
  const { address, port } = host.placeOf(name);
  const settings = ['PidFile none', 'UsePAM no', 'PasswordAuthentication no', 'MaxStartups 100', ...lines];
  const config = host.file(
    folder,
    'sshd_config',
    [`ListenAddress ${address}`, `HostKey ${key}`, ...settings].join('\n'),
  );
  await host.run('sshd', ['-D', '-e', '-f', config, '-p', `${port}`], { places: [{ address, port }] });
}

export const openssh: Service = {
  product: 'OpenSSH',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'sshd', 'ssh', 'ssh-keygen'),
  // sshd itself leaves the patch level out.
  version: () => versionIn(/OpenSSH_(\S+?),?\s/, 'ssh', '-V'),
  cases: [
    {
      name: GOOD,
      usualPort: 22,
      protocol: 'ssh',
      tells: 'version',
      facts: { protocolVersion: '2.0', offers: { strictKeyExchange: true } },
      findings: [],
      mayFind: ['end-of-life', 'end-of-life-packaged', 'system-end-of-life', 'ssh-no-post-quantum'],
    },
    {
      name: WEAK,
      usualPort: 22,
      protocol: 'ssh',
      tells: 'version',
      facts: { offers: { macToClient: ['hmac-sha1', 'hmac-sha1-96', 'hmac-md5'], hostKey: ['ssh-rsa'] } },
      findings: [
        'ssh-only-sha1-macs',
        'ssh-weak-key-exchange',
        'ssh-weak-ciphers',
        'ssh-weak-host-keys',
        'ssh-no-post-quantum',
      ],
      mayFind: ['end-of-life', 'end-of-life-packaged', 'system-end-of-life', 'ssh-terrapin'],
    },
  ],
  async start(host) {
    // Where Debian's unit has not made it yet: sshd of root refuses to run without.
    if (isRoot) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    await Promise.all([
      startOne(host, GOOD, ['-t', 'ed25519'], []),
      startOne(
        host,
        WEAK,
        ['-t', 'rsa', '-b', '2048'],
        [
          `Ciphers ${known('cipher', ['aes128-ctr', 'aes128-cbc', '3des-cbc'])}`,
          `MACs ${known('mac', ['hmac-sha1', 'hmac-sha1-96', 'hmac-md5'])}`,
          `KexAlgorithms ${known('kex', ['diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'])}`,
          'HostKeyAlgorithms ssh-rsa',
        ],
      ),
    ]);
  },
};
