/** One value of DER (X.690): its tag byte, its content, and the bytes of both. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

/** The values one after the other in `bytes`; ends at the first that is cut off or of a form certificates do not use. */
export function* derValues(bytes: Buffer): Generator<DerValue> {
  let at = 0;
  while (at + 2 <= bytes.length) {
    const tag = bytes[at] ?? 0;
    const short = bytes[at + 1] ?? 0;
    const size = short < 0x80 ? 0 : short & 0x7f;
    if ((tag & 0x1f) === 0x1f || short === 0x80 || size > 3 || at + 2 + size > bytes.length) return;
    const length = size === 0 ? short : bytes.readUIntBE(at + 2, size);
    const end = at + 2 + size + length;
    if (end > bytes.length) return;
    yield { tag, content: bytes.subarray(at + 2 + size, end), whole: bytes.subarray(at, end) };
    at = end;
  }
}

/** The first values in `bytes`, at most `max`. */
export function derList(bytes: Buffer | undefined, max: number): DerValue[] {
  const values: DerValue[] = [];
  if (!bytes) return values;
  for (const value of derValues(bytes)) {
    if (values.length === max) break;
    values.push(value);
  }
  return values;
}

/** An object identifier in dotted form; arcs beyond 2^32 come out as something that no table has. */
export function oidText(content: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content.subarray(0, 32)) {
    arc = (arc % 0x1000000) * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (arcs.length === 0) {
      const top = Math.min(2, Math.floor(arc / 40));
      arcs.push(top, arc - top * 40);
    } else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

const BMP_STRING = 0x1e;

/** A string of a certificate: UTF-16 for BMPString, else UTF-8, of which the other kinds in use are a part. */
export function derText({ tag, content }: DerValue, maxBytes = 2_048): string {
  const bytes = content.subarray(0, maxBytes);
  if (tag !== BMP_STRING) return bytes.toString('utf8');
  return Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString('utf16le');
}
