import { accountOf, missingPrograms, versionIn } from './programs.ts';
import type { Service } from './service.ts';

const DEBIAN_PACKAGE = 'tigervnc-standalone-server';
const OPEN = 'TigerVNC for everyone';
const OPEN_TLS = 'TigerVNC for everyone, inside TLS';
const PASSWORD = 'TigerVNC with the old password method';

/** By case: `-SecurityTypes`. */
const KINDS = [
  [OPEN, 'None'],
  [OPEN_TLS, 'TLSNone'],
  [PASSWORD, 'VncAuth'],
] as const;

const common = { usualPort: 5900, protocol: 'vnc', tells: 'product' } as const;

export const tigervnc: Service = {
  product: 'TigerVNC',
  debianPackage: DEBIAN_PACKAGE,
  missing: () => missingPrograms(DEBIAN_PACKAGE, 'Xtigervnc'),
  version: () => versionIn(/TigerVNC (\S+)/, 'Xtigervnc', '-version'),
  cases: [
    { ...common, name: OPEN, facts: { openToStrangers: true, securityTypes: [1] }, findings: ['vnc-open'] },
    {
      ...common,
      name: OPEN_TLS,
      facts: { openToStrangers: true, securityTypes: [19], veNCryptTypes: [257] },
      findings: ['vnc-open'],
    },
    {
      ...common,
      name: PASSWORD,
      facts: { openToStrangers: false, securityTypes: [2] },
      findings: ['vnc-weak-password-method'],
    },
  ],
  async start(host) {
    const account = accountOf('nobody');
    const folder = host.folder(account);
    const password = host.file(folder, 'password', Buffer.alloc(8, 7), account);
    await Promise.all(
      KINDS.map(async ([name, types]) => {
        const { address, port } = host.placeOf(name);
        const screen = ['-geometry', '64x64', '-depth', '16', '-nolisten', 'tcp', '-nolisten', 'unix'];
        // It counts every visit that does not log in, and soon refuses all.
        const listen = ['-interface', address, '-rfbport', `${port}`, '-BlacklistThreshold', '1000000'];
        // The number of a display that is free is found by the server, and said on its standard output.
        const args = ['-displayfd', '1', ...screen, ...listen, '-SecurityTypes', types, '-PasswordFile', password];
        await host.run('Xtigervnc', args, { account, env: { HOME: folder }, places: [{ address, port }] });
      }),
    );
  },
};
