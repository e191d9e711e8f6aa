import { type AllowlistEntry, denies, isExpired } from './entry.ts';
import { explainDenied } from './explain.ts';
import { judgeAddress, judgeName, type OperatorPolicy } from './judge.ts';
import type { Refusal } from './refusal.ts';
import { type AddressLookup, type Pinned, resolveAndPin } from './resolve.ts';
import { addressTarget, type Target } from './target.ts';

/** Resolves a target for a server: every name and address on the way is judged by the operator's rules and the server's. */
export type ResolveTarget = (guildId: string, target: Target, signal: AbortSignal) => Promise<Pinned>;

export interface ServerResolverDeps {
  readonly allowlists: { read(guildId: string): Promise<readonly AllowlistEntry[]> };
  readonly operator: OperatorPolicy;
  readonly lookup: AddressLookup;
  readonly now: () => number;
}

export function createServerResolver({ allowlists, operator, lookup, now }: ServerResolverDeps): ResolveTarget {
  return async (guildId, target, signal) => {
    const nowMs = now();
    const denying = (await allowlists.read(guildId)).filter(
      (entry) => entry.effect === 'deny' && entry.ports === undefined && !isExpired(entry, nowMs),
    );
    function barredByServer(what: Target): Refusal | undefined {
      const entry = denying.find((each) => denies(each, what, []));
      return entry && explainDenied(what, entry);
    }
    return resolveAndPin(
      target,
      lookup,
      (address) => judgeAddress(address, operator) ?? barredByServer(addressTarget(address)),
      (name) => {
        const alias = { kind: 'name', canonical: name, display: name } as const;
        return judgeName(alias, operator) ?? barredByServer(alias);
      },
      signal,
    );
  };
}
