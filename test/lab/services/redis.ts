import type { Host } from './host.ts';
import { accountOf, missingPrograms, versionIn } from './programs.ts';
import type { Service } from './service.ts';

const DEBIAN_PACKAGE = 'redis-server';
const OPEN = 'Redis for everyone';
const LOCKED = 'Redis with a password';

/** Protected mode answers this machine as if it were off: test/lab/protectedMode.test.ts asks from elsewhere. */
async function startOne(host: Host, name: string, settings: readonly string[]): Promise<void> {
  const account = accountOf('redis');
  const { address, port } = host.placeOf(name);
  const args = ['--port', `${port}`, '--bind', address, '--save', '', '--dir', host.folder(account), ...settings];
  await host.run('redis-server', args, { account, places: [{ address, port }] });
}

export const redis: Service = {
  product: 'Redis',
  alsoCalled: ['valkey'],
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'redis-server'),
  version: () => versionIn(/v=(\S+)/, 'redis-server', '--version'),
  cases: [
    {
      name: OPEN,
      usualPort: 6379,
      protocol: 'redis',
      tells: 'version',
      facts: { openToStrangers: true, answer: 'pong', mode: 'standalone' },
      findings: ['redis-open'],
      mayFind: ['end-of-life'],
    },
    {
      name: LOCKED,
      usualPort: 6379,
      protocol: 'redis',
      tells: 'product',
      facts: { openToStrangers: false, answer: 'no-auth' },
      findings: ['database-reachable'],
    },
  ],
  async start(host) {
    await Promise.all([
      startOne(host, OPEN, ['--protected-mode', 'no']),
      startOne(host, LOCKED, ['--requirepass', 'secret']),
    ]);
  },
};
