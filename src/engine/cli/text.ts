import type { HostSummary } from '../types.ts';
import { type HostText, hostText, listsAll, portLine } from './hostText.ts';
import type { Report } from './report.ts';
import { count, explainHost, hostLabel, listHosts, summaryLines } from './words.ts';

/** What the lines for people are made from. */
export interface TextOptions {
  readonly addresses: readonly string[];
  /** Of every host, both protocols together. */
  readonly portsPerHost: number;
  /** The name an address was found by. */
  readonly names: ReadonlyMap<string, string>;
  readonly deadlineMs: number | undefined;
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * Lines for people about one host. Of a long list the open ports are printed as they are found, and the others folded
 * into ranges at the end; a short list is printed whole and in order at the end.
 */
export function oneHostReport({ addresses, portsPerHost, deadlineMs }: TextOptions): Report {
  const prompt = !listsAll(portsPerHost);
  const text = hostText(portsPerHost, false);
  return {
    verdict(result) {
      text.add(result);
      return prompt && result.state === 'open' ? `${portLine(result)}\n` : '';
    },
    due: () => false,
    settle: () => '',
    end(summary) {
      const explained = summary.hosts.flatMap(explainHost);
      return toText([...text.lines(), ...explained]) + summaryLines(summary, addresses, deadlineMs);
    },
  };
}

function describe(host: HostSummary | undefined): string {
  if (host === undefined || host.status === 'unknown') return '';
  const rtt = host.rttMs === null ? '' : `, round trip ${host.rttMs.toFixed(1)} ms`;
  const loss = host.loss >= 0.005 ? `, ${Math.round(host.loss * 100)} % of packets lost` : '';
  return ` ${host.status}${rtt}${loss}`;
}

function isDead(host: HostSummary | undefined, text: HostText): host is HostSummary {
  return (host?.status === 'down' || host?.status === 'silent') && !text.telling();
}

/**
 * Lines for people about several hosts: a block for each as it is finished. Hosts that are down or silent have no block;
 * they are named together at the end.
 */
export function manyHostsReport({ addresses, portsPerHost, names, deadlineMs }: TextOptions): Report {
  const places = new Map(addresses.map((address, place) => [address, place]));
  const texts = new Map<string, HostText>();
  const dead: Record<'down' | 'silent', string[]> = { down: [], silent: [] };
  let finished: string[] = [];

  function textOf(address: string): HostText {
    const known = texts.get(address);
    if (known !== undefined) return known;
    const made = hostText(portsPerHost, true);
    texts.set(address, made);
    return made;
  }

  function block(address: string, host: HostSummary | undefined): string {
    const text = textOf(address);
    texts.delete(address);
    if (isDead(host, text)) {
      dead[host.status === 'down' ? 'down' : 'silent'].push(address);
      return '';
    }
    const lines = [...text.lines(), ...(host === undefined ? [] : explainHost(host))].map((line) => `  ${line}`);
    return toText([`${hostLabel(address, names)}:${describe(host)}`, ...lines, '']);
  }

  function blocks(these: readonly string[], hosts: readonly HostSummary[]): string {
    const byAddress = new Map(hosts.map((host) => [host.address, host]));
    const inOrder = these.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
    return inOrder.map((address) => block(address, byAddress.get(address))).join('');
  }

  return {
    verdict(result) {
      const text = textOf(result.address);
      text.add(result);
      if (text.count() === portsPerHost) finished.push(result.address);
      return '';
    },
    due: () => finished.length > 0,
    settle({ hosts }) {
      const these = finished;
      finished = [];
      return blocks(these, hosts);
    },
    end(summary) {
      const rest = blocks([...texts.keys()], summary.hosts);
      const deadLines = (['down', 'silent'] as const)
        .filter((status) => dead[status].length > 0)
        .map((status) => `${count(dead[status].length, 'host')} ${status}: ${listHosts(dead[status], names)}`);
      return rest + toText(deadLines) + summaryLines(summary, addresses, deadlineMs);
    },
  };
}
