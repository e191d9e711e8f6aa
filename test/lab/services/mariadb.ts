import { join } from 'node:path';
import { accountOf, missingPrograms, versionIn } from './programs.ts';
import type { Service } from './service.ts';

const DEBIAN_PACKAGE = 'mariadb-server';
const NAME = 'MariaDB as it comes';

export const mariadb: Service = {
  product: 'MariaDB',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'mariadbd', 'mariadb-install-db'),
  version: () => versionIn(/Ver (\d+\.\d+\.\d+)/, 'mariadbd', '--version'),
  cases: [
    {
      name: NAME,
      usualPort: 3306,
      protocol: 'mysql',
      tells: 'version',
      facts: { authPlugin: 'mysql_native_password' },
      findings: ['database-reachable'],
      // Since 11.3 it makes itself a certificate.
      mayFind: ['database-no-tls', 'end-of-life', 'end-of-life-packaged'],
    },
  ],
  async start(host) {
    const account = accountOf('mysql');
    const folder = host.folder(account);
    const { address, port } = host.placeOf(NAME);
    const common = ['--no-defaults', `--datadir=${join(folder, 'data')}`, '--innodb-log-file-size=4M'];
    const small = ['--innodb-buffer-pool-size=8M', '--skip-log-bin', '--innodb-flush-log-at-trx-commit=0'];
    await host.setUp(
      'mariadb-install-db',
      [...common, '--skip-test-db', '--auth-root-authentication-method=normal'],
      account,
    );
    const args = [...common, ...small, `--bind-address=${address}`, `--port=${port}`, `--socket=${folder}/socket`];
    await host.run('mariadbd', [...args, `--pid-file=${folder}/pid`, '--max-connect-errors=100000'], {
      account,
      places: [{ address, port }],
      stopSignal: 'SIGKILL',
    });
  },
};
