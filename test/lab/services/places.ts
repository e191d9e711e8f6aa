import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Case, Place } from './service.ts';

/** On a loopback address of its own, each service gets the port that people expect (`usual`), or any other (`free`). */
export type Ports = 'usual' | 'free';

/** Gives places, each once. */
export type Allot = (wish: Pick<Case, 'usualPort' | 'firstAddressOnly'>) => Promise<Place>;

/** Places on loopback, apart from those of other runs on the same machine. A usual port that cannot be had becomes a free one. */
export function createAllot(ports: Ports): Allot {
  let last = 0;
  const [second, third] = [64 + ((process.pid >> 8) & 63), process.pid & 255];
  return async ({ usualPort, firstAddressOnly }) => {
    last += 1;
    const address = firstAddressOnly ? '127.0.0.1' : `127.${second}.${third}.${last}`;
    const wanted = ports === 'usual' ? await bound({ address, port: usualPort }) : undefined;
    const port = wanted ?? (await bound({ address, port: 0 }));
    if (port === undefined) throw new Error(`no free port on ${address}`);
    return { address, port };
  };
}

/** The port that could be listened on a moment ago; undefined when it could not. */
async function bound({ address, port }: Place): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, address);
    await once(server, 'listening');
    const at = server.address();
    return at !== null && typeof at === 'object' ? at.port : undefined;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
}
