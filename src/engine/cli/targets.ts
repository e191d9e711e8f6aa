import { BITS, parseLiteral } from '../hosts/address.ts';
import { readHost } from '../hosts/host.ts';
import type { Dialect, HostRange } from '../hosts/types.ts';
import type { Parsed } from '../parsed.ts';
import { say } from '../phrase.ts';
import { quote } from '../ports/quote.ts';
import { addressesOf } from './addresses.ts';
import { exampleFor, refuse } from './refusal.ts';

/** What stands for hosts on the command line: addresses, written out and in one spelling, or a name to resolve. */
export type Target =
  | { readonly kind: 'addresses'; readonly family: 4 | 6; readonly addresses: readonly string[] }
  | { readonly kind: 'name'; readonly name: string };

/** 2^16 addresses: an IPv4 /16, an IPv6 /112. */
const MAX_HOST_BITS = 16;

const hostBitsOf = ({ base, prefix }: HostRange) => BITS[parseLiteral(base).family] - prefix;

/** The command line speaks no other language. */
const english = (sentence: string) => say`${sentence}`;

/** The operator's own machine and authority: any name that getaddrinfo takes, any address, and wide ranges. */
const COMMAND_LINE: Dialect = {
  ranges: true,
  underscores: true,
  mapped: true,
  apart: (host, port) => english(`Write the host alone, ${host}, and -p ${port} for the port.`),
  strayPort: english('If it is a port, it belongs to -p: a list has no blanks, or quotes around it.'),
  fallback: '127.0.0.1',
  about: () => undefined,
  example: exampleFor,
  usable: (host) => host.kind !== 'cidr' || hostBitsOf(host) <= MAX_HOST_BITS,
};

function expandRange(text: string, range: HostRange): Parsed<Target> {
  const { family, value } = parseLiteral(range.base);
  if (hostBitsOf(range) > MAX_HOST_BITS) {
    const least = BITS[family] - MAX_HOST_BITS;
    const message = `${quote(text)} is too wide: the widest IPv${family} network is /${least}.`;
    return refuse('wide-network', message, exampleFor(`${range.base}/${least}`));
  }
  return {
    ok: true,
    value: { kind: 'addresses', family, addresses: addressesOf({ family, value, prefix: range.prefix }) },
  };
}

/** Reads one HOST: an address, a network, or a name; never asks DNS. */
export function readTarget(text: string): Parsed<Target> {
  const host = readHost(text, COMMAND_LINE);
  if (!host.ok) return host;
  const { value } = host;
  if (value.kind === 'cidr') return expandRange(text, value);
  if (value.kind === 'address') {
    return { ok: true, value: { kind: 'addresses', family: value.family, addresses: [value.canonical] } };
  }
  // A dot at the end keeps getaddrinfo from trying search domains.
  return {
    ok: true,
    value: { kind: 'name', name: text.trimEnd().endsWith('.') ? `${value.canonical}.` : value.canonical },
  };
}
