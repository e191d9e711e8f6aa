import { classifyAddress } from './addressClass.ts';
import type { OwnershipService } from './ownershipService.ts';
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
