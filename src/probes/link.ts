import { type LookupFunction, Socket } from 'node:net';
import { type ConnectionOptions, connect as startTls, type TLSSocket } from 'node:tls';
import type { ScannableAddress } from '../engine/types.ts';
import { createInbox } from './inbox.ts';
import { createWaiters } from './waiters.ts';

/** What a probe talks to: a checked address, and the name that it was asked for by, for SNI and Host. */
export interface ProbeTarget {
  readonly address: ScannableAddress;
  readonly port: number;
  /** Canonical (punycode); undefined when the address itself was asked for. */
  readonly name?: string | undefined;
}

export interface LinkLimits {
  /** From the first packet to the last, in milliseconds. */
  readonly timeoutMs: number;
  /** Bytes received in all; what comes after is not read. */
  readonly maxBytes: number;
}

/** Of one connection. A probe that needs more is not worth waiting for. */
export const LINK_LIMITS: LinkLimits = { timeoutMs: 5_000, maxBytes: 256 * 1024 };

/** Why a conversation ended early; `tls`: no handshake came about, or its rules were broken later. */
export type LinkFailure = 'timeout' | 'too-much' | 'refused' | 'reset' | 'aborted' | 'unreachable' | 'tls';

export class LinkError extends Error {
  readonly failure: LinkFailure;
  /** @param cause the error of the socket, where there was one: its `code` tells, for example, which TLS alert came */
  constructor(failure: LinkFailure, cause?: unknown) {
    super(`the conversation ended: ${failure}`, { cause });
    this.failure = failure;
  }
}

/**
 * One bounded TCP conversation with a hostile stranger. Everything received stays in `received` (at most `maxBytes`); a
 * probe parses from there and never keeps more. Rejections are {@link LinkError} only.
 */
export interface Link {
  /** Everything received so far, of the current layer: empty again after {@link Link.secure}. */
  received(): Buffer;
  /** True once the other side has closed and everything was received. */
  ended(): boolean;
  /**
   * Waits until `enough` says so of everything received, the other side closes, or `waitMs` pass without a byte; resolves
   * with everything received in each case. Rejects when the link's own limits, or a reset, end it first.
   */
  read(enough: (received: Buffer) => boolean, waitMs?: number): Promise<Buffer>;
  /** Sends; resolves when the bytes are with the kernel. Rejects once the other side has closed. */
  write(bytes: Uint8Array | string): Promise<void>;
  /**
   * Starts TLS on the connection, at once or after STARTTLS. Accepts every certificate: the handshake is the evidence.
   * Resolves with the socket to be asked about protocol and cipher, not about certificates, and not to be read from.
   */
  secure(options?: ConnectionOptions): Promise<TLSSocket>;
  /** Ends the conversation with RST; idempotent. */
  close(): void;
}

export type Dial = (target: ProbeTarget, signal: AbortSignal) => Promise<Link>;

/** Opens links to literal addresses with these limits. */
export function createDial(limits: LinkLimits = LINK_LIMITS): Dial {
  return (target, signal) => openLink(target, limits, signal);
}

const FAILURES: ReadonlyMap<string, LinkFailure> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['ECONNABORTED', 'reset'],
  ['EPIPE', 'reset'],
  ['ETIMEDOUT', 'timeout'],
  ['EPROTO', 'tls'],
]);

function failureOf(error: unknown): LinkFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return FAILURES.get(code) ?? (/^ERR_(?:SSL|TLS|OSSL)_/.test(code) ? 'tls' : 'unreachable');
}

/** A name must never get this far. */
const noLookup: LookupFunction = (_name, _options, done) => done(new Error('probes do not ask DNS'), '', 0);

/** Nobody is trusted here: for a trusted chain Node would turn certificates into objects, and a malformed one end the process. */
const TRUST_NOBODY = { ca: [], rejectUnauthorized: false, checkServerIdentity: () => undefined };

/** Rules that this OpenSSL cannot keep are refused by a throw. */
function takeOver(tcp: Socket, options: ConnectionOptions): TLSSocket {
  try {
    return startTls({ socket: tcp, ...TRUST_NOBODY, ...options });
  } catch (error) {
    throw new LinkError('tls', error);
  }
}

async function openLink(target: ProbeTarget, limits: LinkLimits, signal: AbortSignal): Promise<Link> {
  if (signal.aborted) throw new LinkError('aborted');
  // Node must not answer the other side's end by itself: libuv refuses to reset while that is under way, and the descriptor
  // would be lost.
  const tcp = new Socket({ allowHalfOpen: true });
  let layer: Socket = tcp;
  let inbox = createInbox(limits.maxBytes);
  let room = limits.maxBytes;
  let connected = false;
  let ended = false;
  let failure: LinkError | undefined;
  const { until, wake } = createWaiters(() => failure);

  function fail(why: LinkFailure, cause?: unknown): void {
    // What happens after the other side's orderly end takes nothing away from what it said.
    if (!ended || why === 'aborted') failure ??= new LinkError(why, cause);
    close();
    wake();
  }
  const onAbort = () => fail('aborted');
  const timer = setTimeout(() => fail('timeout'), limits.timeoutMs);
  function close(): void {
    ended = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    // While connecting, a reset would wait for the connection.
    if (connected && !tcp.destroyed) tcp.resetAndDestroy();
    tcp.destroy();
    // Node may be inside OpenSSL at this moment (`secureConnect` comes from there): freeing it right now would end the process.
    if (layer !== tcp) setImmediate(() => layer.destroy());
    wake();
  }

  const onData = (chunk: Buffer) => {
    if (ended) return;
    inbox.add(chunk.subarray(0, room));
    room -= chunk.length;
    if (room < 0) fail('too-much');
    else wake();
  };
  const onEnd = () => {
    ended = true;
    wake();
  };
  const onError = (error: Error) => fail(failureOf(error), error);
  function attach(socket: Socket): void {
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
  }

  async function read(enough: (received: Buffer) => boolean, waitMs = limits.timeoutMs): Promise<Buffer> {
    let quiet = false;
    let seen = -1;
    let quietTimer: NodeJS.Timeout | undefined;
    function listen(): void {
      if (inbox.size() === seen) return;
      seen = inbox.size();
      clearTimeout(quietTimer);
      quietTimer = setTimeout(() => {
        quiet = true;
        wake();
      }, waitMs);
    }
    try {
      await until(() => {
        listen();
        return enough(inbox.all()) || (!failure && (quiet || ended));
      });
    } finally {
      clearTimeout(quietTimer);
    }
    return inbox.all();
  }

  async function write(bytes: Uint8Array | string): Promise<void> {
    if (failure ?? ended) throw failure ?? new LinkError('reset');
    let written = false;
    layer.write(bytes, () => {
      written = true;
      wake();
    });
    await until(() => !failure && (written || ended));
  }

  async function secure(options: ConnectionOptions = {}): Promise<TLSSocket> {
    if (failure ?? ended) throw failure ?? new LinkError('reset');
    // From here on the bytes below are TLS's own; an error below still ends the link.
    tcp.off('data', onData).off('end', onEnd).off('close', onEnd);
    inbox = createInbox(limits.maxBytes);
    let secured = false;
    const tls = takeOver(tcp, { servername: target.name ?? '', ...options });
    tls.disableRenegotiation();
    tls.once('secureConnect', () => {
      secured = true;
      wake();
    });
    attach(tls);
    layer = tls;
    await until(() => {
      if (ended && !secured) failure ??= new LinkError('reset');
      return secured && !failure;
    });
    return tls;
  }

  signal.addEventListener('abort', onAbort, { once: true });
  attach(tcp);
  tcp.once('connect', () => {
    connected = true;
    wake();
  });
  tcp.setNoDelay(true);
  tcp.connect({ host: target.address, port: target.port, lookup: noLookup });
  await until(() => connected);
  return { received: () => inbox.all(), ended: () => ended, read, close, write, secure };
}
