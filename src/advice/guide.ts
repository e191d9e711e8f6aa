import type { Protocol } from '../engine/types.ts';
import type { SourceKey } from './sources.ts';

/** At least one document backs every page. */
export type Sources = readonly [SourceKey, ...SourceKey[]];

/** Severities, worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

/** How much it matters when a port is unexpectedly reachable from outside. */
export type Severity = (typeof SEVERITIES)[number];

/** Should the port be reachable from the internet? `conditional`: only if the guide's `condition` holds. */
export type Facing = 'yes' | 'conditional' | 'no';

/** What an ops engineer should know about one service and the ports it usually has. */
export interface PortGuide {
  /** Every port of the service; the first one is what its name resolves to. */
  readonly ports: readonly number[];
  readonly protocols: readonly Protocol[];
  /** The ports that use fewer protocols than `protocols` says, such as TCP 1433 beside UDP 1434. */
  readonly exceptions?: Readonly<Record<number, readonly Protocol[]>>;
  /** Display name, at most 40 characters. */
  readonly service: string;
  /** Lower-case search words, each used by one guide only. */
  readonly aliases: readonly string[];
  /** What usually runs there, one sentence; names the other products where several share a port. */
  readonly purpose: string;
  readonly facing: Facing;
  /** A phrase that starts with "only"; present exactly when `facing` is `conditional`. */
  readonly condition?: string;
  readonly severity: Severity;
  /** One to three. */
  readonly risks: readonly string[];
  /** The most important hardening step: one imperative sentence of at most 120 characters that stands alone. */
  readonly tip: string;
  /** Two to four imperative sentences of at most 160 characters. */
  readonly actions: readonly string[];
  readonly sources: Sources;
  /** The day somebody last checked the entry, as YYYY-MM-DD. */
  readonly reviewed: string;
}

/** A page of background that is not about one port. */
export interface Topic {
  /** kebab-case. */
  readonly id: string;
  readonly title: string;
  /** One line of at most 100 characters. */
  readonly summary: string;
  /** Each text has at most 900 characters; a line break in it starts a new line. */
  readonly sections: readonly { readonly heading: string; readonly text: string }[];
  readonly sources: Sources;
}

/** Orders severities worst first: negative when `a` is worse than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
}

/** The ports from `first` to `last`, both included. */
export function portRange(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** The protocols that a guide has for one of its ports. */
export function protocolsOf(guide: PortGuide, port: number): readonly Protocol[] {
  return guide.exceptions?.[port] ?? guide.protocols;
}
