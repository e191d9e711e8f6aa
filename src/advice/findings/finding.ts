import type { Phrase } from '../../engine/phrase.ts';
import type { Evidence } from '../../probes/evidence.ts';
import type { Recognised } from '../../probes/products/index.ts';
import type { Severity } from '../guide.ts';
import type { FindingSourceKey } from './sources.ts';

/** Something seen on a port that somebody should know or act on. */
export interface Finding {
  /** kebab-case; what {@link FindingKind} explains. */
  readonly id: string;
  readonly severity: Severity;
  /** The lowest port it is about. */
  readonly port: number;
  /** All ports it is about, ascending. */
  readonly ports: readonly number[];
  /** At most 100 characters. May hold foreign text. */
  readonly title: Phrase;
  /** What was seen, at most 200 characters. May hold foreign text: to be shown by `safeText`. */
  readonly seen: Phrase;
  /** Why it matters, one or two sentences of at most 250 characters. */
  readonly why: string;
  /** Two to four imperative sentences of at most 160 characters. */
  readonly actions: readonly string[];
  readonly source: FindingSource;
}

/** A document, whose title is the same in every language, or a page that we describe. */
export interface FindingSource {
  readonly title: string | Phrase;
  readonly url: string;
}

/** What is true of every finding with this id. */
export interface FindingKind {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly why: string;
  readonly actions: readonly string[];
  readonly source: FindingSourceKey;
  /** One finding for all ports where it holds, instead of one for each. */
  readonly merged?: true;
}

/** What is known beside the evidence. */
export interface FindingContext {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Of the address, as the policy classifies it. Undefined: not said, and nothing is concluded from it. */
  readonly addressTier?: 'global' | 'private' | 'forbidden' | undefined;
  /** The host accepts on every port: nothing else is said of it then. */
  readonly answersEverything?: boolean | undefined;
}

/** What one rule looks at. */
export interface PortView {
  readonly evidence: Evidence;
  readonly context: FindingContext;
  /** What the service shows of its products, from structured answers and fingerprints. */
  readonly products: readonly Recognised[];
}

/** What a rule saw. `title`, `severity` and `source` replace those of its kind. */
export interface Hit {
  readonly kind: FindingKind;
  readonly seen: Phrase;
  readonly title?: Phrase;
  readonly severity?: Severity;
  readonly source?: FindingSource;
}

/** Turns what was seen on one port into at most one hit. Pure; never throws. */
export type Rule = (view: PortView) => Hit | undefined;

type FactsOf = NonNullable<Evidence['facts']>;
export type ProtocolFacts<Protocol extends FactsOf['protocol']> = Extract<FactsOf, { protocol: Protocol }>;

/** A rule for one protocol; silent on all others. */
export function ruleFor<Protocol extends FactsOf['protocol']>(
  protocol: Protocol,
  judge: (facts: ProtocolFacts<Protocol>, view: PortView) => Hit | undefined,
): Rule {
  return (view) => {
    const { facts } = view.evidence;
    return facts?.protocol === protocol ? judge(facts as ProtocolFacts<Protocol>, view) : undefined;
  };
}
