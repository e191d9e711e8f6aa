import { domainToASCII, domainToUnicode } from 'node:url';
import type { Failure, Parsed } from '../parsed.ts';
import { type Phrase, say } from '../phrase.ts';
import { quote } from '../ports/quote.ts';
import { warnOfImitation } from './scripts.ts';
import { fail, type HostName, type Reader } from './types.ts';

const MAX_NAME = 253;
const MAX_LABEL = 63;
/** Letters and marks of any script, and the dot between two l of Catalan (RFC 5892 A.3). */
const UNICODE_LABEL = /^(?:[\p{L}\p{M}0-9-]|(?<=l)·(?=l))+$/u;
const FOREIGN = /[^\x20-\x7e]/;

/** Letter by letter, so that no letter depends on its neighbours (final sigma would). */
function fold(text: string): string {
  const composed = text.normalize('NFC');
  if (!FOREIGN.test(composed)) return composed.toLowerCase();
  return [...composed]
    .map((letter) => letter.toLowerCase())
    .join('')
    .normalize('NFC');
}

/**
 * Reads the labels of a DNS name: letters, digits and hyphens (RFC 1123 §2.1), international labels by IDNA (UTS #46,
 * non-transitional) with their punycode as canonical form. Any name in DNS passes, also `mil` or `co.uk`. The
 * characters have been checked before.
 */
export function readName(text: string, reader: Reader): Parsed<HostName> {
  const name = fold(text).replace(/\.$/, '');
  const labels = name.split('.');
  if (labels.includes('')) {
    const proposal = name.replace(/^\.+|\.+$/g, '').replace(/\.{2,}/g, '.');
    return fail(reader, 'bad-host', say`${quote(text)} is not a host name: a part between dots is empty.`, proposal);
  }
  const broken = labels.map((label) => checkLabel(label, reader)).find((found) => found !== undefined);
  if (broken) return refuseLabel(text, name, broken, reader);

  const canonical = FOREIGN.test(name) ? domainToASCII(name) : name;
  if (canonical === '') return fail(reader, 'bad-host', say`${quote(text)} is not a valid international name.`);
  if (canonical.length > MAX_NAME || canonical.split('.').some((label) => label.length > MAX_LABEL)) {
    const message = say`${quote(text)} is too long: at most ${MAX_LABEL} characters between dots, ${MAX_NAME} in all.`;
    return fail(reader, 'bad-host', message);
  }
  const unicode = domainToUnicode(canonical);
  if (isMapped(labels, fold(unicode).split('.'))) {
    return fail(reader, 'lookalike', say`${quote(text)} contains look-alike characters.`, canonical);
  }
  return { ok: true, value: nameOf(canonical, unicode) };
}

/** Whether IDNA made other letters of the ones that were written: no name becomes another one silently. */
function isMapped(written: readonly string[], read: readonly string[]): boolean {
  return written.length !== read.length || written.some((label, i) => !label.startsWith('xn--') && label !== read[i]);
}

function refuseLabel(text: string, name: string, broken: Phrase, reader: Reader): Failure {
  const symbol = /\p{So}/u.test(name) && /^[\p{L}\p{M}\p{So}0-9.-]+$/u.test(name);
  if (!symbol) return fail(reader, 'bad-host', say`${quote(text)} is not a host name: ${broken}.`);
  const message = say`${quote(text)} holds a symbol. Names with symbols are taken in punycode (xn--…) only.`;
  return fail(reader, 'bad-host', message, domainToASCII(name));
}

function checkLabel(label: string, { underscores }: Reader): Phrase | undefined {
  if (label.startsWith('-') || label.endsWith('-')) return say`a part starts or ends with a hyphen`;
  const plain = underscores ? label.replaceAll('_', 'x') : label;
  if (plain.includes('_')) return say`it contains an underscore`;
  if (!UNICODE_LABEL.test(plain)) return say`only letters, digits, hyphens and dots are allowed`;
  if (label.startsWith('xn--')) {
    const unicode = domainToUnicode(label);
    return unicode === label || domainToASCII(unicode) !== label ? say`a part starting with xn-- is broken` : undefined;
  }
  const reserved = FOREIGN.test(label) && label.slice(2, 4) === '--';
  return reserved ? say`an international part has hyphens in third and fourth place (RFC 5891)` : undefined;
}

/** The Unicode spelling is shown where it could be typed: no symbols, nothing invisible. */
function nameOf(canonical: string, unicode: string): HostName {
  if (unicode === canonical) return { kind: 'name', canonical, display: canonical };
  const foreign = unicode.split('.').filter((label) => FOREIGN.test(label));
  const showable = foreign.every(
    (label) => UNICODE_LABEL.test(label) && !/\p{Default_Ignorable_Code_Point}/u.test(label),
  );
  const display = showable ? `${canonical} (${unicode})` : canonical;
  const warning = warnOfImitation(unicode);
  return { kind: 'name', canonical, display, ...(warning !== undefined && { warning }) };
}
