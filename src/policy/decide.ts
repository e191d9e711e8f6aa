import { type Phrase, say, sentences } from '../engine/phrase.ts';
import { formatPorts } from '../engine/ports/intervals.ts';
import { type AllowlistEntry, allows, denies, isExpired, portsOf } from './entry.ts';
import { explainDenied, explainUnlisted } from './explain.ts';
import { judgeAddress, judgeName, type OperatorPolicy } from './judge.ts';
import { ADMIN, type Refusal } from './refusal.ts';
import type { Target } from './target.ts';

export interface Refused {
  readonly allowed: false;
  readonly refusal: Refusal;
}

export type Admission = { readonly allowed: true; readonly entries: readonly AllowlistEntry[] } | Refused;

export type Decision =
  | {
      readonly allowed: true;
      /** The asked ports that the matching entries permit. */
      readonly ports: readonly number[];
      readonly skippedPorts: readonly number[];
      /** The entries that allow the target. */
      readonly entries: readonly AllowlistEntry[];
    }
  | Refused;

/** What a decision is made from, besides the question itself. */
export interface Rules {
  readonly entries: readonly AllowlistEntry[];
  readonly operator: OperatorPolicy;
  readonly nowMs: number;
}

/**
 * May this server scan this target on any port? Pure: the caller reads the server's entries and the clock. Order: the
 * operator's blocklist, the address class (when the target is an address), the server's deny entries, its allow entries,
 * their expiry. `addresses` are what a name resolved to; before that is known, ask without and ask again.
 */
export function admit(target: Target, rules: Rules, addresses: readonly string[] = []): Admission {
  const { entries, operator, nowMs } = rules;
  const barred = target.kind === 'address' ? judgeAddress(target.canonical, operator) : judgeName(target, operator);
  if (barred) return { allowed: false, refusal: barred };
  const denying = denyingEntries(target, rules, addresses).find(({ ports }) => ports === undefined);
  if (denying) return { allowed: false, refusal: explainDenied(target, denying) };
  const listed = entries.filter((entry) => allows(entry, target));
  const live = listed.filter((entry) => !isExpired(entry, nowMs));
  if (live.length > 0) return { allowed: true, entries: live };
  return { allowed: false, refusal: explainUnlisted(target, entries, listed) };
}

/** May this server scan these ports of this target? {@link admit}, then the ports that allow and deny entries leave. */
export function decide(
  target: Target,
  ports: readonly number[],
  rules: Rules,
  addresses: readonly string[] = [],
): Decision {
  const admitted = admit(target, rules, addresses);
  if (!admitted.allowed) return admitted;
  const permitted = portsOf(admitted.entries);
  const denied = portsOf(denyingEntries(target, rules, addresses));
  const mayScan = (port: number) =>
    (permitted === 'all' || permitted.has(port)) && denied !== 'all' && !denied.has(port);
  const kept = ports.filter(mayScan);
  if (kept.length > 0) {
    return {
      allowed: true,
      ports: kept,
      skippedPorts: ports.filter((port) => !mayScan(port)),
      entries: admitted.entries,
    };
  }
  return { allowed: false, refusal: explainPorts(target, ports, { permitted, denied, entries: admitted.entries }) };
}

function denyingEntries(target: Target, { entries, nowMs }: Rules, addresses: readonly string[]) {
  return entries.filter((entry) => denies(entry, target, addresses) && !isExpired(entry, nowMs));
}

interface Limits {
  readonly permitted: ReadonlySet<number> | 'all';
  readonly denied: ReadonlySet<number> | 'all';
  /** That allow the target. */
  readonly entries: readonly AllowlistEntry[];
}

function explainPorts(target: Target, asked: readonly number[], { permitted, denied, entries }: Limits): Refusal {
  const list = (ports: Iterable<number>) => formatPorts([...ports].sort((a, b) => a - b));
  const shown = (ports: Iterable<number>) => list(ports).replaceAll(',', ', ');
  let only: Phrase | undefined;
  if (permitted !== 'all') {
    only =
      permitted.size > 0
        ? say`It is allowed only on these ports: ${shown(permitted)}.`
        : say`It is allowed only on these ports: none.`;
  }
  const never = denied === 'all' || denied.size === 0 ? undefined : say`Never on these: ${shown(denied)}.`;
  const [entry] = entries;
  const own = entry && portsOf([entry]);
  const isDenied = denied === 'all' || asked.some((port) => denied.has(port));
  // Adding an entry again replaces its ports: those that it has must be named as well.
  const command =
    own instanceof Set && !isDenied
      ? `/targets add target:${entry?.pattern} ports:${list(new Set([...own, ...asked]))}`
      : `/targets check target:${target.canonical}`;
  return {
    code: 'ports-not-allowed',
    message: sentences(say`None of these ports of ${target.display} may be scanned.`, only, never),
    remedy: ADMIN,
    command,
  };
}
