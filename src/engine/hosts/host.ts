import type { Failure, Parsed } from '../parsed.ts';
import { say } from '../phrase.ts';
import { quote } from '../ports/quote.ts';
import { formatAddress, readLiteral } from './address.ts';
import { checkCharacters } from './characters.ts';
import { readName } from './name.ts';
import { looksLikeRange, readRange, refuseRange } from './range.ts';
import { explainNumericHost } from './shorthand.ts';
import { checkForeignSyntax, checkUserInfo } from './syntax.ts';
import {
  type Dialect,
  fail,
  type Host,
  type HostAddress,
  type HostName,
  type HostRange,
  type Reader,
} from './types.ts';

/** Names end at 253 characters, URLs that are worth an explanation not much later. */
const MAX_TEXT = 1_000;
const MAPPED = 0xffffn;

/** Without the ordinary blanks around it: those alone come with copying and mean nothing. */
export function trimBlanks(text: string): string {
  const isBlank = (index: number) => text[index] === ' ' || text[index] === '\t';
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** @param examples false where a reading is itself only the check of an example */
function readerOf(dialect: Dialect, examples = true): Reader {
  const check = (proposal: string) => {
    if (!examples) return undefined;
    const host = readHostWith(proposal, readerOf(dialect, false));
    return host.ok && dialect.usable(host.value) ? host.value.canonical : undefined;
  };
  return { ...dialect, check };
}

/** Too little or too much text for anything, or text with characters that no host has. */
function checkText(text: string, reader: Reader): Failure | undefined {
  if (text === '') return fail(reader, 'empty', say`The host is empty. Write a name or an address.`);
  if (text.length > MAX_TEXT) {
    return fail(reader, 'too-long', say`The host is longer than any host name can be (253 characters).`);
  }
  return checkUserInfo(text, reader) ?? checkCharacters(text, reader);
}

function readHostWith(text: string, reader: Reader): Parsed<Host> {
  return (
    checkText(text, reader) ??
    readAddress(text, reader) ??
    checkForeignSyntax(text, reader) ??
    readSlash(text, reader) ??
    explainNumericHost(text, reader) ??
    readName(text, reader)
  );
}

function readSlash(text: string, reader: Reader): Parsed<HostRange> | undefined {
  if (!text.includes('/')) return undefined;
  return reader.ranges ? readRange(text, reader) : refuseSlash(text, reader);
}

function refuseSlash(text: string, reader: Reader): Failure {
  if (/^[0-9a-fx.:]+\/\d+$/i.test(text)) return refuseRange(text, reader);
  const [before = ''] = text.split('/', 1);
  return fail(reader, 'path', say`${quote(text)} contains a slash, which no host has. Write the host alone.`, before);
}

/** An address literal in canonical form, a refusal for what only resembles IPv6, or nothing. */
function readAddress(text: string, reader: Reader): Parsed<HostAddress> | undefined {
  const literal = readLiteral(text);
  if (literal === undefined) {
    if (/[[\]/\\%?#]/.test(text) || !/:.*:/.test(text)) return undefined;
    return fail(reader, 'bad-address', say`${quote(text)} is not an IPv6 address.`);
  }
  if (literal.family === 6 && literal.value >> 32n === MAPPED && !reader.mapped) {
    const inner = formatAddress({ family: 4, value: literal.value & 0xffffffffn });
    const about = reader.about(inner);
    const message = about
      ? say`${quote(text)} is an IPv6 spelling of ${inner}, ${about}. Write the IPv4 address.`
      : say`${quote(text)} is an IPv6 spelling of ${inner}. Write the IPv4 address.`;
    return fail(reader, 'mapped-address', message, inner);
  }
  const canonical = formatAddress(literal);
  return { ok: true, value: { kind: 'address', canonical, family: literal.family, display: canonical } };
}

/**
 * Reads what a person, a file or a stored entry calls a host: a DNS name (RFC 1123, IDNA), a four-part decimal IPv4
 * address, an IPv6 address (RFC 4291) without zone, or a range. What resolvers would silently turn into an address
 * (`127.1`, `0x7f…`, full-width digits) is refused with the address it would have meant, and each refusal has an example
 * that works. No I/O, and linear in the length of the text.
 */
export function readHost(text: string, dialect: Dialect): Parsed<Host> {
  return readHostWith(text.length > MAX_TEXT ? text : trimBlanks(text), readerOf(dialect));
}

/**
 * Reads any name in DNS, also what could be no host of anybody's: {@link readName}, its characters checked. No name ends
 * in a number.
 */
export function readLabels(text: string, dialect: Dialect): Parsed<HostName> {
  const reader = readerOf(dialect);
  return checkText(text, reader) ?? explainNumericHost(text, reader) ?? readName(text, reader);
}

/** Reads a range and nothing else: {@link readRange}, its characters checked. */
export function readCidr(text: string, dialect: Dialect): Parsed<HostRange> {
  const reader = readerOf(dialect);
  const failure = checkText(text, reader);
  if (failure) return failure;
  if (looksLikeRange(text)) return readRange(text, reader);
  return fail(reader, 'bad-cidr', say`${quote(text)} is not an address range.`);
}
