import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import type { Parsed } from '../parsed.ts';
import { parsePorts } from '../ports/grammar.ts';
import { MAX_PORT } from '../ports/intervals.ts';
import { quote } from '../ports/quote.ts';
import type { ScanOptions } from '../types.ts';

/** What the command line asks for. `host` is an address literal where `isAddress` says so, else a name to resolve. */
export interface Command {
  readonly host: string;
  readonly isAddress: boolean;
  /** 4 or 6, 0 for either. */
  readonly family: 0 | 4 | 6;
  readonly ports: readonly number[];
  readonly json: boolean;
  readonly options: ScanOptions;
}

const EXAMPLE = 'npm run scan -- 127.0.0.1 -p 22,80,443';

export const HELP = `Usage: npm run scan -- HOST -p PORTS [options]

Checks TCP ports of one host. Scan only what you may scan.

  HOST             an IPv4 or IPv6 address, or a name
  -p, --ports      22,80,8000-8010  names: ssh,https  presets: @web @mail @db @remote @containers @common @top20
  --json           one JSON object a line, the summary last
  -4, -6           use the IPv4 or the IPv6 address of a name
  --timeout MS     longest wait for one answer (1000)
  --rate N         attempts a second (2500)
  --retries N      further attempts at a silent port (2; 1 on a fast network)
  -h, --help       this text

Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
Example: ${EXAMPLE}
`;

const FLAGS = {
  ports: { type: 'string', short: 'p', multiple: true },
  json: { type: 'boolean' },
  ipv4: { type: 'boolean', short: '4' },
  ipv6: { type: 'boolean', short: '6' },
  timeout: { type: 'string' },
  rate: { type: 'string' },
  retries: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Refusal = Extract<Parsed<never>, { ok: false }>;

function refuse(code: string, message: string, example: string = EXAMPLE): Refusal {
  return { ok: false, problem: { code, message, example } };
}

/** A name as getaddrinfo takes it: labels of letters, digits, hyphens and underscores (RFC 1123 §2.1, RFC 8552). */
const NAME = /^(?=.{1,254}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i;

/**
 * Tells an address from a name. Numeric shorthands (`127.1`, `0x7f000001`, `010.0.0.1`) are neither: programs disagree
 * on what they mean, and getaddrinfo would resolve them. The test is that of the URL standard: the last label is a number.
 */
function readHost(host: string): Parsed<{ readonly host: string; readonly isAddress: boolean }> {
  if (host.includes('%')) {
    return refuse('zone', `${quote(host)} carries a zone or an escape. Write the address without it.`);
  }
  if (isIP(host) !== 0) return { ok: true, value: { host, isAddress: true } };
  const lastLabel = host.replace(/\.$/, '').split('.').at(-1) ?? '';
  if (/^(\d+|0x[0-9a-f]*)$/i.test(lastLabel)) {
    return refuse(
      'numeric-host',
      `${quote(host)} is not a full address, and programs disagree on what it means. Write four numbers from 0 to 255, without leading zeros.`,
    );
  }
  if (NAME.test(host)) return { ok: true, value: { host, isAddress: false } };
  return refuse('bad-host', `${quote(host)} is neither an address nor a name. Write the host alone: no URL, no port.`);
}

function readCount(flag: string, text: string | undefined, least: number, most: number): Parsed<number | undefined> {
  if (text === undefined) return { ok: true, value: undefined };
  const value = /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return { ok: true, value };
  return refuse('bad-number', `--${flag} takes a whole number from ${least} to ${most}, not ${quote(text)}.`);
}

function readFamily(ipv4: boolean, ipv6: boolean, host: string): Parsed<0 | 4 | 6> {
  if (ipv4 && ipv6) return refuse('both-families', '-4 and -6 exclude each other. Name one of them, or neither.');
  const family = ipv4 ? 4 : ipv6 ? 6 : 0;
  const own = isIP(host);
  if (family === 0 || own === 0 || own === family) return { ok: true, value: family };
  return refuse('wrong-family', `${quote(host)} is an IPv${own} address, and -${family} asks for IPv${family}.`);
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  } catch (error) {
    // parseArgs explains itself in its first line; the rest is advice for programmers.
    return refuse('bad-option', String(error instanceof Error ? error.message : error).split('\n')[0] ?? '');
  }
}

function readOptions(values: { timeout?: string; rate?: string; retries?: string }): Parsed<ScanOptions> {
  const timeout = readCount('timeout', values.timeout, 1, 60_000);
  if (!timeout.ok) return timeout;
  const rate = readCount('rate', values.rate, 1, 1_000_000);
  if (!rate.ok) return rate;
  const retries = readCount('retries', values.retries, 0, 20);
  if (!retries.ok) return retries;
  return {
    ok: true,
    value: {
      ...(timeout.value !== undefined && { timeoutMs: timeout.value }),
      ...(rate.value !== undefined && { packetsPerSecond: rate.value }),
      ...(retries.value !== undefined && { retries: retries.value }),
    },
  };
}

/** Reads the arguments after the script's name; `'help'` when help was asked for. */
export function parseCommand(args: readonly string[]): Parsed<Command | 'help'> {
  const flags = parseFlags(args);
  if ('ok' in flags) return flags;
  const { values, positionals } = flags;
  if (values.help) return { ok: true, value: 'help' };
  const [name, ...surplus] = positionals;
  if (name === undefined) return refuse('no-host', 'Which host? Name one.');
  if (surplus.length > 0) {
    return refuse(
      'many-hosts',
      `One host at a time, and no blanks within the ports: ${quote(surplus.join(' '))} is too much.`,
    );
  }
  const host = readHost(name);
  if (!host.ok) return host;
  const family = readFamily(values.ipv4 ?? false, values.ipv6 ?? false, name);
  if (!family.ok) return family;
  if (values.ports === undefined) return refuse('no-ports', 'Which ports? Name them with -p.');
  const ports = parsePorts(values.ports.join(','), { maxPorts: MAX_PORT });
  if (!ports.ok) return refuse(ports.problem.code, ports.problem.message, `-p ${ports.problem.example}`);
  const options = readOptions(values);
  if (!options.ok) return options;
  const json = values.json ?? false;
  return { ok: true, value: { ...host.value, family: family.value, ports: ports.value, json, options: options.value } };
}
