import { Socket } from 'node:net';
import { createTable } from '../table.ts';
import { openDatagram } from './datagram.ts';
import { descriptorBudget } from './descriptors.ts';
import { createNeighbours } from './neighbours.ts';
import { isReset, outcomeOfError, outcomeOfLocalError, roundMs } from './outcomes.ts';
import type { Opening, Outcome, TransportFactory } from './transport.ts';

/** What a kind of socket tells while its attempt is open. `rttMs` is not rounded. */
export interface Hearing {
  /** The attempt is over, and its socket closed. */
  readonly end: (outcome: Outcome, rttMs: number) => void;
  /** The handshake is finished; the connection is kept. */
  readonly connected: (rttMs: number) => void;
}

/** An open attempt. */
export interface Line {
  /** Closes at once and tells nothing more. */
  close(): void;
}

/** At some 60 µs an attempt, about 2 ms. */
const BATCH = 32;
/** Room for what a held connection says; nobody looks at it, so all connections share it. */
const DISCARDED = new Uint8Array(1024);
/** A service that says more than this is one: there is no need to hear from it any more. */
const MOST_HEARD_BYTES = 16_384;

/** True for a socket that the kernel joined to itself: RFC 9293 §3.5, and common enough when scanning this machine. */
export function isSelfConnected(socket: Socket): boolean {
  return socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;
}

function openConnection({ address, port }: Opening, hearing: Hearing, now: () => number): Line {
  let sentAtMs = now();
  let local = false;
  let held = false;
  let heardBytes = 0;

  /** A RST is heard by reading alone, so what comes is read, and thrown away. */
  function discard(bytes: number): boolean {
    heardBytes += bytes;
    return heardBytes < MOST_HEARD_BYTES;
  }

  const socket = new Socket({ allowHalfOpen: true, onread: { buffer: DISCARDED, callback: discard } });

  function onConnect(): void {
    const rttMs = now() - sentAtMs;
    if (isSelfConnected(socket)) {
      socket.resetAndDestroy();
      hearing.end('self-connect', rttMs);
      return;
    }
    held = true;
    hearing.connected(rttMs);
  }

  function onError({ code }: NodeJS.ErrnoException): void {
    const rttMs = now() - sentAtMs;
    if (isReset(code)) {
      if (!held) hearing.connected(rttMs);
      hearing.end('reset', rttMs);
    } else hearing.end(local ? outcomeOfLocalError(code, address) : outcomeOfError(code, false), rttMs);
  }

  socket.on('connect', onConnect);
  // Stays for good: an error after the end is of no interest, but unheard it would end the process.
  socket.on('error', onError);

  socket.connect({ host: address, port, autoSelectFamily: false });
  // The system call is made in the next tick, and this runs straight after it. Two things are known only then: when the
  // SYN left, and whether the call itself failed, since an answer from the network takes a turn of the loop.
  process.nextTick(() => {
    sentAtMs = now();
    local = socket.destroyed;
  });

  return {
    close() {
      if (held) socket.resetAndDestroy();
      else socket.destroy();
    },
  };
}

/**
 * Connect attempts through `node:net`, datagrams through `node:dgram`: needs no privileges and runs everywhere. The
 * kernel sends one SYN a socket, and a second one only after a second (RFC 6298 §2.1), by which time a scan has usually
 * moved on. An established connection is kept until `close` resets it, so that neither side keeps it in TIME-WAIT.
 * Which ICMP message is behind an error, and who sent it, the system does not tell here.
 */
export const netTransport: TransportFactory = (report, now) => {
  const live = createTable<Line>();
  let destroyed = false;

  function listenFor(attempt: number): Hearing {
    const tell = (outcome: Outcome, rttMs: number) => report({ attempt, outcome, rttMs: roundMs(rttMs), sender: null });
    return {
      end(outcome, rttMs) {
        if (live.delete(attempt)) tell(outcome, rttMs);
      },
      connected(rttMs) {
        if (live.has(attempt)) tell('syn-ack', rttMs);
      },
    };
  }

  return {
    name: 'net',
    capacity: descriptorBudget(),
    batch: BATCH,
    holds: true,
    tellsIcmp: false,
    open(opening) {
      if (destroyed) return;
      const start = opening.protocol === 'tcp' ? openConnection : openDatagram;
      live.set(opening.attempt, start(opening, listenFor(opening.attempt), now));
    },
    flush() {},
    close(attempt) {
      const line = live.get(attempt);
      live.delete(attempt);
      line?.close();
    },
    destroy() {
      destroyed = true;
      const lines = [...live.values()];
      live.clear();
      for (const line of lines) line.close();
    },
    // The event loop reads its own sockets until nothing is left.
    unread: () => false,
    resolving: createNeighbours(now),
  };
};
