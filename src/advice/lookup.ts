import { type Phrase, say } from '../engine/phrase.ts';
import type { Protocol } from '../engine/types.ts';
import { CATALOGUE } from './catalogue/index.ts';
import { type PortGuide, protocolsOf } from './guide.ts';
import { type IanaService, ianaPort, ianaService } from './iana.ts';
import { guideOf, isPort, portFromDigits, splitQuery, wordKey, wordsOf } from './portQuery.ts';

export { guideOf } from './portQuery.ts';
export { findPorts, type PortSuggestion } from './suggestions.ts';

/** What is known about a port number. */
export interface PortDescription {
  readonly port: number;
  /** The best short name there is, at most 60 characters. */
  readonly service: Phrase;
  /** Our own advice; `undefined` for a port outside the catalogue (see `generalAdvice`). */
  readonly guide: PortGuide | undefined;
  readonly iana: IanaService | undefined;
  /** Present when the protocol that was asked for is not the one the rest is about: a sentence that says so. */
  readonly protocolNote?: Phrase;
}

/** A port that somebody asked for, with the protocol if they named one. */
export interface PortQuery {
  readonly port: number;
  readonly protocol: Protocol | undefined;
}

/** Of a service name, in characters. */
const MAX_SERVICE_LENGTH = 60;
const UNKNOWN_SERVICE = say`no registered service`;

/** Service names and aliases as `wordKey` writes them, to the first port of their guide. */
const portByWord: ReadonlyMap<string, number> = new Map(
  CATALOGUE.flatMap((guide) => {
    const [port] = guide.ports;
    return port === undefined ? [] : wordsOf(guide).map((word) => [word, port] as const);
  }),
);

function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}

/**
 * Names a port: our catalogue first, since common practice and the registry differ (3000, 9000, 9090), then the IANA
 * registry. Asked with a protocol that the guide does not have, the guide stays and `protocolNote` says so. Throws a
 * RangeError for anything but an integer from 1 to 65535.
 */
export function describePort(port: number, protocol?: Protocol): PortDescription {
  if (!isPort(port)) throw new RangeError(`not a port number: ${port}`);
  const guide = guideOf(port);
  const iana = (protocol && ianaService(port, protocol)) ?? ianaService(port);
  const name = guide?.service ?? iana?.name;
  const service = name === undefined ? UNKNOWN_SERVICE : say`${shorten(name, MAX_SERVICE_LENGTH)}`;
  const protocolNote = protocol && noteOn(port, protocol, guide);
  return { port, service, guide, iana, ...(protocolNote && { protocolNote }) };
}

/** What to say when a port is asked for with a protocol that is not usual there; a sentence or two, or nothing. */
function noteOn(port: number, protocol: Protocol, guide: PortGuide | undefined): Phrase | undefined {
  const asked = protocol.toUpperCase();
  const other = protocol === 'tcp' ? 'udp' : 'tcp';
  const registered = ianaService(port, protocol);
  if (guide) {
    if (protocolsOf(guide, port).includes(protocol)) return undefined;
    const elsewhere = ianaService(port, other);
    const differs = registered && registered.name !== elsewhere?.name;
    const { service } = guide;
    const usual = other.toUpperCase();
    return differs
      ? say`${service} does not use ${asked} port ${port} as a rule. IANA has ${registered.name} there. What follows is about ${usual}.`
      : say`${service} does not use ${asked} port ${port} as a rule. What follows is about ${usual}.`;
  }
  if (registered || !ianaService(port, other)) return undefined;
  return say`IANA has it for ${other.toUpperCase()} only, not for ${asked}.`;
}

/**
 * The port and protocol a text means: a number from 1 to 65535 in ASCII digits without sign or leading zero, or a
 * service name or alias of the catalogue, or else a name from the IANA registry; with `tcp` or `udp` before or after it
 * (`53/udp`, `tcp 53`, `dns udp`). Case, blanks around it, and hyphens for blanks do not matter.
 */
export function resolveQuery(text: string): PortQuery | undefined {
  const query = splitQuery(text);
  if (query === undefined || query.name === '') return undefined;
  const { name, protocol } = query;
  const port = /^[0-9]+$/.test(name)
    ? portFromDigits(name)
    : (portByWord.get(wordKey(name)) ?? ianaPort(name) ?? ianaPort(name.replaceAll(' ', '-')));
  return port === undefined ? undefined : { port, protocol };
}

/** The port a text means, whatever protocol it names: {@link resolveQuery} without the protocol. */
export function resolvePort(text: string): number | undefined {
  return resolveQuery(text)?.port;
}
