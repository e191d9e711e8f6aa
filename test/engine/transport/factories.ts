import { createFfi } from '../../../src/engine/transport/ffi/ffi.ts';
import { netTransport } from '../../../src/engine/transport/net.ts';
import type { TransportFactory } from '../../../src/engine/transport/transport.ts';

export type RealTransport = 'net' | 'ffi';

/** The factory of a transport, for tests here and in programs that they start. */
export async function factoryOf(name: RealTransport): Promise<TransportFactory> {
  if (name === 'net') return netTransport;
  const factory = await createFfi();
  if (factory === undefined) throw new Error('the ffi transport does not run here');
  return factory;
}
