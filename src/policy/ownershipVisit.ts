import { formatAddress, readLiteral } from '../engine/hosts/address.ts';
import type { OwnershipProofs } from '../storage/ownershipProofs.ts';
import { type Claim, isLinkOpen, isToken, readLinkCode, withProof } from './ownership.ts';
import { changeClaim } from './ownershipClaims.ts';

/** What a link is for, as long as it can be used. */
export interface OpenLink {
  readonly guildId: string;
  /** The address that it proves, canonical. */
  readonly address: string;
}

export type VisitOutcome =
  | { readonly outcome: 'proven'; readonly address: string }
  | { readonly outcome: 'other-address'; readonly address: string }
  /** No such link, used already, or expired: which one is nobody's business. */
  | { readonly outcome: 'no-link' };

/** Proof by a visit from the address, for addresses without a name. The link works once. */
export interface OwnershipVisits {
  /** Changes nothing, so that the preview of a link does not use it up. */
  find(code: string): Promise<OpenLink | undefined>;
  /** @param visitor canonical address of the peer, see {@link visitorAddress} */
  prove(code: string, visitor: string): Promise<VisitOutcome>;
}

export function createOwnershipVisits(proofs: OwnershipProofs, now: () => number): OwnershipVisits {
  const openClaim = (claims: readonly Claim[], token: string) =>
    claims.find((claim) => isToken(token, claim.token) && isLinkOpen(claim, now()));

  return {
    async find(code) {
      const link = readLinkCode(code);
      const claim = link && openClaim(await proofs.read(link.guildId), link.token);
      return claim && { guildId: link.guildId, address: claim.subject.canonical };
    },
    async prove(code, visitor) {
      const link = readLinkCode(code);
      if (!link) return { outcome: 'no-link' };
      return proofs.update<VisitOutcome>(link.guildId, (claims) => {
        const claim = openClaim(claims, link.token);
        if (!claim) return { claims, result: { outcome: 'no-link' } };
        const address = claim.subject.canonical;
        if (address !== visitor) return { claims, result: { outcome: 'other-address', address } };
        const { claims: changed } = changeClaim(claims, claim, (current) => withProof(current, 'link', now()));
        return { claims: changed, result: { outcome: 'proven', address } };
      });
    },
  };
}

/**
 * The canonical form of a peer's address, with IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) as the IPv4 address that it is;
 * undefined for what is no address or has a zone.
 */
export function visitorAddress(text: string | undefined): string | undefined {
  const literal = readLiteral(text ?? '');
  if (!literal) return undefined;
  const isMapped = literal.family === 6 && literal.value >> 32n === 0xffffn;
  return formatAddress(isMapped ? { family: 4, value: literal.value & 0xffffffffn } : literal);
}
