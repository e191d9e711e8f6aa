import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface SilentPort {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens with the smallest backlog, says where, and then blocks without ever accepting. It looks up now and then
 * whether its parent still lives, so that nothing is left behind even if the tests are killed.
 */
const LISTENER = `
  const server = require('node:net').createServer();
  server.listen({ host: process.argv[1], port: 0, backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    const parent = process.ppid;
    const cell = new Int32Array(new SharedArrayBuffer(4));
    while (process.ppid === parent) Atomics.wait(cell, 0, 0, 200);
    process.exit();
  });
`;

/** How long a connection that fits into the backlog may take on loopback. */
const CONNECT_MS = 150;
const MAX_FILLERS = 16;

/** Connects, or resolves to `undefined` when nothing answers: then the queue is full. */
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
    fillers.push(socket);
  }
  throw new Error(`port ${port} took ${MAX_FILLERS} connections and is not silent`);
}

async function readPort(child: ChildProcess): Promise<number> {
  const said = await Promise.race([
    once(child.stdout ?? child, 'data').then(([chunk]) => Number(String(chunk))),
    once(child, 'exit').then(() => Number.NaN),
  ]);
  if (!Number.isInteger(said)) throw new Error('the silent listener did not start');
  return said;
}

/**
 * A loopback port that answers to nothing, without privileges: its accept queue is full and nobody empties it, and
 * Linux drops every further SYN (listen(2), tcp_abort_on_overflow = 0). `close` frees everything and may be called twice.
 */
export async function silentPort(host = '127.0.0.1'): Promise<SilentPort> {
  const child = spawn(process.execPath, ['-e', LISTENER, host], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const fillers: Socket[] = [];
  async function close(): Promise<void> {
    for (const socket of fillers.splice(0)) socket.destroy();
    child.kill('SIGKILL');
    await exited;
  }
  try {
    const port = await readPort(child);
    await fill(host, port, fillers);
    return { port, close };
  } catch (error) {
    await close();
    throw error;
  }
}
