import { isIP } from 'node:net';
import type { Budget } from './budget.ts';
import { type Core, createCore, type Progress } from './core/core.ts';
import type { HostConfig } from './core/state.ts';
import { drive, type Run, type Scheduler } from './drive.ts';
import { localityOf, networkOf } from './locality.ts';
import { createMailbox } from './mailbox.ts';
import { MAX_PORT } from './ports/intervals.ts';
import { orderPorts } from './ports/order.ts';
import type { Transport, TransportFactory } from './transport/transport.ts';
import type { Ending, PortResult, Scan, ScanOptions, ScanRequest, ScanSummary, TransportName } from './types.ts';

/** What scans stand on: made once for a process, shared by all its scans. */
export interface ScanEnvironment {
  readonly transport: { readonly name: TransportName; readonly open: TransportFactory };
  readonly scheduler: Scheduler;
  readonly budget: Budget;
}

/** So many unread verdicts stop a scan from sending more. */
const UNREAD_LIMIT = 4_096;

/** Mistakes of the calling code, not of a person: they throw. */
function check({ addresses, ports, udpPorts = [] }: ScanRequest, options: ScanOptions): void {
  const strange = addresses.find((address) => isIP(address) === 0);
  if (strange !== undefined) throw new TypeError(`not an IP address: ${strange}`);
  if (addresses.length === 0) throw new RangeError('at least one address');
  if (new Set(addresses).size < addresses.length) throw new RangeError('each address once');
  for (const list of [ports, udpPorts]) {
    if (!list.every((port) => Number.isInteger(port) && port >= 1 && port <= MAX_PORT)) {
      throw new RangeError('ports must be whole numbers from 1 to 65535');
    }
    // A set of all ports would take some megabytes, and there may be many scans.
    const seen = new Uint8Array(MAX_PORT + 1);
    for (const port of list) {
      if (seen[port] === 1) throw new RangeError('each port once');
      seen[port] = 1;
    }
  }
  const { timeoutMs = 1, packetsPerSecond = 1, retries = 0, deadlineMs = 1 } = options;
  for (const [name, value] of Object.entries({ timeoutMs, packetsPerSecond, deadlineMs })) {
    if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${name} must be positive`);
  }
  if (!(Number.isInteger(retries) && retries >= 0)) throw new RangeError('retries must be a whole number from 0');
}

function configureHosts(request: ScanRequest, options: ScanOptions, transport: Transport): HostConfig[] {
  const { addresses, ports, udpPorts = [] } = request;
  const orders = [
    { protocol: 'tcp', ports: orderPorts(ports) },
    { protocol: 'udp', ports: orderPorts(udpPorts) },
  ] as const;
  return addresses.flatMap((address) => {
    const place = { network: networkOf(address), locality: localityOf(address) };
    return orders
      .filter((order) => order.ports.length > 0)
      .map((order) => ({
        address,
        ...order,
        ...place,
        timeoutMs: options.timeoutMs,
        packetsPerSecond: options.packetsPerSecond,
        retries: options.retries,
        onRateLimit: options.onRateLimit ?? 'pace',
        holds: transport.holds,
        tellsIcmp: transport.tellsIcmp,
        capacity: transport.capacity,
        resolving: () => transport.resolving(address),
      }));
  });
}

/**
 * Scans TCP and UDP ports of one or many addresses. Nothing happens until the scan is iterated; then verdicts come as
 * they fall. While nobody takes them, nothing new is sent. Leaving the loop, aborting `options.signal` or reaching the
 * deadline closes every socket in the same tick; the iteration then ends without throwing, and the summary says why.
 * Trouble with a port is its verdict, never an exception.
 *
 * @throws TypeError, RangeError for an address that is none, or numbers out of range; on a second iteration, Error
 */
export function scan(request: ScanRequest, options: ScanOptions, environment: ScanEnvironment): Scan {
  check(request, options);
  let running: Running | undefined;
  return {
    [Symbol.asyncIterator]() {
      if (running !== undefined) throw new Error('a scan can be iterated once');
      running = start(request, options, environment);
      return running;
    },
    summary: () => running?.summary() ?? notStarted(request, environment),
  };
}

interface Running extends AsyncIterator<PortResult, undefined> {
  summary(): ScanSummary;
}

function start(request: ScanRequest, options: ScanOptions, environment: ScanEnvironment): Running {
  const { scheduler, budget, transport } = environment;
  const { signal, deadlineMs } = options;
  const startedAtMs = scheduler.now();
  const claim = budget.join();
  let core: Core | undefined;
  let endedAtMs: number | undefined;
  let ended: Ending | null = null;
  let run: Run | undefined;
  const mailbox = createMailbox<PortResult>(UNREAD_LIMIT, () => run?.resume());

  function makeCore(made: Transport): Core {
    const { capacity, batch } = made;
    core = createCore({ hosts: configureHosts(request, options, made), claim, capacity, batch });
    return core;
  }

  function end(ending: Ending): void {
    ended ??= ending;
    run?.stop();
    close();
  }

  function close(): void {
    if (endedAtMs !== undefined) return;
    endedAtMs = scheduler.now();
    ended ??= 'complete';
    cancelDeadline();
    signal?.removeEventListener('abort', abort);
    claim.leave();
    mailbox.close();
  }

  const abort = () => end('aborted');
  const cancelDeadline =
    deadlineMs === undefined ? () => {} : scheduler.after(Math.min(deadlineMs, 2 ** 31 - 1), () => end('deadline'));
  if (signal?.aborted) abort();
  else {
    signal?.addEventListener('abort', abort);
    const listener = { onVerdicts: mailbox.put, onDone: close, wantsMore: () => !mailbox.full() };
    run = drive(makeCore, transport.open, scheduler, listener);
  }

  return {
    next: mailbox.next,
    async return() {
      end('aborted');
      return { value: undefined, done: true };
    },
    summary: () =>
      summarize(core?.progress() ?? nothing(request), {
        ended,
        durationMs: (endedAtMs ?? scheduler.now()) - startedAtMs,
        transport: transport.name,
      }),
  };
}

function nothing({ addresses, ports, udpPorts = [] }: ScanRequest): Progress {
  return {
    hosts: addresses.map((address) => ({ address, status: 'unknown', suspicions: [], rttMs: null, loss: 0 })),
    total: addresses.length * (ports.length + udpPorts.length),
    counts: { open: 0, 'open|filtered': 0, closed: 0, filtered: 0, error: 0 },
    decided: 0,
    attempts: 0,
  };
}

function notStarted(request: ScanRequest, { transport }: ScanEnvironment): ScanSummary {
  return summarize(nothing(request), { ended: null, durationMs: 0, transport: transport.name });
}

function summarize(
  { hosts, total, counts, decided, attempts }: Progress,
  { ended, durationMs, transport }: { ended: Ending | null; durationMs: number; transport: TransportName },
): ScanSummary {
  return {
    hosts,
    total,
    counts,
    complete: decided === total,
    ended,
    unprobed: total - decided,
    attempts,
    durationMs: Math.round(durationMs),
    transport,
  };
}
