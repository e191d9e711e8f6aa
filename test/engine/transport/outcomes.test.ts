import { describe, expect, it } from 'vitest';
import { outcomeOfIcmp, outcomeOfIcmpV6 } from '../../../src/engine/transport/icmp.ts';
import { isReset, outcomeOfError, outcomeOfLocalError } from '../../../src/engine/transport/outcomes.ts';
import type { Outcome } from '../../../src/engine/transport/transport.ts';

describe('outcomeOfError', () => {
  it.each<[string | undefined, Outcome, Outcome]>([
    ['ECONNREFUSED', 'conn-refused', 'conn-refused'],
    ['ENOPROTOOPT', 'admin-prohibited', 'unexpected'],
    ['EINVAL', 'no-route', 'no-route'],
    ['EAFNOSUPPORT', 'no-route', 'no-route'],
    ['EHOSTUNREACH', 'host-unreach', 'no-route'],
    ['EHOSTDOWN', 'host-unreach', 'no-route'],
    ['ENONET', 'host-unreach', 'no-route'],
    ['EPROTO', 'host-unreach', 'unexpected'],
    ['ENETUNREACH', 'net-unreach', 'no-route'],
    ['EACCES', 'admin-prohibited', 'local-firewall'],
    ['EPERM', 'local-firewall', 'local-firewall'],
    ['EMFILE', 'no-descriptor', 'no-descriptor'],
    ['ENFILE', 'no-descriptor', 'no-descriptor'],
    ['EADDRNOTAVAIL', 'no-source-port', 'no-source-port'],
    ['ENOBUFS', 'no-buffer', 'no-buffer'],
    ['ENOMEM', 'no-buffer', 'no-buffer'],
    ['ENOSPC', 'no-buffer', 'no-buffer'],
    ['EAGAIN', 'no-buffer', 'no-buffer'],
    ['ETIMEDOUT', 'gave-up', 'gave-up'],
    ['EBADF', 'unexpected', 'unexpected'],
    [undefined, 'unexpected', 'unexpected'],
  ])('%s: %s from the network, %s from the call itself', (code, remote, local) => {
    expect(outcomeOfError(code, false)).toBe(remote);
    expect(outcomeOfError(code, true)).toBe(local);
    expect(outcomeOfLocalError(code, '127.0.0.1')).toBe(local);
  });
});

describe('isReset', () => {
  it('is what only a finished handshake can bring', () => {
    expect(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', undefined].map(isReset)).toEqual([true, true, false, false]);
  });
});

describe('ICMP', () => {
  it('destination unreachable, by code', () => {
    const outcomes = Array.from({ length: 17 }, (_, code) => outcomeOfIcmp(3, code));
    const byOutcome = Map.groupBy(outcomes.keys(), (code) => outcomes[code]);
    expect(Object.fromEntries(byOutcome)).toEqual({
      'net-unreach': [0, 6, 11],
      'host-unreach': [1, 5, 7, 8, 12],
      'admin-prohibited': [2, 9, 10, 13, 14, 15],
      'port-unreach': [3],
      undefined: [4, 16],
    });
  });

  it('destination unreachable of IPv6, by code', () => {
    expect(Array.from({ length: 8 }, (_, code) => outcomeOfIcmpV6(1, code))).toEqual([
      'net-unreach',
      'admin-prohibited',
      'host-unreach',
      'host-unreach',
      'port-unreach',
      'admin-prohibited',
      'admin-prohibited',
      undefined,
    ]);
  });

  it('time exceeded and parameter problem are the end of the way; redirects and too-big packets are not', () => {
    expect([11, 12, 4, 5, 8].map((type) => outcomeOfIcmp(type, 0))).toEqual([
      'host-unreach',
      'host-unreach',
      undefined,
      undefined,
      undefined,
    ]);
    expect([3, 4, 2].map((type) => outcomeOfIcmpV6(type, 0))).toEqual(['host-unreach', 'host-unreach', undefined]);
  });
});
