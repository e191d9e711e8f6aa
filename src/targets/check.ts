import type { Phrase } from '../engine/phrase.ts';
import { MAX_PORT } from '../engine/ports/intervals.ts';
import { decide } from '../policy/decide.ts';
import { type AllowlistEntry, denies, isExpired, portsOf } from '../policy/entry.ts';
import type { OperatorPolicy } from '../policy/judge.ts';
import type { CheckOwnership } from '../policy/ownershipCheck.ts';
import type { Refusal } from '../policy/refusal.ts';
import type { ResolutionProblem } from '../policy/resolve.ts';
import type { ResolveTarget } from '../policy/serverResolver.ts';
import type { Target } from '../policy/target.ts';
import type { Allowlists } from '../storage/allowlists.ts';

export type Checked =
  | {
      readonly outcome: 'refused';
      readonly refusal: Refusal;
      /** Entries that allow it all the same. */
      readonly allowing: readonly AllowlistEntry[];
    }
  | {
      readonly outcome: 'unresolved';
      readonly code: ResolutionProblem;
      readonly message: Phrase;
      readonly allowing: readonly AllowlistEntry[];
    }
  | {
      readonly outcome: 'allowed';
      readonly allowing: readonly AllowlistEntry[];
      /** Deny entries that take some ports away. */
      readonly denying: readonly AllowlistEntry[];
      /** What a name resolves to. */
      readonly addresses: readonly string[];
    };

export interface CheckDeps {
  readonly allowlists: Pick<Allowlists, 'read'>;
  readonly operator: OperatorPolicy;
  readonly resolve: ResolveTarget;
  readonly now: () => number;
  readonly checkOwnership: CheckOwnership;
}

const EVERY_PORT: readonly number[] = Array.from({ length: MAX_PORT }, (_, i) => i + 1);

/** Would a scan of this target begin, on any port at all, and which entries decide? Asks DNS, but not the target. */
export async function checkTarget(
  guildId: string,
  target: Target,
  deps: CheckDeps,
  signal: AbortSignal,
): Promise<Checked> {
  const rules = { entries: await deps.allowlists.read(guildId), operator: deps.operator, nowMs: deps.now() };
  const listed = decide(target, EVERY_PORT, rules);
  if (!listed.allowed) return { outcome: 'refused', refusal: listed.refusal, allowing: [] };

  const allowing = listed.entries;
  const pinned = await deps.resolve(guildId, target, signal);
  if (!pinned.ok) {
    return pinned.reason === 'refused'
      ? { outcome: 'refused', refusal: pinned.refusal, allowing }
      : { outcome: 'unresolved', code: pinned.code, message: pinned.message, allowing };
  }
  const addresses = [pinned.address, ...pinned.others];
  const decision = decide(target, EVERY_PORT, rules, addresses);
  if (!decision.allowed) return { outcome: 'refused', refusal: decision.refusal, allowing };
  const unproven = await deps.checkOwnership(guildId, target, [pinned.address], signal);
  if (unproven) return { outcome: 'refused', refusal: unproven, allowing };
  const denying = rules.entries.filter(
    (entry) => denies(entry, target, addresses) && !isExpired(entry, rules.nowMs) && portsOf([entry]) !== 'all',
  );
  return { outcome: 'allowed', allowing, denying, addresses: target.kind === 'name' ? addresses : [] };
}
