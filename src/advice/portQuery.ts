import type { Protocol } from '../engine/types.ts';
import { CATALOGUE } from './catalogue/index.ts';
import type { PortGuide } from './guide.ts';

/** A text split into what is asked for and the protocol at either end of it. */
export interface SplitQuery {
  /** Lower case, without blanks around it; empty where only the protocol was named. */
  readonly name: string;
  readonly protocol: Protocol | undefined;
}

/** Longer than any name; a limit on the work that a pasted page can cause. */
const MAX_QUERY_LENGTH = 100;

const guideByPort: ReadonlyMap<number, PortGuide> = new Map(
  CATALOGUE.flatMap((guide) => guide.ports.map((port) => [port, guide] as const)),
);

/** The guide of a port, without touching the IANA registry. */
export function guideOf(port: number): PortGuide | undefined {
  return guideByPort.get(port);
}

/** The words a guide is found by, as {@link wordKey} writes them. */
export function wordsOf(guide: PortGuide): readonly string[] {
  return [guide.service, ...guide.aliases].map(wordKey);
}

/** Lower case, with one blank for any hyphens, underscores and blanks: `Node_Exporter` is `node exporter`. */
export function wordKey(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ')
    .trim();
}

/** An integer from 1 to 65535. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** Splits the protocol off a text; `undefined` for a text longer than any name. */
export function splitQuery(text: string): SplitQuery | undefined {
  if (text.length > MAX_QUERY_LENGTH * 4) return undefined;
  const query = text.trim().toLowerCase().slice(0, MAX_QUERY_LENGTH);
  const found = /^(?<before>tcp|udp)(?:[/: ] *(?<rest>.*))?$|^(?<name>.*?) *[/ ] *(?<after>tcp|udp)$/.exec(
    query,
  )?.groups;
  if (!found) return { name: query, protocol: undefined };
  const protocol = (found.before ?? found.after) === 'tcp' ? 'tcp' : 'udp';
  return { name: (found.rest ?? found.name ?? '').trim(), protocol };
}

/** A port from 1 to 65535 in digits without leading zero. */
export function portFromDigits(digits: string): number | undefined {
  if (!/^[1-9][0-9]{0,4}$/.test(digits)) return undefined;
  const port = Number(digits);
  return isPort(port) ? port : undefined;
}
