import type { Evidence } from '../../probes/evidence.ts';
import { compareSeverity } from '../guide.ts';
import type { Source } from '../sources.ts';
import { fromTable } from '../words.ts';
import { CERTIFICATE_KINDS, CERTIFICATE_RULES } from './certificate.ts';
import { DATABASE_KINDS, DATABASE_RULES } from './databases.ts';
import { EXPOSURE_KINDS, EXPOSURE_RULES } from './exposure.ts';
import type { Finding, FindingContext, FindingKind, Hit, PortView, Rule } from './finding.ts';
import { HTTP_KINDS, HTTP_RULES } from './http.ts';
import { MAIL_KINDS, MAIL_RULES } from './mail.ts';
import { productsOf } from './products.ts';
import { REMOTE_KINDS, REMOTE_RULES } from './remote.ts';
import { FINDING_SOURCES } from './sources.ts';
import { SSH_KINDS, SSH_RULES } from './ssh.ts';
import { fitted } from './text.ts';
import { TLS_KINDS, TLS_RULES } from './tls.ts';

export type { Finding, FindingContext, FindingKind, FindingSource } from './finding.ts';
export { productsOf } from './products.ts';

/** Everything that can be found, by group. */
export const FINDING_KINDS: readonly FindingKind[] = [
  ...DATABASE_KINDS,
  ...REMOTE_KINDS,
  ...CERTIFICATE_KINDS,
  ...TLS_KINDS,
  ...SSH_KINDS,
  ...HTTP_KINDS,
  ...MAIL_KINDS,
  ...EXPOSURE_KINDS,
];

const RULES: readonly Rule[] = [
  ...DATABASE_RULES,
  ...REMOTE_RULES,
  ...CERTIFICATE_RULES,
  ...TLS_RULES,
  ...SSH_RULES,
  ...HTTP_RULES,
  ...MAIL_RULES,
  ...EXPOSURE_RULES,
];

const BY_SEVERITY = [...FINDING_KINDS].sort((a, b) => compareSeverity(a.severity, b.severity));
const kindsById: ReadonlyMap<string, FindingKind> = new Map(FINDING_KINDS.map((kind) => [kind.id, kind]));

const MAX_TITLE_LENGTH = 100;
const MAX_SEEN_LENGTH = 200;

/** What is true of every finding of one kind, for a person. */
export type FindingExplanation = Omit<FindingKind, 'source' | 'merged'> & { readonly source: Source };

/** What a finding with this id means and asks for; undefined for an unknown id. */
export function explainFinding(id: string): FindingExplanation | undefined {
  const kind = kindsById.get(id);
  return kind && explained(kind);
}

function explained({ id, severity, title, why, actions, source }: FindingKind): FindingExplanation {
  return { id, severity, title, why, actions, source: FINDING_SOURCES[source] };
}

const MAX_QUERY_LENGTH = 100;

/**
 * Kinds of findings that fit what somebody has typed so far: by id, then by words of the title. An empty text gives all of
 * them, worst first. At most `limit`, each once; does not throw.
 */
export function findFindings(text: string, limit: number): readonly FindingExplanation[] {
  if (!(limit >= 1)) return [];
  const words = text
    .slice(0, MAX_QUERY_LENGTH)
    .toLowerCase()
    .split(/[\s-]+/)
    .filter((word) => word !== '');
  const asId = words.join('-');
  const isTitled = (title: string) => words.every((word) => title.includes(word));
  const matchers: readonly ((kind: FindingKind) => boolean)[] = [
    ({ id }) => id === asId,
    ({ id }) => id.startsWith(asId),
    ({ title, id }) => isTitled(`${title.toLowerCase()} ${id}`),
  ];
  const found = new Set(matchers.flatMap((matches) => BY_SEVERITY.filter(matches)));
  return [...found].slice(0, Math.floor(limit)).map(explained);
}

/**
 * Judges what was seen behind the open ports of one address. Worst first, then by port and id; the same evidence in any
 * order gives the same findings, each once a port (some once for all ports). Pure; never throws.
 */
export function findingsOf(evidence: readonly Evidence[], context: FindingContext): readonly Finding[] {
  const findings = new Map<string, Finding>();
  for (const each of [...evidence].sort((a, b) => a.port - b.port)) {
    const view: PortView = { evidence: each, context, products: productsOf(each.facts) };
    for (const rule of RULES) {
      const hit = rule(view);
      if (hit) collect(findings, hit, each.port);
    }
  }
  const all = [...findings.values()].sort(worstFirst);
  // Such a host would fill pages with what some proxy says.
  return context.answersEverything === true ? all.filter(({ id }) => id === 'answers-everything') : all;
}

function collect(findings: Map<string, Finding>, hit: Hit, port: number): void {
  const { kind } = hit;
  const key = kind.merged ? kind.id : `${kind.id} ${port}`;
  const known = findings.get(key);
  if (known === undefined) findings.set(key, findingOf(hit, port));
  else if (!known.ports.includes(port)) findings.set(key, { ...known, ports: [...known.ports, port] });
}

function findingOf({ kind, seen, title, severity, source }: Hit, port: number): Finding {
  return {
    id: kind.id,
    severity: severity ?? kind.severity,
    port,
    ports: [port],
    title: fitted(title ?? fromTable(kind.title), MAX_TITLE_LENGTH),
    seen: fitted(seen, MAX_SEEN_LENGTH),
    why: kind.why,
    actions: kind.actions,
    source: source ?? FINDING_SOURCES[kind.source],
  };
}

function worstFirst(a: Finding, b: Finding): number {
  return compareSeverity(a.severity, b.severity) || a.port - b.port || (a.id < b.id ? -1 : 1);
}
