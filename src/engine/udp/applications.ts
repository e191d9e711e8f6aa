import { ascii, bytes, fill, join, u16, u32 } from './bytes.ts';

/** Lines as SIP and HTTP have them, with the empty one at the end. */
function lines(...text: readonly string[]): Uint8Array {
  return ascii(`${text.join('\r\n')}\r\n\r\n`);
}

/**
 * SIP: OPTIONS that goes no further (RFC 3261 §11: with Max-Forwards 0 the first hop answers for itself). `rport` asks
 * for the answer at the port the question came from (RFC 3581 §3).
 */
export function sipOptions(): Uint8Array {
  const self = 'sip:harbormaster@scanner.invalid';
  return lines(
    `OPTIONS ${self} SIP/2.0`,
    'Via: SIP/2.0/UDP scanner.invalid;branch=z9hG4bKharbormaster;rport',
    'Max-Forwards: 0',
    `From: <${self}>;tag=1`,
    `To: <${self}>`,
    'Call-ID: 1@scanner.invalid',
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  );
}

/** STUN: a Binding request without attributes (RFC 8489 §5 and §6.1). */
export function stunBinding(): Uint8Array {
  const bindingRequest = 1;
  const magicCookie = 0x2112a442;
  return join(u16(bindingRequest), u16(0), u32(magicCookie), ascii('harbormaster'));
}

/** memcached: `version` in one datagram (doc/protocol.txt, “UDP protocol”: request, sequence, total, reserved). */
export function memcachedVersion(): Uint8Array {
  return join(u16(0x484d), u16(0), u16(1), u16(0), ascii('version\r\n'));
}

/**
 * SSDP: a search for root devices at one host (UPnP Device Architecture 1.1 §1.3.2), with the MX line that devices of
 * version 1.0 insist on. `ssdp:all` would bring an answer for every service.
 */
export function ssdpSearch(): Uint8Array {
  return lines(
    'M-SEARCH * HTTP/1.1',
    'HOST: 239.255.255.250:1900',
    'MAN: "ssdp:discover"',
    'MX: 1',
    'ST: upnp:rootdevice',
  );
}

/** CoAP: an empty confirmable message, which draws a reset of four bytes: “CoAP ping” (RFC 7252 §4.3). */
export function coapPing(): Uint8Array {
  const version1Confirmable = 0x40;
  return join(bytes(version1Confirmable, 0), u16(0x484d));
}

/**
 * SQL Server Browser: which instances are there (MC-SQLR §2.2.2, CLNT_UCAST_EX). A question about one instance would
 * draw a smaller answer, but the Browser is silent about names it does not know, and the names are not ours to guess.
 */
export function sqlBrowserInstances(): Uint8Array {
  return bytes(3);
}

/** Minecraft's query: the handshake of GameSpy's fourth version, which draws a challenge of a dozen bytes. */
export function minecraftHandshake(): Uint8Array {
  return join(bytes(0xfe, 0xfd, 9), fill(3), bytes(1));
}
