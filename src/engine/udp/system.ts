import { ascii, bytes, fill, join, u16, u32 } from './bytes.ts';

/** NTP: a client's question, mode 3 of version 4 (RFC 5905 §7.3). Only the transmit timestamp is filled in. */
export function ntpClient(): Uint8Array {
  const version = 4;
  const client = 3;
  const transmitTimestamp = join(u32(0xe0000000), u32(0));
  return join(bytes((version << 3) | client), fill(39), transmitTimestamp);
}

/**
 * TFTP: a read request for a file that will not be there (RFC 1350 §5). Mind that the error comes from another port
 * than 69 (§4: each side chooses its transfer identifier).
 */
export function tftpRead(): Uint8Array {
  const readRequest = 1;
  return join(u16(readRequest), ascii('harbormaster-no-such-file'), bytes(0), ascii('octet'), bytes(0));
}

/**
 * RIP: one route of version 2 (RFC 2453 §3.9.1). An entry of its own is looked up and sent back; the table as a whole
 * would take family 0 and metric 16.
 */
export function ripRequest(): Uint8Array {
  const request = 1;
  const version = 2;
  const internet = 2;
  const unreachable = 16;
  return join(bytes(request, version), u16(0), u16(internet), u16(0), fill(12), u32(unreachable));
}

/** IPMI: the presence ping of RMCP (ASF 2.0, DMTF DSP0136 §3.2.4.3); no session, no user. Sequence 255: no RMCP ACK. */
export function rmcpPing(): Uint8Array {
  const version = 6;
  const noAcknowledge = 0xff;
  const classAsf = 6;
  const enterpriseAsf = 4_542;
  const presencePing = 0x80;
  return join(bytes(version, 0, noAcknowledge, classAsf), u32(enterpriseAsf), bytes(presencePing, 0x48, 0, 0));
}

/** X display manager: Query without authentication names (XDMCP 1.1 §3); Willing or Unwilling comes back. */
export function xdmcpQuery(): Uint8Array {
  const query = 2;
  return join(u16(1), u16(query), u16(1), bytes(0));
}

/** NAT-PMP: which address is outside (RFC 6886 §3.2); a PCP server answers too, if only with an error (RFC 6887 §9). */
export function natPmpAddress(): Uint8Array {
  return bytes(0, 0);
}

/** Echo returns what it gets (RFC 862); a byte is surer to come back than none. */
export function echoByte(): Uint8Array {
  return ascii('H');
}
