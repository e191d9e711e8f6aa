import { describe, expect, test } from 'vitest';
import type { Behaviour, SimHost } from '../../../src/engine/transport/sim/network.ts';
import { range, type Simulation, type SimulationSetup, simulate } from './simulate.ts';

const NEAR = '10.0.0.2';
const FAR = '198.51.100.7';
const OPEN = new Set([21, 22, 25, 53, 80, 110, 111, 139, 143, 443, 445, 993, 995, 3306, 3389, 5432, 5900, 6379, 8080]);
const THOUSAND = [...OPEN, ...range(10_000, 10_000 + 1_000 - OPEN.size - 1)];
const RUNS = 20;

/** The open ports, and something else for the rest. */
function rest(behaviour: Behaviour): (port: number) => Behaviour {
  return (port) => (OPEN.has(port) ? 'open' : behaviour);
}

const MIX: readonly Behaviour[] = ['closed', 'drop', 'port-unreach', 'closed', 'admin-prohibited'];
const mixed = (port: number): Behaviour => (OPEN.has(port) ? 'open' : (MIX[port % MIX.length] ?? 'drop'));

function truth(behaviour: Behaviour): string {
  if (typeof behaviour === 'number' || behaviour === 'open' || behaviour === 'resets') return 'open';
  return behaviour === 'closed' || behaviour === 'proxied' ? 'closed' : 'filtered';
}

interface Outcome {
  /** `what it is → what was said`, with how often over all runs. */
  readonly wrong: Record<string, number>;
  readonly durationsMs: readonly number[];
  readonly packets: number;
  readonly queueDrops: number;
  readonly last: Simulation;
}

function scanOften(address: string, host: SimHost, setup: Partial<SimulationSetup> = {}, runs = RUNS): Outcome {
  const wrong: Record<string, number> = {};
  const scans = range(1, runs).map((seed) => simulate({ hosts: { [address]: host }, ports: THOUSAND, seed, ...setup }));
  for (const { results } of scans) {
    expect(results).toHaveLength(setup.ports?.length ?? THOUSAND.length);
    for (const { port, state, reason } of results) {
      const expected = truth(host.behaviour(port));
      if (state === expected) continue;
      const mistake = `${expected} → ${state} (${reason})`;
      wrong[mistake] = (wrong[mistake] ?? 0) + 1;
    }
  }
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  return {
    wrong,
    durationsMs: scans.map(({ durationMs }) => durationMs).sort((a, b) => a - b),
    packets: sum(scans.map(({ attempts }) => attempts)) / runs,
    queueDrops: sum(scans.map(({ stats }) => stats.get(address)?.queueDrops ?? 0)) / runs,
    last: scans.at(-1) as Simulation,
  };
}

const worst = ({ durationsMs }: Outcome) => durationsMs.at(-1) ?? 0;
const median = ({ durationsMs }: Outcome) => durationsMs[durationsMs.length >> 1] ?? 0;
const FREE = { options: { packetsPerSecond: 1_000_000 } };

// Times here are virtual: they are what the algorithm decides, the same on every machine.
describe('verdicts and cost by kind of network, twenty scans each', () => {
  test.each([
    { name: 'closed, LAN', at: NEAR, host: { behaviour: rest('closed') }, withinMs: 10, packets: 1_000 },
    { name: 'dropped, LAN', at: NEAR, host: { behaviour: rest('drop') }, withinMs: 260, packets: 2_030 },
    {
      name: 'mixed, LAN, ICMP limited',
      at: NEAR,
      host: { behaviour: mixed, icmpsPerSecond: 1 },
      withinMs: 300,
      packets: 1_700,
    },
    {
      name: 'closed, 30 to 50 ms',
      at: FAR,
      host: { behaviour: rest('closed'), rttMs: [30, 50] as const },
      withinMs: 300,
      packets: 1_060,
    },
  ])('$name: exact, and no packet wasted', ({ at, host, withinMs, packets }) => {
    const outcome = scanOften(at, host, FREE);
    expect(outcome.wrong).toEqual({});
    expect(worst(outcome)).toBeLessThan(withinMs);
    expect(outcome.packets).toBeLessThanOrEqual(packets);
  });

  test.each([
    { name: '2 % each way, mixed', host: { behaviour: mixed, rttMs: [30, 50] as const, loss: 0.02 }, withinMs: 900 },
    {
      name: '5 % each way, closed',
      host: { behaviour: rest('closed'), rttMs: [30, 50] as const, loss: 0.05 },
      withinMs: 700,
    },
    {
      name: '5 % each way, dropped',
      host: { behaviour: rest('drop'), rttMs: [30, 50] as const, loss: 0.05 },
      withinMs: 900,
    },
  ])('random loss, $name: at most one mistake in twenty scans, and no scan dawdles', ({ host, withinMs }) => {
    const outcome = scanOften(FAR, host, FREE);
    expect(Object.values(outcome.wrong).reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(1);
    expect(worst(outcome)).toBeLessThan(withinMs);
    expect(worst(outcome)).toBeLessThan(2 * median(outcome));
  });

  test('RSTs limited to 200 a second: every verdict is right, at the pace of the limit', () => {
    const outcome = scanOften(NEAR, { behaviour: rest('closed'), rstsPerSecond: 200 }, FREE, 5);
    expect(outcome.wrong).toEqual({});
    // 981 closed ports less a burst of 50, at 200 a second.
    expect(worst(outcome)).toBeLessThan(1.1 * 4_655);
    expect(outcome.last.hosts[0]?.suspicions).toEqual(['rst-rate-limited']);
  });

  test('RSTs limited, open ports only: all of them, without waiting for the limit', () => {
    const setup = { options: { packetsPerSecond: 1_000_000, onRateLimit: 'stop' as const } };
    const outcome = scanOften(NEAR, { behaviour: rest('closed'), rstsPerSecond: 200 }, setup, 5);
    expect(Object.keys(outcome.wrong)).toEqual(['closed → filtered (rst-rate-limited)']);
    expect(worst(outcome)).toBeLessThan(450);
  });

  test('a bottleneck is kept busy and not flooded', () => {
    const bottleneck = { packetsPerSecond: 3_000, queue: 50 };
    const outcome = scanOften(FAR, { behaviour: rest('closed'), rttMs: [10, 11], bottleneck }, FREE);
    expect(outcome.wrong).toEqual({});
    expect(worst(outcome)).toBeLessThan(1.2 * 333);
    expect(outcome.queueDrops).toBeLessThan(0.1 * outcome.packets);
  });

  test('services that drop half of their SYNs are found', () => {
    const flaky = new Set(range(10_000, 10_007));
    const behaviour = (port: number): Behaviour => (flaky.has(port) ? 0.5 : rest('closed')(port));
    const outcome = scanOften(NEAR, { behaviour }, FREE, 50);
    const missed = outcome.wrong['open → filtered (no-response)'] ?? 0;
    expect(missed).toBeLessThanOrEqual(0.02 * 50 * flaky.size);
    expect(Object.keys(outcome.wrong).length).toBeLessThanOrEqual(1);
  });
});

describe('hosts that are not plain', () => {
  test('a host that never answers is called silent, soon', () => {
    const outcome = scanOften(FAR, { behaviour: () => 'drop' }, FREE, 3);
    expect(outcome.wrong).toEqual({});
    expect(outcome.last.hosts[0]).toMatchObject({ status: 'silent', rttMs: null });
    expect(worst(outcome)).toBeLessThan(1_500);
  });

  test('a neighbour that does not exist is down as soon as the system knows, at next to no cost', () => {
    const { results, hosts, durationMs, attempts } = simulate({
      hosts: { [NEAR]: { behaviour: () => 'open', neighbourLostAfterMs: 3_070 } },
      ports: THOUSAND,
    });
    expect(hosts[0]?.status).toBe('down');
    expect(new Set(results.map(({ state, reason }) => `${state} ${reason}`))).toEqual(
      new Set(['filtered host-unreach']),
    );
    expect(durationMs).toBeLessThan(3_300);
    expect(attempts).toBeLessThan(100);
  });

  test.each([
    ['a router says that it cannot be reached', 'host-unreach', true, 'down'],
    ['something says so, and nobody knows who', 'host-unreach', false, 'silent'],
    ['its own firewall refuses', 'admin-prohibited', true, 'silent'],
  ] as const)('a host of which %s is told for what is known', (_, behaviour, tellsIcmp, status) => {
    const { hosts } = simulate({
      hosts: { [FAR]: { behaviour: () => behaviour } },
      ports: range(1, 5),
      sim: { tellsIcmp },
    });
    expect(hosts[0]?.status).toBe(status);
  });

  test('a neighbour the system never gives up on is down all the same', () => {
    const { hosts, durationMs } = simulate({
      hosts: { [NEAR]: { behaviour: () => 'open', neighbourLostAfterMs: 1_000_000 } },
      ports: range(1, 3),
    });
    expect(hosts[0]?.status).toBe('down');
    expect(durationMs).toBeLessThan(3_500);
  });

  test.each([
    ['LAN', NEAR, [0.2, 0.4] as const, true],
    ['40 ms', FAR, [40, 42] as const, true],
    ['LAN, SYNs alone', NEAR, [0.2, 0.4] as const, false],
    ['40 ms, SYNs alone', FAR, [40, 42] as const, false],
  ])('no port behind a SYN proxy is called open that is not: %s', (_, at, rttMs, holds) => {
    const outcome = scanOften(at, { behaviour: rest('proxied'), rttMs }, { ...FREE, sim: { holds } }, 5);
    expect(outcome.wrong).toEqual({});
    expect(outcome.last.hosts[0]?.suspicions).toEqual(['syn-proxy']);
  });

  test('a host that greets on every port is suspect, and its verdicts doubtful', () => {
    const { results, hosts } = simulate({ hosts: { [FAR]: { behaviour: () => 'open' } }, ports: range(1, 300) });
    expect(hosts[0]?.suspicions).toEqual(['answers-everything']);
    expect(results.filter(({ confidence }) => confidence <= 0.5).length).toBeGreaterThan(200);
  });

  test('a service that resets connections at once is open, on a host that refuses elsewhere', () => {
    const behaviour = (port: number): Behaviour => (port === 22 ? 'resets' : 'closed');
    const { results } = simulate({ hosts: { [FAR]: { behaviour } }, ports: [22, 23, 24] });
    expect(results.find(({ port }) => port === 22)).toMatchObject({ state: 'open', reason: 'syn-ack' });
  });

  test('a path that dies for a while makes nothing filtered', () => {
    const outcome = scanOften(FAR, { behaviour: rest('closed'), rttMs: [30, 50], outage: [100, 900] }, FREE);
    expect(outcome.wrong).toEqual({});
    expect(worst(outcome)).toBeLessThan(2_500);
  });

  test('after two dead seconds the pace comes back', () => {
    const { durationMs } = simulate({
      hosts: { [FAR]: { behaviour: rest('closed'), rttMs: [20, 25], outage: [500, 2_500] } },
      ports: range(1, 6_000),
      options: { packetsPerSecond: 2_500 },
    });
    // 2.4 s of sending, 2 s of outage.
    expect(durationMs).toBeLessThan(8_000);
  });

  test('a host that bans the scanner is left alone, and what is then silent is doubtful', () => {
    const { results, hosts, durationMs } = simulate({
      hosts: { [FAR]: { behaviour: rest('closed'), rttMs: [30, 50], outage: [100, 1e9] } },
      ports: THOUSAND,
    });
    expect(hosts[0]?.suspicions).toEqual(['stopped-answering']);
    const silent = results.filter(({ reason }) => reason === 'no-response');
    expect(silent.length).toBeGreaterThan(500);
    expect(silent.every(({ confidence }) => confidence <= 0.5)).toBe(true);
    expect(durationMs).toBeLessThan(12_000);
  });
});

describe('UDP', () => {
  const behaviour = (port: number): Behaviour => (port === 53 ? 'open' : port < 60 ? 'port-unreach' : 'drop');

  test('an answer is open, port unreachable is closed, silence is either', () => {
    const { results } = simulate({ hosts: { [NEAR]: { behaviour } }, ports: range(50, 69), protocol: 'udp' });
    const said = new Map(results.map(({ port, state, reason }) => [port, `${state} ${reason}`]));
    expect(said.get(53)).toBe('open udp-response');
    expect(said.get(54)).toBe('closed port-unreach');
    expect(said.get(60)).toBe('open|filtered no-response');
  });

  test('one port unreachable a second is waited for, without flooding', () => {
    const host = { behaviour, icmpsPerSecond: 1 };
    const { results, hosts, durationMs, attempts } = simulate({
      hosts: { [NEAR]: host },
      ports: range(20, 79),
      protocol: 'udp',
    });
    expect(hosts[0]?.suspicions).toEqual(['icmp-rate-limited']);
    expect(results.filter(({ state }) => state === 'closed').length).toBeGreaterThanOrEqual(35);
    expect(durationMs).toBeLessThan(90_000);
    expect(attempts).toBeLessThan(2_500);
  });
});
