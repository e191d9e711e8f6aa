import { isIP } from 'node:net';
import type { Parsed } from '../parsed.ts';
import { quote } from '../ports/quote.ts';
import { addressesOf, canonicalAddress, networkAround } from './addresses.ts';
import { exampleFor, type Refusal, refuse } from './refusal.ts';

/** What stands for hosts on the command line: addresses, written out and in one spelling, or a name to resolve. */
export type Target =
  | { readonly kind: 'addresses'; readonly family: 4 | 6; readonly addresses: readonly string[] }
  | { readonly kind: 'name'; readonly name: string };

/** 2^16 addresses: an IPv4 /16, an IPv6 /112. */
const MAX_HOST_BITS = 16;

/** A name as getaddrinfo takes it: labels of letters, digits, hyphens and underscores (RFC 1123 §2.1, RFC 8552). */
const NAME = /^(?=.{1,254}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i;

function readNetwork(text: string, address: string, length: string): Parsed<Target> {
  if (isIP(address) === 0) {
    return refuse(
      'bad-network',
      `${quote(text)} has no full address before the slash. A network is written like 192.0.2.0/24.`,
      exampleFor('192.0.2.0/24'),
    );
  }
  const network = /^(0|[1-9]\d{0,2})$/.test(length) ? networkAround(address, Number(length)) : undefined;
  if (network === undefined) {
    const most = isIP(address) === 6 ? 128 : 32;
    return refuse('bad-network', `${quote(text)}: the number after the slash goes from 0 to ${most}.`);
  }
  const { family, prefix, hostBits } = network;
  if (hostBits > MAX_HOST_BITS) {
    const least = family === 6 ? 112 : 16;
    return refuse('wide-network', `${quote(text)} is too wide: the widest IPv${family} network is /${least}.`);
  }
  if (network.text !== `${canonicalAddress(address)}/${prefix}`) {
    return refuse(
      'host-bits',
      `${quote(text)} is an address within a network. Write ${network.text} for the network, or the address alone.`,
      exampleFor(network.text),
    );
  }
  return { ok: true, value: { kind: 'addresses', family, addresses: addressesOf(network) } };
}

/** The host in what is a URL, a bracketed address, or an address with a port; `undefined` for anything else. */
function hostWithin(
  text: string,
): { readonly host: string; readonly what: string; readonly port?: string } | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?/i.exec(text);
  const pair = /^(\[[^\]]*\]|[^:/]+)(?::(\d+))?(?:\/[^\d]*.*)?$/.exec(text);
  const [, inside = '', port] = url ?? pair ?? [];
  const host = inside.replace(/^\[|\]$/g, '');
  if (host === text || !(isIP(host) !== 0 || NAME.test(host))) return undefined;
  const what = url !== null ? 'a URL' : port !== undefined ? 'a host with a port' : 'more than a host';
  return { host, what, ...(port !== undefined && { port }) };
}

/**
 * Refuses numeric shorthands (`127.1`, `0x7f000001`, `010.0.0.1`): programs disagree on what they mean, and getaddrinfo
 * would resolve them. The test is that of the URL standard: the last label is a number.
 */
function numericProblem(text: string): Refusal | undefined {
  if (/^\d+(\.(\d+(-\d+)?|\*|\d+-)){3}$/.test(text) && /[-*]/.test(text)) {
    return refuse(
      'octet-range',
      `${quote(text)} is another scanner’s notation. Write a network such as 192.0.2.0/24, or the addresses one by one.`,
      exampleFor('192.0.2.0/24'),
    );
  }
  const lastLabel = text.replace(/\.$/, '').split('.').at(-1) ?? '';
  if (!/^(\d+|0x[0-9a-f]*)$/i.test(lastLabel)) return undefined;
  const port = /^\d{1,5}$/.test(text)
    ? ' If it is a port, it belongs to -p: a list has no blanks, or quotes around it.'
    : '';
  return refuse(
    'numeric-host',
    `${quote(text)} is not a full address, and programs disagree on what it means. Write four numbers from 0 to 255, without leading zeros.${port}`,
  );
}

/** Reads one HOST: an address, a network, or a name; never asks DNS. */
export function readTarget(text: string): Parsed<Target> {
  if (text.includes('%')) {
    return refuse('zone', `${quote(text)} carries a zone or an escape. Write the address without it.`);
  }
  const family = isIP(text);
  if (family !== 0) {
    const addresses = [canonicalAddress(text)];
    return { ok: true, value: { kind: 'addresses', family: family === 6 ? 6 : 4, addresses } };
  }
  const [, address, length] = /^([^/]*)\/(\d+)$/.exec(text) ?? [];
  if (address !== undefined && length !== undefined) return readNetwork(text, address, length);
  const within = hostWithin(text);
  if (within !== undefined) {
    const ports = within.port === undefined ? '' : `, and -p ${within.port} for the port`;
    const example = exampleFor(within.host, within.port);
    return refuse(
      'bad-host',
      `${quote(text)} is ${within.what}. Write the host alone, ${within.host}${ports}.`,
      example,
    );
  }
  const numeric = numericProblem(text);
  if (numeric !== undefined) return numeric;
  if (NAME.test(text)) return { ok: true, value: { kind: 'name', name: text } };
  return refuse('bad-host', `${quote(text)} is neither an address nor a name. Write the host alone: no URL, no port.`);
}
