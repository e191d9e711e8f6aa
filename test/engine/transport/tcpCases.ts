import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { OWN_HOST, refusingPort } from '../loopback.ts';
import type { Bench } from './bench.ts';
import { listenOn, type Peer, resetOn, standStill } from './harness.ts';

const QUIET_MS = 60;
/** More than the system buffers of both ends can hold, and quickly read by one who reads it all. */
const FLOOD_BYTES = 32_000_000;

/** Ports that answer. */
export function tcpCases(name: string, bench: Bench): void {
  describe.each(['127.0.0.1', '::1'])(`${name}: TCP over %s`, (loopback) => {
    const host = loopback === '::1' ? loopback : OWN_HOST;
    let peer: Peer;
    beforeEach(async () => {
      peer = bench.kept(await listenOn(host));
    });

    it('an open port: syn-ack, and silence while it is held', async () => {
      const attempt = bench.harness().open({ address: host, port: peer.port });
      expect(await bench.harness().outcomes(attempt)).toEqual(['syn-ack']);
      await delay(QUIET_MS);
      expect(bench.harness().settlements).toHaveLength(1);
      expect(bench.harness().settlements[0]).toMatchObject({ attempt, sender: null });
      expect(bench.harness().settlements[0]?.rttMs).toBeGreaterThan(0);
      expect(bench.harness().settlements[0]?.rttMs).toBeLessThan(1_000);
    });

    it('a closed port: conn-refused, every time', async () => {
      const port = await refusingPort(host);
      for (let times = 0; times < 5; times += 1) {
        const attempt = bench.harness().open({ address: host, port });
        expect(await bench.harness().outcomes(attempt)).toEqual(['conn-refused']);
      }
      expect(bench.harness().settlements).toHaveLength(5);
    });

    it('open and closed in turn: no socket remembers what it was before', async () => {
      const closed = await refusingPort(host);
      for (let times = 0; times < 20; times += 1) {
        const refused = bench.harness().open({ address: host, port: closed });
        expect(await bench.harness().outcomes(refused)).toEqual(['conn-refused']);
        const open = bench.harness().open({ address: host, port: peer.port });
        expect(await bench.harness().outcomes(open)).toEqual(['syn-ack']);
        bench.harness().close(open);
      }
      expect(bench.harness().settlements).toHaveLength(40);
    });

    it('close of a held connection resets it', async () => {
      const attempt = bench.harness().open({ address: host, port: peer.port });
      await bench.harness().outcomes(attempt);
      const socket = await peer.accepted();
      const error = once(socket.resume(), 'error');
      bench.harness().close(attempt);
      expect(await error).toMatchObject([{ code: 'ECONNRESET' }]);
    });

    it('a RST while it is held: reset, also after a banner', async () => {
      const attempt = bench.harness().open({ address: host, port: peer.port });
      await bench.harness().outcomes(attempt);
      const socket = await peer.accepted();
      socket.write('220 ready\r\n');
      await delay(10);
      socket.resetAndDestroy();
      expect(await bench.harness().outcomes(attempt, 2)).toEqual(['syn-ack', 'reset']);
      bench.harness().close(attempt);
    });

    it('a RST before anybody looked: syn-ack, then reset', async () => {
      const resetter = bench.kept(await resetOn(host));
      const attempts = Array.from({ length: 5 }, () => bench.harness().open({ address: host, port: resetter.port }));
      await new Promise(process.nextTick);
      standStill(QUIET_MS);
      for (const attempt of attempts) expect(await bench.harness().outcomes(attempt, 2)).toEqual(['syn-ack', 'reset']);
    });

    it('a FIN, and more data than anybody wants, while it is held: nothing, and no busy loop', async () => {
      const attempts = [1, 2].map(() => bench.harness().open({ address: host, port: peer.port }));
      for (const attempt of attempts) await bench.harness().outcomes(attempt);
      (await peer.accepted()).end('goodbye');
      const flood = await peer.accepted();
      flood.write(Buffer.alloc(FLOOD_BYTES));
      await delay(20);
      const before = performance.eventLoopUtilization();
      await delay(150);
      expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.3);
      expect(flood.writableLength).toBe(FLOOD_BYTES);
      expect(bench.harness().settlements).toHaveLength(2);
    });
  });
}
