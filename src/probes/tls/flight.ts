import { createDecipheriv, createHmac } from 'node:crypto';
import { alertName, readServerHello, type ServerHello } from './hello.ts';
import { ALERT, APPLICATION_DATA, createReader, HANDSHAKE, messagesOf, recordsOf, type TlsRecord } from './records.ts';
import { groupName } from './suites.ts';

/** Of a chain, in bytes; what OpenSSL takes at most, too. */
export const MAX_CHAIN_BYTES = 100 * 1024;
const MAX_CERTIFICATES = 10;
/** How many certificates are counted where they are not all kept. */
const MAX_COUNTED = 1_000;

const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;
const CERTIFICATE_REQUEST = 13;
const SERVER_HELLO_DONE = 14;
const FINISHED = 20;

/** What a server said before the handshake was done, whether it was done or not. */
export interface Flight {
  readonly hello?: ServerHello | undefined;
  /** Name of the last alert in the clear. */
  readonly alert?: string | undefined;
  /** DER, leaf first, at most 10. */
  readonly certificates: readonly Buffer[];
  /** As sent. */
  readonly chainLength: number;
  readonly chainBytes: number;
  /** More was announced than sent, or more was sent than is read. */
  readonly chainCut: boolean;
  readonly clientCertificateAsked: boolean;
  readonly group?: string | undefined;
  /** Of the prime, in finite-field Diffie-Hellman before TLS 1.3. */
  readonly dhBits?: number | undefined;
}

interface Aead {
  readonly name: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
  readonly hash: 'sha256' | 'sha384';
  readonly keyLength: 16 | 32;
}

const AEADS: ReadonlyMap<number, Aead> = new Map([
  [0x1301, { name: 'aes-128-gcm', hash: 'sha256', keyLength: 16 }],
  [0x1302, { name: 'aes-256-gcm', hash: 'sha384', keyLength: 32 }],
  [0x1303, { name: 'chacha20-poly1305', hash: 'sha256', keyLength: 32 }],
]);

/** HKDF-Expand-Label with an empty context, for no more than one hash of output (RFC 8446 §7.1). */
function expandLabel(hash: Aead['hash'], secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0, 1])]);
  return createHmac(hash, secret).update(info).digest().subarray(0, length);
}

/** The handshake messages inside protected records (RFC 8446 §5.2), up to the first that does not open. */
function openRecords(records: readonly TlsRecord[], cipherCode: number, secret: Buffer): Buffer {
  const aead = AEADS.get(cipherCode);
  if (!aead) return Buffer.alloc(0);
  const key = expandLabel(aead.hash, secret, 'key', aead.keyLength);
  const iv = expandLabel(aead.hash, secret, 'iv', 12);
  const opened: Buffer[] = [];
  for (const [sequence, { header, body }] of records.entries()) {
    if (body.length < 17) break;
    const nonce = Buffer.from(iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
    try {
      const options = { authTagLength: 16 };
      // The three are one interface to Node, and three overloads to its types.
      const decipher = createDecipheriv(aead.name as 'aes-128-gcm', key, nonce, options);
      decipher.setAAD(header).setAuthTag(body.subarray(-16));
      const plain = Buffer.concat([decipher.update(body.subarray(0, -16)), decipher.final()]);
      let end = plain.length - 1;
      while (end >= 0 && plain[end] === 0) end -= 1;
      if (plain[end] !== HANDSHAKE) break;
      opened.push(plain.subarray(0, end));
    } catch {
      // Not under the handshake's key: the handshake is over.
      break;
    }
  }
  return Buffer.concat(opened);
}

/** Body of Certificate: RFC 5246 §7.4.2, or RFC 8446 §4.4.2 where each has extensions. */
function readChain(body: Buffer, complete: boolean, modern: boolean) {
  const reader = createReader(body);
  if (modern) reader.vector(1);
  const announced = reader.number(3);
  const list = createReader(reader.take(Math.min(announced, MAX_CHAIN_BYTES)));
  const certificates: Buffer[] = [];
  let chainLength = 0;
  while (list.left() > 3 && chainLength < MAX_COUNTED) {
    const length = list.number(3);
    const certificate = list.take(length);
    chainLength += 1;
    if (modern) list.vector(2);
    if (certificate.length === length && length > 0 && certificates.length < MAX_CERTIFICATES) {
      certificates.push(Buffer.from(certificate));
    }
  }
  const chainCut = !complete || announced > MAX_CHAIN_BYTES || chainLength > certificates.length;
  return { certificates, chainLength, chainBytes: announced, chainCut };
}

/** Parameters of ServerKeyExchange (RFC 8422 §5.4, RFC 5246 §7.4.3). */
function readKeyExchange(body: Buffer, cipher: string): Pick<Flight, 'group' | 'dhBits'> {
  const reader = createReader(body);
  if (/_ECDHE?_/.test(cipher)) return reader.number(1) === 3 ? { group: groupName(reader.number(2)) } : {};
  if (!/_DHE?_/.test(cipher)) return {};
  const prime = reader.vector(2);
  const leading = prime.findIndex((byte) => byte !== 0);
  if (leading < 0) return {};
  return { dhBits: (prime.length - leading) * 8 - (Math.clz32(prime[leading] ?? 0) - 24) };
}

/**
 * Reads the server's side of a handshake from the bytes on the wire. `handshakeSecret` is the server's handshake traffic
 * secret, needed from TLS 1.3 on: without it, all but the hello stays unread. Never throws.
 */
export function readFlight(bytes: Buffer, handshakeSecret?: Buffer): Flight {
  const clear: Buffer[] = [];
  const sealed: TlsRecord[] = [];
  let alert: string | undefined;
  for (const record of recordsOf(bytes)) {
    if (record.type === APPLICATION_DATA) sealed.push(record);
    else if (record.type === HANDSHAKE && sealed.length === 0) clear.push(record.body);
    else if (record.type === ALERT && record.body.length === 2) alert = alertName(record.body[1] ?? 0);
  }
  const unread: Flight = {
    alert,
    certificates: [],
    chainLength: 0,
    chainBytes: 0,
    chainCut: false,
    clientCertificateAsked: false,
  };
  const flight = readMessages(unread, Buffer.concat(clear));
  if (flight.hello?.version !== 'TLSv1.3' || !handshakeSecret) return flight;
  return readMessages(flight, openRecords(sealed, flight.hello.cipherCode, handshakeSecret));
}

function readMessages(before: Flight, stream: Buffer): Flight {
  let flight = before;
  for (const { type, body, complete } of messagesOf(stream)) {
    if (type === SERVER_HELLO_DONE || type === FINISHED) break;
    flight = { ...flight, ...readMessage(flight, type, body, complete) };
  }
  return flight;
}

function readMessage(flight: Flight, type: number, body: Buffer, complete: boolean): Partial<Flight> {
  if (type === SERVER_HELLO) {
    const hello = complete ? readServerHello(body) : undefined;
    return { hello, group: hello?.group };
  }
  if (type === CERTIFICATE) return readChain(body, complete, flight.hello?.version === 'TLSv1.3');
  if (type === SERVER_KEY_EXCHANGE) return readKeyExchange(body, flight.hello?.cipher ?? '');
  return type === CERTIFICATE_REQUEST ? { clientCertificateAsked: true } : {};
}
