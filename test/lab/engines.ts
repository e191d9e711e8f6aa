import { join } from 'node:path';
import { portArgument } from './ports.ts';
import { type Output, parseNmap, parseOurs } from './verdicts.ts';

/** A scanner as it is run against a bed. */
export interface Engine {
  readonly name: string;
  command(addresses: readonly string[], ports: readonly number[]): readonly string[];
  parse(text: string): Output;
}

/** As `npm run scan` starts it. */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=4'];

/** The command line of this checkout. */
const CLI = join(import.meta.dirname, '../../bin/scan.js');

/** Our own command line with further flags; `cli` is that of another checkout, to compare with. */
export function ours(flags: readonly string[] = [], cli: string = CLI): Engine {
  return {
    name: 'ours',
    command: (addresses, ports) => [
      process.execPath,
      ...NODE_FLAGS,
      cli,
      ...addresses,
      ...['-p', portArgument(ports), '--json'],
      ...flags,
    ],
    parse: parseOurs,
  };
}

/** nmap without host discovery and names, at its usual "fast" template: by connect(2), or by raw SYNs. */
export function nmap(scan: '-sT' | '-sS'): Engine {
  return {
    name: `nmap ${scan}`,
    command: (addresses, ports) => [
      'nmap',
      scan,
      ...['-Pn', '-n', '-T4', '-oX', '-', '-p', portArgument(ports)],
      ...addresses,
    ],
    parse: parseNmap,
  };
}
