import { withLink } from './conversation.ts';
import { type Link, LinkError } from './link.ts';
import type { ProbeContext } from './probe.ts';

export interface PlainOrTlsOptions {
  /** What to offer by ALPN (RFC 7301). */
  readonly alpn?: string;
  /** Known from an earlier conversation: go straight to it. */
  readonly secure?: boolean | undefined;
}

/**
 * Holds a conversation in the clear, and again over TLS on a new link when the other side turns out to want that: it
 * answered with a TLS record, closed without a byte, or is a web server that says so. Silence is no sign of TLS: a server
 * waiting for a ClientHello refuses other bytes at once. Links that are inside TLS already are used as they are.
 * Rejects with LinkError.
 */
export async function plainOrTls<T>(
  context: ProbeContext,
  talk: (link: Link, secure: boolean) => Promise<T | undefined>,
  { alpn, secure }: PlainOrTlsOptions = {},
): Promise<T | undefined> {
  if (context.tls) return withLink(context, (link) => talk(link, true));
  if (secure !== true) {
    const plain = await withLink(context, (link) => inTheClear(link, talk));
    if (!plain.tls || secure === false) return plain.result;
  }
  return withLink(context, async (link) => {
    await link.secure(alpn === undefined ? {} : { ALPNProtocols: [alpn] });
    return talk(link, true);
  });
}

async function inTheClear<T>(link: Link, talk: (link: Link, secure: boolean) => Promise<T | undefined>) {
  try {
    const result = await talk(link, false);
    return { result, tls: wantsTls(link.received(), link.ended()) };
  } catch (error) {
    // An alert followed by RST, or RST alone, is how some say it.
    if (!(error instanceof LinkError) || error.failure !== 'reset') throw error;
    if (link.received().length > 0 && !wantsTls(link.received(), true)) throw error;
    return { result: undefined, tls: true };
  }
}

/** A TLS record is an alert (21) or a handshake (22) of version 3.x: RFC 8446 §5.1. */
function wantsTls(received: Buffer, ended: boolean): boolean {
  if (received.length === 0) return ended;
  if ((received[0] === 21 || received[0] === 22) && received[1] === 3) return true;
  return /^HTTP\/1\.\d 400 [\s\S]*\bhttps\b/i.test(received.toString('latin1', 0, 2_048));
}
