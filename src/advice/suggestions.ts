import { type Phrase, say } from '../engine/phrase.ts';
import type { Protocol } from '../engine/types.ts';
import { CATALOGUE } from './catalogue/index.ts';
import { protocolsOf } from './guide.ts';
import { ianaPort, ianaService, ianaServices } from './iana.ts';
import { guideOf, portFromDigits, splitQuery, wordKey, wordsOf } from './portQuery.ts';

/** One suggestion for an input field. */
export interface PortSuggestion {
  readonly port: number;
  /** At most 100 characters. */
  readonly label: Phrase;
  /** What to put into the field: the port, with the protocol where one was asked for. */
  readonly value: string;
}

/** So that a label keeps within its limit with any port. */
const MAX_NAME_LENGTH = 80;
/** What an empty input field offers, and one with only a protocol in it. */
const EVERYDAY_PORTS = [22, 80, 443, 21, 23, 25, 53, 445, 3389, 3306, 5432, 6379, 8080, 9200, 27017, 2375, 6443, 5900];
const EVERYDAY_UDP_PORTS = [53, 123, 161, 443, 500, 51820, 1194, 514, 69, 67, 137, 1900, 5353, 5060, 11211, 389, 623];

/** A guide with more ports than this (X11, NodePort) would crowd out the others: search offers only its first port. */
const MAX_PORTS_OFFERED = 16;

/** Catalogue ports for search by number: the main port of every guide before the others, each in order. */
const searchOrder: readonly number[] = [
  ...CATALOGUE.flatMap(({ ports }) => ports.slice(0, 1)).sort((a, b) => a - b),
  ...CATALOGUE.flatMap(({ ports }) => (ports.length > MAX_PORTS_OFFERED ? [] : ports.slice(1))).sort((a, b) => a - b),
];

/**
 * Suggestions for what somebody has typed so far: ports that start with the digits, or services whose name or alias
 * is, starts with, or contains the text; the catalogue before the IANA registry. With a protocol (`udp`, `53/udp`,
 * `tcp 5`) only what uses it, and an exact port in any case. At most `limit`, each port once. Works in memory and does
 * not throw.
 */
export function findPorts(text: string, limit: number): readonly PortSuggestion[] {
  const query = splitQuery(completed(text));
  if (query === undefined || !(limit >= 1)) return [];
  const { name, protocol } = query;
  if (name === '') return suggest(everydayPorts(protocol), limit, protocol);
  const exact = portFromDigits(name);
  const ports = /^[0-9]+$/.test(name) ? portsStartingWith(name) : portsNamedLike(name);
  return suggest(exact === undefined ? ports : withFirst(exact, ports), limit, protocol, exact);
}

/** A protocol that is still being typed after a number (`53/`, `53/u`) is left out or completed. */
function completed(text: string): string {
  return text.replace(/^(\s*[0-9]+\s*\/\s*)([tu]?)[cd]?\s*$/i, (_all, start: string, letter: string) => {
    if (letter === '') return start.replace(/\s*\/\s*$/, '');
    return `${start}${letter.toLowerCase() === 't' ? 'tcp' : 'udp'}`;
  });
}

function everydayPorts(protocol: Protocol | undefined): readonly number[] {
  if (protocol === undefined) return EVERYDAY_PORTS;
  return [...(protocol === 'tcp' ? EVERYDAY_PORTS : EVERYDAY_UDP_PORTS), ...searchOrder];
}

function* withFirst(first: number, others: Iterable<number>): Generator<number> {
  yield first;
  yield* others;
}

function* portsStartingWith(digits: string): Generator<number> {
  for (const port of searchOrder) if (String(port).startsWith(digits)) yield port;
  for (const port of ianaServices().keys()) if (port > 0 && String(port).startsWith(digits)) yield port;
}

function* portsNamedLike(name: string): Generator<number> {
  const query = wordKey(name);
  if (query === '') return;
  const matchers: readonly ((word: string) => boolean)[] = [
    (word) => word === query,
    (word) => word.startsWith(query),
    (word) => word.includes(query),
  ];
  for (const matches of matchers) {
    for (const guide of CATALOGUE) {
      // With a protocol in the query the first port may use another one (TCP 139 beside UDP 137).
      if (wordsOf(guide).some(matches)) yield* guide.exceptions ? guide.ports : guide.ports.slice(0, 1);
    }
  }
  const registered = ianaPort(name);
  if (registered !== undefined) yield registered;
  for (const [port, service] of ianaServices()) if (service.name.toLowerCase().startsWith(name)) yield port;
}

/** @param exact offered even where the protocol is not usual on it */
function suggest(
  ports: Iterable<number>,
  limit: number,
  protocol: Protocol | undefined,
  exact?: number,
): readonly PortSuggestion[] {
  const found = new Map<number, PortSuggestion>();
  for (const port of ports) {
    if (found.has(port) || !(protocol === undefined || port === exact || uses(port, protocol))) continue;
    found.set(port, suggestionOf(port, protocol));
    if (found.size >= Math.floor(limit)) break;
  }
  return [...found.values()];
}

function uses(port: number, protocol: Protocol): boolean {
  const guide = guideOf(port);
  return guide ? protocolsOf(guide, port).includes(protocol) : ianaService(port, protocol) !== undefined;
}

function suggestionOf(port: number, protocol: Protocol | undefined): PortSuggestion {
  const value = protocol ? `${port}/${protocol}` : String(port);
  const iana = (protocol && ianaService(port, protocol)) ?? ianaService(port);
  const name = guideOf(port)?.service ?? iana?.name;
  const label =
    name === undefined ? say`${value} · no registered service` : say`${value} · ${name.slice(0, MAX_NAME_LENGTH)}`;
  return { port, label, value };
}
