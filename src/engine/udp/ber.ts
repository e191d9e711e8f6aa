import { ascii, bytes, join, u16, u32 } from './bytes.ts';

/** The parts of ASN.1's distinguished encoding (X.690 §8 and §10) that small questions need. */

/** A tag, a definite length below 65536, and the contents. */
export function tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const contents = join(...parts);
  if (contents.length < 0x80) return join(bytes(tag, contents.length), contents);
  if (contents.length < 0x100) return join(bytes(tag, 0x81, contents.length), contents);
  return join(bytes(tag, 0x82), u16(contents.length), contents);
}

/** SEQUENCE, and SEQUENCE OF. */
export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, ...parts);
}

/** A context-specific, constructed tag: `[number]` around a value. */
export function context(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0xa0 | number, ...parts);
}

/** An application, constructed tag: `[APPLICATION number]`. */
export function application(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0x60 | number, ...parts);
}

/** INTEGER from 0 to 2³¹ - 1, in as few bytes as keep it positive (X.690 §8.3.2). */
export function integer(value: number): Uint8Array {
  const wide = u32(value);
  let first = 0;
  while (first < 3 && wide[first] === 0 && (wide[first + 1] ?? 0) < 0x80) first += 1;
  return tagged(0x02, wide.subarray(first));
}

/** ENUMERATED, 0 to 127. */
export function enumerated(value: number): Uint8Array {
  return tagged(0x0a, bytes(value));
}

/** BOOLEAN. */
export function boolean(value: boolean): Uint8Array {
  return tagged(0x01, bytes(value ? 0xff : 0));
}

/** OCTET STRING: ASCII text, or bytes. */
export function octets(contents: string | Uint8Array): Uint8Array {
  return tagged(0x04, typeof contents === 'string' ? ascii(contents) : contents);
}

/** GeneralString, which Kerberos uses for names (RFC 4120 §5.2.1). */
export function generalString(text: string): Uint8Array {
  return tagged(0x1b, ascii(text));
}

/** GeneralizedTime, `YYYYMMDDHHMMSSZ`. */
export function generalizedTime(text: string): Uint8Array {
  return tagged(0x18, ascii(text));
}

/** BIT STRING of 32 bits. */
export function bits32(value: number): Uint8Array {
  return tagged(0x03, bytes(0), u32(value));
}
