import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * A loopback address of this process's own (all of 127.0.0.0/8 is here, RFC 1122 §3.2.1.3): whatever else runs on the
 * machine, or runs these tests at the same time, does not listen on it.
 */
export const OWN_HOST = `127.${64 + ((process.pid >> 16) & 63)}.${(process.pid >> 8) & 255}.${process.pid & 255}`;

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** A real listening socket that accepts and waits. */
export async function listen(host = OWN_HOST, port = 0): Promise<Listener> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.resume();
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port that refuses: it was bound a moment ago, and the kernel does not hand it out again so soon. */
export async function refusingPort(host = OWN_HOST): Promise<number> {
  const listener = await listen(host);
  await listener.close();
  return listener.port;
}
