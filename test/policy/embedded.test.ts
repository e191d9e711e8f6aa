import fc from 'fast-check';
import { Address6 } from 'ip-address';
import { describe, expect, test } from 'vitest';
import { canonicalAddress, parseLiteral } from '../../src/engine/hosts/address.ts';
import { type AddressClass, classifyAddress, classifyRange } from '../../src/policy/addressClass.ts';
import { embeddedIpv4 } from '../../src/policy/embedded.ts';

const saidOf = ({ tier, rule }: AddressClass) => [tier, rule.text];

describe('IPv4 within IPv6 is judged by what it means (C4 to C12)', () => {
  test.each([
    ['::ffff:127.0.0.1', 'IPv4-mapped of 127.0.0.1, loopback (RFC 1122)'],
    ['0:0:0:0:0:ffff:7f00:0001', 'IPv4-mapped of 127.0.0.1, loopback (RFC 1122)'],
    ['::ffff:8.8.8.8', 'IPv4-mapped of 8.8.8.8 (RFC 4291)'],
    ['::ffff:0:127.0.0.1', 'IPv4-translated of 127.0.0.1, loopback (RFC 1122)'],
    ['::127.0.0.1', 'IPv4-compatible of 127.0.0.1, loopback (RFC 1122)'],
    ['::7f00:1', 'IPv4-compatible of 127.0.0.1, loopback (RFC 1122)'],
    ['::a9fe:a9fe', 'IPv4-compatible of 169.254.169.254, cloud metadata service'],
    ['::8', 'IPv4-compatible of 0.0.0.8, “this network” (RFC 791)'],
    ['64:ff9b::10.0.0.1', 'NAT64 of 10.0.0.1, private network (RFC 1918)'],
    ['64:ff9b:1::a9fe:a9fe', 'local-use NAT64 of 169.254.169.254, cloud metadata service'],
    ['64:ff9b:1:a9fe:a9:fe00::', 'local-use NAT64 of 169.254.169.254, cloud metadata service'],
    ['2002:7f00:1::1', '6to4 of 127.0.0.1, loopback (RFC 1122)'],
    ['2002:c0a8:1::', '6to4 of 192.168.0.1, private network (RFC 1918)'],
    ['2002:808:808::1', '6to4 of 8.8.8.8 (RFC 3056)'],
    ['2001:0:53aa:64c:0:0:80ff:fffe', 'Teredo of 127.0.0.1, loopback (RFC 1122)'],
    ['2001::1', 'Teredo of 255.255.255.254, reserved (RFC 1112)'],
    ['2a00::5efe:7f00:1', 'ISATAP of 127.0.0.1, loopback (RFC 1122)'],
    ['2a00::200:5efe:a00:1', 'ISATAP of 10.0.0.1, private network (RFC 1918)'],
    ['fd00::5efe:127.0.0.1', 'ISATAP of 127.0.0.1, loopback (RFC 1122)'],
  ])('%s: %s', (address, rule) => expect(saidOf(classifyAddress(address))).toEqual(['forbidden', rule]));

  test('a range below a convention is forbidden like its addresses', () => {
    expect(saidOf(classifyRange('2a00::5efe:808:800', 120))).toEqual(['forbidden', 'ISATAP (RFC 5214)']);
    expect(classifyRange('::ffff:8.8.8.0', 120).tier).toBe('forbidden');
    expect(classifyRange('2a00::', 64).tier).toBe('global');
  });

  test('unspecified and loopback are themselves, not conventions', () => {
    expect(saidOf(classifyAddress('::'))).toEqual(['forbidden', 'unspecified address (RFC 4291)']);
    expect(saidOf(classifyAddress('::1'))).toEqual(['private', 'loopback (RFC 4291)']);
  });

  test('another library decodes 6to4, Teredo and NAT64 to the same addresses', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), (client, server) => {
        const hex = (ipv4: string, flip = 0) =>
          ipv4
            .split('.')
            .map((byte) => (Number(byte) ^ flip).toString(16).padStart(2, '0'))
            .join('')
            .replace(/^(.{4})/, '$1:');
        const sixToFour = `2002:${hex(client)}::1`;
        const teredo = `2001:0:${hex(server)}:8000:1234:${hex(client, 0xff)}`;
        expect(new Address6(sixToFour).inspect6to4().gateway).toBe(embeddedIpv4(parseLiteral(sixToFour))?.ipv4);
        expect(new Address6(teredo).inspectTeredo().client4).toBe(embeddedIpv4(parseLiteral(teredo))?.ipv4);
        const nat64 = canonicalAddress(`64:ff9b::${client}`);
        expect(new Address6(nat64).toAddress4Nat64()?.address).toBe(embeddedIpv4(parseLiteral(nat64))?.ipv4);
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  test('ordinary addresses carry none', () => {
    for (const address of ['8.8.8.8', '2001:4860:4860::8888', '2a00::5eff:7f00:1', 'fe80::1']) {
      expect(embeddedIpv4(parseLiteral(address))).toBeUndefined();
    }
  });
});

describe('metadata services, in clouds of all sorts (B10 to B17, B32, B33, C16)', () => {
  test.each([
    '169.254.169.254',
    '169.254.169.253',
    '169.254.170.2',
    '169.254.170.23',
    '169.254.0.23',
    '169.254.42.42',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd00:ec2::253',
    'fd00:ec2::23',
    'fd20:ce::254',
    'fd00:42::42',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
  ])('%s is named for what it is', (address) => {
    const { tier, rule } = classifyAddress(address);
    expect([tier, /cloud/.test(rule.text)]).toEqual(['forbidden', true]);
  });

  test('the neighbours are what their range is', () => {
    expect(classifyAddress('169.254.169.252').tier).toBe('private');
    expect(classifyAddress('100.100.100.201').tier).toBe('private');
    expect(classifyAddress('168.63.129.17').tier).toBe('global');
    expect(classifyAddress('fd00:ec2::255').tier).toBe('private');
  });
});
