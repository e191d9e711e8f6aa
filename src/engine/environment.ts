import { createBudget } from './budget.ts';
import { EVENT_LOOP } from './drive.ts';
import type { ScanEnvironment } from './scan.ts';
import { descriptorBudget } from './transport/descriptors.ts';
import type { TransportFactory } from './transport/transport.ts';
import type { TransportName } from './types.ts';

export interface EnvironmentOptions {
  /** The means to use; without it, the best that works here and needs no privileges. */
  readonly transport?: Exclude<TransportName, 'sim'> | undefined;
  /** Most packets a second of the whole process. */
  readonly packetsPerSecond?: number | undefined;
  /** Most packets a second to one destination network (IPv4 /24, IPv6 /48). */
  readonly networkPacketsPerSecond?: number | undefined;
}

/** What all scans of a process may send together, unless told otherwise. */
export const PROCESS_RATE = 25_000;
const NETWORK_RATE = 25_000;

/**
 * What the scans of a process stand on. Without a wish, `ffi` where its feature test passes, else `net`; `raw` only when
 * asked for.
 *
 * @throws Error, with a sentence for a person, when the transport asked for cannot run here
 */
export async function createEnvironment(options: EnvironmentOptions = {}): Promise<ScanEnvironment> {
  const { packetsPerSecond = PROCESS_RATE, networkPacketsPerSecond = NETWORK_RATE } = options;
  return {
    transport: await chooseTransport(options.transport),
    scheduler: EVENT_LOOP,
    budget: createBudget({ packetsPerSecond, networkPacketsPerSecond, sockets: descriptorBudget() }),
  };
}

type Named = { readonly name: TransportName; readonly open: TransportFactory };

async function chooseTransport(wish: EnvironmentOptions['transport']): Promise<Named> {
  if (wish === 'net') return net();
  if (wish === 'raw') {
    const { createRaw } = await import('./transport/raw/raw.ts');
    return { name: 'raw', open: await createRaw() };
  }
  const { createFfi } = await import('./transport/ffi/ffi.ts');
  const ffi = await createFfi();
  if (ffi !== undefined) return { name: 'ffi', open: ffi };
  if (wish === 'ffi')
    throw new Error('The ffi transport cannot run here: it needs Linux and the optional package koffi.');
  return net();
}

/** Loaded when needed: a short scan on the command line is mostly loading. */
async function net(): Promise<Named> {
  const { netTransport } = await import('./transport/net.ts');
  return { name: 'net', open: netTransport };
}
