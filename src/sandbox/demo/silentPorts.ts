import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

export interface SilentPorts {
  /** Those of the wanted ports that could be had. */
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/** Listens with the smallest backlog, says where, and then blocks its thread: nobody ever accepts. */
const LISTENER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { createServer } = require('node:net');
  const { host, ports, cell } = workerData;
  const listen = (port) => new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve([]));
    server.listen({ host, port, backlog: 1 }, () => resolve([server.address().port]));
  });
  Promise.all(ports.map(listen)).then((bound) => {
    parentPort.postMessage(bound.flat());
    Atomics.wait(new Int32Array(cell), 0, 0);
    process.exit();
  });
`;

/** How long a connection that fits into the backlog may take on loopback. */
const CONNECT_MS = 150;
const MAX_FILLERS = 16;

/** Connects, or resolves to undefined when nothing answers: then the queue is full. */
function tryConnect(host: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(undefined);
    }, CONNECT_MS);
    socket.on('error', () => {});
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

async function fill(host: string, port: number, fillers: Socket[]): Promise<void> {
  for (let count = 0; count < MAX_FILLERS; count += 1) {
    const socket = await tryConnect(host, port);
    if (socket === undefined) return;
    fillers.push(socket.unref());
  }
}

/**
 * Ports of a loopback address that answer to nothing, without privileges and without a firewall: their accept queues are
 * full and nobody empties them, and Linux drops every further SYN (listen(2), tcp_abort_on_overflow = 0). Elsewhere they
 * may refuse instead.
 */
export async function startSilentPorts(host: string, wanted: readonly number[]): Promise<SilentPorts> {
  const cell = new SharedArrayBuffer(4);
  const worker = new Worker(LISTENER, { eval: true, workerData: { host, ports: wanted, cell } });
  // What stands here does not keep the process alive.
  worker.unref();
  const fillers: Socket[] = [];
  const ports = await new Promise<number[]>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await Promise.all(ports.map((port) => fill(host, port, fillers)));
  return {
    ports,
    stop: async () => {
      for (const socket of fillers.splice(0)) socket.destroy();
      const view = new Int32Array(cell);
      Atomics.store(view, 0, 1);
      Atomics.notify(view, 0);
      await worker.terminate();
    },
  };
}
