import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import type { ScannableAddress } from '../../src/engine/types.ts';
import { createDial, LINK_LIMITS, type LinkLimits } from '../../src/probes/link.ts';
import type { ProbeContext } from '../../src/probes/probe.ts';

type Bytes = string | Uint8Array;

/**
 * One step of a recorded exchange. Bytes (or text, as latin1) are sent at once; `{ on, send }` waits until what the client has
 * sent since the last match contains `on` (an empty text: anything at all), then answers; `{ waitMs }`
 * pauses; `{ close }` ends with FIN or RST.
 */
export type Step =
  | Bytes
  | { readonly on: string; readonly send: Bytes }
  | { readonly waitMs: number }
  | { readonly close: 'end' | 'reset' };

/** The same steps for every connection, or a function that has the connection to itself. `index` counts connections from 0. */
export type Script = readonly Step[] | ((socket: Socket, index: number) => void);

export interface Served {
  readonly port: number;
  /** Connections accepted so far. */
  readonly accepted: () => number;
  /** All that clients have sent, one entry a connection, as latin1. */
  readonly heard: () => readonly string[];
  readonly close: () => Promise<void>;
}

const bytesOf = (bytes: Bytes) => (typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes));

function play(socket: Socket, steps: readonly Step[]): void {
  let pending = '';
  let next = 0;
  let paused = false;

  function pause(waitMs: number): void {
    paused = true;
    setTimeout(() => {
      paused = false;
      advance();
    }, waitMs);
  }

  /** False: this step still waits for the client. */
  function take(step: Step): boolean {
    if (typeof step === 'string' || step instanceof Uint8Array) socket.write(bytesOf(step));
    else if ('waitMs' in step) pause(step.waitMs);
    else if ('close' in step) step.close === 'end' ? socket.end() : socket.resetAndDestroy();
    else {
      const at = pending.indexOf(step.on);
      if (at < 0 || pending === '') return false;
      pending = pending.slice(at + Math.max(1, step.on.length));
      socket.write(bytesOf(step.send));
    }
    return true;
  }

  function advance(): void {
    for (let step = steps[next]; step !== undefined && !paused && !socket.destroyed; step = steps[next]) {
      if (!take(step)) return;
      next += 1;
    }
  }

  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1');
    advance();
  });
  advance();
}

/** A real TCP server on 127.0.0.1 that plays `script` to everyone who connects. */
export async function serve(script: Script): Promise<Served> {
  const sockets = new Set<Socket>();
  const heard: string[] = [];
  const server = createServer((socket) => {
    const index = heard.push('') - 1;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      heard[index] += chunk.toString('latin1');
    });
    if (typeof script === 'function') script(socket, index);
    else play(socket, script);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => heard.length,
    heard: () => heard,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

export const LOOPBACK = '127.0.0.1' as ScannableAddress;

/** What a probe is run with against a server of this machine. */
export function contextFor(
  port: number,
  {
    name,
    limits = LINK_LIMITS,
    signal = new AbortController().signal,
    nowMs = Date.UTC(2026, 0, 1),
  }: ContextOptions = {},
): ProbeContext {
  const target = { address: LOOPBACK, port, name };
  const dial = createDial(limits);
  return { target, nowMs, open: () => dial(target, signal) };
}

export interface ContextOptions {
  readonly name?: string | undefined;
  readonly limits?: LinkLimits;
  readonly signal?: AbortSignal;
  readonly nowMs?: number;
}
