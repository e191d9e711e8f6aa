import { describe, expect, test } from 'vitest';
import { createBudget } from '../../../src/engine/budget.ts';
import { createCore } from '../../../src/engine/core/core.ts';
import { localityOf } from '../../../src/engine/locality.ts';
import type { Effort } from '../../../src/engine/transport/sim/loop.ts';
import type { Behaviour } from '../../../src/engine/transport/sim/network.ts';
import type { ScannableAddress } from '../../../src/engine/types.ts';
import { range, simulate } from './simulate.ts';

const HOST = '198.51.100.7';
const OPEN = new Set([22, 80, 443]);
const PORTS = [...OPEN, ...range(10_000, 10_996)];
const proxied = (port: number): Behaviour => (OPEN.has(port) ? 'open' : 'proxied');
const FREE = { packetsPerSecond: 1_000_000 };

/** The ports wrongly called open, over scans by a process that stands still from one of these times on. */
function falselyOpen(effort: Effort, startsMs: readonly number[], forMs: number, holds = true): number {
  return startsMs.reduce((sum, startMs) => {
    const { results } = simulate({
      hosts: { [HOST]: { behaviour: proxied, rttMs: [40, 42] } },
      ports: PORTS,
      options: FREE,
      sim: { holds },
      effort,
      stall: [startMs, forMs],
    });
    expect(results).toHaveLength(PORTS.length);
    return sum + results.filter(({ port, state }) => state === 'open' && !OPEN.has(port)).length;
  }, 0);
}

// In each case hundreds of connections have been taken back, and their time is over, before any of it is heard.
describe('a SYN proxy whose resets come long before they are heard', () => {
  const TURNS = [100, 120, 140, 160, 180, 190, 200, 210, 220, 240, 260];

  test.each([true, false])(
    'more wait than one turn can hear; the transport holds connections by itself: %s',
    (holds) => {
      expect(falselyOpen({ atMost: 128, costMs: 0.02 }, TURNS, 90, holds)).toBe(0);
      expect(falselyOpen({ atMost: 64, costMs: 0.02 }, TURNS, 100, holds)).toBe(0);
    },
  );

  test('they come while a long turn hears what came before', () => {
    expect(falselyOpen({ atMost: 1e6, costMs: 1 }, [100, 110, 140], 100)).toBe(0);
  });

  test('a transport that never gets to the end of its events holds nothing for ever', () => {
    let asked = 0;
    function unread(): boolean {
      asked += 1;
      return asked < 1_000 || expect.fail('it waits for ever');
    }
    const { results, durationMs } = simulate({
      hosts: { [HOST]: { behaviour: () => 'open', rttMs: [40, 42] } },
      ports: [...OPEN],
      sim: { unread },
    });
    expect(results.map(({ state }) => state)).toEqual(['open', 'open', 'open']);
    expect(durationMs).toBeLessThan(1_000);
  });
});

describe('how long a connection is held', () => {
  /** A core that has sent one SYN at 0 and heard a SYN-ACK at 40. */
  function held() {
    const unlimited = { packetsPerSecond: 1e6, networkPacketsPerSecond: 1e6, sockets: 1e6 };
    const core = createCore({
      hosts: [
        {
          address: HOST as ScannableAddress,
          protocol: 'tcp',
          ports: [80],
          timeoutMs: undefined,
          packetsPerSecond: undefined,
          retries: undefined,
          onRateLimit: 'pace',
          network: HOST,
          locality: localityOf(HOST),
          holds: true,
          tellsIcmp: true,
          capacity: 100,
          resolving: () => false,
        },
      ],
      claim: createBudget(unlimited).join(),
      capacity: 100,
      batch: 64,
    });
    const [opening] = core.step(0, 0, true).open;
    const settlement = { attempt: opening?.attempt ?? 0, rttMs: 40, sender: null };
    core.settle({ ...settlement, outcome: 'syn-ack' }, 40);
    return { core, reset: (atMs: number) => core.settle({ ...settlement, outcome: 'reset' }, atMs) };
  }

  test('until what arrived two round trips later has been heard, whatever the clock says', () => {
    const { core } = held();
    expect(core.step(40, 40, true).wakeAtMs).toBe(120);
    const early = core.step(500, 119, true);
    expect(early.verdicts).toEqual([]);
    expect(early.wakeAtMs).toBe(500);
    expect(core.step(501, 120, true).verdicts).toMatchObject([{ state: 'open', reason: 'syn-ack', confidence: 1 }]);
  });

  test('time in which everything stood still does not count', () => {
    const { core, reset } = held();
    core.stalled(1_060, 1_000);
    expect(core.step(1_061, 1_061, true)).toMatchObject({ verdicts: [], wakeAtMs: 1_120 });
    expect(core.step(1_119, 1_119, true).verdicts).toEqual([]);
    reset(1_119);
    expect(core.step(1_120, 1_120, true).verdicts).toMatchObject([{ confidence: 0.5 }]);
  });
});
