/** Content types of records (RFC 8446 §5.1). */
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;

export interface TlsRecord {
  readonly type: number;
  readonly header: Buffer;
  readonly body: Buffer;
}

/** Largest protected record that a correct peer sends, in bytes (RFC 5246 §6.2.3). */
const MAX_RECORD = 16_384 + 2_048;

/** No handshake takes more, and more would keep us busy. */
const MAX_RECORDS = 1_000;

/** Whether bytes begin as a TLS or SSLv3 record does that answers a ClientHello: an alert, or a handshake message. */
export function looksLikeTls(bytes: Buffer): boolean {
  return bytes.length >= 3 && (bytes[0] === ALERT || bytes[0] === HANDSHAKE) && bytes[1] === 3 && (bytes[2] ?? 9) <= 4;
}

/** The complete records at the start of `bytes`, at most 1,000; ends at the first that is incomplete or is no record. */
export function* recordsOf(bytes: Buffer): Generator<TlsRecord> {
  let at = 0;
  for (let count = 0; count < MAX_RECORDS && at + 5 <= bytes.length; count += 1) {
    const type = bytes[at] ?? 0;
    const length = bytes.readUInt16BE(at + 3);
    if (type < 20 || type > 24 || bytes[at + 1] !== 3 || length > MAX_RECORD || at + 5 + length > bytes.length) return;
    // Nobody may send these (RFC 8446 §5.1).
    if (length === 0 && type !== APPLICATION_DATA) return;
    yield { type, header: bytes.subarray(at, at + 5), body: bytes.subarray(at + 5, at + 5 + length) };
    at += 5 + length;
  }
}

export interface HandshakeMessage {
  readonly type: number;
  readonly body: Buffer;
  /** False: the other side announced more than it sent. */
  readonly complete: boolean;
}

/** Handshake messages (RFC 8446 §4) in the joined bodies of records. The last may be incomplete. */
export function* messagesOf(stream: Buffer): Generator<HandshakeMessage> {
  let at = 0;
  while (at + 4 <= stream.length) {
    const length = stream.readUIntBE(at + 1, 3);
    const body = stream.subarray(at + 4, at + 4 + length);
    yield { type: stream[at] ?? 0, body, complete: body.length === length };
    at += 4 + length;
  }
}

/** Reads forward through bytes that may end early or lie about lengths: what is missing reads as zero or empty. */
export function createReader(bytes: Buffer) {
  let at = 0;
  const take = (length: number) => {
    const taken = bytes.subarray(at, at + length);
    at = Math.min(bytes.length, at + length);
    return taken;
  };
  const number = (size: 1 | 2 | 3) => {
    const taken = take(size);
    return taken.length === size ? taken.readUIntBE(0, size) : 0;
  };
  return {
    left: () => bytes.length - at,
    take,
    number,
    /** A vector with its length in front (RFC 8446 §3.4). */
    vector: (size: 1 | 2 | 3) => take(number(size)),
  };
}
