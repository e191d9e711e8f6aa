import { createSocket } from 'node:dgram';
import { payloadFor } from '../udp/payloads.ts';
import type { Hearing, Line } from './net.ts';
import { outcomeOfError, outcomeOfLocalError } from './outcomes.ts';
import type { Opening } from './transport.ts';

type Lookup = NonNullable<Exclude<Parameters<typeof createSocket>[0], string>['lookup']>;

/** Addresses are literal; without this, `node:dgram` loads the resolver and waits a turn for it. */
const literal: Lookup = (address, _options, callback) => callback(null, address, address.includes(':') ? 6 : 4);

/**
 * Sends one datagram from a connected socket, which alone hears ICMP errors (RFC 1122 §4.1.3.3) and only the address
 * and port asked.
 */
export function openDatagram({ address, port }: Opening, hearing: Hearing, now: () => number): Line {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', lookup: literal });
  let sentAtMs = now();
  let closed = false;

  function close(): void {
    if (closed) return;
    closed = true;
    socket.close();
  }

  /** The call itself failed: nothing has left. */
  function onLocalError({ code }: NodeJS.ErrnoException): void {
    close();
    hearing.end(outcomeOfLocalError(code, address), now() - sentAtMs);
  }

  function onError({ code }: NodeJS.ErrnoException): void {
    close();
    const outcome = code === 'ECONNREFUSED' ? 'port-unreach' : outcomeOfError(code, false);
    hearing.end(outcome, now() - sentAtMs);
  }

  function onConnect(error?: NodeJS.ErrnoException): void {
    if (closed) return;
    if (error) {
      onLocalError(error);
      return;
    }
    socket.off('error', onLocalError);
    socket.on('error', onError);
    socket.send(payloadFor(port), (failure) => {
      if (failure) onLocalError(failure);
    });
    sentAtMs = now();
  }

  socket.on('error', onLocalError);
  socket.on('message', () => {
    close();
    hearing.end('udp-response', now() - sentAtMs);
  });
  // A connect that fails at once would call back at once, which must not happen within `open`.
  process.nextTick(() => {
    if (!closed) socket.connect(port, address, onConnect as () => void);
  });
  return { close };
}
