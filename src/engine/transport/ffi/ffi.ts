import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { release } from 'node:os';
import type { ScannableAddress } from '../../types.ts';
import { descriptorBudget } from '../descriptors.ts';
import type { Opening, Outcome, TransportFactory } from '../transport.ts';
import { type Libc, loadLibc } from './libc.ts';
import { createPoller } from './poller.ts';
import { createSockets } from './sockets.ts';
import { createSpares } from './spares.ts';
import { createTransport } from './transport.ts';

const SELF = '127.0.0.1';
/** The self-test talks to its own listener, for which nobody else's permission is needed. */
const isOwn = (address: string): address is ScannableAddress => address === SELF;

/** How long the self-test may take; on loopback everything is answered at once. */
const SELF_TEST_MS = 1_000;

/** True from Linux 5.8 on, which queues the ICMP errors of TCP connections being made for every user. */
export function queuesTcpErrors(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number.parseFloat);
  return major > 5 || (major === 5 && minor >= 8);
}

/** One outcome after the other, each awaited; `undefined` for one that does not come before the signal. */
function listenTo(factory: TransportFactory, signal: AbortSignal) {
  const outcomes: Outcome[] = [];
  const arrivals = new EventEmitter();
  const transport = factory(
    ({ outcome }) => {
      outcomes.push(outcome);
      arrivals.emit('outcome');
    },
    () => performance.now(),
  );
  async function next(): Promise<Outcome | undefined> {
    if (outcomes.length === 0) await once(arrivals, 'outcome', { signal });
    return outcomes.shift();
  }
  return { transport, next };
}

/** A connection that is made and reset, a refusal, and another one on the same socket, as they must be told. */
async function tellsTheTruth(factory: TransportFactory, signal: AbortSignal): Promise<boolean> {
  const { transport, next } = listenTo(factory, signal);
  const server = createServer();
  try {
    server.listen(0, SELF);
    await once(server, 'listening', { signal });
    const { address, port } = server.address() as AddressInfo;
    if (!isOwn(address)) return false;
    const opening = { address, port, protocol: 'tcp', connect: true } satisfies Omit<Opening, 'attempt'>;

    const accepted = once(server, 'connection', { signal });
    transport.open({ ...opening, attempt: 1 });
    const [[socket], connected] = await Promise.all([accepted as Promise<[Socket]>, next()]);
    server.close();
    socket.resetAndDestroy();
    if (connected !== 'syn-ack' || (await next()) !== 'reset') return false;
    for (const attempt of [2, 3]) {
      transport.open({ ...opening, attempt });
      if ((await next()) !== 'conn-refused') return false;
    }
    return true;
  } finally {
    transport.destroy();
    server.close();
  }
}

async function createTested(libc: Libc, signal: AbortSignal): Promise<TransportFactory | undefined> {
  const poller = createPoller(libc);
  const sockets = createSockets(libc);
  const spares = createSpares(sockets, (fd) => poller.listen(fd, undefined));
  const shared = { sockets, poller, spares, queuesTcpErrors: queuesTcpErrors(release()) };
  const factory: TransportFactory = (report, now) => createTransport(shared, descriptorBudget(), report, now);
  const works = await tellsTheTruth(factory, signal).catch(() => false);
  if (works) return factory;
  poller.close();
  return undefined;
}

/**
 * The fast transport: non-blocking sockets by direct system calls, through koffi, and ICMP errors told from RSTs.
 * Resolves to `undefined`, never throws, where it cannot work: other systems than Linux on x86-64 and arm64, koffi not
 * installed, no descriptors left, or a self-test on loopback that fails.
 */
export async function createFfi(): Promise<TransportFactory | undefined> {
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) return undefined;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), SELF_TEST_MS);
  try {
    return await createTested(await loadLibc(), late.signal);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
