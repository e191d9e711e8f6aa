import { parsePortArgument } from './ports.ts';
import type { State, Verdict } from './truth.ts';

/** What a scanner printed: verdicts by port under each address, and what it said about the host. */
export interface Output {
  readonly hosts: ReadonlyMap<string, ReadonlyMap<number, Verdict>>;
  /** `up`, `down`, `silent` and so on as reported; empty when nothing was. */
  readonly statuses: ReadonlyMap<string, string>;
  /** True when the output ends as a finished scan's does. */
  readonly complete: boolean;
  /** What our own scanner sent its packets by; empty for others. */
  readonly transport: string;
}

const STATES: ReadonlySet<string> = new Set<State>(['open', 'closed', 'filtered', 'error']);

function stateOf(word: unknown): State {
  return typeof word === 'string' && STATES.has(word) ? (word as State) : 'unknown';
}

interface OurLine {
  readonly address?: string;
  readonly port?: number;
  readonly state?: string;
  readonly reason?: string;
  readonly summary?: {
    readonly hosts?: readonly { readonly address: string; readonly status: string }[];
    readonly transport?: string;
  };
}

/** Reads the lines of our command line's --json; a line cut off by a kill is passed over. */
export function parseOurs(text: string): Output {
  const hosts = new Map<string, Map<number, Verdict>>();
  const statuses = new Map<string, string>();
  let complete = false;
  let transport = '';
  for (const line of text.split('\n')) {
    if (!line.endsWith('}')) continue;
    const { address, port, state, reason, summary } = JSON.parse(line) as OurLine;
    if (summary !== undefined) {
      complete = true;
      transport = summary.transport ?? '';
      for (const host of summary.hosts ?? []) statuses.set(host.address, host.status);
    } else if (address !== undefined && port !== undefined) {
      const verdicts = hosts.get(address) ?? new Map<number, Verdict>();
      hosts.set(address, verdicts.set(port, { state: stateOf(state), reason: reason ?? '' }));
    }
  }
  return { hosts, statuses, complete, transport };
}

function attribute(tag: string, name: string): string {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
}

function parseNmapHost(xml: string): Map<number, Verdict> {
  const verdicts = new Map<number, Verdict>();
  for (const [block, state = ''] of xml.matchAll(/<extraports state="([^"]*)"[\s\S]*?<\/extraports>/g)) {
    for (const [reasons] of block.matchAll(/<extrareasons [^>]*>/g)) {
      const verdict: Verdict = { state: stateOf(state), reason: attribute(reasons, 'reason') };
      for (const port of parsePortArgument(attribute(reasons, 'ports'))) verdicts.set(port, verdict);
    }
  }
  for (const [, port = '', tag = ''] of xml.matchAll(/<port protocol="tcp" portid="(\d+)">(<state [^>]*>)/g)) {
    verdicts.set(Number(port), { state: stateOf(attribute(tag, 'state')), reason: attribute(tag, 'reason') });
  }
  return verdicts;
}

/** Reads nmap's XML (-oX), with the ports that it folds into `extraports`. */
export function parseNmap(xml: string): Output {
  const hosts = new Map<string, Map<number, Verdict>>();
  const statuses = new Map<string, string>();
  for (const [host] of xml.matchAll(/<host[ >][\s\S]*?<\/host>/g)) {
    const address = /<address addr="([^"]*)"/.exec(host)?.[1] ?? '';
    statuses.set(address, /<status state="([^"]*)"/.exec(host)?.[1] ?? '');
    hosts.set(address, parseNmapHost(host));
  }
  return { hosts, statuses, complete: xml.includes('<runstats>') && xml.includes('exit="success"'), transport: '' };
}
