import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { type SilentPort, silentPort } from '../../helpers/silentPort.ts';
import { OWN_HOST, refusingPort } from '../loopback.ts';
import type { Bench } from './bench.ts';
import { listenOn, openDescriptors } from './harness.ts';

const QUIET_MS = 60;

/** Attempts that are given up. */
export function silentCases(name: string, bench: Bench): void {
  describe(`${name}: attempts without an answer`, () => {
    let silent: SilentPort;
    beforeEach(async () => {
      silent = bench.kept(await silentPort(OWN_HOST));
    });

    it('report nothing, and nothing after close, which may come twice', async () => {
      const attempt = bench.harness().open({ address: OWN_HOST, port: silent.port });
      await delay(QUIET_MS);
      expect(bench.harness().settlements).toEqual([]);
      bench.harness().close(attempt);
      bench.harness().close(attempt);
      bench.harness().close(999);
      await silent.close();
      await delay(QUIET_MS);
      expect(bench.harness().settlements).toEqual([]);
    });

    it('close at once: not even what has come already is told', async () => {
      const port = await refusingPort();
      const attempts = Array.from({ length: 20 }, () => bench.harness().open({ address: OWN_HOST, port }));
      for (const attempt of attempts) bench.harness().close(attempt);
      await delay(QUIET_MS);
      expect(bench.harness().settlements).toEqual([]);
    });

    it('destroy frees every descriptor in the same tick', async () => {
      const peer = bench.kept(await listenOn(OWN_HOST));
      const closed = await refusingPort();
      const before = openDescriptors();
      for (let times = 0; times < 200; times += 1) bench.harness().open({ address: OWN_HOST, port: silent.port });
      for (let times = 0; times < 10; times += 1) {
        await bench.harness().outcomes(bench.harness().open({ address: OWN_HOST, port: closed }));
        await bench.harness().outcomes(bench.harness().open({ address: OWN_HOST, port: peer.port }));
        bench.harness().open({ address: OWN_HOST, port: 9, protocol: 'udp' });
      }
      const accepted = await Promise.all(Array.from({ length: 10 }, () => peer.accepted()));
      expect(openDescriptors()).toBeGreaterThan(before + 200);
      bench.harness().destroy();
      expect(openDescriptors()).toBe(before + accepted.length);
      for (const socket of accepted) socket.destroy();
    });
  });
}
