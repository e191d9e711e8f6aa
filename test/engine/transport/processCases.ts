import { describe, expect, it } from 'vitest';
import { silentPort } from '../../helpers/silentPort.ts';
import { OWN_HOST, refusingPort } from '../loopback.ts';
import type { Bench } from './bench.ts';
import { probeFrom } from './child.ts';
import type { RealTransport } from './factories.ts';
import { createHarness, listenOn } from './harness.ts';

/** What is around an attempt: other scans, the machine, the process. */
export function processCases(name: RealTransport, bench: Bench): void {
  describe(`${name}: around it`, () => {
    it('two transports of one factory do not hear each other', async () => {
      const other = createHarness(bench.factory());
      const peer = bench.kept(await listenOn(OWN_HOST));
      const port = await refusingPort();
      const mine = Array.from({ length: 50 }, () => bench.harness().open({ address: OWN_HOST, port }));
      const theirs = Array.from({ length: 50 }, () => other.open({ address: OWN_HOST, port: peer.port }));
      expect(mine).toEqual(theirs);
      for (const attempt of mine) {
        expect(await bench.harness().outcomes(attempt)).toEqual(['conn-refused']);
        expect(await other.outcomes(attempt)).toEqual(['syn-ack']);
      }
      bench.harness().destroy();
      const late = other.open({ address: OWN_HOST, port });
      expect(await other.outcomes(late)).toEqual(['conn-refused']);
      other.destroy();
      expect(other.faults).toEqual([]);
    });

    it('what cannot be routed is no verdict on the port (a multicast group takes no connections)', async () => {
      const attempt = bench.harness().open({ address: '224.0.0.1', port: 80 });
      expect(await bench.harness().outcomes(attempt)).toEqual(['no-route']);
    });

    it('running out of descriptors is said, and takes nothing away from the rest', async () => {
      const silent = bench.kept(await silentPort(OWN_HOST));
      const openings = [{ address: OWN_HOST, port: silent.port, times: 100 }];
      const { heard, faults, descriptors } = await probeFrom('ulimit -n 64 && exec "$@"', {
        transport: name,
        openings,
        waitMs: 100,
      });
      expect(new Set(heard[0])).toEqual(new Set(['no-descriptor']));
      expect(heard[0]?.length).toBeGreaterThan(40);
      expect(heard[0]?.length).toBeLessThan(100);
      expect(faults).toEqual([]);
      expect(descriptors[1]).toBe(descriptors[0]);
    });

    it('the process ends at once after destroy', async () => {
      const silent = bench.kept(await silentPort(OWN_HOST));
      const openings = [{ address: OWN_HOST, port: silent.port, times: 50 }];
      const { heard, endedAtMs, exitedAtMs } = await probeFrom('exec "$@"', { transport: name, openings, waitMs: 30 });
      expect(heard).toEqual([[]]);
      expect(exitedAtMs - endedAtMs).toBeLessThan(500);
    });
  });
}
