import type { TransportName } from '../src/engine/types.ts';

type Means = Exclude<TransportName, 'sim'>;

/** What a row asks of the verdicts, over all of its runs together. */
export interface Accuracy {
  /** Runs of ours; more than are timed against the rival where mistakes are rare. */
  readonly runs: number;
  /** Wrong verdicts allowed in all runs together; missed flaky ports as a share of their chances. */
  readonly most: number;
  /** `strict` holds where the transport sees ICMP and counts as `wrong` elsewhere. `open` judges open or not alone. */
  readonly by: 'wrong' | 'strict' | 'missedOpen' | 'falseOpen' | 'flaky' | 'open';
}

/** One row of the table. */
export interface Row {
  readonly id: string;
  readonly bed: string;
  readonly ports: number;
  /**
   * `command`: process against process. `in-process`: a warm scan against the rival's process. `memory`: the peak of one
   * process with `scans` scans at once. `growth`: one process, `hosts` addresses.
   */
  readonly kind: 'command' | 'in-process' | 'memory' | 'growth';
  readonly what: string;
  /** Our time as a share of the rival's; by transport where they differ; `null`: not asked. */
  readonly ratio: number | Readonly<Partial<Record<Means, number>>> | null;
  /** Packets a second we may send; `free` is more than can be sent, `as-rival` no more than the rival did at its peak. */
  readonly rate: number | 'free' | 'as-rival';
  readonly flags: readonly string[];
  readonly accuracy: Accuracy;
  /** A rival that takes longer is cut. Seconds. */
  readonly rivalLimitS: number;
  /** Lossless targets bound the packets; ones that lose packets or answers bound the spread of the times. */
  readonly lossy: boolean;
  /** Dropped by the bottleneck, as a share of what we sent. */
  readonly queueDropShare: number | null;
  /** Addresses for `growth`. */
  readonly hosts: number;
  /** Scans at once for `memory`, and its limit in MiB. */
  readonly scans: number;
  readonly memoryMiB: number | null;
}

type Variation = Partial<Row> & Pick<Row, 'what'>;

const ALL = 65_535;
const NEVER: Accuracy = { runs: 5, most: 0, by: 'wrong' };

function row(bed: string, ports: number, variation: Variation, suffix = ''): Row {
  return {
    id: `${bed}-${ports}${suffix}`,
    bed,
    ports,
    kind: 'command',
    ratio: null,
    rate: 'free',
    flags: [],
    accuracy: NEVER,
    rivalLimitS: 60,
    lossy: false,
    queueDropShare: null,
    hosts: 1,
    scans: 1,
    memoryMiB: null,
    ...variation,
  };
}

function never(runs: number, by: Accuracy['by'] = 'wrong', most = 0): { readonly accuracy: Accuracy } {
  return { accuracy: { runs, most, by } };
}

const LAN = 'rest closed, LAN';
const DROPPED = 'rest dropped, LAN';
const FAR = 'rest closed, 40 ± 10 ms';
const ATTACHED: readonly Row[] = [
  row('a', 3, { what: LAN, ratio: 1.5 }),
  row('a', 3, { what: `${LAN}, warm`, ratio: 0.05, kind: 'in-process' }, '-warm'),
  row('a', 1_000, { what: LAN, ratio: 2 }),
  row('a', 1_000, { what: `${LAN}, warm`, ratio: 0.5, kind: 'in-process' }, '-warm'),
  row('a', ALL, { what: LAN, ratio: { ffi: 0.9, net: 1.5, raw: 0.6 } }),
  row('lo', ALL, { what: 'loopback', ratio: { ffi: 0.9 }, ...never(100, 'falseOpen') }),
  row('b', 3, { what: DROPPED, ratio: 0.2, ...never(20) }),
  row('b', 100, { what: DROPPED, ratio: 0.15, ...never(20) }),
  row('b', 1_000, { what: DROPPED, ratio: 0.09, ...never(20) }),
  row('b', ALL, { what: DROPPED, ratio: 0.05, rivalLimitS: 120 }),
  row('c', 1_000, { what: 'mixed, ICMP limited to 1/s', ratio: 0.1, ...never(5, 'strict') }),
  row('ci', 1_000, { what: 'mixed, ICMP unlimited', ratio: 0.15, ...never(5, 'strict') }),
];

const REMOTE: readonly Row[] = [
  row('a40', 1_000, { what: `${FAR}, 5000 packets/s at most`, rate: 5_000 }, '-5000'),
  row('a40', ALL, { what: FAR, ratio: 0.2 }),
  row('a40', ALL, { what: `${FAR}, at nmap's peak rate`, ratio: 0.8, rate: 'as-rival' }, '-polite'),
  row('d2a', 1_000, { what: `${FAR}, 2 % loss each way`, ratio: 0.1, lossy: true, ...never(20, 'wrong', 1) }),
  row('d5a', 1_000, { what: `${FAR}, 5 % loss each way`, ratio: 0.06, lossy: true, ...never(20, 'wrong', 1) }),
  row('d2c', 1_000, {
    what: 'mixed, 40 ± 10 ms, 2 % loss each way',
    ratio: 0.02,
    lossy: true,
    rivalLimitS: 150,
    ...never(20, 'wrong', 1),
  }),
  row('d5b', 1_000, {
    what: 'rest dropped, 40 ± 10 ms, 5 % loss each way',
    ratio: 0.15,
    lossy: true,
    ...never(25, 'missedOpen'),
  }),
  row('h', 1_000, { what: 'bottleneck 3000 packets/s, queue 50', ratio: 0.35, queueDropShare: 0.1 }),
  row('h', ALL, { what: 'bottleneck 3000 packets/s, queue 50', ratio: 0.9, queueDropShare: 0.1 }),
];

const AWKWARD: readonly Row[] = [
  row('e', 1_000, { what: 'RSTs limited to 200/s, exact', ratio: 0.55, lossy: true, ...never(12) }),
  row(
    'e',
    1_000,
    {
      what: 'RSTs limited to 200/s, open ports alone',
      ratio: 0.05,
      flags: ['--on-rate-limit', 'stop'],
      lossy: true,
      ...never(12, 'open'),
    },
    '-stop',
  ),
  row('f', 1_000, { what: 'flaky ports, full accept queues', ratio: 0.1, lossy: true, ...never(20, 'flaky', 0.02) }),
  row('g1', 1_000, { what: 'host without ARP answer', ratio: 0.55 }),
  row('g2', 1_000, { what: 'silent host', ratio: 0.03 }),
  row('s', 1_000, { what: 'SYN proxy, LAN', ...never(20, 'falseOpen') }),
  row('s40', 1_000, { what: 'SYN proxy, 40 ms', ...never(20, 'falseOpen') }),
];

const COST: readonly Row[] = [
  row('net24', ALL, { what: 'memory of 1 scan', kind: 'memory', scans: 1, memoryMiB: 100 }, '-memory-1'),
  row('net24', ALL, { what: 'memory of 16 scans at once', kind: 'memory', scans: 16, memoryMiB: 200 }, '-memory-16'),
  ...[1, 10, 100, 254].map((hosts) =>
    row(
      'net24',
      100,
      { what: `${hosts} host${hosts === 1 ? '' : 's'}, LAN`, kind: 'growth', hosts },
      `-hosts-${hosts}`,
    ),
  ),
];

/** All rows in the table's order. */
export const ROWS: readonly Row[] = [...ATTACHED, ...REMOTE, ...AWKWARD, ...COST];

/** The share asked of a transport, `null` when nothing is. */
export function ratioFor({ ratio }: Row, transport: string): number | null {
  if (ratio === null || typeof ratio === 'number') return ratio;
  return ratio[transport as Means] ?? null;
}
