import { canonicalAddress, parseLiteral } from '../engine/hosts/address.ts';
import { readHost } from '../engine/hosts/host.ts';
import type { Dialect, Host, HostAddress, HostName } from '../engine/hosts/types.ts';
import type { Parsed } from '../engine/parsed.ts';
import { type Phrase, say } from '../engine/phrase.ts';
import { quote } from '../engine/ports/quote.ts';
import { classifyAddress } from './addressClass.ts';
import { judgeHostName, TRY_HOST } from './hostName.ts';
import { problem } from './problems.ts';

/** A host that a person may name in a scan, in its one canonical form. */
export type Target = HostAddress | HostName;

/** What is offered as an example must not be refused in turn; private addresses may be allowed by the operator. */
function isUsable(host: Host): boolean {
  if (host.kind === 'cidr') return false;
  if (host.kind === 'name') return judgeHostName(host, host.canonical) === undefined;
  return classifyAddress(host.canonical).tier !== 'forbidden';
}

function aboutAddress(address: string): Phrase | undefined {
  const { tier, rule } = classifyAddress(address);
  return tier === 'global' ? undefined : rule;
}

/** What a host option takes. */
export const HOST_OPTION: Dialect = {
  ranges: false,
  underscores: false,
  mapped: false,
  apart: (host, port) => say`Write the host alone, ${host}, and ${port} in the option ports.`,
  strayPort: say`If it is a port, it belongs in the option ports.`,
  fallback: TRY_HOST,
  about: aboutAddress,
  example: (host) => host,
  usable: isUsable,
};

/**
 * Reads a host option: a DNS name with at least one dot (RFC 1123, IDNA), a four-part decimal IPv4 address or an IPv6
 * address (RFC 4291) without zone, by the grammar of {@link readHost}. Refuses, beyond what the grammar refuses, names
 * that are no host of anybody's. No I/O; linear in the length of the text.
 */
export function parseTarget(raw: string): Parsed<Target> {
  const host = readHost(raw, HOST_OPTION);
  return host.ok ? acceptTarget(host.value, raw) : host;
}

/** @param raw what was read as the host, for the sentence if it is refused */
export function acceptTarget(host: Host, raw: string): Parsed<Target> {
  if (host.kind === 'cidr') return problem('range', say`${quote(raw)} is a range. Name one address.`, TRY_HOST);
  return (host.kind === 'name' ? judgeHostName(host, raw.trim()) : undefined) ?? { ok: true, value: host };
}

/**
 * @param literal an address in any spelling
 * @throws {TypeError} for anything else
 */
export function addressTarget(literal: string): Target {
  const canonical = canonicalAddress(literal);
  return { kind: 'address', canonical, family: parseLiteral(literal).family, display: canonical };
}
