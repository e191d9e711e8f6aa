import { say } from '../engine/phrase.ts';
import { type FileProofSettings, lookForFile } from './fileProof.ts';
import { type Claim, type Provable, recordFor, targetOf } from './ownership.ts';
import { servesFile } from './ownershipChallenge.ts';
import type { Sighting } from './ownershipClaims.ts';
import type { AddressLookup, Pinned } from './resolve.ts';
import type { Target } from './target.ts';
import { lookForRecord } from './txtProof.ts';

export interface LookDeps {
  readonly lookup: AddressLookup;
  /** Resolves, judges by the rules of the operator and of this server, and pins. */
  readonly resolve: (guildId: string, target: Target, signal: AbortSignal) => Promise<Pinned>;
  readonly fileProof: FileProofSettings;
}

export interface Looks {
  /** At every place where the claim may be shown for this target. */
  everywhere(guildId: string, claim: Claim, target: Provable, signal: AbortSignal): Promise<readonly Sighting[]>;
  /** At the place that proved the claim; none for a visit, which cannot be looked at. */
  again(guildId: string, claim: Claim, signal: AbortSignal): Promise<readonly Sighting[]>;
}

/** Looks at what others publish to prove a claim. Rejects only with the signal's reason. */
export function createLooks(deps: LookDeps): Looks {
  async function atRecord(claim: Claim, signal: AbortSignal): Promise<Sighting[]> {
    const record = recordFor(claim);
    if (!record) return [];
    const look = await lookForRecord({ ...record, subject: claim.subject.canonical }, deps.lookup, signal);
    return [{ ...look, method: 'dns' }];
  }

  async function atFile(guildId: string, { subject, token, proof }: Claim, signal: AbortSignal): Promise<Sighting[]> {
    const first = proof?.method === 'http' ? 'http' : 'https';
    const pinned = await deps.resolve(guildId, targetOf(subject), signal);
    if (!pinned.ok) {
      const why = pinned.reason === 'refused' ? pinned.refusal.message : pinned.message;
      return [{ result: 'unknown', method: first, told: say`The file could not be fetched. ${why}` }];
    }
    const place = { host: subject.canonical, address: pinned.address, token };
    const { scheme, ...look } = await lookForFile(place, deps.fileProof, signal, first);
    return [{ ...look, method: scheme }];
  }

  return {
    async everywhere(guildId, claim, target, signal) {
      const looks = [atRecord(claim, signal), servesFile(claim, target) ? atFile(guildId, claim, signal) : []];
      return (await Promise.all(looks)).flat();
    },
    async again(guildId, claim, signal) {
      const method = claim.proof?.method;
      if (method === undefined || method === 'link') return [];
      return method === 'dns' ? atRecord(claim, signal) : atFile(guildId, claim, signal);
    },
  };
}
