import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { postgresqlProbe } from '../../src/probes/postgresql.ts';
import { redisProbe } from '../../src/probes/redis.ts';
import { selfSigned } from './certificate.ts';
import { contextFor, type Served, serve } from './serve.ts';

const pair = selfSigned();
let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

/** From now on the server speaks TLS here, and answers the first bytes inside. */
function inside(socket: Socket, answer: Uint8Array | string): void {
  // What recorded the first bytes must not read those of the handshake.
  socket.removeAllListeners('data');
  const tls = new TLSSocket(socket, { isServer: true, ...pair, ALPNProtocols: ['postgresql'] });
  tls.on('error', () => undefined);
  tls.once('data', () => tls.write(answer));
}

test('PostgreSQL that offers TLS is asked inside', async () => {
  served = await serve((socket) => {
    socket.once('data', () => {
      inside(socket, Uint8Array.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
      socket.write('S');
    });
  });
  expect(await postgresqlProbe.run(contextFor(served.port))).toMatchObject({
    tls: true,
    tlsOffered: true,
    auth: 'password',
    openToStrangers: false,
  });
});

test('Redis behind TLS is asked again, over TLS', async () => {
  served = await serve((socket) => inside(socket, '-NOAUTH Authentication required.\r\n-NOAUTH x\r\n'));
  expect(await redisProbe.run(contextFor(served.port))).toMatchObject({ tls: true, answer: 'no-auth' });
  expect(served.accepted()).toBe(2);
});
