import type { Problem } from '../engine/parsed.ts';
import { type Phrase, say } from '../engine/phrase.ts';
import type { AllowlistEntry } from '../policy/entry.ts';
import { judgePattern, type OperatorPolicy } from '../policy/judge.ts';
import { byPattern, changeEntry, type Editor, effectOf, keyOf, MAX_ENTRIES, ruleOf } from './edit.ts';
import type { ImportProblem, ImportRow } from './importFile.ts';
import type { RuleRequest } from './rule.ts';

export interface ChangedEntry {
  readonly before: AllowlistEntry;
  readonly entry: AllowlistEntry;
}

/** What an import would do to a list. */
export interface ImportPlan {
  readonly added: readonly AllowlistEntry[];
  readonly changed: readonly ChangedEntry[];
  readonly unchanged: number;
  /** With `replace`: what the file does not name. */
  readonly removed: readonly AllowlistEntry[];
  /** What a person should know before trusting a name, such as mixed scripts. */
  readonly warnings: readonly Phrase[];
  /** The list afterwards. */
  readonly entries: readonly AllowlistEntry[];
}

export interface PlannedImport {
  readonly plan: ImportPlan;
  /** With any of them the plan must not be carried out. */
  readonly problems: readonly ImportProblem[];
}

export interface ImportRules {
  /** The file alone decides: entries that it does not name go, and what it does not say is the default. */
  readonly replace: boolean;
  readonly operator: OperatorPolicy;
}

/** What the rows of a file would make of a list; pure. Everything that `add` would refuse is a problem of its line. */
export function planImport(
  rows: readonly ImportRow[],
  entries: readonly AllowlistEntry[],
  { replace, operator }: ImportRules,
  by: Editor,
): PlannedImport {
  const existing = byPattern(entries);
  const problems: ImportProblem[] = [];
  const added: AllowlistEntry[] = [];
  const changed: ChangedEntry[] = [];
  /** What becomes of entries that are there, by pattern. */
  const after = new Map<string, AllowlistEntry>();
  for (const { line, request } of rows) {
    const put = changeEntry(existing.get(request.pattern.canonical), replace ? wholeRule(request) : request, by);
    if (put.outcome === 'new' || put.outcome === 'changed') problems.push(...judge(line, request, put.entry, operator));
    if (put.outcome === 'new') added.push(put.entry);
    else if (put.outcome === 'changed') changed.push(put);
    if (put.outcome === 'same' || put.outcome === 'changed') after.set(request.pattern.canonical, put.entry);
    else if (put.outcome === 'expired') problems.push({ line, ...expired(request.pattern.canonical) });
  }
  const named = new Set(rows.map(({ request }) => request.pattern.canonical));
  const removed = replace ? entries.filter((entry) => !named.has(keyOf(entry))) : [];
  const kept = entries.filter((entry) => !removed.includes(entry)).map((entry) => after.get(keyOf(entry)) ?? entry);
  // Each once: an older version may have stored one pattern in two spellings.
  const result = [...new Set([...kept, ...added])];
  if (result.length > MAX_ENTRIES) problems.push(tooMany(result.length));
  const warnings = rows.flatMap(({ request: { pattern } }) =>
    pattern.kind === 'name' && pattern.warning !== undefined ? [say`${pattern.display}: ${pattern.warning}`] : [],
  );
  const unchanged = after.size - changed.length;
  return { plan: { added, changed, unchanged, removed, warnings, entries: result }, problems };
}

function expired(canonical: string): Problem<Phrase> {
  const message = say`${canonical} is on the list and has expired. Say how long it is to last from now.`;
  return { code: 'expired', message, example: say`30d in the column expires, or never` };
}

/** Nothing is left as it was. */
function wholeRule(request: RuleRequest): RuleRequest {
  const { pattern, effect = 'allow', ports = 'all', expiresAt = 'never', note = '' } = request;
  return { pattern, effect, ports, expiresAt, note };
}

/** A deny entry may name anything: more can never be scanned because of it. */
function judge(
  line: number,
  { pattern }: RuleRequest,
  entry: AllowlistEntry,
  operator: OperatorPolicy,
): readonly ImportProblem[] {
  const refusal = effectOf(entry) === 'deny' ? undefined : judgePattern(pattern, operator);
  if (!refusal) return [];
  const { code, message, remedy } = refusal;
  return [{ line, code, message: say`target: ${message} ${remedy}`, example: say`the file without this line` }];
}

function tooMany(count: number): ImportProblem {
  const message = say`The list would have ${count} entries; at most ${MAX_ENTRIES} are kept.`;
  return { line: undefined, code: 'list-full', message, example: say`ranges or *.name instead of single targets` };
}

/** Equal for plans that do the same, whenever they are made. */
export function fingerprint({ added, changed, removed }: ImportPlan): string {
  const tell = (entry: AllowlistEntry) => [keyOf(entry), ruleOf(entry)];
  const sayChange = ({ before, entry }: ChangedEntry) => [...tell(before), ...tell(entry)];
  return JSON.stringify([added.map(tell), changed.map(sayChange), removed.map(tell).sort()]);
}

export function isEmpty({ added, changed, removed }: ImportPlan): boolean {
  return added.length + changed.length + removed.length === 0;
}
