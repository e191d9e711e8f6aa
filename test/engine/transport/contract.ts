import { describe, expect, it } from 'vitest';
import type { TransportFactory } from '../../../src/engine/transport/transport.ts';
import { createBench } from './bench.ts';
import type { RealTransport } from './factories.ts';
import { processCases } from './processCases.ts';
import { silentCases } from './silentCases.ts';
import { tcpCases } from './tcpCases.ts';
import { udpCases } from './udpCases.ts';

/** What every transport that makes real connections must do, on loopback and without privileges. */
export function transportContract(name: RealTransport, make: () => Promise<TransportFactory>): void {
  const bench = createBench(make);

  describe(`${name}: what it says of itself`, () => {
    it('is its name, that it holds connections, and how much it can do', () => {
      const { transport } = bench.harness();
      expect(transport).toMatchObject({ name, holds: true });
      expect(transport.capacity).toBeGreaterThan(10);
      expect(transport.batch).toBeGreaterThan(0);
      expect(transport.resolving('127.0.0.1' as never)).toBe(false);
    });
  });

  tcpCases(name, bench);
  silentCases(name, bench);
  udpCases(name, bench);
  processCases(name, bench);
}
