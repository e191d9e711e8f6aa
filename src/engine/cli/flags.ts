import { parseArgs } from 'node:util';
import type { Parsed } from '../parsed.ts';
import { nearestName } from '../ports/nearest.ts';
import { quote } from '../ports/quote.ts';
import { type Refusal, refuse } from './refusal.ts';

const OPTIONS = {
  ports: { type: 'string', short: 'p' },
  timeout: { type: 'string' },
  deadline: { type: 'string' },
  rate: { type: 'string' },
  retries: { type: 'string' },
  'on-rate-limit': { type: 'string' },
  transport: { type: 'string' },
  json: { type: 'boolean' },
  ipv4: { type: 'boolean', short: '4' },
  ipv6: { type: 'boolean', short: '6' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Name = keyof typeof OPTIONS;

/** The command line by its words: what is set, the values as they stand, and what is no option. */
export interface Flags {
  readonly set: ReadonlySet<Name>;
  /** Every value of an option in the order given. */
  readonly values: ReadonlyMap<Name, readonly string[]>;
  readonly positionals: readonly string[];
}

function isName(name: string): name is Name {
  return Object.hasOwn(OPTIONS, name);
}

function unknownOption(rawName: string): Refusal {
  const near = nearestName(rawName.replace(/^-+/, ''), Object.keys(OPTIONS));
  const help = near === undefined ? '--help lists them all.' : `Did you mean --${near}?`;
  return refuse('bad-option', `There is no option ${quote(rawName)}. ${help}`);
}

/**
 * Sorts the words of a command line. An option that takes a value takes the next word, whatever it looks like (POSIX
 * XBD §12.2, guideline 7 and §12.1): what is wrong with `--retries -1` is then said by who reads the number.
 */
export function readFlags(args: readonly string[]): Parsed<Flags> {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  const set = new Set<Name>();
  const values = new Map<Name, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (!isName(name)) return unknownOption(rawName);
    set.add(name);
    if (OPTIONS[name].type === 'boolean') {
      if (value !== undefined) return refuse('bad-option', `${rawName} takes no value, and ${quote(value)} is one.`);
      continue;
    }
    if (value === undefined) return refuse('bad-option', `${rawName} needs a value after it.`);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return { ok: true, value: { set, values, positionals } };
}
