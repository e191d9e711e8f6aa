import { describe, expect, test } from 'vitest';
import { classifyAddress, classifyRange } from '../../src/policy/addressClass.ts';

describe('single addresses', () => {
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.170.2',
    '169.254.170.23',
    '192.0.0.1',
    '192.0.0.170',
    '192.0.0.192',
    '192.0.2.1',
    '192.31.196.1',
    '192.52.193.1',
    '192.88.99.1',
    '192.175.48.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.250',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '100.100.100.200',
    '::',
    '::ffff:7f00:1',
    '::7f00:1',
    '::a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    '2002:7f00:1::1',
    '2001::1',
    '2001:0:53aa:64c:0:0:80ff:fffe',
    'fd00:ec2::254',
    'fd20:ce::254',
    'fec0::1',
    '100::1',
    '100:0:0:1::1',
    '2001:2::1',
    '2001:3::1',
    '2001:4:112::1',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '3fff::1',
    '5f00::1',
    '2620:4f:8000::1',
    '4000::1',
    '8000::1',
    '::8',
    'ff02::1',
    '2a00::5efe:7f00:1',
    '2a00::200:5efe:a00:1',
  ])('%s is never scanned', (address) => expect(classifyAddress(address).tier).toBe('forbidden'));

  test.each([
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'febf::1',
  ])('%s is private', (address) => expect(classifyAddress(address).tier).toBe('private'));

  test.each([
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '168.63.129.15',
    '168.63.129.17',
    '8.8.8.8',
    '2001:4860:4860::8888',
    '2606:4700::1111',
    '2001:200::1',
    '2003::1',
  ])('%s is a public neighbour', (address) => expect(classifyAddress(address).tier).toBe('global'));
});

describe('ranges', () => {
  test.each([
    ['10.1.2.0', 24, 'private'],
    ['127.0.0.0', 8, 'private'],
    ['::1', 128, 'private'],
    ['fd12:3456::', 48, 'private'],
    ['192.0.2.0', 24, 'forbidden'],
    ['192.168.0.0', 15, 'private'],
    ['192.0.0.0', 16, 'forbidden'],
    ['172.16.0.0', 11, 'private'],
    ['0.0.0.0', 0, 'forbidden'],
    ['::', 0, 'forbidden'],
    ['8.8.8.0', 24, 'global'],
    ['168.63.129.0', 24, 'global'],
    ['2606:4700::', 120, 'global'],
    ['2001:db8::', 120, 'forbidden'],
    ['4000::', 120, 'forbidden'],
    ['fe80::', 9, 'forbidden'],
    ['128.0.0.0', 2, 'private'],
    ['2a00::5efe:0:0', 96, 'forbidden'],
  ] as const)('%s/%i is %s', (base, prefix, tier) => expect(classifyRange(base, prefix).tier).toBe(tier));

  test('what is said of the widest ones', () => {
    const outside = 'outside global unicast (RFC 4291)';
    for (const [base, prefix] of [
      ['::', 0],
      ['4000::', 2],
    ] as const)
      expect(classifyRange(base, prefix).rule.text).toBe(outside);
    for (const [base, prefix] of [
      ['2000::', 3],
      ['0.0.0.0', 0],
    ] as const) {
      expect(classifyRange(base, prefix)).toMatchObject({
        tier: 'forbidden',
        rule: { text: expect.not.stringContaining(outside) },
      });
    }
  });
});
