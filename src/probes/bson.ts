/**
 * As much of BSON (bsonspec.org, version 1.1) as a question and its answer need: documents of a few short values out, their
 * first level in.
 */

export type BsonValue = string | number | boolean | { readonly kind: 'document' | 'array'; readonly bytes: Buffer };

/** Elements looked at in one document. */
const MAX_ELEMENTS = 1_024;

/** A document of these values: text as a string, numbers as int32, yes and no as booleans. */
export function encodeBson(fields: Readonly<Record<string, string | number | boolean>>): Buffer {
  const elements = Object.entries(fields).map(([name, value]) => {
    const key = Buffer.from(`${name}\0`);
    if (typeof value === 'string') {
      const text = Buffer.from(`${value}\0`);
      return Buffer.concat([Buffer.of(2), key, int32(text.length), text]);
    }
    if (typeof value === 'boolean') return Buffer.concat([Buffer.of(8), key, Buffer.of(value ? 1 : 0)]);
    return Buffer.concat([Buffer.of(16), key, int32(value)]);
  });
  const body = Buffer.concat([...elements, Buffer.of(0)]);
  return Buffer.concat([int32(body.length + 4), body]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

const FIXED_SIZES: ReadonlyMap<number, number> = new Map([
  [0x01, 8],
  [0x06, 0],
  [0x07, 12],
  [0x08, 1],
  [0x09, 8],
  [0x0a, 0],
  [0x10, 4],
  [0x11, 8],
  [0x12, 8],
  [0x13, 16],
  [0x7f, 0],
  [0xff, 0],
]);

/**
 * The first level of a document: strings, numbers, booleans, and nested documents as their bytes; other types are stepped
 * over. Reads on to the first thing that is wrong, and believes no length beyond the bytes there. Undefined when this is no document
 * at all. Never throws.
 */
export function decodeBson(bytes: Buffer): ReadonlyMap<string, BsonValue> | undefined {
  if (bytes.length < 5) return undefined;
  const claimed = bytes.readInt32LE(0);
  if (claimed < 5) return undefined;
  const end = Math.min(claimed, bytes.length);
  const fields = new Map<string, BsonValue>();
  let at = 4;
  for (let count = 0; count < MAX_ELEMENTS && at < end; count += 1) {
    const type = bytes[at] ?? 0;
    const nameEnd = bytes.subarray(at + 1, Math.min(end, at + 257)).indexOf(0);
    if (type === 0 || nameEnd < 0) break;
    const name = bytes.toString('utf8', at + 1, at + 1 + nameEnd);
    const from = at + nameEnd + 2;
    const size = sizeOf(type, bytes, from, end);
    if (size === undefined || from + size > end) break;
    const value = bsonValue(type, bytes.subarray(from, from + size));
    if (value !== undefined) fields.set(name, value);
    at = from + size;
  }
  return fields;
}

/** Undefined: not known, or a lie. */
function sizeOf(type: number, bytes: Buffer, from: number, end: number): number | undefined {
  const fixed = FIXED_SIZES.get(type);
  if (fixed !== undefined) return fixed;
  if (from + 4 > end) return undefined;
  const length = bytes.readInt32LE(from);
  if (length < 0) return undefined;
  // Strings, code and symbols; binary with its subtype; documents, whose length counts itself.
  if (type === 0x02 || type === 0x0d || type === 0x0e) return length >= 1 ? 4 + length : undefined;
  if (type === 0x05) return 5 + length;
  if (type === 0x03 || type === 0x04) return length >= 5 ? length : undefined;
  return undefined;
}

function bsonValue(type: number, bytes: Buffer): BsonValue | undefined {
  if (type === 0x01) return bytes.readDoubleLE(0);
  if (type === 0x02) return bytes.toString('utf8', 4, bytes.length - 1);
  if (type === 0x03) return { kind: 'document', bytes };
  if (type === 0x04) return { kind: 'array', bytes };
  if (type === 0x08) return bytes[0] === 1;
  if (type === 0x10) return bytes.readInt32LE(0);
  if (type === 0x12) return Number(bytes.readBigInt64LE(0));
  return undefined;
}
