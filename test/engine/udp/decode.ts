/** Readers of what the builders write, made from the documents alone, so that the tests do not repeat the builders. */

export interface Der {
  readonly tag: number;
  readonly contents: Buffer;
  /** The values inside, for constructed ones. */
  readonly children: readonly Der[];
}

/** Every value in a run of DER (X.690 §8.1); throws where lengths do not add up. */
export function readDer(bytes: Uint8Array): readonly Der[] {
  const values: Der[] = [];
  let rest = Buffer.from(bytes);
  while (rest.length > 0) {
    const tag = rest.readUInt8(0);
    const short = rest.readUInt8(1);
    const extra = short < 0x80 ? 0 : short & 0x7f;
    const length = extra === 0 ? short : rest.readUIntBE(2, extra);
    const end = 2 + extra + length;
    if (end > rest.length) throw new Error(`a value of ${length} bytes in ${rest.length}`);
    const contents = rest.subarray(2 + extra, end);
    values.push({ tag, contents, children: (tag & 0x20) === 0 ? [] : readDer(contents) });
    rest = rest.subarray(end);
  }
  return values;
}

/** A DER value as nested arrays: numbers for INTEGER and ENUMERATED, text for strings, `[tag, …]` for what is tagged. */
export function plainDer({ tag, contents, children }: Der): unknown {
  if (tag === 0x02 || tag === 0x0a) return contents.readIntBE(0, contents.length);
  if (tag === 0x01) return contents[0] !== 0;
  if (tag === 0x30) return children.map(plainDer);
  if ((tag & 0x20) !== 0) return [`[${tag & 0x1f}]`, ...children.map(plainDer)];
  return contents.toString('latin1');
}

export interface Question {
  readonly id: number;
  readonly flags: number;
  readonly counts: readonly number[];
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

/** A DNS message of one question (RFC 1035 §4.1); throws when anything is missing or, but for EDNS, left over. */
export function readQuestion(bytes: Uint8Array): Question {
  const packet = Buffer.from(bytes);
  const labels: string[] = [];
  let offset = 12;
  for (let length = packet.readUInt8(offset); length > 0; length = packet.readUInt8(offset)) {
    labels.push(packet.toString('latin1', offset + 1, offset + 1 + length));
    offset += 1 + length;
  }
  const counts = [4, 6, 8, 10].map((at) => packet.readUInt16BE(at));
  if (counts[3] === 0 && packet.length !== offset + 5) throw new Error('bytes are left over');
  return {
    id: packet.readUInt16BE(0),
    flags: packet.readUInt16BE(2),
    counts,
    name: labels.join('.'),
    type: packet.readUInt16BE(offset + 1),
    class: packet.readUInt16BE(offset + 3),
  };
}

/** Blocks that carry their own length, header included, as [first two bytes, contents]. */
export function readBlocks(bytes: Buffer, lengthAt: number, headerLength: number, mask = 0xffff) {
  const blocks: { readonly head: Buffer; readonly contents: Buffer }[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const length = rest.readUInt16BE(lengthAt) & mask;
    if (length < headerLength || length > rest.length) throw new Error(`a block of ${length} in ${rest.length}`);
    blocks.push({ head: rest.subarray(0, headerLength), contents: rest.subarray(headerLength, length) });
    rest = rest.subarray(length);
  }
  return blocks;
}
