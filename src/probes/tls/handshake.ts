import { constants } from 'node:crypto';
import { Duplex } from 'node:stream';
import { connect as startTls, type TLSSocket } from 'node:tls';
import type { Link } from '../link.ts';
import { type Flight, readFlight } from './flight.ts';

/** Whatever OpenSSL still speaks, but nothing without a certificate: what is asked for is what a client would get. */
const CIPHERS =
  'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:ALL:!aNULL:!eNULL:@SECLEVEL=0';
/** How long a server may take to hang up on a client without certificate, after a handshake that asked for one. */
const HANG_UP_MS = 1_000;

export interface HandshakeOptions {
  /** For SNI; empty or undefined: none is sent. */
  readonly serverName?: string | undefined;
  readonly alpn?: readonly string[] | undefined;
  /** PEM; instead of Node's roots. */
  readonly ca?: readonly string[] | undefined;
}

export interface Handshake {
  readonly flight: Flight;
  /** Everything that came, as it was on the wire. */
  readonly answer: Buffer;
  /** Both sides were content. */
  readonly done: boolean;
  /** It ended the conversation within a second of a handshake in which it asked for a certificate and got none. */
  readonly hungUp: boolean;
  readonly alpn?: string | undefined;
  readonly trust?: { readonly trusted: boolean; readonly code?: string | undefined } | undefined;
}

/**
 * The bytes of a link as a stream, so that its limits hold and what was said stays readable when the handshake fails. The
 * stream itself neither ends nor fails; `over` settles when nothing more will come.
 */
function streamOf(link: Link, from: number): { stream: Duplex; over: Promise<'over'> } {
  let given = from;
  let end: (over: 'over') => void = () => undefined;
  const over = new Promise<'over'>((resolve) => {
    end = resolve;
  });
  const stream = new Duplex({
    read() {
      link
        .read((all) => all.length > given)
        .then((all) => {
          const chunk = Buffer.from(all.subarray(given));
          given = all.length;
          if (chunk.length > 0) stream.push(chunk);
          else end('over');
        })
        .catch(() => end('over'));
    },
    write(chunk: Buffer, _encoding, done) {
      const settle = () => done();
      link.write(chunk).then(settle, settle);
    },
  });
  stream.on('error', () => undefined);
  return { stream, over };
}

/** Resolves with the first of `events`. */
function firstOf(socket: TLSSocket, events: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    for (const event of events) socket.once(event, () => resolve(event));
  });
}

/** Resolves with the result of `what`, or with undefined after `waitMs`. */
async function within<T>(what: Promise<T>, waitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), waitMs);
  });
  return Promise.race([what, late]).finally(() => clearTimeout(timer));
}

function trustOf(socket: TLSSocket): Handshake['trust'] {
  if (socket.authorized) return { trusted: true };
  const why: unknown = socket.authorizationError;
  return { trusted: false, code: why instanceof Error ? why.message : String(why) };
}

/**
 * One handshake as an ordinary client would do it, tolerant of everything: the handshake is the evidence. What the server
 * sent is read from the wire, because OpenSSL shows nothing of a handshake that failed. Never rejects; the link bounds it.
 */
export async function shakeHands(link: Link, { serverName, alpn, ca }: HandshakeOptions): Promise<Handshake> {
  const from = link.received().length;
  const { stream, over } = streamOf(link, from);
  let secret: Buffer | undefined;
  const socket = startTls({
    socket: stream,
    servername: serverName ?? '',
    rejectUnauthorized: false,
    // Names are compared apart from trust.
    checkServerIdentity: () => undefined,
    minVersion: 'TLSv1',
    ciphers: CIPHERS,
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
    ...(alpn ? { ALPNProtocols: [...alpn] } : {}),
    ...(ca ? { ca: [...ca] } : {}),
  });
  socket.on('error', () => undefined);
  socket.disableRenegotiation();
  // For a trusted chain Node turns all its certificates into objects, to compare names: a malformed one among them would end the
  // process there.
  Object.defineProperty(socket, 'getPeerCertificate', { value: () => ({}) });
  socket.on('keylog', (line: Buffer) => {
    const [label, , hex = ''] = line.toString('latin1').trim().split(' ');
    if (label === 'SERVER_HANDSHAKE_TRAFFIC_SECRET') secret = Buffer.from(hex, 'hex');
  });
  const done = (await Promise.race([firstOf(socket, ['secureConnect', 'error', 'close']), over])) === 'secureConnect';
  const flight = readFlight(link.received().subarray(from), secret);
  let hungUp = false;
  // Up to TLS 1.2 the handshake is not done before the server is content. After that, a ticket says so: one that asked for a
  // certificate cannot give it earlier (RFC 8446 §4.6.1).
  if (done && flight.clientCertificateAsked && socket.getProtocol() === 'TLSv1.3') {
    const next = Promise.race([firstOf(socket, ['session', 'data', 'end', 'error', 'close']), over]);
    socket.resume();
    const event = await within(next, HANG_UP_MS);
    hungUp = event !== undefined && event !== 'data' && event !== 'session';
  }
  const agreed = typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : undefined;
  const trust = done ? trustOf(socket) : undefined;
  socket.destroy();
  stream.destroy();
  return { flight, answer: link.received().subarray(from), done, hungUp, alpn: agreed ?? flight.hello?.alpn, trust };
}
