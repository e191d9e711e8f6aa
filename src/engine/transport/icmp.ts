import type { Outcome } from './transport.ts';

const UNREACHABLE: readonly (Outcome | undefined)[] = [
  'net-unreach',
  'host-unreach',
  'admin-prohibited', // 2, protocol: told by firewalls; a host that speaks no TCP at all would hardly be scanned
  'port-unreach',
  undefined, // 4, fragmentation needed: the kernel sends smaller packets
  'host-unreach', // 5, source route failed
  'net-unreach', // 6, network unknown
  'host-unreach', // 7, host unknown
  'host-unreach', // 8, source host isolated
  'admin-prohibited', // 9, network prohibited
  'admin-prohibited', // 10, host prohibited
  'net-unreach', // 11, for this type of service
  'host-unreach', // 12, for this type of service
  'admin-prohibited', // 13, communication prohibited
  'admin-prohibited', // 14, precedence violation
  'admin-prohibited', // 15, precedence cutoff
];

const UNREACHABLE_V6: readonly Outcome[] = [
  'net-unreach', // 0, no route
  'admin-prohibited', // 1
  'host-unreach', // 2, beyond scope of source address
  'host-unreach', // 3, address unreachable
  'port-unreach', // 4
  'admin-prohibited', // 5, source address failed policy
  'admin-prohibited', // 6, reject route
];

/**
 * What an ICMP error says about the port it was sent for: destination unreachable by its code (RFC 792, RFC 1122
 * §3.2.2.1, RFC 1812 §5.2.7.1), time exceeded and parameter problem as `host-unreach`, since no packet gets there.
 * `undefined` for messages that decide nothing.
 */
export function outcomeOfIcmp(type: number, code: number): Outcome | undefined {
  if (type === 3) return UNREACHABLE[code];
  return type === 11 || type === 12 ? 'host-unreach' : undefined;
}

/** The same for ICMPv6 (RFC 4443 §3). */
export function outcomeOfIcmpV6(type: number, code: number): Outcome | undefined {
  if (type === 1) return UNREACHABLE_V6[code];
  return type === 3 || type === 4 ? 'host-unreach' : undefined;
}
