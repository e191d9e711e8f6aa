import { isIP } from 'node:net';
import { ALERT, createReader, HANDSHAKE, messagesOf, recordsOf, type TlsRecord } from './records.ts';
import { EARLIER_SUITES, groupName, MODERN_SUITES, suiteName } from './suites.ts';

/** Version numbers on the wire; 2 went by without anybody missing it. */
export const TLS_VERSIONS = {
  SSLv3: 0x0300,
  'TLSv1.0': 0x0301,
  'TLSv1.1': 0x0302,
  'TLSv1.2': 0x0303,
  'TLSv1.3': 0x0304,
};

export type TlsVersion = keyof typeof TLS_VERSIONS;

const VERSION_NAMES = new Map(Object.entries(TLS_VERSIONS).map(([name, code]) => [code, name as TlsVersion]));

const u8 = (value: number) => Buffer.from([value]);
const u16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const list16 = (values: readonly number[]) => Buffer.concat(values.map(u16));
const vector8 = (...parts: Uint8Array[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([u8(body.length), body]);
};
const vector16 = (...parts: Uint8Array[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([u16(body.length), body]);
};
const extension = (type: number, body: Uint8Array) => Buffer.concat([u16(type), vector16(body)]);

const GROUPS_OFFERED = [0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0100, 0x0101, 0x0102];
/** ECDSA, Ed25519, Ed448, RSA-PSS and RSA with SHA-2, then SHA-1 and DSA, which only old servers need. */
const SIGNATURES_OFFERED = [
  0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601,
  0x0203, 0x0201, 0x0402, 0x0202,
];
const RENEGOTIATION_INFO_SCSV = 0x00ff;

export interface HelloOptions {
  readonly version: TlsVersion;
  /** For SNI; an address is not sent (RFC 6066 §3). */
  readonly name?: string | undefined;
  readonly suites?: readonly number[];
  /** 96 bytes: the client random, the session id of compatibility mode, and a key share. */
  readonly random: Uint8Array;
}

function extensionsFor({ version, name, random }: HelloOptions): Buffer[] {
  const extensions = [
    extension(0x000a, vector16(list16(GROUPS_OFFERED))),
    extension(0x000b, vector8(u8(0))),
    extension(0x000d, vector16(list16(SIGNATURES_OFFERED))),
    extension(0x0017, Buffer.alloc(0)),
  ];
  if (name && !isIP(name)) {
    extensions.unshift(extension(0x0000, vector16(u8(0), vector16(Buffer.from(name, 'latin1')))));
  }
  if (version === 'TLSv1.3') {
    extensions.push(
      extension(0x002b, vector8(u16(TLS_VERSIONS[version]))),
      extension(0x002d, vector8(u8(1))),
      // Any 32 bytes are a public key of X25519 (RFC 7748 §5); nobody will need the private one.
      extension(0x0033, vector16(u16(0x001d), vector16(random.subarray(64, 96)))),
    );
  }
  return extensions;
}

/**
 * A ClientHello, in its record, that offers this one version (RFC 6101 §5.6.1.2 without extensions for SSLv3, RFC 5246
 * §7.4.1.2 up to TLS 1.2, RFC 8446 §4.1.2 for 1.3). Made by hand because TLS libraries no longer speak the old ones.
 */
export function clientHello(options: HelloOptions): Buffer {
  const { version, random } = options;
  const modern = version === 'TLSv1.3';
  const suites = options.suites ?? (modern ? MODERN_SUITES : EARLIER_SUITES);
  const body = Buffer.concat([
    u16(Math.min(TLS_VERSIONS[version], TLS_VERSIONS['TLSv1.2'])),
    random.subarray(0, 32),
    vector8(modern ? random.subarray(32, 64) : Buffer.alloc(0)),
    vector16(list16(modern ? suites : [...suites, RENEGOTIATION_INFO_SCSV])),
    vector8(u8(0)),
    ...(version === 'SSLv3' ? [] : [vector16(...extensionsFor(options))]),
  ]);
  const message = Buffer.concat([u8(1), u8(0), u16(body.length), body]);
  return Buffer.concat([u8(HANDSHAKE), u16(version === 'SSLv3' ? 0x0300 : 0x0301), vector16(message)]);
}

export interface ServerHello {
  readonly version?: TlsVersion | undefined;
  readonly cipher: string;
  readonly cipherCode: number;
  /** Of TLS 1.3 alone: before, it is said later. */
  readonly group?: string | undefined;
  /** Of TLS 1.2 and before alone: later it is said under encryption. */
  readonly alpn?: string | undefined;
}

/** Body of a ServerHello or HelloRetryRequest (RFC 8446 §4.1.3, §4.1.4); undefined when cut off. */
export function readServerHello(body: Buffer): ServerHello | undefined {
  const reader = createReader(body);
  let version = reader.number(2);
  reader.take(32);
  reader.vector(1);
  if (reader.left() < 3) return undefined;
  const cipherCode = reader.number(2);
  reader.number(1);
  let group: string | undefined;
  let alpn: string | undefined;
  const extensions = createReader(reader.vector(2));
  while (extensions.left() >= 4) {
    const type = extensions.number(2);
    const value = createReader(extensions.vector(2));
    if (type === 0x002b) version = value.number(2);
    else if (type === 0x0033) group = groupName(value.number(2));
    else if (type === 0x0010) alpn = createReader(value.vector(2)).vector(1).toString('latin1');
  }
  return { version: VERSION_NAMES.get(version), cipher: suiteName(cipherCode), cipherCode, group, alpn };
}

export type HelloAnswer =
  | { readonly kind: 'hello'; readonly hello: ServerHello }
  /** @see alertName */
  | { readonly kind: 'alert'; readonly alert: number }
  | { readonly kind: 'other' };

/** What came back for a ClientHello; undefined while more is needed to tell. */
export function readHelloAnswer(bytes: Buffer): HelloAnswer | undefined {
  if (bytes.length < 5) return undefined;
  const first = firstOf(bytes);
  if (!first) return couldBecomeRecord(bytes) ? undefined : { kind: 'other' };
  if (first.type === ALERT) {
    const [, alert] = first.body;
    return alert === undefined ? { kind: 'other' } : { kind: 'alert', alert };
  }
  if (first.type !== HANDSHAKE) return { kind: 'other' };
  const bodies: Buffer[] = [];
  for (const { type, body } of recordsOf(bytes)) if (type === HANDSHAKE) bodies.push(body);
  const [message] = messagesOf(Buffer.concat(bodies));
  if (message && message.type !== 2) return { kind: 'other' };
  if (!message?.complete) return undefined;
  const hello = readServerHello(message.body);
  return hello ? { kind: 'hello', hello } : { kind: 'other' };
}

/** The first record that decides: some warn that they do not know the name, and go on (RFC 6066 §3). */
function firstOf(bytes: Buffer): TlsRecord | undefined {
  for (const record of recordsOf(bytes)) {
    const warning = record.type === ALERT && record.body[0] === 1 && record.body[1] === 112;
    if (!warning) return record;
  }
  return undefined;
}

function couldBecomeRecord(bytes: Buffer): boolean {
  const type = bytes[0];
  return (type === ALERT || type === HANDSHAKE) && bytes[1] === 3 && bytes.readUInt16BE(3) <= 18_432;
}

const ALERTS: ReadonlyMap<number, string> = new Map([
  [0, 'close_notify'],
  [10, 'unexpected_message'],
  [20, 'bad_record_mac'],
  [40, 'handshake_failure'],
  [41, 'no_certificate'],
  [42, 'bad_certificate'],
  [43, 'unsupported_certificate'],
  [47, 'illegal_parameter'],
  [48, 'unknown_ca'],
  [49, 'access_denied'],
  [50, 'decode_error'],
  [51, 'decrypt_error'],
  [70, 'protocol_version'],
  [71, 'insufficient_security'],
  [80, 'internal_error'],
  [86, 'inappropriate_fallback'],
  [90, 'user_canceled'],
  [109, 'missing_extension'],
  [110, 'unsupported_extension'],
  [112, 'unrecognized_name'],
  [116, 'certificate_required'],
  [120, 'no_application_protocol'],
]);

/** The name of an alert (RFC 8446 §6, RFC 5246 §7.2), or its number. */
export function alertName(code: number): string {
  return ALERTS.get(code) ?? `alert ${code}`;
}
