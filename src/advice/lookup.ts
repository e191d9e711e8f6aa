import { CATALOGUE } from './catalogue/index.ts';
import type { PortGuide } from './guide.ts';
import { type IanaService, ianaPort, ianaService, ianaServices } from './iana.ts';

/** What is known about a port number. */
export interface PortDescription {
  readonly port: number;
  /** The best short name there is, at most 60 characters. */
  readonly service: string;
  /** Our own advice; `undefined` for a port outside the catalogue (see `generalAdvice`). */
  readonly guide: PortGuide | undefined;
  readonly iana: IanaService | undefined;
}

/** One suggestion for an input field. */
export interface PortSuggestion {
  readonly port: number;
  /** At most 100 characters. */
  readonly label: string;
}

const MAX_SERVICE_LENGTH = 60;
const MAX_LABEL_LENGTH = 100;
/** Longer than any name; a limit on the work that a pasted page can cause. */
const MAX_QUERY_LENGTH = 100;
const UNKNOWN_SERVICE = 'no registered service';
/** What an empty input field offers. */
const EVERYDAY_PORTS = [22, 80, 443, 21, 23, 25, 53, 445, 3389, 3306, 5432, 6379, 8080, 9200, 27017, 2375, 6443, 5900];

const guideByPort: ReadonlyMap<number, PortGuide> = new Map(
  CATALOGUE.flatMap((guide) => guide.ports.map((port) => [port, guide] as const)),
);

/** Lower-case service names and aliases, to the first port of their guide. */
const portByWord: ReadonlyMap<string, number> = new Map(
  CATALOGUE.flatMap((guide) => {
    const [port] = guide.ports;
    return port === undefined ? [] : wordsOf(guide).map((word) => [word, port] as const);
  }),
);

/** A guide with more ports than this (X11, NodePort) would crowd out the others: search offers only its first port. */
const MAX_PORTS_OFFERED = 16;

/** Catalogue ports for search by number: the main port of every guide before the others, each in order. */
const searchOrder: readonly number[] = [
  ...CATALOGUE.flatMap(({ ports }) => ports.slice(0, 1)).sort((a, b) => a - b),
  ...CATALOGUE.flatMap(({ ports }) => (ports.length > MAX_PORTS_OFFERED ? [] : ports.slice(1))).sort((a, b) => a - b),
];

function wordsOf(guide: PortGuide): readonly string[] {
  return [guide.service.toLowerCase(), ...guide.aliases];
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}

/** The guide of a port, without touching the IANA registry. */
export function guideOf(port: number): PortGuide | undefined {
  return guideByPort.get(port);
}

/**
 * Names a port: our catalogue first, since common practice and the registry differ (3000, 9000, 9090), then the IANA
 * registry. Throws a RangeError for anything but an integer from 1 to 65535.
 */
export function describePort(port: number): PortDescription {
  if (!isPort(port)) throw new RangeError(`not a port number: ${port}`);
  const guide = guideByPort.get(port);
  const iana = ianaService(port);
  const service = shorten(guide?.service ?? iana?.name ?? UNKNOWN_SERVICE, MAX_SERVICE_LENGTH);
  return { port, service, guide, iana };
}

/**
 * The port a text means: a number from 1 to 65535 in ASCII digits without sign or leading zero, or a service name or
 * alias of the catalogue, or else a name from the IANA registry. Case and blanks around it do not matter.
 */
export function resolvePort(text: string): number | undefined {
  const query = normalise(text);
  if (query === undefined || query === '') return undefined;
  if (/^[0-9]+$/.test(query)) return portFromDigits(query);
  return portByWord.get(query) ?? ianaPort(query);
}

function portFromDigits(digits: string): number | undefined {
  if (!/^[1-9][0-9]{0,4}$/.test(digits)) return undefined;
  const port = Number(digits);
  return isPort(port) ? port : undefined;
}

function normalise(text: string): string | undefined {
  return text.length > MAX_QUERY_LENGTH * 4 ? undefined : text.trim().toLowerCase().slice(0, MAX_QUERY_LENGTH);
}

/**
 * Suggestions for what somebody has typed so far: ports that start with the digits, or services whose name or alias
 * is, starts with, or contains the text; the catalogue before the IANA registry. At most `limit`, each port once.
 * Works in memory and does not throw.
 */
export function findPorts(text: string, limit: number): readonly PortSuggestion[] {
  const query = normalise(text);
  if (query === undefined || !(limit >= 1)) return [];
  if (query === '') return suggest(EVERYDAY_PORTS, limit);
  const ports = /^[0-9]+$/.test(query) ? portsStartingWith(query) : portsNamedLike(query);
  return suggest(ports, limit);
}

function* portsStartingWith(digits: string): Generator<number> {
  const exact = portFromDigits(digits);
  if (exact !== undefined) yield exact;
  for (const port of searchOrder) if (String(port).startsWith(digits)) yield port;
  for (const port of ianaServices().keys()) if (port > 0 && String(port).startsWith(digits)) yield port;
}

function* portsNamedLike(query: string): Generator<number> {
  const matchers: readonly ((word: string) => boolean)[] = [
    (word) => word === query,
    (word) => word.startsWith(query),
    (word) => word.includes(query),
  ];
  for (const matches of matchers) {
    for (const guide of CATALOGUE) {
      const [port] = guide.ports;
      if (port !== undefined && wordsOf(guide).some(matches)) yield port;
    }
  }
  const registered = ianaPort(query);
  if (registered !== undefined) yield registered;
  for (const [port, { name }] of ianaServices()) if (name.toLowerCase().startsWith(query)) yield port;
}

function suggest(ports: Iterable<number>, limit: number): readonly PortSuggestion[] {
  const found = new Map<number, PortSuggestion>();
  for (const port of ports) {
    if (!found.has(port)) found.set(port, { port, label: labelOf(port) });
    if (found.size >= Math.floor(limit)) break;
  }
  return [...found.values()];
}

function labelOf(port: number): string {
  const service = guideByPort.get(port)?.service ?? ianaService(port)?.name ?? UNKNOWN_SERVICE;
  return shorten(`${port} · ${service}`, MAX_LABEL_LENGTH);
}
