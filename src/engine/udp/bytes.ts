/** Builders for packets in network byte order (big-endian, RFC 1700): each takes numbers that fit and gives bytes. */

/** One byte for each number, 0 to 255. */
export function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** A 16-bit number. */
export function u16(value: number): Uint8Array {
  return bytes(value >>> 8, value & 0xff);
}

/** A 24-bit number. */
export function u24(value: number): Uint8Array {
  return bytes(value >>> 16, (value >>> 8) & 0xff, value & 0xff);
}

/** A 32-bit number. */
export function u32(value: number): Uint8Array {
  return bytes(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** As many bytes, all of one value. */
export function fill(length: number, value = 0): Uint8Array {
  return new Uint8Array(length).fill(value);
}

/** ASCII text, a byte for each character. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0x7f);
}

/** The parts one after the other. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The parts behind their common length in 8 bits. */
export function counted8(...parts: readonly Uint8Array[]): Uint8Array {
  const body = join(...parts);
  return join(bytes(body.length), body);
}

/** The parts behind their common length in 16 bits. */
export function counted16(...parts: readonly Uint8Array[]): Uint8Array {
  const body = join(...parts);
  return join(u16(body.length), body);
}
