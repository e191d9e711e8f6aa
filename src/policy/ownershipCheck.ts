import { classifyAddress, classifyRange } from './addressClass.ts';
import type { OwnershipService } from './ownershipService.ts';
import type { Pattern } from './pattern.ts';
import type { Refusal } from './refusal.ts';
import type { Target } from './target.ts';

/** Refuses a target with a public address that nobody of the server has proved to be theirs. */
export type CheckOwnership = (
  guildId: string,
  target: Target,
  addresses: readonly string[],
  signal: AbortSignal,
) => Promise<Refusal | undefined>;

/**
 * @param verification `off`: the operator vouches for the servers. Private addresses never need a proof: they are scanned
 *   only where the operator has said so.
 */
export function createOwnershipCheck(
  verification: 'off' | 'required',
  ownership: Pick<OwnershipService, 'stillProven'>,
): CheckOwnership {
  return async (guildId, target, addresses, signal) => {
    if (verification === 'off') return undefined;
    if (addresses.length > 0 && addresses.every((address) => classifyAddress(address).tier === 'private'))
      return undefined;
    const result = await ownership.stillProven(guildId, target, signal);
    return result.proven ? undefined : result.refusal;
  };
}

/** Would an entry for this pattern be of no use yet, because nothing proves that the target is the server's? Asks nobody. */
export type NeedsProof = (guildId: string, pattern: Pattern) => Promise<boolean>;

export function createNeedsProof(
  verification: 'off' | 'required',
  ownership: Pick<OwnershipService, 'status'>,
  now: () => number,
): NeedsProof {
  return async (guildId, pattern) => {
    if (verification === 'off') return false;
    // Of a range, each address is proved on its own.
    if (pattern.kind === 'cidr') return classifyRange(pattern.base, pattern.prefix).tier === 'global';
    if (pattern.kind === 'address' && classifyAddress(pattern.canonical).tier === 'private') return false;
    return (await ownership.status(guildId, pattern, now())).state !== 'proven';
  };
}
