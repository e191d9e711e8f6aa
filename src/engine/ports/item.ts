import type { Parsed, Problem } from '../parsed.ts';
import { type Phrase, say } from '../phrase.ts';
import type { Protocol } from '../types.ts';
import { type Interval, MAX_PORT } from './intervals.ts';
import { nearestName } from './nearest.ts';
import { PRESET_NAMES, portsOfPreset, TOP_MAX } from './presets.ts';
import { quote, visible } from './quote.ts';
import { portsOfService, SERVICE_NAMES, UDP_SERVICE_NAMES } from './services.ts';

type Item = Parsed<readonly Interval[]>;

/** What one item of a list names. */
export interface PortItem {
  readonly protocol: Protocol;
  readonly intervals: readonly Interval[];
}

interface Refusal {
  readonly ok: false;
  readonly problem: Problem;
}

function refuse(code: string, message: Phrase, example: string): Refusal {
  return { ok: false, problem: { code, message, example } };
}

function accept(...intervals: readonly Interval[]): Item {
  return { ok: true, value: intervals };
}

function single(port: number): Interval {
  return [port, port];
}

/** A port number from decimal digits, nothing else; the length check comes before the conversion. */
function readNumber(digits: string): Parsed<number> {
  if (digits !== '0' && digits.startsWith('0')) {
    const plain = digits.replace(/^0+/, '');
    const example = plain !== '' && plain.length <= 5 && Number(plain) <= MAX_PORT ? plain : '80';
    return refuse(
      'leading-zero',
      say`${quote(digits)} starts with a zero, which some programs read as octal. Write the port without it.`,
      example,
    );
  }
  const port = digits.length <= 5 ? Number(digits) : Number.POSITIVE_INFINITY;
  if (port >= 1 && port <= MAX_PORT) return { ok: true, value: port };
  return refuse('out-of-range', say`${quote(digits)} is not a port: ports go from 1 to ${MAX_PORT}.`, '443');
}

function readRange(item: string, from: string, to: string): Item {
  if (from === '' || to === '') {
    return refuse(
      'open-range',
      say`${quote(item)} leaves out an end of the range. Name both ends; for a first look, @common holds the usual ports.`,
      '1-1024',
    );
  }
  const first = readNumber(from);
  if (!first.ok) return first;
  const last = readNumber(to);
  if (!last.ok) return last;
  if (first.value <= last.value) return accept([first.value, last.value]);
  const turned = `${last.value}-${first.value}`;
  return refuse('reversed-range', say`The range ${quote(item)} runs backwards. Did you mean ${turned}?`, turned);
}

function readPreset(item: string): Item {
  const ports = portsOfPreset(item);
  if (ports !== undefined) return accept(...ports.map(single));
  if (/^@top\d*$/i.test(item)) {
    return refuse('bad-top', say`${quote(item)} is not a preset: @top takes a number from 1 to ${TOP_MAX}.`, '@top20');
  }
  const [body = ''] = item.split('/');
  if (portsOfPreset(body) !== undefined) {
    const message = say`${quote(item)} is not a preset: presets hold TCP ports and take no protocol. Write ${body}.`;
    return refuse('unknown-preset', message, body);
  }
  const near = nearestName(item.toLowerCase(), PRESET_NAMES);
  const help = near === undefined ? say`There are ${PRESET_NAMES.join(', ')}.` : say`Did you mean ${near}?`;
  return refuse('unknown-preset', say`No preset is called ${quote(item)}. ${help}`, near ?? '@common');
}

/** Things that look like a number to some program but are not a decimal port number. */
function numberLike(item: string): Item | undefined {
  const shown = quote(item);
  if (/^\+\d/.test(item)) {
    return refuse('signed', say`${shown} carries a sign. Write the port as plain digits.`, '22');
  }
  if (/^0[xob]/i.test(item) || /^\d+e[+-]?\d+$/i.test(item)) {
    return refuse('not-decimal', say`${shown} is not a plain decimal number. Write the port as plain digits.`, '22');
  }
  if (/^\d*\.\d*$/.test(item)) {
    return refuse('not-whole', say`${shown} is not a whole number. Ports are whole; commas separate them.`, '22,80');
  }
  if (/^[+-]?(nan|inf|infinity)$/i.test(item)) {
    return refuse('not-a-number', say`${shown} is not a port number.`, '22');
  }
  return undefined;
}

function unknownName(item: string, protocol: Protocol): Item {
  const name = item.toLowerCase();
  const asPreset = `@${name.replace(/^top-(?=\d)/, 'top')}`;
  if (portsOfPreset(asPreset) !== undefined) {
    return refuse(
      'missing-at',
      say`${quote(item)} is a preset, and presets start with @. Write ${asPreset}.`,
      asPreset,
    );
  }
  const candidates = protocol === 'tcp' ? SERVICE_NAMES : UDP_SERVICE_NAMES;
  const near = name.length <= 40 ? nearestName(name, candidates) : undefined;
  const help = near === undefined ? say`Write its port number instead.` : say`Did you mean ${near}?`;
  return refuse('unknown-name', say`No service called ${quote(item)} is known here. ${help}`, near ?? '22,443');
}

/** What to say of a name that is known for the other protocol only. */
function otherProtocol(name: string, protocol: Protocol, protocols: readonly Protocol[]): Refusal | undefined {
  const [port] = portsOfService(name, protocol === 'tcp' ? 'udp' : 'tcp');
  if (port === undefined) return undefined;
  const shown = quote(name);
  if (protocol === 'udp') {
    const message = say`${shown} is known here as a TCP service. Write ${port}/udp if that port is meant over UDP.`;
    return refuse('other-protocol', message, `${port}`);
  }
  if (protocols.includes('udp')) {
    const example = `${name.toLowerCase()}/udp`;
    return refuse('other-protocol', say`${shown} is a UDP service. Write ${example}.`, example);
  }
  const message = say`${shown} is a UDP service, and only TCP is scanned here. Write ${port} if that port is meant over TCP.`;
  return refuse('other-protocol', message, `${port}`);
}

/** The first reading of an item that stands without its protocol, for an example. */
function likelyPorts(item: string, protocol: Protocol): string {
  const [body = ''] = item.split('/');
  const candidates = [body, /\d+(?:-\d+)?/.exec(item)?.[0] ?? ''];
  return candidates.find((candidate) => readBody(candidate, protocol).ok) ?? '22';
}

function otherNotation(item: string, protocols: readonly Protocol[]): Refusal {
  const both = protocols.includes('udp');
  const protocol = both && /^u:/i.test(item) ? 'udp' : 'tcp';
  const example = `${likelyPorts(item, protocol)}/${protocol}`;
  const message = both
    ? say`${quote(item)} is in another scanner’s notation. Here the protocol follows each port: ${example}.`
    : say`${quote(item)} is in another scanner’s notation. Here ports stand alone, as only TCP is scanned: ${example}.`;
  return refuse(both ? 'other-notation' : 'not-tcp', message, example);
}

function wrongProtocol(item: string, protocols: readonly Protocol[]): Refusal {
  const example = `${likelyPorts(item, 'tcp')}/tcp`;
  if (protocols.includes('udp')) {
    return refuse('unknown-protocol', say`${quote(item)} asks for another protocol: there are /tcp and /udp.`, example);
  }
  return refuse('not-tcp', say`${quote(item)} asks for another protocol: only TCP is scanned here.`, example);
}

function readBody(item: string, protocol: Protocol): Item {
  if (/^\d+$/.test(item)) {
    const port = readNumber(item);
    return port.ok ? accept(single(port.value)) : port;
  }
  const range = /^(\d*)-(\d*)$/.exec(item);
  if (range !== null) return readRange(item, range[1] ?? '', range[2] ?? '');
  const odd = numberLike(item);
  if (odd !== undefined) return odd;
  if (/^[a-z_]/i.test(item)) {
    const ports = portsOfService(item, protocol);
    return ports.length > 0 ? accept(...ports.map(single)) : unknownName(item, protocol);
  }
  return refuse('syntax', say`${quote(item)} is neither a port, nor a range, nor a name.`, '22,80,8000-8010,https');
}

/** The mistakes that show before the protocol is looked at. */
function itemProblem(item: string): Refusal | undefined {
  if (/^(\*|all|any)(\/|$)/i.test(item)) {
    return refuse(
      'all-ports',
      say`${quote(item)} would be every port there is. Say which ones: a preset such as @common, or a range.`,
      '@common',
    );
  }
  const strange = /[^a-z0-9_@*+.:/-]/i.exec(item)?.[0];
  if (strange === undefined) return undefined;
  return refuse(
    'bad-character',
    say`${quote(item)} holds the character ${visible(strange)}, which no port has.`,
    '22,80',
  );
}

/**
 * Reads one item of a port list: it holds no blank and no comma, is not empty, and is printable ASCII. Without a
 * protocol of its own it is TCP.
 *
 * @param protocols which ones it may name
 */
export function readItem(item: string, protocols: readonly Protocol[]): Parsed<PortItem> {
  const problem = itemProblem(item);
  if (problem !== undefined) return problem;
  if (/^[a-z]:/i.test(item)) return otherNotation(item, protocols);
  const [body = '', suffix, ...rest] = item.split('/');
  if (suffix !== undefined && !item.startsWith('@') && (body === '' || suffix === '' || rest.length > 0)) {
    return refuse('syntax', say`${quote(item)} does not name a port and a protocol.`, '22/tcp');
  }
  const isPreset = item.startsWith('@');
  const name = isPreset ? 'tcp' : (suffix ?? 'tcp').toLowerCase();
  const protocol = protocols.find((candidate) => candidate === name);
  if (protocol === undefined) return wrongProtocol(item, protocols);
  const read = isPreset ? readPreset(item) : readBody(body, protocol);
  if (read.ok) return { ok: true, value: { protocol, intervals: read.value } };
  const elsewhere = read.problem.code === 'unknown-name' ? otherProtocol(body, protocol, protocols) : undefined;
  return withProtocol(elsewhere ?? read, protocol);
}

/** Examples for UDP say so. */
function withProtocol({ problem }: Refusal, protocol: Protocol): Refusal {
  const plain = protocol === 'tcp' || problem.example.startsWith('@');
  const example = plain ? problem.example : `${problem.example.split(',')[0]}/udp`;
  return { ok: false, problem: { ...problem, example } };
}
