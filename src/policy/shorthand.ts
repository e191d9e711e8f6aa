import type { Parsed } from '../engine/parsed.ts';
import { problem, quote } from './problems.ts';

/** A host whose last label is a number is an address or a mistake, never a name (WHATWG URL §3.5, RFC 3696 §2). */
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i;

/**
 * Refuses text that resolvers would take for an IPv4 address although it is not written as one, naming the address it
 * would mean to `inet_aton(3)`. Returns undefined for text that does not end in a number.
 */
export function explainNumericHost(text: string): Parsed<never> | undefined {
  if (!ENDS_IN_NUMBER.test(text)) return undefined;
  const meant = inetAton(text.replace(/\.$/, ''));
  if (meant === undefined) {
    return problem('bad-host', `${quote(text)} is neither an IPv4 address nor a host name.`, 'www.example.com');
  }
  const decimal = /^\d+\.\d+\.\d+\.\d+$/.test(text);
  if (decimal) {
    const message = `${quote(text)} has leading zeros, which some programs read as octal (${meant}).`;
    const plain = text.replace(/\b0+(?=\d)/g, '');
    return problem('ip-leading-zero', message, meant === plain ? meant : `${plain} or ${meant}, whichever is meant`);
  }
  return problem('ip-shorthand', `${quote(text)} is shorthand for ${meant}. Write the address in full.`, meant);
}

/** What inet_aton(3) makes of a text: one to four parts, each decimal, octal (0…) or hexadecimal (0x…). */
function inetAton(text: string): string | undefined {
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  const numbers = parts.map(parsePart);
  const last = numbers.pop();
  if (last === undefined || numbers.some((n) => n === undefined || n > 255)) return undefined;
  if (last >= 256 ** (4 - numbers.length)) return undefined;
  const head = numbers.reduce<number>((sum, n, i) => sum + (n ?? 0) * 256 ** (3 - i), 0);
  const value = head + last;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function parsePart(part: string): number | undefined {
  if (part.length > 24) return undefined;
  if (/^0x[0-9a-f]*$/i.test(part)) return Number.parseInt(part.slice(2) || '0', 16);
  if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8);
  return /^[1-9]\d*$/.test(part) ? Number.parseInt(part, 10) : undefined;
}
