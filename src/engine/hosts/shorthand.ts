import type { Failure } from '../parsed.ts';
import { say, sentences } from '../phrase.ts';
import { quote } from '../ports/quote.ts';
import { readLiteral } from './address.ts';
import { fail, type Reader } from './types.ts';

/** A host whose last label is a number is an address or a mistake, never a name (WHATWG URL §3.5, RFC 3696 §2). */
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i;
/** `192.0.2.1-20` and `192.0.2.*`, as other scanners write ranges. */
const OCTET_RANGE = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.(?:\d+-\d*|-\d+|\*)$|^[\d*-]+(?:\.[\d*-]+){3}$/;
const FOUR_NUMBERS = /^\d+\.\d+\.\d+\.\d+$/;

/**
 * Refuses text that resolvers would take for an IPv4 address although it is not written as one, naming the address it
 * would mean to `inet_aton(3)`. Returns `undefined` for text that does not end in a number.
 */
export function explainNumericHost(text: string, reader: Reader): Failure | undefined {
  if (/[-*]/.test(text) && OCTET_RANGE.test(text)) return explainOctetRange(text, reader);
  if (!ENDS_IN_NUMBER.test(text)) return undefined;
  const bare = text.replace(/\.$/, '');
  const meant = inetAton(bare);
  if (FOUR_NUMBERS.test(bare)) return explainFourNumbers(text, bare, meant, reader);
  const port = /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
  if (meant === undefined) {
    const message = say`${quote(text)} is neither an IPv4 address (four numbers from 0 to 255) nor a host name.`;
    return fail(reader, 'bad-host', port ? sentences(message, reader.strayPort) : message);
  }
  const message = say`${quote(text)} is shorthand for ${meant}. Write the address in full.`;
  return fail(reader, 'ip-shorthand', port ? sentences(message, reader.strayPort) : message, port ? undefined : meant);
}

function explainOctetRange(text: string, reader: Reader): Failure {
  const network = `${OCTET_RANGE.exec(text)?.[1] ?? '192.0.2'}.0/24`;
  const advice = reader.ranges
    ? say`Write a network such as ${network}, or the addresses one by one.`
    : say`One scan looks at one host: name one address.`;
  const proposal = reader.ranges ? network : network.replace('0/24', '1');
  return fail(
    reader,
    'octet-range',
    say`${quote(text)} is another scanner’s notation for a range. ${advice}`,
    proposal,
  );
}

function explainFourNumbers(text: string, bare: string, meant: string | undefined, reader: Reader): Failure {
  const plain = bare.replace(/\b0+(?=\d)/g, '');
  if (readLiteral(plain) === undefined) {
    const message = say`${quote(text)} is not an IPv4 address: its four numbers go from 0 to 255.`;
    return fail(reader, 'bad-host', message);
  }
  if (plain === bare) {
    return fail(
      reader,
      'ip-shorthand',
      say`${quote(text)} is ${plain} and a dot. Write it without the last dot.`,
      plain,
    );
  }
  const message =
    meant === undefined || meant === plain
      ? say`${quote(text)} has leading zeros, which some programs read as octal. Write ${plain} if that is meant.`
      : say`${quote(text)} has leading zeros, which some programs read as octal (${meant}). Write ${plain} if that is meant.`;
  return fail(reader, 'ip-leading-zero', message, plain);
}

/** What inet_aton(3) makes of a text: one to four parts, each decimal, octal (0…) or hexadecimal (0x…). */
export function inetAton(text: string): string | undefined {
  const parts = text.split('.', 5);
  if (parts.length > 4) return undefined;
  const numbers = parts.map(parsePart);
  const last = numbers.pop();
  if (last === undefined || numbers.some((n) => n === undefined || n > 255)) return undefined;
  if (last >= 256 ** (4 - numbers.length)) return undefined;
  const head = numbers.reduce<number>((sum, n, i) => sum + (n ?? 0) * 256 ** (3 - i), 0);
  const value = head + last;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** However many zeros stand before it, a number that fits is read. */
function parsePart(part: string): number | undefined {
  if (/^0x[0-9a-f]*$/i.test(part)) return Number.parseInt(part.slice(2) || '0', 16);
  if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8);
  return /^[1-9]\d*$/.test(part) ? Number.parseInt(part, 10) : undefined;
}
