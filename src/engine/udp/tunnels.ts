import { ascii, bytes, counted8, counted16, fill, join, u16, u24, u32 } from './bytes.ts';

/** A generic IKE payload: which comes next, and its own length with the header (RFC 7296 §3.2). */
function ikePayload(next: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = join(...parts);
  return join(bytes(next, 0), u16(4 + body.length), body);
}

/** One transform of a proposal (RFC 7296 §3.3.2). */
function ikeTransform(isLast: boolean, type: number, id: number, ...attributes: readonly Uint8Array[]): Uint8Array {
  const body = join(bytes(type, 0), u16(id), ...attributes);
  return join(bytes(isLast ? 0 : 3, 0), u16(4 + body.length), body);
}

/**
 * IKEv2: IKE_SA_INIT with one proposal, AES-CBC-128, HMAC-SHA-256 and Curve25519 (RFC 7296 §1.2 and §3; numbers from
 * RFC 8247 and RFC 8031). The key is the base point: no handshake will follow. Gateways with other wishes answer
 * NO_PROPOSAL_CHOSEN.
 */
export function ikeInit(): Uint8Array {
  const [securityAssociation, keyExchange, nonce] = [33, 34, 40];
  const keyLength128 = join(u16(0x800e), u16(128));
  const transforms = [
    ikeTransform(false, 1, 12, keyLength128),
    ikeTransform(false, 2, 5),
    ikeTransform(false, 3, 12),
    ikeTransform(true, 4, 31),
  ];
  const offer = join(...transforms);
  const proposal = join(bytes(0, 0), u16(8 + offer.length), bytes(1, 1, 0, transforms.length), offer);
  const payloads = join(
    ikePayload(keyExchange, proposal),
    ikePayload(nonce, u16(31), u16(0), bytes(9), fill(31)),
    ikePayload(0, fill(32, 0x48)),
  );
  const [version2, saInit, initiator] = [0x20, 34, 0x08];
  const kind = bytes(securityAssociation, version2, saInit, initiator);
  return join(ascii('HARBORMR'), fill(8), kind, u32(0), u32(28 + payloads.length), payloads);
}

/** IKE on the port of NAT traversal: behind four zero bytes, which tell it from ESP (RFC 3948 §2.2). */
export function ikeNatTraversal(): Uint8Array {
  return join(fill(4), ikeInit());
}

/**
 * OpenVPN: P_CONTROL_HARD_RESET_CLIENT_V2 with key 0 (OpenVPN's protocol description, “Network protocol”): session,
 * no acknowledgements, packet 0. Servers with tls-auth or tls-crypt stay silent.
 */
export function openvpnReset(): Uint8Array {
  const hardResetClient2 = 7;
  return join(bytes(hardResetClient2 << 3), ascii('HARBORMR'), bytes(0), u32(0));
}

/** An attribute-value pair that must be understood (RFC 2661 §4.1). */
function l2tpPair(type: number, value: Uint8Array): Uint8Array {
  const mandatory = 0x8000;
  return join(u16(mandatory | (6 + value.length)), u16(0), u16(type), value);
}

/** L2TP: Start-Control-Connection-Request with what §6.1 demands (RFC 2661); no login is part of it. */
export function l2tpStart(): Uint8Array {
  const [messageType, protocolVersion, framing, hostName, tunnelId] = [0, 2, 3, 7, 9];
  const pairs = join(
    l2tpPair(messageType, u16(1)),
    l2tpPair(protocolVersion, u16(0x0100)),
    l2tpPair(framing, u32(3)),
    l2tpPair(hostName, ascii('harbormaster')),
    l2tpPair(tunnelId, u16(1)),
  );
  const control = 0xc802;
  return join(u16(control), u16(12 + pairs.length), fill(8), pairs);
}

/** An extension of a ClientHello (RFC 5246 §7.4.1.4). */
function extension(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return join(u16(type), counted16(...parts));
}

/**
 * DTLS 1.2: a ClientHello without a cookie, which a server answers with a small HelloVerifyRequest and forgets (RFC
 * 6347 §4.2.1). The suites are those of CoAP (RFC 7252 §9) and the usual ECDHE ones (RFC 9325 §4.2).
 */
export function dtlsHello(): Uint8Array {
  const version = u16(0xfefd);
  const suites = counted16(u16(0xc0a8), u16(0xc0ae), u16(0xc02b), u16(0xc02f));
  const extensions = counted16(
    extension(10, counted16(u16(29), u16(23))),
    extension(11, counted8(bytes(0))),
    extension(13, counted16(u16(0x0403), u16(0x0804), u16(0x0401))),
  );
  const noSession = bytes(0);
  const noCookie = bytes(0);
  const noCompression = counted8(bytes(0));
  const body = join(version, fill(32, 0x48), noSession, noCookie, suites, noCompression, extensions);
  const clientHello = 1;
  const handshake = join(bytes(clientHello), u24(body.length), u16(0), u24(0), u24(body.length), body);
  const record = 22;
  return join(bytes(record), version, fill(8), counted16(handshake));
}
