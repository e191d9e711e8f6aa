import type { Parsed } from '../engine/parsed.ts';
import type { AllowlistEntry } from '../policy/entry.ts';
import { judgePattern, type OperatorPolicy } from '../policy/judge.ts';
import type { Pattern } from '../policy/pattern.ts';
import type { Refusal } from '../policy/refusal.ts';
import { type Actor, type Audit, type AuditNote, audited } from '../scans/audit.ts';
import type { Allowlists } from '../storage/allowlists.ts';
import { notPut, type Put, putEntry, removeEntry } from './edit.ts';
import type { Confirmed, Imports } from './imports.ts';
import type { RuleRequest } from './rule.ts';

/** What changing a server's list takes. Each change is recorded before it is made; without a record there is no change. */
export interface ActionDeps {
  readonly allowlists: Allowlists;
  readonly operator: OperatorPolicy;
  readonly audit: Audit;
  readonly now: () => number;
}

/** Every change is for members with Manage Server: that is the rule which allows it. */
export function noteOf(action: string, more: Partial<AuditNote> = {}) {
  return { action: `targets.${action}`, command: `/targets ${action}`, rule: 'manage-guild', ...more };
}

export type PutOutcome =
  | { readonly outcome: 'refused'; readonly refusal: Refusal }
  | Extract<Put, { outcome: 'new' | 'changed' }>;

/** Adds an entry or changes the one of the same pattern. Rejects with a UserError when that would change nothing. */
export async function putRule(who: Actor, rule: RuleRequest, deps: ActionDeps): Promise<PutOutcome> {
  const { effect, ports, expiresAt, note } = rule;
  const target = rule.pattern.canonical;
  // A deny entry may stand before the operator opens the range that it closes.
  const refusal = effect === 'deny' ? undefined : judgePattern(rule.pattern, deps.operator);
  if (refusal) {
    await deps.audit.tryRecord(who, { ...noteOf('add', { target }), decision: 'refused', rule: refusal.code });
    return { outcome: 'refused', refusal };
  }
  const by = { userId: who.userId, nowMs: deps.now() };
  const detail = [expiresAt && `until ${expiresAt}`, note && `note: ${note}`].filter(Boolean).join(', ');
  const record = noteOf(effect === 'deny' ? 'deny' : 'add', { target, ports, ...(detail && { detail }) });
  const result = await audited(deps.audit, who, record, () =>
    deps.allowlists.update(who.guildId, (entries) => putEntry(entries, rule, by)),
  );
  if (result.outcome !== 'new' && result.outcome !== 'changed') throw notPut(result);
  return result;
}

/** Takes an entry off the list, by its pattern or, when that no longer parses, by its text; undefined when there is none. */
export function removeRule(
  who: Actor,
  text: string,
  pattern: Parsed<Pattern>,
  { allowlists, audit }: Pick<ActionDeps, 'allowlists' | 'audit'>,
): Promise<AllowlistEntry | undefined> {
  const wanted = pattern.ok ? pattern.value : undefined;
  const record = noteOf('remove', { target: wanted?.canonical ?? text });
  return audited(audit, who, record, () =>
    allowlists.update(who.guildId, (entries) => removeEntry(entries, text, wanted)),
  );
}

/** Applies an import that was previewed; the record says how much it changed. */
export async function applyImport(who: Actor, id: string, imports: Imports, audit: Audit): Promise<Confirmed> {
  const result = await imports.confirm(who, id, (work) => audited(audit, who, noteOf('import'), work));
  if (result.outcome === 'applied') {
    const { added, changed, removed } = result.plan;
    const detail = `added ${added.length}, changed ${changed.length}, removed ${removed.length}`;
    await audit.tryRecord(who, { ...noteOf('import', { detail }), decision: 'done' });
  }
  return result;
}
