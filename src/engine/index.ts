/**
 * The scan engine as a library: `scan` over what `createEnvironment` found, the words of its verdicts, and the reader of
 * port lists. It knows no names, no policy and no Discord. docs/engine.md explains it.
 */
export { createEnvironment, type EnvironmentOptions } from './environment.ts';
export type { Parsed, Problem } from './parsed.ts';
export { parsePortList } from './ports/grammar.ts';
export type { PortList } from './ports/intervals.ts';
export { type ScanEnvironment, scan } from './scan.ts';
export * from './types.ts';
