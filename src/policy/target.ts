import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Parsed } from '../engine/parsed.ts';
import { parseName } from './hostName.ts';
import { checkCharacters, problem, quote } from './problems.ts';
import { explainNumericHost } from './shorthand.ts';

/** A host that a person may name in a scan, in its one canonical form. */
export type Target =
  | { readonly kind: 'address'; readonly canonical: string; readonly family: 4 | 6; readonly display: string }
  | {
      readonly kind: 'name';
      /** Lower-case ASCII (punycode), without trailing dot. */
      readonly canonical: string;
      /** Canonical form, followed by its Unicode spelling where they differ. */
      readonly display: string;
      /** Something a person should know before trusting the name, for example mixed scripts. */
      readonly warning?: string;
    };

const MAX_TEXT = 1_000;
/** A name: addresses that are free to print in examples (RFC 5737) are never scanned, so they would not work. */
const TRY_HOST = 'www.example.com';

/**
 * Reads a host option: a DNS name with at least one dot (RFC 1123, IDNA), a four-part decimal IPv4 address or an IPv6
 * address (RFC 4291) without zone. Everything that resolvers would silently turn into an address (`127.1`, `0x7f…`,
 * full-width digits) is refused with the address it would have meant. No I/O; linear in the length of the text.
 */
export function parseTarget(raw: string): Parsed<Target> {
  const text = raw.slice(0, MAX_TEXT + 1).replace(/^[ \t]+|[ \t]+$/g, '');
  if (text === '') return problem('empty', 'The host is empty.', TRY_HOST);
  if (text.length > MAX_TEXT)
    return problem('too-long', 'The host is longer than any host name can be (253).', TRY_HOST);
  return checkCharacters(text) ?? checkForeignSyntax(text) ?? parseAddress(text) ?? parseName(text);
}

/** URLs, user information, ports and ranges: understood, but not what a host option takes. */
function checkForeignSyntax(text: string): Parsed<never> | undefined {
  if (text.includes('@')) {
    // Never quoted: what stands before the @ may be a password.
    return problem('userinfo', 'The host contains "@". Write the host alone, without user or password.', TRY_HOST);
  }
  const url = /^([a-z][a-z0-9+.-]{0,30}):\/\/([^/?#]{0,253})/i.exec(text);
  if (url) {
    const host = /^https?$/i.test(url[1] ?? '') ? parseTarget((url[2] ?? '').replace(/:\d*$/, '')) : undefined;
    const hint = host?.ok ? `${host.value.canonical}, without ${url[1]}://` : TRY_HOST;
    return problem('url', `${quote(text)} is a URL. Write only the host in it.`, hint);
  }
  if (/[/\\]/.test(text)) return explainSlash(text);
  if (text.includes('%')) {
    return problem('zone', `${quote(text)} contains "%": zone ids and percent-encoding are not accepted.`, TRY_HOST);
  }
  if (/[?#]/.test(text)) return problem('url', `${quote(text)} contains "?" or "#", which no host has.`, TRY_HOST);
  if (text.includes('*')) {
    return problem('wildcard', 'A wildcard is not one host. Name the host to look at.', 'www.example.com');
  }
  if (/[[\]]/.test(text)) {
    return problem('brackets', `${quote(text)}: write the address without brackets.`, text.replace(/[[\]]/g, ''));
  }
  const glued = /^([^:]+):(\d{1,5})$/.exec(text);
  if (glued) {
    const hint = `host:${glued[1]} ports:${glued[2]}`;
    return problem('port-in-host', `${quote(text)} has a port glued on. Ports have their own option.`, hint);
  }
  return undefined;
}

function explainSlash(text: string): Parsed<never> {
  const range = /^([0-9a-f.:]+)\/\d+$/i.exec(text);
  if (!range) return problem('path', `${quote(text)} contains a slash, which no host has.`, TRY_HOST);
  const message = `${quote(text)} is a range. One scan looks at one host; name an address in the range.`;
  return problem('range', message, range[1] ?? TRY_HOST);
}

/** An address literal in canonical form, a refusal for anything that only resolvers take for one, or nothing. */
function parseAddress(text: string): Parsed<Target> | undefined {
  if (isIPv4(text)) return { ok: true, value: addressTarget(text) };
  if (text.includes(':')) {
    if (!isIPv6(text)) return problem('bad-address', `${quote(text)} is not an IPv6 address.`, TRY_HOST);
    const parsed = ipaddr.IPv6.parse(text);
    if (parsed.isIPv4MappedAddress()) {
      const inner = parsed.toIPv4Address().toString();
      return problem('mapped-address', `${quote(text)} is ${inner} in IPv6 clothing. Write the IPv4 address.`, inner);
    }
    return { ok: true, value: addressTarget(parsed.toRFC5952String()) };
  }
  return explainNumericHost(text);
}

/** @param canonical an address literal in canonical form */
export function addressTarget(canonical: string): Target {
  return { kind: 'address', canonical, family: isIPv4(canonical) ? 4 : 6, display: canonical };
}
