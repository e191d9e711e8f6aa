import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Opening, Settlement, TransportFactory } from '../../../src/engine/transport/transport.ts';
import type { ScannableAddress } from '../../../src/engine/types.ts';

/** How long an answer on loopback may take before a test gives up on it. */
const ANSWER_MS = 2_000;

export type Wanted = Partial<Pick<Opening, 'protocol' | 'connect'>> & {
  readonly address: string;
  readonly port: number;
};

/** A transport that minds the contract: what is reported from within a call, or after the end, is an error. */
export function createHarness(factory: TransportFactory) {
  const settlements: Settlement[] = [];
  const faults: string[] = [];
  let call: string | undefined;
  let last = 0;
  let destroyed = false;

  const transport = factory(
    (settlement) => {
      if (call !== undefined) faults.push(`reported from within ${call}`);
      if (destroyed) faults.push('reported after destroy');
      settlements.push(settlement);
    },
    () => performance.now(),
  );

  function within(name: string, work: () => void): void {
    call = name;
    work();
    call = undefined;
  }

  return {
    transport,
    settlements,
    faults,
    open({ address, port, protocol = 'tcp', connect = false }: Wanted): number {
      last += 1;
      const attempt = last;
      const opening = { attempt, address: address as ScannableAddress, port, protocol, connect };
      within('open', () => {
        transport.open(opening);
        transport.flush();
      });
      return attempt;
    },
    close(attempt: number): void {
      within('close', () => transport.close(attempt));
    },
    destroy(): void {
      within('destroy', () => transport.destroy());
      destroyed = true;
    },
    /** The outcomes of an attempt in their order, as soon as there are so many. */
    async outcomes(attempt: number, count = 1): Promise<string[]> {
      const end = performance.now() + ANSWER_MS;
      for (;;) {
        const heard = settlements.filter((settlement) => settlement.attempt === attempt);
        if (heard.length >= count || performance.now() > end) return heard.map(({ outcome }) => outcome);
        await delay(1);
      }
    },
  };
}

export type Harness = ReturnType<typeof createHarness>;

export interface Peer {
  readonly port: number;
  /** The next connection it accepts. */
  accepted(): Promise<Socket>;
  close(): void;
}

/** A real listener that hands over what it accepts, and does nothing with it. */
export async function listenOn(host: string): Promise<Peer> {
  const waiting: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    waiting.push(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const all = new Set<Socket>();
  return {
    port: (server.address() as AddressInfo).port,
    async accepted() {
      for (let tries = 0; waiting.length === 0 && tries < ANSWER_MS; tries += 1) await delay(1);
      const socket = waiting.shift();
      if (socket === undefined) throw new Error('nobody connected');
      all.add(socket);
      return socket;
    },
    close() {
      for (const socket of [...all, ...waiting]) socket.destroy();
      server.close();
    },
  };
}

const RESETTER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer((socket) => socket.resetAndDestroy());
  server.listen(0, workerData, () => parentPort.postMessage(server.address().port));
`;

/** A listener on a thread of its own that resets whatever it accepts, also while this thread stands still. */
export async function resetOn(host: string): Promise<{ readonly port: number; close(): Promise<number> }> {
  const worker = new Worker(RESETTER, { eval: true, workerData: host });
  const [port] = (await once(worker, 'message')) as [number];
  return { port, close: () => worker.terminate() };
}

/** Stops this thread: whatever comes meanwhile is found all at once afterwards. */
export function standStill(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

/** Descriptors of this process (the one for the listing is always counted). */
export const openDescriptors = () => readdirSync('/proc/self/fd').length;
