import { setTimeout as delay } from 'node:timers/promises';
import { endpoint } from './host.ts';
import { createAllot } from './places.ts';
import { accountOf, missingPrograms, versionIn } from './programs.ts';
import type { Service } from './service.ts';

const DEBIAN_PACKAGE = 'etcd-server';
const NAME = 'etcd for everyone';
const LEADER_LIMIT_MS = 10_000;

export const etcd: Service = {
  product: 'etcd',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'etcd'),
  version: () => versionIn(/Version: (\S+)/, 'etcd', '--version'),
  cases: [
    {
      name: NAME,
      usualPort: 2379,
      protocol: 'etcd',
      tells: 'version',
      facts: { openToStrangers: true, rangeStatus: 200, keys: 0 },
      findings: ['etcd-open'],
      mayFind: ['end-of-life'],
    },
  ],
  async start(host) {
    const account = accountOf('etcd');
    const clients = `http://${host.endpointOf(NAME)}`;
    const peers = `http://${endpoint(await createAllot('free')({ usualPort: 2380, firstAddressOnly: true }))}`;
    const urls = ['--listen-client-urls', clients, '--advertise-client-urls', clients, '--listen-peer-urls', peers];
    const cluster = ['--initial-advertise-peer-urls', peers, '--initial-cluster', `default=${peers}`];
    const places = [host.placeOf(NAME)];
    await host.run('etcd', ['--data-dir', host.folder(account), '--unsafe-no-fsync', ...urls, ...cluster], {
      account,
      places,
    });
    // It listens before it has a leader.
    for (const endMs = Date.now() + LEADER_LIMIT_MS; Date.now() < endMs; await delay(50)) {
      const answer = await fetch(`${clients}/health`).catch(() => undefined);
      if (answer?.ok && (await answer.text()).includes('"true"')) return;
    }
    throw new Error('etcd found no leader');
  },
};
