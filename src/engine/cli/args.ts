import type { Parsed } from '../parsed.ts';
import { parsePortList } from '../ports/grammar.ts';
import { MAX_PORT, type PortList } from '../ports/intervals.ts';
import { quote } from '../ports/quote.ts';
import type { ScanOptions, TransportName } from '../types.ts';
import { type Flags, readFlags } from './flags.ts';
import { refuse } from './refusal.ts';
import { readTarget, type Target } from './targets.ts';

/** What the command line asks for. */
export interface Command {
  readonly targets: readonly Target[];
  /** 4 or 6, 0 for either. */
  readonly family: 0 | 4 | 6;
  readonly ports: PortList;
  readonly json: boolean;
  /** `undefined` for whatever works best here. */
  readonly transport: Exclude<TransportName, 'sim'> | undefined;
  readonly options: Omit<ScanOptions, 'signal'>;
}

const TRANSPORTS = ['net', 'ffi', 'raw'] as const;
const RATE_LIMIT_CHOICES = ['pace', 'stop'] as const;

const MAX_ADDRESSES = 2 ** 16;
/** Verdicts of one run: all ports of a /24, or 256 ports of a /16. */
const MAX_PROBES = 2 ** 24;
const DAY_MS = 86_400_000;

/** Numbers that options take, by the name of the option. */
const NUMBERS = {
  timeout: { option: 'timeoutMs', least: 1, most: 60_000 },
  deadline: { option: 'deadlineMs', least: 1, most: DAY_MS },
  rate: { option: 'packetsPerSecond', least: 1, most: 1_000_000 },
  retries: { option: 'retries', least: 0, most: 20 },
} as const;

function readNumbers(values: Flags['values']): Parsed<Omit<ScanOptions, 'signal'>> {
  const options: Record<string, number> = {};
  for (const flag of ['timeout', 'deadline', 'rate', 'retries'] as const) {
    const text = values.get(flag)?.at(-1);
    if (text === undefined) continue;
    const { option, least, most } = NUMBERS[flag];
    const value = /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      return refuse('bad-number', `--${flag} takes a whole number from ${least} to ${most}, not ${quote(text)}.`);
    }
    options[option] = value;
  }
  return { ok: true, value: options };
}

function readChoice<T extends string>(
  flag: 'transport' | 'on-rate-limit',
  values: Flags['values'],
  choices: readonly T[],
): Parsed<T | undefined> {
  const text = values.get(flag)?.at(-1);
  const choice = choices.find((candidate) => candidate === text);
  if (text === undefined || choice !== undefined) return { ok: true, value: choice };
  return refuse('bad-choice', `--${flag} is one of ${choices.join(', ')}, not ${quote(text)}.`);
}

function readFamily({ set, positionals }: Flags, targets: readonly Target[]): Parsed<0 | 4 | 6> {
  if (set.has('ipv4') && set.has('ipv6')) {
    return refuse('both-families', '-4 and -6 exclude each other. Name one of them, or neither.');
  }
  const family = set.has('ipv4') ? 4 : set.has('ipv6') ? 6 : 0;
  if (family === 0) return { ok: true, value: family };
  const wrong = targets.findIndex((target) => target.kind === 'addresses' && target.family !== family);
  if (wrong === -1) return { ok: true, value: family };
  const other = family === 4 ? 6 : 4;
  return refuse(
    'wrong-family',
    `${quote(positionals[wrong] ?? '')} is IPv${other}, and -${family} asks for IPv${family}.`,
  );
}

function readTargets(texts: readonly string[]): Parsed<readonly Target[]> {
  if (texts.length === 0) return refuse('no-host', 'Which host? Name at least one.');
  const targets: Target[] = [];
  let count = 0;
  for (const text of texts) {
    const target = readTarget(text);
    if (!target.ok) return target;
    targets.push(target.value);
    count += target.value.kind === 'name' ? 1 : target.value.addresses.length;
    if (count > MAX_ADDRESSES) return refuse('many-hosts', `The most at once are ${MAX_ADDRESSES} addresses.`);
  }
  return { ok: true, value: targets };
}

function readPortList(values: Flags['values'], targets: readonly Target[]): Parsed<PortList> {
  const texts = values.get('ports');
  if (texts === undefined) return refuse('no-ports', 'Which ports? Name them with -p.');
  const ports = parsePortList(texts.join(','), { maxPorts: 2 * MAX_PORT });
  if (!ports.ok) return refuse(ports.problem.code, ports.problem.message.text, `-p ${ports.problem.example}`);
  const perHost = ports.value.tcp.length + ports.value.udp.length;
  const hosts = targets.reduce((sum, target) => sum + (target.kind === 'name' ? 1 : target.addresses.length), 0);
  if (hosts * perHost <= MAX_PROBES) return ports;
  const message = `${perHost} ports of ${hosts} addresses are ${hosts * perHost} in all; the most at once is ${MAX_PROBES}.`;
  return refuse('too-many-probes', `${message} Ask for fewer, or in parts.`, '-p @top100');
}

/** Reads the arguments after the script's name; `'help'` when help was asked for. */
export function parseCommand(args: readonly string[]): Parsed<Command | 'help'> {
  const flags = readFlags(args);
  if (!flags.ok) return flags;
  const { set, values, positionals } = flags.value;
  if (set.has('help')) return { ok: true, value: 'help' };
  const targets = readTargets(positionals);
  if (!targets.ok) return targets;
  const family = readFamily(flags.value, targets.value);
  if (!family.ok) return family;
  const ports = readPortList(values, targets.value);
  if (!ports.ok) return ports;
  const numbers = readNumbers(values);
  if (!numbers.ok) return numbers;
  const transport = readChoice('transport', values, TRANSPORTS);
  if (!transport.ok) return transport;
  const onRateLimit = readChoice('on-rate-limit', values, RATE_LIMIT_CHOICES);
  if (!onRateLimit.ok) return onRateLimit;
  const options = { ...numbers.value, ...(onRateLimit.value !== undefined && { onRateLimit: onRateLimit.value }) };
  const shared = { targets: targets.value, family: family.value, ports: ports.value, json: set.has('json') };
  return { ok: true, value: { ...shared, transport: transport.value, options } };
}
