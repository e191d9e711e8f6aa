import { describe, expect, it } from 'vitest';
import { createNeighbours, incompleteNeighbours } from '../../../src/engine/transport/neighbours.ts';
import type { ScannableAddress } from '../../../src/engine/types.ts';

const TABLE = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:00:00:00:00:01     *        eth0
192.0.2.7        0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.9        0x1         0x6         02:00:00:00:00:09     *        eth0
`;
const [KNOWN, SOUGHT] = ['192.0.2.1', '192.0.2.7'] as [ScannableAddress, ScannableAddress];

describe('incompleteNeighbours', () => {
  it('are the ones without a link address', () => {
    expect([...incompleteNeighbours(TABLE)]).toEqual(['192.0.2.7']);
    expect([...incompleteNeighbours('')]).toEqual([]);
  });
});

describe('createNeighbours', () => {
  it('reads the table at most every 50 ms', () => {
    let [nowMs, reads, table] = [1_000, 0, TABLE];
    const resolving = createNeighbours(
      () => nowMs,
      () => {
        reads += 1;
        return table;
      },
    );
    expect([resolving(KNOWN), resolving(SOUGHT), resolving(SOUGHT), reads]).toEqual([false, true, true, 1]);
    table = '';
    nowMs += 50;
    expect([resolving(SOUGHT), reads]).toEqual([true, 1]);
    nowMs += 1;
    expect([resolving(SOUGHT), reads]).toEqual([false, 2]);
  });

  it('knows nothing where there is no table, and does not ask again', () => {
    let reads = 0;
    const resolving = createNeighbours(performance.now.bind(performance), () => {
      reads += 1;
      throw new Error('ENOENT');
    });
    expect([resolving(SOUGHT), resolving(SOUGHT), reads]).toEqual([false, false, 1]);
  });
});
