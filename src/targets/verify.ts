import type { Provable } from '../policy/ownership.ts';
import type { Challenge } from '../policy/ownershipChallenge.ts';
import type { NotProven, OwnershipService, Proven } from '../policy/ownershipService.ts';
import type { Actor, Audit } from '../scans/audit.ts';
import { noteOf } from './actions.ts';

export type Verified =
  /** Nothing was started yet: what to create. */
  | { readonly outcome: 'started'; readonly challenge: Challenge }
  | { readonly outcome: 'proven'; readonly result: Proven }
  /** What was looked at, and what to create. */
  | { readonly outcome: 'waiting'; readonly result: NotProven; readonly challenge: Challenge };

export interface VerifyDeps {
  readonly ownership: OwnershipService;
  readonly audit: Audit;
  readonly now: () => number;
}

/** The first call starts a proof; every further one looks for it. */
export async function verifyTarget(
  who: Actor,
  target: Provable,
  { ownership, audit, now }: VerifyDeps,
  signal: AbortSignal,
): Promise<Verified> {
  const status = await ownership.status(who.guildId, target, now());
  if (status.state === 'none') {
    return { outcome: 'started', challenge: await ownership.challenge(who.guildId, target) };
  }
  const result = await ownership.check(who.guildId, target, signal);
  const note = noteOf('verify', { target: target.canonical });
  if (result.proven) {
    await audit.record(who, { ...note, decision: 'done', rule: result.method });
    return { outcome: 'proven', result };
  }
  await audit.tryRecord(who, { ...note, decision: 'refused', rule: 'unverified' });
  return { outcome: 'waiting', result, challenge: await ownership.challenge(who.guildId, target) };
}
