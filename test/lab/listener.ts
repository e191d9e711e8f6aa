import { createServer, connect as dial, type Server } from 'node:net';
import { endianness } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { addressOf, loadSyscalls } from './relay/syscalls.ts';

// The services of a target, in a process of their own inside its namespace:
//   node test/lab/listener.ts --open 22,80 --full 8080 --once 8443
// `open` accepts everything, `full` has a full accept queue from the start, `once` takes four connections and then is full.
// Prints `ready`; a line on its standard input makes `full` and `once` as new and is answered by `ready`; ends with it.

const BACKLOG = 65_535;
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
/** A queue of length n holds n + 1 connections. */
const QUEUE_OF_ONE = 0;
const QUEUE_OF_FOUR = 3;

function ports(text: string): number[] {
  return text === '' ? [] : text.split(',').map(Number);
}

function listen(port: number): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen({ port, host: '0.0.0.0', backlog: BACKLOG }, () => resolve(server));
  });
}

const calls = loadSyscalls();

/** A listening socket that nobody accepts from; Node's own always accept. */
function listenDeaf(port: number, backlog: number): number {
  const fd = calls.socket(AF_INET, SOCK_STREAM, 0);
  const one = new Int32Array([1]);
  const address = new Uint8Array(new ArrayBuffer(16));
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_INET, endianness() === 'LE');
  view.setUint16(2, port);
  const failed =
    calls.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, addressOf(new Uint8Array(one.buffer)), 4) !== 0 ||
    calls.bind(fd, addressOf(address), address.length) !== 0 ||
    calls.listen(fd, backlog) !== 0;
  if (failed) throw new Error(`cannot listen on ${port}: errno ${calls.errno()}`);
  return fd;
}

/** Takes the one place in the queue. */
function occupy(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = dial({ port, host: '127.0.0.1' }, () => {
      socket.off('error', reject).on('error', () => {});
      resolve();
    });
    socket.on('error', reject);
  });
}

const { values } = parseArgs({
  options: {
    open: { type: 'string', default: '' },
    full: { type: 'string', default: '' },
    once: { type: 'string', default: '' },
  },
});

let deaf: number[] = [];

async function renew(): Promise<void> {
  for (const fd of deaf) calls.close(fd);
  const full = ports(values.full);
  deaf = [
    ...full.map((port) => listenDeaf(port, QUEUE_OF_ONE)),
    ...ports(values.once).map((port) => listenDeaf(port, QUEUE_OF_FOUR)),
  ];
  await Promise.all(full.map(occupy));
}

await Promise.all(ports(values.open).map(listen));
await renew();
process.stdout.on('error', () => process.exit(0)).write('ready\n');
// Whoever started it cleans up after an interrupt.
process.on('SIGINT', () => {});
for await (const _ of createInterface({ input: process.stdin })) {
  await renew();
  process.stdout.write('ready\n');
}
process.exit(0);
