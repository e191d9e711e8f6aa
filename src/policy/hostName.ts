import { domainToASCII, domainToUnicode } from 'node:url';
import { getPublicSuffix } from 'tldts';
import type { Parsed } from '../engine/parsed.ts';
import { problem, quote } from './problems.ts';
import type { Target } from './target.ts';

type NameTarget = Extract<Target, { kind: 'name' }>;

const MAX_NAME = 253;
const MAX_LABEL = 63;
const EXAMPLE = 'www.example.com';

/** Names that never mean a host of somebody's on the internet (RFC 6761, RFC 6762, RFC 7686, cloud and container practice). */
const SPECIAL_NAMES: ReadonlyMap<string, string> = new Map([
  ['localhost', 'this machine itself (RFC 6761)'],
  ['localdomain', 'this machine itself'],
  ['ip6-localhost', 'this machine itself'],
  ['ip6-loopback', 'this machine itself'],
  ['local', 'multicast DNS (RFC 6762)'],
  ['internal', 'a private network or a metadata service'],
  ['metadata', 'a cloud metadata service'],
  ['svc', 'the inside of a Kubernetes cluster'],
  ['onion', 'Tor (RFC 7686)'],
  ['invalid', 'nothing, by definition (RFC 6761)'],
  ['arpa', 'DNS infrastructure (RFC 3172)'],
]);

/**
 * Reads a DNS name that can be a host of somebody: {@link parseLabels}, at least one dot, and neither a special-use name
 * nor a public suffix.
 */
export function parseName(text: string): Parsed<NameTarget> {
  const read = parseLabels(text);
  if (!read.ok) return read;
  const { canonical } = read.value;
  const labels = canonical.split('.');
  const special = SPECIAL_NAMES.get(labels.at(-1) ?? '');
  if (special) return problem('special-name', `${quote(text)} means ${special}, which is never scanned.`, EXAMPLE);
  if (labels.length < 2) {
    const message = `${quote(text)} has no dot. Short names mean different hosts in different networks.`;
    return problem('no-dot', message, `${canonical}.example.com`);
  }
  if (getPublicSuffix(canonical, { allowPrivateDomains: true }) === canonical) {
    const message = `${quote(text)} is a public suffix: many owners have names below it.`;
    return problem('public-suffix', message, `name.${canonical}`);
  }
  return read;
}

/**
 * Reads the labels of a DNS name: letters, digits and hyphens (RFC 1123 §2.1), international labels by IDNA with their
 * punycode as canonical form. Any name in DNS passes, also `mil` or `co.uk`.
 */
export function parseLabels(text: string): Parsed<NameTarget> {
  const unicode = text.normalize('NFC').toLowerCase().normalize('NFC').replace(/\.$/, '');
  const broken = unicode
    .split('.')
    .map(checkLabel)
    .find((found) => found !== undefined);
  if (broken) return problem('bad-host', `${quote(text)} is not a host name: ${broken}.`, EXAMPLE);

  const ascii = domainToASCII(unicode);
  if (ascii === '' || ascii.length > MAX_NAME || ascii.split('.').some((label) => label.length > MAX_LABEL)) {
    return problem('bad-host', `${quote(text)} is too long or not a valid international name.`, EXAMPLE);
  }
  return { ok: true, value: nameTarget(ascii) };
}

function checkLabel(label: string): string | undefined {
  if (label === '') return 'a part between the dots is empty';
  if (label.startsWith('-') || label.endsWith('-')) return 'a part starts or ends with a hyphen';
  if (label.includes('_')) return 'it contains an underscore';
  if (!/^[\p{L}\p{M}\p{Nd}-]+$/u.test(label)) return 'only letters, digits, hyphens and dots are allowed';
  if (label.startsWith('xn--')) {
    const unicode = domainToUnicode(label);
    return unicode === label || domainToASCII(unicode) !== label ? 'a part starting with xn-- is broken' : undefined;
  }
  return label.slice(2, 4) === '--' ? 'a part has hyphens in third and fourth place (RFC 5891)' : undefined;
}

function nameTarget(canonical: string): NameTarget {
  const unicode = domainToUnicode(canonical);
  if (unicode === canonical || unicode === '') return { kind: 'name', canonical, display: canonical };
  const display = `${canonical} (${unicode})`;
  const mixed = unicode
    .split('.')
    .some((label) => /\p{sc=Latin}/u.test(label) && /[\p{sc=Cyrillic}\p{sc=Greek}]/u.test(label));
  const warning = 'The name mixes letters of different scripts; it may imitate another name.';
  return mixed ? { kind: 'name', canonical, display, warning } : { kind: 'name', canonical, display };
}
