import type { Failure, Parsed } from '../parsed.ts';
import { say } from '../phrase.ts';
import { quote } from '../ports/quote.ts';
import { type AddressNumber, BITS, blockAround, formatAddress, readLiteral } from './address.ts';
import { explainNumericHost } from './shorthand.ts';
import { fail, type HostRange, type Reader } from './types.ts';

/** The width of a range of 256 addresses: what is proposed where the text gives no usable one. */
const USUAL_PREFIX = { 4: 24, 6: 120 } as const;

/** True for what is meant as a range, however badly: an address-like part or a number beside a slash. */
export function looksLikeRange(text: string): boolean {
  return /^(?=[^/]*[\d:])[0-9a-fx.:]*\/[^/]*$/i.test(text) || /^[^/]*\/\d+$/.test(text);
}

/** The range of a prefix length around an address, in its proper form. */
export function rangeAround(address: AddressNumber, prefix: number): HostRange {
  const base = formatAddress(blockAround(address, prefix));
  const canonical = `${base}/${prefix}`;
  return { kind: 'cidr', base, prefix, canonical, display: canonical };
}

/** A proper range of the usual width around an address literal, to propose; `undefined` for other text. */
export function usualRange(text: string): string | undefined {
  const address = readLiteral(text);
  return address && rangeAround(address, USUAL_PREFIX[address.family]).canonical;
}

/**
 * Reads a range of any width in canonical notation: full address, decimal prefix length without sign or leading zero,
 * host bits zero.
 */
export function readRange(text: string, reader: Reader): Parsed<HostRange> {
  const [literal = '', length = '', ...more] = text.split('/', 3);
  const address = readLiteral(literal);
  if (address === undefined) {
    const shorthand = more.length === 0 && /\/\d+$/.test(text) ? explainNumericHost(literal, reader) : undefined;
    return shorthand ?? badRange(text, reader);
  }
  if (more.length > 0) return badRange(text, reader);
  const prefix = /^(?:0|[1-9]\d{0,2})$/.test(length) ? Number(length) : -1;
  const bits = BITS[address.family];
  if (prefix < 0 || prefix > bits) {
    const message = say`${quote(text)}: what stands after the slash is a number from 0 to ${bits}.`;
    return fail(reader, 'bad-prefix', message, usualRange(literal));
  }
  const range = rangeAround(address, prefix);
  if (range.base === formatAddress(address)) return { ok: true, value: range };
  const message = say`${quote(text)} is an address within a range. Write ${range.canonical} for the range, or the address alone.`;
  return fail(reader, 'host-bits', message, range.canonical);
}

function badRange(text: string, reader: Reader): Failure {
  const message = say`${quote(text)} has no full address before the slash. A range is written like 192.0.2.0/24.`;
  return fail(reader, 'bad-cidr', message);
}

/** For places that take one host: an address in the range, beside the one that only names the network. */
export function refuseRange(text: string, reader: Reader): Failure {
  const address = readLiteral(text.split('/', 1)[0] ?? '');
  const second = address && { ...address, value: address.value + 1n };
  const isNetwork = address !== undefined && blockAround(address, USUAL_PREFIX[address.family]).value === address.value;
  const proposal = isNetwork && second ? formatAddress(second) : address && formatAddress(address);
  const message = say`${quote(text)} is a range. One scan looks at one host; name an address in the range.`;
  return fail(reader, 'range', message, proposal);
}
