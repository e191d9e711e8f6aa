import type { Reason } from '../../engine/types.ts';

/** Why a port has its state, as a phrase of at most 60 characters. */
export const REASON_MEANING: Readonly<Record<Reason, string>> = {
  'syn-ack': 'the host accepted the connection (SYN-ACK)',
  'udp-response': 'a service answered over UDP',
  'conn-refused': 'the host refused (RST): nothing listens',
  'syn-proxy': 'a proxy accepted first, then hung up: nothing behind it',
  'no-response': 'silence, even after asking again: likely a firewall',
  'rst-rate-limited': 'silent, as the host limits its refusals: not open',
  'icmp-rate-limited': 'silent, as the host limits its ICMP errors: not open',
  'port-unreach': 'an ICMP error says: nothing listens, or rejected',
  'host-unreach': 'a router or the host says: host unreachable (ICMP)',
  'net-unreach': 'a router says: no way to that network (ICMP)',
  'admin-prohibited': 'a firewall says: forbidden (ICMP)',
  'no-descriptor': 'the scanner ran out of open files or sockets',
  'no-source-port': 'the scanner ran out of source ports',
  'no-buffer': 'the scanner ran out of network buffers',
  'no-route': 'the scanner has no route to the address',
  'local-firewall': 'a firewall on the scanner itself stopped the packet',
  unexpected: 'the scanner met an error it does not know',
};

/** A line each, for a page that explains these reasons. */
export function reasonLines(reasons: readonly Reason[]): string {
  return reasons.map((reason) => `\`${reason}\`: ${REASON_MEANING[reason]}`).join('\n');
}
