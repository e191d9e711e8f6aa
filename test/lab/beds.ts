import { FLAKY_PORTS, FULL_PORTS, ONCE_PORTS, OPEN_PORTS } from './ports.ts';
import type { LinkModel } from './relay/link.ts';
import {
  DROP_REST,
  FLAKY_RULES,
  LIMIT_ICMP,
  LIMIT_RSTS,
  MIXED_RULES,
  mixedTruth,
  NO_RULES,
  SILENT_RULES,
  SYN_PROXY,
  UNREACHABLE_RULES,
} from './rules.ts';
import type { TruthClass } from './truth.ts';

/** A target of known behaviour, and the way to it. */
export interface Bed {
  readonly name: string;
  readonly about: string;
  readonly truth: (port: number) => TruthClass;
  /** `null`: a veth pair, without delay or loss. */
  readonly link: LinkModel | null;
  /** `loopback`: scanned from within the target's own namespace. `net24`: 254 addresses. */
  readonly layout: 'pair' | 'loopback' | 'net24';
  /** What a right summary says about the host. */
  readonly host: 'up' | 'down' | 'silent';
  /** nft commands for the target's namespace. */
  readonly rules: string;
  readonly ports: {
    readonly open: readonly number[];
    readonly full: readonly number[];
    readonly once: readonly number[];
  };
  /** Whether each probe can count on its ICMP error, where that is the port's answer. */
  readonly icmp: 'limited' | 'unlimited';
  readonly answersArp: boolean;
  /** Rest between runs in milliseconds, until limits have filled up again. */
  readonly restMs: number;
}

type Variation = Partial<Bed> & Pick<Bed, 'name' | 'about'>;

const REST_CLOSED = (port: number): TruthClass => (OPEN_PORTS.includes(port) ? 'open' : 'rst');
const REST_DROPPED = (port: number): TruthClass => (OPEN_PORTS.includes(port) ? 'open' : 'drop');
const NONE: Bed['ports'] = { open: [], full: [], once: [] };

function bed(variation: Variation): Bed {
  return {
    truth: REST_CLOSED,
    link: null,
    layout: 'pair',
    host: 'up',
    rules: NO_RULES,
    ports: { open: OPEN_PORTS, full: [], once: [] },
    icmp: 'unlimited',
    answersArp: true,
    restMs: 0,
    ...variation,
  };
}

/** 30 to 50 ms there and back, with `loss` each way. */
function wide(loss: number): LinkModel {
  return { delayMs: 15, jitterMs: 10, loss, bottleneck: null };
}

const dropped = { truth: REST_DROPPED, rules: DROP_REST } as const;
const mixed = { truth: mixedTruth, rules: MIXED_RULES + LIMIT_ICMP, icmp: 'limited', restMs: 1_100 } as const;
const proxied: Pick<Bed, 'truth' | 'rules'> = {
  truth: (port) => (OPEN_PORTS.includes(port) ? 'open' : 'synproxy'),
  rules: SYN_PROXY,
};

function flakyTruth(port: number): TruthClass {
  if (FLAKY_PORTS.includes(port)) return 'flaky';
  if (FULL_PORTS.includes(port)) return 'full';
  if (ONCE_PORTS.includes(port)) return 'once';
  return REST_CLOSED(port);
}

/** The beds by name. Each has 21 ports that answer. */
export const BEDS: ReadonlyMap<string, Bed> = new Map(
  [
    bed({ name: 'a', about: 'rest closed, LAN' }),
    bed({ name: 'lo', about: 'rest closed, loopback', layout: 'loopback' }),
    bed({ name: 'a40', about: 'rest closed, RTT 30-50 ms', link: wide(0) }),
    bed({ name: 'b', about: 'rest dropped, LAN', ...dropped }),
    bed({ name: 'c', about: 'mixed, LAN, ICMP limited to 1/s', ...mixed }),
    bed({ name: 'ci', about: 'mixed, LAN, ICMP unlimited', truth: mixedTruth, rules: MIXED_RULES }),
    bed({ name: 'd2a', about: 'rest closed, RTT 30-50 ms, 2 % loss each way', link: wide(0.02) }),
    bed({ name: 'd5a', about: 'rest closed, RTT 30-50 ms, 5 % loss each way', link: wide(0.05) }),
    bed({ name: 'd2c', about: 'mixed, RTT 30-50 ms, 2 % loss each way', ...mixed, link: wide(0.02) }),
    bed({ name: 'd5b', about: 'rest dropped, RTT 30-50 ms, 5 % loss each way', ...dropped, link: wide(0.05) }),
    bed({ name: 'e', about: 'rest closed, RSTs limited to 200/s, burst 50', rules: LIMIT_RSTS, restMs: 400 }),
    bed({
      name: 'f',
      about: '8 ports drop half the SYNs, 4 full accept queues, 7 that answer 4 times',
      truth: flakyTruth,
      rules: FLAKY_RULES,
      ports: { open: [...OPEN_PORTS.slice(0, 2), ...FLAKY_PORTS], full: FULL_PORTS, once: ONCE_PORTS },
    }),
    bed({ name: 'g1', about: 'no ARP answer', truth: () => 'nobody', host: 'down', ports: NONE, answersArp: false }),
    bed({ name: 'g2', about: 'silent host', truth: () => 'nobody', host: 'silent', ports: NONE, rules: SILENT_RULES }),
    bed({
      name: 'g3',
      about: 'host unreachable by ICMP, 1/s',
      truth: () => 'nobody',
      host: 'down',
      ports: NONE,
      rules: UNREACHABLE_RULES + LIMIT_ICMP,
      icmp: 'limited',
      restMs: 1_100,
    }),
    bed({
      name: 'h',
      about: 'rest closed, bottleneck 3000 packets/s with a queue of 50, RTT 10 ms',
      link: { delayMs: 5, jitterMs: 0, loss: 0, bottleneck: { packetsPerSecond: 3_000, queue: 50 } },
    }),
    bed({ name: 's', about: 'SYN proxy before everything, LAN', ...proxied }),
    bed({
      name: 's40',
      about: 'SYN proxy before everything, RTT 40 ms',
      ...proxied,
      link: { delayMs: 20, jitterMs: 0, loss: 0, bottleneck: null },
    }),
    bed({ name: 'net24', about: '254 hosts of a /24, rest closed, LAN', layout: 'net24' }),
  ].map((each) => [each.name, each]),
);
