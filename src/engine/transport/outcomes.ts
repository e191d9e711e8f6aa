import { networkInterfaces } from 'node:os';
import type { Outcome } from './transport.ts';

/**
 * What an error number of connect(2) or send(2) says. `local`: the call itself failed, so nothing left this machine;
 * otherwise the error came back from the network. Linux maps ICMP (RFC 792) host unreachable and prohibited to
 * EHOSTUNREACH, net unreachable to ENETUNREACH, host unknown to EHOSTDOWN, host isolated to ENONET, parameter problem
 * to EPROTO, protocol unreachable to ENOPROTOOPT, port unreachable to ECONNREFUSED; ICMPv6 (RFC 4443) prohibited and
 * policy to EACCES.
 */
export function outcomeOfError(code: string | undefined, local: boolean): Outcome {
  switch (code) {
    case 'ECONNREFUSED':
      return 'conn-refused';
    case 'ENOPROTOOPT':
      return local ? 'unexpected' : 'admin-prohibited';
    case 'EINVAL':
    case 'EAFNOSUPPORT':
      return 'no-route';
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
    case 'ENONET':
      return local ? 'no-route' : 'host-unreach';
    case 'EPROTO':
      return local ? 'unexpected' : 'host-unreach';
    case 'ENETUNREACH':
      return local ? 'no-route' : 'net-unreach';
    case 'EACCES':
      return local ? 'local-firewall' : 'admin-prohibited';
    case 'EPERM':
      return 'local-firewall';
    case 'EMFILE':
    case 'ENFILE':
      return 'no-descriptor';
    case 'EADDRNOTAVAIL':
      return 'no-source-port';
    case 'ENOBUFS':
    case 'ENOMEM':
    case 'ENOSPC':
    case 'EAGAIN':
      return 'no-buffer';
    case 'ETIMEDOUT':
      return 'gave-up';
    default:
      return 'unexpected';
  }
}

/**
 * True for an error that only a finished handshake can bring: a RST in answer to the SYN is ECONNREFUSED, one after it
 * ECONNRESET, or EPIPE where a FIN came first (tcp_reset in Linux).
 */
export function isReset(code: string | undefined): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}

const isLoopback = (address: string) => address === '::1' || address.startsWith('127.');

/** True if this machine has an address of the target's family, one beyond loopback unless the target is there. */
function hasSourceFor(address: string): boolean {
  const family = address.includes(':') ? 'IPv6' : 'IPv4';
  return Object.values(networkInterfaces()).some((entries) =>
    entries?.some((entry) => entry.family === family && (isLoopback(address) || !entry.internal)),
  );
}

/**
 * {@link outcomeOfError} for a call that failed itself. The kernel says EADDRNOTAVAIL both when the source ports have
 * run out and when there is no address to send from at all, which is no route to `address`.
 */
export function outcomeOfLocalError(code: string | undefined, address: string): Outcome {
  if (code === 'EADDRNOTAVAIL' && !hasSourceFor(address)) return 'no-route';
  return outcomeOfError(code, true);
}

/** A round-trip time in milliseconds to the microsecond: more is noise. */
export const roundMs = (durationMs: number) => Math.round(durationMs * 1000) / 1000;
