import { goodChain } from './certificates.ts';
import { accountOf, missingPrograms, versionIn } from './programs.ts';
import type { Service } from './service.ts';

const DEBIAN_PACKAGE = 'mosquitto';
const OPEN = 'Mosquitto for everyone';
const LOCKED = 'Mosquitto with a password';
const TLS = 'Mosquitto with a password, inside TLS';

export const mosquitto: Service = {
  product: 'Mosquitto',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'mosquitto'),
  version: () => versionIn(/version (\S+)/, 'mosquitto', '-h'),
  cases: [
    {
      name: OPEN,
      usualPort: 1883,
      protocol: 'mqtt',
      tells: 'version',
      facts: { openToStrangers: true, returnCode: 0 },
      findings: ['mqtt-open'],
      mayFind: ['end-of-life'],
    },
    {
      name: LOCKED,
      usualPort: 1883,
      protocol: 'mqtt',
      tells: 'nothing',
      facts: { openToStrangers: false, returnCode: 5 },
      findings: [],
    },
    {
      name: TLS,
      usualPort: 8883,
      protocol: 'mqtt',
      tells: 'nothing',
      facts: { openToStrangers: false, returnCode: 5, tls: true },
      tls: { trust: { trusted: true }, nameMatches: true },
      findings: [],
    },
  ],
  async start(host) {
    const account = accountOf('mosquitto');
    const folder = host.folder(account);
    const { key, chain } = goodChain();
    const [keyFile, chainFile] = [host.file(folder, 'key', key, account), host.file(folder, 'cert', chain, account)];
    const places = [OPEN, LOCKED, TLS].map(host.placeOf);
    const listeners = places.map(({ address, port }, index) => {
      const tls = index === 2 ? `certfile ${chainFile}\nkeyfile ${keyFile}\n` : '';
      return `listener ${port} ${address}\nallow_anonymous ${index === 0}\n${tls}`;
    });
    const config = `per_listener_settings true\npersistence false\nlog_dest stderr\n${listeners.join('')}`;
    await host.run('mosquitto', ['-c', host.file(folder, 'mosquitto.conf', config, account)], { account, places });
  },
};
