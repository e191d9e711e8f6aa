import fc from 'fast-check';

/** Addresses that must never see a packet, in IPv4: one of each special range and every metadata service. */
const SPECIAL_IPV4 = [
  '0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 127.0.0.1 127.255.255.254 169.254.0.1 169.254.169.254 172.16.0.1',
  '192.0.0.1 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.175.48.1 198.18.0.1',
  '198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 168.63.129.16 100.100.100.200',
]
  .join(' ')
  .split(' ');
const SPECIAL_IPV6 = [
  ':: ::1 fe80::1 fc00::1 fd00:ec2::254 fd20:ce::254 fec0::1 ff02::1 100::1 100:0:0:1::1 2001:2::1 2001:db8::1 3fff::1',
  '5f00::1 2620:4f:8000::1 4000::1 8000::1 ::8 2001::1 64:ff9b:1::1',
]
  .join(' ')
  .split(' ');
const LURES = [
  '@everyone',
  '<@123456789012345678>',
  '[x](https://evil.example)',
  '`',
  '```',
  '\\',
  '||',
  '$(id)',
  '; ls',
];
const INVISIBLE = ['\u200b', '\u00ad', '\u202e', '\u2066', '\u0000', '\n', '\r\n', '\t', '\u00a0', '\ufeff', '\u2028'];

const ipv4 = fc.constantFrom(...SPECIAL_IPV4);
const ipv6 = fc.constantFrom(...SPECIAL_IPV6);
const octets = (address: string) => address.split('.').map(Number);
const asNumber = (address: string) => octets(address).reduce((sum, octet) => sum * 256 + octet, 0);
const asHex = (address: string) => octets(address).map((octet) => octet.toString(16).padStart(2, '0'));
const words = (address: string) => {
  const [a, b, c, d] = asHex(address);
  return `${a}${b}:${c}${d}`;
};

/** An IPv4 address as other programs would still read it. */
const spelledIpv4 = fc
  .tuple(
    ipv4,
    fc.constantFrom<(address: string) => string>(
      (address) => address,
      (address) => String(asNumber(address)),
      (address) => `0x${asHex(address).join('')}`,
      (address) => `0${asNumber(address).toString(8)}`,
      (address) =>
        asHex(address)
          .map((hex) => `0x${hex}`)
          .join('.'),
      (address) =>
        octets(address)
          .map((octet) => `0${octet.toString(8)}`)
          .join('.'),
      (address) =>
        octets(address)
          .map((octet) => String(octet).padStart(3, '0'))
          .join('.'),
      (address) => address.replace(/^(\d+)\.\d+\.\d+\.(\d+)$/, '$1.$2'),
      (address) => address.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
      (address) => address.replace(/\d/g, (digit) => String.fromCharCode(0x0660 + Number(digit))),
      (address) => address.replaceAll('.', '。'),
      (address) => `${address}.`,
      (address) => `[${address}]`,
      (address) => `${address}:22`,
      (address) => `${address}/32`,
      (address) => `http://${address}/`,
      (address) => `user:secret@${address}`,
      (address) => `${address}%eth0`,
      (address) => `::ffff:${address}`,
      (address) => `::${address}`,
      (address) => `::ffff:0:${address}`,
      (address) => `64:ff9b::${address}`,
      (address) => `64:ff9b:1::${address}`,
      (address) => `::${words(address)}`,
      (address) => `2002:${words(address)}::1`,
      (address) => `2a00::5efe:${words(address)}`,
      (address) => `2a00::200:5efe:${words(address)}`,
    ),
  )
  .map(([address, spell]) => spell(address));

const spelledIpv6 = fc
  .tuple(
    ipv6,
    fc.constantFrom<(address: string) => string>(
      (address) => address,
      (address) => address.toUpperCase(),
      (address) => `[${address}]`,
      (address) => `${address}%lo`,
      (address) => `${address}%25eth0`,
      (address) => `${address}/128`,
      (address) => `[${address}]:22`,
      (address) => `http://[${address}]/`,
    ),
  )
  .map(([address, spell]) => spell(address));

/** Names that resolve to what must not be scanned; a test's DNS server answers for `.rebind.example.org`. */
const rebinding = fc.oneof(ipv4, ipv6).map((address) => `${address.replaceAll(/[.:]/g, '-')}.rebind.example.org`);

const specialNames = fc.constantFrom(
  ...'localhost LOCALHOST localhost. foo.localhost localhost.localdomain ip6-localhost db printer metadata'.split(' '),
  ...'metadata.google.internal instance-data.ec2.internal kubernetes.default.svc host.docker.internal'.split(' '),
  ...'com co.uk github.io s3.amazonaws.com example.123 example.0x1 xn-- xn--a xn--a.example.org'.split(' '),
  ...'exаmple.com ｅｘａｍｐｌｅ.com example。com ☕.example.org __proto__ constructor toString.com'.split(' '),
);

const broken = fc
  .tuple(
    fc.oneof(ipv4, ipv6, fc.constant('allowed.example.org'), fc.constant('8.8.8.8')),
    fc.constantFrom(...LURES, ...INVISIBLE, '..', '/..', '#', '?', '%2f', '\\@', ' ', '*', '_', '-'),
    fc.nat(20),
  )
  .map(([text, insert, at]) => text.slice(0, at) + insert + text.slice(at))
  // Ordinary blanks around a host are no offence.
  .filter((text) => !['8.8.8.8', 'allowed.example.org'].includes(text.replace(/^[ \t]+|[ \t]+$/g, '')));

const noise = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }),
  fc.stringMatching(/^[0-9a-fx.:%/]{1,60}$/),
  fc.nat(5_999).map((length) => 'a'.repeat(length + 1)),
  fc.nat(2_000).map((length) => '1.'.repeat(length + 1)),
);

/** A host that must not be scanned, as somebody might type it who wants it scanned. */
export const hostileTarget = fc.oneof(
  { weight: 4, arbitrary: spelledIpv4 },
  { weight: 2, arbitrary: spelledIpv6 },
  { weight: 2, arbitrary: rebinding },
  { weight: 1, arbitrary: specialNames },
  { weight: 3, arbitrary: broken },
  { weight: 2, arbitrary: noise },
);

/** What `<anything>.rebind.example.org` resolves to: the address in its first label. */
export function rebindAddress(name: string): string | undefined {
  const label = name.split('.', 1)[0] ?? '';
  return [...SPECIAL_IPV4, ...SPECIAL_IPV6].find((address) => address.replaceAll(/[.:]/g, '-') === label);
}

export const FORBIDDEN_ADDRESSES: readonly string[] = [...SPECIAL_IPV4, ...SPECIAL_IPV6];
