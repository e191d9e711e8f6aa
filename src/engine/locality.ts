import { BlockList } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** RFC 1918, RFC 3927, RFC 4193, RFC 4291 §2.5.6. */
const PRIVATE = new BlockList();
PRIVATE.addSubnet('10.0.0.0', 8, 'ipv4');
PRIVATE.addSubnet('172.16.0.0', 12, 'ipv4');
PRIVATE.addSubnet('192.168.0.0', 16, 'ipv4');
PRIVATE.addSubnet('169.254.0.0', 16, 'ipv4');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');

/** Of what is known to be an address; node:net's own test takes milliseconds the first time. */
function isV6(address: string): boolean {
  return address.includes(':');
}

/** How near an address is, which decides on no more than pace and patience. */
export function localityOf(address: string): 'loopback' | 'private' | 'elsewhere' {
  const family = isV6(address) ? 'ipv6' : 'ipv4';
  if (LOOPBACK.check(address, family)) return 'loopback';
  return PRIVATE.check(address, family) ? 'private' : 'elsewhere';
}

/** The network whose budget an address belongs to: its IPv4 /24, or IPv6 /48 (what one site gets, RFC 6177). */
export function networkOf(address: string): string {
  if (!isV6(address)) return address.slice(0, address.lastIndexOf('.'));
  const [head = '', tail] = address.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  return [...front, ...zeros, ...back]
    .slice(0, 3)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':');
}
