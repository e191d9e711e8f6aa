import { join } from 'node:path';
import { goodChain } from './certificates.ts';
import type { Host } from './host.ts';
import { accountOf, missingPrograms, versionIn } from './programs.ts';
import type { Service } from './service.ts';

const DEBIAN_PACKAGE = 'postgresql';
const OPEN = 'PostgreSQL for everyone';
const LOCKED = 'PostgreSQL with SCRAM and TLS';

async function startOne(host: Host, name: string, auth: string, tls: boolean): Promise<void> {
  const account = accountOf('postgres');
  const folder = host.folder(account);
  const data = join(folder, 'data');
  await host.setUp('initdb', ['-D', data, '-U', 'postgres', '--no-sync', '-E', 'UTF8', '--locale=C'], account);
  const rules = host.file(folder, 'hba', `host all all 127.0.0.0/8 ${auth}\n`, account);
  const { address, port } = host.placeOf(name);
  const { key, chain } = goodChain();
  const files = ['key', 'cert'].map((it, index) => host.file(folder, it, [key, chain][index] ?? '', account));
  const settings = [
    `listen_addresses=${address}`,
    'unix_socket_directories=',
    'fsync=off',
    'shared_buffers=16MB',
    `hba_file=${rules}`,
    ...(tls ? ['ssl=on', `ssl_key_file=${files[0]}`, `ssl_cert_file=${files[1]}`] : []),
  ];
  const args = ['-D', data, '-p', `${port}`, ...settings.flatMap((setting) => ['-c', setting])];
  // SIGQUIT: at once, without waiting for clients.
  await host.run('postgres', args, { account, places: [{ address, port }], stopSignal: 'SIGQUIT' });
}

export const postgresql: Service = {
  product: 'PostgreSQL',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'initdb', 'postgres'),
  version: () => versionIn(/\(PostgreSQL\) (\S+)/, 'postgres', '--version'),
  cases: [
    {
      name: OPEN,
      usualPort: 5432,
      protocol: 'postgresql',
      tells: 'version',
      facts: { openToStrangers: true, auth: 'none', tlsOffered: false },
      findings: ['postgresql-open', 'database-no-tls'],
      mayFind: ['end-of-life', 'end-of-life-packaged'],
    },
    {
      name: LOCKED,
      usualPort: 5432,
      protocol: 'postgresql',
      tells: 'product',
      facts: { openToStrangers: false, auth: 'sasl', tlsOffered: true, tls: true },
      tls: { startTls: { protocol: 'postgres', answer: 'ready' }, trust: { trusted: true }, nameMatches: true },
      findings: ['database-reachable'],
    },
  ],
  async start(host) {
    await Promise.all([startOne(host, OPEN, 'trust', false), startOne(host, LOCKED, 'scram-sha-256', true)]);
  },
};
