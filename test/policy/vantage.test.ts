import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { type OwnNetworks, vantageOf } from '../../src/policy/vantage.ts';

const at = (cidr: string) => ({ cidr }) as NonNullable<OwnNetworks['interfaces'][string]>[number];
const own: OwnNetworks = {
  interfaces: {
    lo: [at('127.0.0.1/8'), at('::1/128')],
    eth0: [at('10.0.5.7/24'), at('2a00:1450:1::7/64'), at('fe80::1%eth0/64')],
    eth1: [at('8.8.4.5/30')],
    ppp0: [at('100.64.1.1/32')],
    gone: undefined,
    odd: [{ cidr: null } as NonNullable<OwnNetworks['interfaces'][string]>[number]],
  },
  publicAddresses: ['9.9.9.9', '2620:fe::9'],
};

describe('from where a target is seen', () => {
  test.each([
    ['127.0.0.1', 'this-host'],
    ['127.9.9.9', 'this-host'],
    ['::1', 'this-host'],
    ['10.0.5.7', 'this-host'],
    ['2a00:1450:1::7', 'this-host'],
    ['8.8.4.5', 'this-host'],
    ['10.0.5.8', 'same-network'],
    ['2a00:1450:1::8', 'same-network'],
    ['8.8.4.6', 'same-network'],
    ['10.0.6.7', 'private-network'],
    ['100.64.1.2', 'private-network'],
    ['fd00::1', 'private-network'],
    ['9.9.9.9', 'own-public-address'],
    ['2620:fe::9', 'own-public-address'],
    ['8.8.8.8', undefined],
    ['2620:fe::fe', undefined],
  ])('%s: %s', (address, vantage) => {
    expect(vantageOf(address, own)).toBe(vantage);
  });

  test('loopback is this host even where the system names no interface', () => {
    expect(vantageOf('127.0.0.1', { interfaces: {}, publicAddresses: [] })).toBe('this-host');
  });

  test("this machine's own interfaces are understood", () => {
    const addresses = Object.values(networkInterfaces()).flatMap((infos) => infos ?? []);
    for (const { address } of addresses.filter(({ address }) => !address.includes('%'))) {
      expect(vantageOf(address, { interfaces: networkInterfaces(), publicAddresses: [] }), address).toBe('this-host');
    }
  });
});
