/** Of an unencrypted packet (RFC 4253 §6.1), in bytes. */
const MAX_PACKET_BYTES = 35_000;
/** Messages tolerated before the one that counts. */
const MAX_PACKETS = 8;

const MESSAGE = { disconnect: 1, ignore: 2, unimplemented: 3, debug: 4, extInfo: 7, kexInit: 20 };
const PASSED_OVER = new Set([MESSAGE.ignore, MESSAGE.unimplemented, MESSAGE.debug, MESSAGE.extInfo]);
const COOKIE_BYTES = 16;

/** The ten name-lists of KEXINIT (RFC 4253 §7.1), in their order there. */
export const NAME_LISTS = [
  'keyExchange',
  'hostKey',
  'cipherToServer',
  'cipherToClient',
  'macToServer',
  'macToClient',
  'compressionToServer',
  'compressionToClient',
  'languageToServer',
  'languageToClient',
] as const;

export type NameList = (typeof NAME_LISTS)[number];

export interface KexInit {
  readonly lists: Readonly<Record<NameList, readonly string[]>>;
  readonly firstPacketFollows: boolean;
}

export type KexInitAnswer =
  | { readonly kind: 'kexInit'; readonly kexInit: KexInit }
  | { readonly kind: 'disconnect'; readonly reason: string }
  /** Not the binary packet protocol, or a length beyond what it allows. */
  | { readonly kind: 'malformed' };

/**
 * The first packet that matters after the identification (RFC 4253 §6); undefined while more is needed. Lengths are
 * checked against what is there before anything is read by them. Never throws.
 */
export function readKexInit(bytes: Buffer, start: number): KexInitAnswer | undefined {
  let at = start;
  for (let count = 0; count < MAX_PACKETS; count += 1) {
    if (bytes.length < at + 6) return undefined;
    const packetLength = bytes.readUInt32BE(at);
    const padding = bytes[at + 4] ?? 0;
    if (packetLength > MAX_PACKET_BYTES || packetLength < padding + 2) return { kind: 'malformed' };
    if (bytes.length < at + 4 + packetLength) return undefined;
    const payload = bytes.subarray(at + 5, at + 4 + packetLength - padding);
    const type = payload[0] ?? 0;
    if (type === MESSAGE.kexInit) {
      const kexInit = parseKexInit(payload);
      return kexInit ? { kind: 'kexInit', kexInit } : { kind: 'malformed' };
    }
    if (type === MESSAGE.disconnect) return { kind: 'disconnect', reason: disconnectReason(payload) };
    if (!PASSED_OVER.has(type)) return { kind: 'malformed' };
    at += 4 + packetLength;
  }
  return { kind: 'malformed' };
}

/** Payload of SSH_MSG_KEXINIT (RFC 4253 §7.1); undefined when a length points beyond it. */
export function parseKexInit(payload: Buffer): KexInit | undefined {
  let at = 1 + COOKIE_BYTES;
  const lists: Partial<Record<NameList, readonly string[]>> = {};
  for (const list of NAME_LISTS) {
    if (at + 4 > payload.length) return undefined;
    const length = payload.readUInt32BE(at);
    if (length > payload.length - at - 4) return undefined;
    // Latin-1: names are ASCII, and whatever else came must not grow.
    const text = payload.toString('latin1', at + 4, at + 4 + length);
    lists[list] = text === '' ? [] : text.split(',');
    at += 4 + length;
  }
  const follows = payload[at];
  if (follows === undefined) return undefined;
  return { lists: lists as Record<NameList, readonly string[]>, firstPacketFollows: follows !== 0 };
}

/** Description in SSH_MSG_DISCONNECT (RFC 4253 §11.1). */
function disconnectReason(payload: Buffer): string {
  if (payload.length < 9) return '';
  const length = payload.readUInt32BE(5);
  return payload.toString('utf8', 9, 9 + Math.min(length, payload.length - 9, 1_024));
}
