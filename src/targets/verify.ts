import { admit } from '../policy/decide.ts';
import type { OperatorPolicy } from '../policy/judge.ts';
import type { Provable } from '../policy/ownership.ts';
import type { Challenge } from '../policy/ownershipChallenge.ts';
import type { NotProven, OwnershipService, Proven } from '../policy/ownershipService.ts';
import type { Refusal } from '../policy/refusal.ts';
import type { Actor, Audit } from '../scans/audit.ts';
import type { Allowlists } from '../storage/allowlists.ts';
import { noteOf } from './actions.ts';

export type Verified =
  /** Nothing was started yet: what to create. */
  | { readonly outcome: 'started'; readonly challenge: Challenge }
  | { readonly outcome: 'proven'; readonly result: Proven }
  | { readonly outcome: 'refused'; readonly refusal: Refusal }
  /** What was looked at, and what to create. */
  | { readonly outcome: 'waiting'; readonly result: NotProven; readonly challenge: Challenge };

export interface VerifyDeps {
  readonly allowlists: Pick<Allowlists, 'read'>;
  readonly operator: OperatorPolicy;
  readonly ownership: OwnershipService;
  readonly audit: Audit;
  readonly now: () => number;
}

/** The first call starts a proof; every further one looks for it. */
export async function verifyTarget(
  who: Actor,
  target: Provable,
  { ownership, audit, now, allowlists, operator }: VerifyDeps,
  signal: AbortSignal,
): Promise<Verified> {
  const note = noteOf('verify', { target: target.canonical });
  const rules = { entries: await allowlists.read(who.guildId), operator, nowMs: now() };
  // Looking for a file sends to the target, as a scan does. A wildcard is shown in DNS alone.
  const admission = target.kind === 'wildcard' ? undefined : admit(target, rules);
  if (admission?.allowed === false) {
    await audit.tryRecord(who, { ...note, decision: 'refused', rule: admission.refusal.code });
    return { outcome: 'refused', refusal: admission.refusal };
  }
  // What is sent, and what counts from then on: neither without a record.
  await audit.record(who, { ...note, decision: 'allowed' });
  const status = await ownership.status(who.guildId, target, now());
  if (status.state === 'none') {
    return { outcome: 'started', challenge: await ownership.challenge(who.guildId, target) };
  }
  const result = await ownership.check(who.guildId, target, signal);
  if (result.proven) {
    await audit.tryRecord(who, { ...note, decision: 'done', rule: result.method });
    return { outcome: 'proven', result };
  }
  await audit.tryRecord(who, { ...note, decision: 'refused', rule: 'unverified' });
  return { outcome: 'waiting', result, challenge: await ownership.challenge(who.guildId, target) };
}
