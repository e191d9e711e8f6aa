import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Bed } from './beds.ts';
import { type Helper, startHelper } from './helper.ts';
import { inNamespace, ip, namespaceName, namespacePath, removeNamespace, removeStaleNamespaces } from './namespaces.ts';
import type { LinkModel } from './relay/link.ts';
import { type Counter, deviceCounter, relayCounter } from './traffic.ts';

/** A bed that stands. */
export interface Lab {
  readonly bed: Bed;
  /** Where to scan from. */
  readonly namespace: string;
  /** What to scan; for a /24 the first of {@link addresses}. */
  readonly address: string;
  readonly addresses: readonly string[];
  readonly count: Counter;
  /** Brings everything back to where it was before a scan: full queues, neighbour entries, limits. */
  reset(): Promise<void>;
  /** Takes the bed down; never throws. */
  down(): Promise<void>;
}

const DEVICE = 'lab0';
const SCANNER = '10.99.0.1';
const TARGET = '10.99.0.2';
const NETWORK_24 = '10.99.1.0/24';
const SCANNER_MAC = '02:00:00:00:00:01';
const TARGET_MAC = '02:00:00:00:00:02';
const LAST_HOST = 254;

/**
 * Nothing but the bed's own rules may limit the target. The SYN proxy makes its answers with cookies, which elsewhere would
 * stand in for a full backlog; and it sees the handshake's last packet only if connection tracking does not adopt it.
 */
function targetSettings(bed: Bed): string[] {
  const proxied = bed.rules.includes('synproxy');
  return [
    'net.core.somaxconn=65535',
    'net.ipv4.tcp_max_syn_backlog=65535',
    `net.ipv4.tcp_syncookies=${proxied ? 1 : 0}`,
    'net.ipv4.icmp_msgs_per_sec=1000000',
    'net.ipv4.icmp_msgs_burst=1000000',
    'net.ipv4.icmp_ratelimit=0',
    ...(proxied ? ['net.netfilter.nf_conntrack_tcp_loose=0'] : []),
  ];
}

function linkArguments({ delayMs, jitterMs, loss, bottleneck }: LinkModel): string[] {
  const narrow =
    bottleneck === null ? [] : ['--rate', String(bottleneck.packetsPerSecond), '--queue', String(bottleneck.queue)];
  return ['--delay', String(delayMs), '--jitter', String(jitterMs), '--loss', String(loss), ...narrow];
}

async function startRelay(scanner: string, target: string, link: LinkModel): Promise<Helper> {
  const relay = startHelper(process.execPath, [
    join(import.meta.dirname, 'relay.ts'),
    ...['--scanner', namespacePath(scanner), '--target', namespacePath(target), '--device', DEVICE],
    ...linkArguments(link),
  ]);
  await relay.line();
  return relay;
}

/** Addresses and neighbours of both ends. Behind a relay they are known from the start: loss is for the scan alone. */
function configure(bed: Bed, scanner: string, target: string): void {
  const fixed = bed.link !== null;
  const end = (namespace: string, own: string, mac: string, peer: string, peerMac: string) =>
    ip(namespace, [
      'link set lo up',
      `link set ${DEVICE} address ${mac}${fixed ? ' txqueuelen 20000' : ''}`,
      `addr add ${own}/24 dev ${DEVICE}`,
      `link set ${DEVICE} up`,
      ...(fixed ? [`neigh replace ${peer} lladdr ${peerMac} dev ${DEVICE} nud permanent`] : []),
    ]);
  end(scanner, SCANNER, SCANNER_MAC, TARGET, TARGET_MAC);
  end(target, TARGET, TARGET_MAC, SCANNER, SCANNER_MAC);
  if (!bed.answersArp) ip(target, [`link set ${DEVICE} arp off`]);
  if (bed.layout !== 'net24') return;
  ip(target, [`route add local ${NETWORK_24} dev lo`]);
  ip(scanner, [`route add ${NETWORK_24} dev ${DEVICE}`]);
}

async function connectEnds(bed: Bed, scanner: string, target: string): Promise<Helper | null> {
  if (bed.layout === 'loopback') {
    ip(target, ['link set lo up']);
    return null;
  }
  ip(null, [`netns add ${scanner}`]);
  let relay: Helper | null = null;
  if (bed.link === null)
    ip(null, [`link add ${DEVICE} netns ${scanner} type veth peer name ${DEVICE} netns ${target}`]);
  else relay = await startRelay(scanner, target, bed.link);
  configure(bed, scanner, target);
  return relay;
}

async function startListener({ ports }: Bed, target: string): Promise<Helper> {
  const flags = Object.entries(ports).flatMap(([kind, list]) => [`--${kind}`, list.join(',')]);
  const script = join(import.meta.dirname, 'listener.ts');
  const listener = startHelper('ip', ['netns', 'exec', target, process.execPath, script, ...flags]);
  await listener.line();
  return listener;
}

function counterOf(bed: Bed, relay: Helper | null, listener: Helper): Counter {
  if (relay !== null) return relayCounter(relay);
  return bed.layout === 'loopback' ? deviceCounter(listener.pid, 'lo', 0.5) : deviceCounter(listener.pid, DEVICE, 1);
}

function addressesOf({ layout }: Bed): string[] {
  if (layout === 'loopback') return ['127.0.0.1'];
  if (layout === 'pair') return [TARGET];
  return Array.from({ length: LAST_HOST }, (_, index) => `10.99.1.${index + 1}`);
}

/** Builds a bed in namespaces of its own, after removing what crashed makers have left. Root only. */
export async function buildLab(bed: Bed): Promise<Lab> {
  removeStaleNamespaces();
  const target = namespaceName(bed.name, 't');
  const scanner = bed.layout === 'loopback' ? target : namespaceName(bed.name, 's');
  const helpers: Helper[] = [];
  const down = async () => {
    await Promise.allSettled(helpers.map((helper) => helper.stop()));
    for (const name of new Set([scanner, target])) removeNamespace(name);
  };
  try {
    ip(null, [`netns add ${target}`]);
    inNamespace(target, 'sysctl', ['-q', '-w', ...targetSettings(bed)]);
    if (bed.rules !== '') inNamespace(target, 'nft', ['-f', '-'], bed.rules);
    const relay = await connectEnds(bed, scanner, target);
    if (relay !== null) helpers.push(relay);
    const listener = await startListener(bed, target);
    helpers.push(listener);
    const addresses = addressesOf(bed);
    return {
      bed,
      namespace: scanner,
      address: addresses[0] ?? '',
      addresses,
      count: counterOf(bed, relay, listener),
      async reset() {
        if (bed.ports.full.length > 0) {
          listener.write('renew');
          await listener.line();
        }
        if (!bed.answersArp) ip(scanner, [`neigh flush dev ${DEVICE}`]);
        if (bed.restMs > 0) await setTimeout(bed.restMs);
      },
      down,
    };
  } catch (error) {
    await down();
    throw error;
  }
}
