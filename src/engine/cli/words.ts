import type { HostSummary, PortResult, ScanSummary, Suspicion } from '../types.ts';
import { foldAddresses } from './addresses.ts';

/** Under this the confidence of a verdict is worth a word. */
const SURE = 0.99;
const MAX_LISTED = 8;

/** `12 ms`, `3.42 s`, `2 min 5 s`, `1 h 3 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_995) return `${(durationMs / 1_000).toFixed(2)} s`;
  const seconds = Math.round(durationMs / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 port`, `2 ports`. */
export function count(amount: number, thing: string): string {
  return `${amount} ${thing}${amount === 1 ? '' : 's'}`;
}

/** What is to be said of doubt: nothing when there is next to none, else rounded down. */
export function formatConfidence(confidence: number): string {
  return confidence < SURE ? `, confidence ${(Math.floor(confidence * 100) / 100).toFixed(2)}` : '';
}

/** Who sent the ICMP message, where somebody did and it was not the host itself. */
export function formatSender({ sender, address }: Pick<PortResult, 'sender' | 'address'>): string {
  return sender === null || sender === address ? '' : ` from ${sender}`;
}

/** The address, with the name it was found by. */
export function hostLabel(address: string, names: ReadonlyMap<string, string>): string {
  const name = names.get(address);
  return name === undefined ? address : `${name} (${address})`;
}

/** Many hosts in few words: names one by one, addresses in a row as ranges, at most {@link MAX_LISTED} items. */
export function listHosts(addresses: readonly string[], names: ReadonlyMap<string, string>): string {
  const named = addresses.filter((address) => names.has(address)).map((address) => hostLabel(address, names));
  const items = [...named, ...foldAddresses(addresses.filter((address) => !names.has(address)))];
  const shown = items.slice(0, MAX_LISTED).join(', ');
  return items.length > MAX_LISTED ? `${shown} and ${items.length - MAX_LISTED} more ranges or addresses` : shown;
}

const SUSPICIONS: Readonly<Record<Suspicion, (host: string) => string>> = {
  'answers-everything': (host) =>
    `${host} accepts every connection: a proxy, firewall or tarpit answers in its place, so “open” says little here.`,
  'syn-proxy': (host) =>
    `A SYN proxy stands before ${host}: it finishes every handshake, and resets what has no service behind it.`,
  'rst-rate-limited': (host) =>
    `${host} limits how many refusals (RST) it sends a second: silence there may be a closed port.`,
  'icmp-rate-limited': (host) =>
    `${host} limits how many ICMP errors it sends a second: silence there may be a closed UDP port.`,
  'stopped-answering': (host) =>
    `${host} answered at first and then no more: something there may have blocked this scan, so later silence says little.`,
};

/** What there is to explain about a host, a sentence each. */
export function explainHost({ address, status, suspicions }: HostSummary): readonly string[] {
  const sentences: string[] = [];
  if (status === 'down') {
    sentences.push(`${address} is down: there is no such neighbour, or a router says that it cannot be reached.`);
  }
  if (status === 'silent') {
    sentences.push(`${address} is silent: nothing answered at all. It may be down, or a firewall drops everything.`);
  }
  return [...sentences, ...suspicions.map((suspicion) => SUSPICIONS[suspicion](address))];
}

/** `1 open, 2 closed, …`; `open|filtered` only where it occurs, which is with UDP. */
function countStates({ counts }: ScanSummary): string {
  return Object.entries(counts)
    .filter(([state, number]) => number > 0 || state !== 'open|filtered')
    .map(([state, number]) => `${number} ${state}`)
    .join(', ');
}

function countHosts(addresses: readonly string[], hosts: readonly HostSummary[]): string {
  const [only] = addresses;
  if (addresses.length === 1 && only !== undefined) return only;
  const groups = Map.groupBy(hosts, ({ status }) => status);
  const parts = (['up', 'down', 'silent', 'unknown'] as const).map((status) => [
    status,
    groups.get(status)?.length ?? 0,
  ]);
  const all = [...parts, ['not reached', addresses.length - hosts.length]].filter(([, number]) => number !== 0);
  return `${addresses.length} hosts (${all.map(([status, number]) => `${number} ${status}`).join(', ')})`;
}

/**
 * The last line or two: who, how much, how long, by what means, with what result, and whether something is missing.
 *
 * @param addresses those asked for; the summary knows only of hosts whose turn came
 */
export function summaryLines(
  summary: ScanSummary,
  addresses: readonly string[],
  deadlineMs: number | undefined,
): string {
  const { hosts, total, ended, unprobed, attempts, durationMs, transport, complete } = summary;
  const who = countHosts(addresses, hosts);
  const work = `${count(total, 'port')} in ${formatDuration(durationMs)} by ${transport}, ${count(attempts, 'attempt')}`;
  const missing = ended === 'deadline' ? 'partial' : 'interrupted';
  const left = complete ? '' : `; ${missing}, ${unprobed} without a verdict`;
  const line = `${who}: ${work}: ${countStates(summary)}${left}\n`;
  if (complete || ended !== 'deadline') return line;
  const limit = deadlineMs === undefined ? '' : ` of ${formatDuration(deadlineMs)}`;
  return `${line}Stopped at the deadline${limit}: ${unprobed} of ${count(total, 'port')} have no verdict.\n`;
}
