import { parse } from 'tldts';
import { readLabels } from '../engine/hosts/host.ts';
import type { Dialect, HostName } from '../engine/hosts/types.ts';
import type { Failure, Parsed } from '../engine/parsed.ts';
import { type Phrase, say } from '../engine/phrase.ts';
import { problem, quote } from './problems.ts';

/** A name: addresses that are free to print in examples (RFC 5737) are never scanned, so they would not work. */
export const TRY_HOST = 'www.example.com';

/** Names that never mean a host of somebody's on the internet (RFC 6761, RFC 6762, RFC 7686, cloud and container practice). */
const SPECIAL_NAMES: ReadonlyMap<string, Phrase> = new Map([
  ['localhost', say`this machine itself (RFC 6761)`],
  ['localdomain', say`this machine itself`],
  ['ip6-localhost', say`this machine itself`],
  ['ip6-loopback', say`this machine itself`],
  ['local', say`multicast DNS (RFC 6762)`],
  ['internal', say`a private network or a metadata service`],
  ['metadata', say`a cloud metadata service`],
  ['instance-data', say`a cloud metadata service`],
  ['svc', say`the inside of a Kubernetes cluster`],
  ['onion', say`Tor (RFC 7686)`],
  ['alt', say`something other than DNS (RFC 9476)`],
  ['invalid', say`nothing, by definition (RFC 6761)`],
  ['arpa', say`DNS infrastructure (RFC 3172)`],
]);

/**
 * Refuses names that can be no host of somebody's: special-use names, names without a dot, public suffixes. Without DNS.
 *
 * @param text the name as somebody wrote it
 */
export function judgeHostName({ canonical }: Pick<HostName, 'canonical'>, text: string): Failure | undefined {
  const labels = canonical.split('.');
  const special = SPECIAL_NAMES.get(labels.at(-1) ?? '');
  if (canonical === 'localhost')
    return problem(
      'special-name',
      say`${quote(text)} is this machine itself (RFC 6761). Type its address.`,
      '127.0.0.1',
    );
  if (special) return problem('special-name', say`${quote(text)} means ${special}, which is never scanned.`, TRY_HOST);
  if (labels.length < 2) return explainSingleLabel(canonical, text);
  if (!isPublicSuffix(canonical)) return undefined;
  const message = say`${quote(text)} is a public suffix: many owners have names below it. Name the host.`;
  return problem('public-suffix', message, working(`name.${canonical}`));
}

/** True where different owners have names directly below a name, by the Public Suffix List with its private part. */
export function isPublicSuffix(name: string): boolean {
  const { publicSuffix, isIcann } = parse(name, { allowPrivateDomains: true });
  // Any last label counts as a suffix, known or not.
  return publicSuffix === name && (name.includes('.') || isIcann === true);
}

function explainSingleLabel(canonical: string, text: string): Failure {
  if (isPublicSuffix(canonical)) {
    const message = say`${quote(text)} has no dot: it is a top-level domain, a public suffix with many owners below it. Name the host.`;
    return problem('no-dot', message, working(`example.${canonical}`));
  }
  const message = say`${quote(text)} has no dot. Short names mean different hosts in different networks. Write the full name.`;
  return problem('no-dot', message, working(`${canonical}.example.com`));
}

/** The example, unless it would be refused in turn. */
function working(name: string): string {
  return name.length <= 253 && !isPublicSuffix(name) ? name : TRY_HOST;
}

/** The operator's configuration may name any part of DNS. */
const ANY_NAME: Dialect = {
  ranges: false,
  underscores: false,
  mapped: false,
  apart: (host, port) => say`Write the host alone, ${host}, and ${port} elsewhere.`,
  strayPort: undefined,
  fallback: TRY_HOST,
  about: () => undefined,
  example: (host) => host,
  usable: (host) => host.kind === 'name',
};

/** Reads any name in DNS, also `mil` or `co.uk`, in its canonical form: the labels of {@link readLabels}. */
export function parseLabels(text: string): Parsed<HostName> {
  return readLabels(text, ANY_NAME);
}

/** Reads a DNS name that can be a host of somebody: {@link parseLabels}, then {@link judgeHostName}. */
export function parseName(text: string): Parsed<HostName> {
  const read = parseLabels(text);
  return read.ok ? (judgeHostName(read.value, text) ?? read) : read;
}
