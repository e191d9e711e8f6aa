import { setTimeout as delay } from 'node:timers/promises';
import { accountOf, missingPrograms, versionIn } from './programs.ts';
import type { Service } from './service.ts';

const DEBIAN_PACKAGE = 'prometheus';
const NAME = 'Prometheus for everyone';
const READY_LIMIT_MS = 10_000;

export const prometheus: Service = {
  product: 'Prometheus',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'prometheus'),
  version: () => versionIn(/version (\d+\.\d+\.\d+)/, 'prometheus', '--version'),
  cases: [
    {
      name: NAME,
      usualPort: 9090,
      protocol: 'prometheus',
      tells: 'version',
      facts: { openToStrangers: true },
      findings: ['prometheus-open'],
      mayFind: ['end-of-life'],
    },
  ],
  async start(host) {
    const account = accountOf('prometheus');
    const folder = host.folder(account);
    const files = [
      `--config.file=${host.file(folder, 'config.yml', 'global: {}\n', account)}`,
      `--storage.tsdb.path=${folder}/data`,
    ];
    const at = host.endpointOf(NAME);
    await host.run('prometheus', [...files, `--web.listen-address=${at}`], { account, places: [host.placeOf(NAME)] });
    for (const endMs = Date.now() + READY_LIMIT_MS; Date.now() < endMs; await delay(50)) {
      const answer = await fetch(`http://${at}/-/ready`).catch(() => undefined);
      if (answer?.ok) return;
    }
    throw new Error('Prometheus did not become ready');
  },
};
