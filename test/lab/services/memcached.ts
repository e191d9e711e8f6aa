import type { Host } from './host.ts';
import { accountOf, missingPrograms, versionIn } from './programs.ts';
import type { Service } from './service.ts';

const DEBIAN_PACKAGE = 'memcached';
const OPEN = 'Memcached for everyone';
const LOCKED = 'Memcached with a password';

async function startOne(host: Host, name: string, settings: readonly string[]): Promise<void> {
  const { address, port } = host.placeOf(name);
  const args = ['-l', address, '-p', `${port}`, '-U', '0', '-m', '16', ...settings];
  await host.run('memcached', args, { account: accountOf('memcache'), places: [{ address, port }] });
}

export const memcached: Service = {
  product: 'Memcached',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'memcached'),
  version: () => versionIn(/memcached (\S+)/, 'memcached', '-V'),
  cases: [
    {
      name: OPEN,
      usualPort: 11_211,
      protocol: 'memcached',
      tells: 'version',
      facts: { openToStrangers: true, stats: true },
      findings: ['memcached-open'],
      mayFind: ['end-of-life'],
    },
    {
      name: LOCKED,
      usualPort: 11_211,
      protocol: 'memcached',
      tells: 'product',
      facts: { openToStrangers: false, stats: false },
      findings: ['database-reachable'],
    },
  ],
  async start(host) {
    const account = accountOf('memcache');
    const passwords = host.file(host.folder(account), 'passwords', 'somebody:secret\n', account);
    await Promise.all([startOne(host, OPEN, []), startOne(host, LOCKED, ['-Y', passwords])]);
  },
};
