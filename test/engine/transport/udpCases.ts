import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { payloadFor } from '../../../src/engine/udp/payloads.ts';
import { OWN_HOST } from '../loopback.ts';
import type { Bench } from './bench.ts';

const QUIET_MS = 60;

/** Datagrams. */
export function udpCases(name: string, bench: Bench): void {
  describe(`${name}: UDP`, () => {
    async function bind(host: string, answer: boolean, port = 0) {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      const heard: Buffer[] = [];
      socket.on('message', (message, from) => {
        heard.push(message);
        if (answer) socket.send(Buffer.alloc(4_000), from.port, from.address);
      });
      socket.bind(port, host);
      await once(socket, 'listening');
      return { port: socket.address().port, heard, close: () => socket.close() };
    }

    it.each([OWN_HOST, '::1'])('%s: an answer, silence, and a port without a socket', async (host) => {
      const [answering, silent] = [bench.kept(await bind(host, true)), bench.kept(await bind(host, false))];
      const gone = await bind(host, false);
      gone.close();
      const [answered, refused, unheard] = [answering, gone, silent].map(({ port }) =>
        bench.harness().open({ address: host, port, protocol: 'udp' }),
      ) as [number, number, number];
      expect(await bench.harness().outcomes(answered)).toEqual(['udp-response']);
      expect(await bench.harness().outcomes(refused)).toEqual(['port-unreach']);
      await delay(QUIET_MS);
      expect(bench.harness().settlements).toHaveLength(2);
      // Nothing is known to be at these ports, so an empty datagram asks.
      expect([...answering.heard, ...silent.heard].map(({ length }) => length)).toEqual([0, 0]);
      bench.harness().close(unheard);
      bench.harness().close(unheard);
    });

    it('asks the question that the port is known for', async () => {
      const memcached = bench.kept(await bind(OWN_HOST, true, 11_211));
      const attempt = bench.harness().open({ address: OWN_HOST, port: 11_211, protocol: 'udp' });
      expect(await bench.harness().outcomes(attempt)).toEqual(['udp-response']);
      expect(memcached.heard).toEqual([Buffer.from(payloadFor(11_211))]);
    });
  });
}
