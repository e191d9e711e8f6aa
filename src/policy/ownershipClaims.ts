import { say } from '../engine/phrase.ts';
import { UserError } from '../errors.ts';
import {
  type Claim,
  covers,
  isOpen,
  isProven,
  newClaim,
  type ProofMethod,
  type Provable,
  renewed,
  type Subject,
  withLook,
  withProof,
} from './ownership.ts';
import type { Look } from './txtProof.ts';

/** What was seen at a place where a claim may be shown. */
export interface Sighting extends Look {
  readonly method: Exclude<ProofMethod, 'link'>;
}

/** Keeps the claims of one server small enough to be read in one go at every scan. */
const MAX_CLAIMS = 2_000;

/**
 * Opens a claim for each of the subjects, keeps those that are open, and drops what has expired. The result is all open
 * claims that would cover the target. When there is no room, the unproven claims that expire first give way.
 * @throws UserError when everything is proven and there is no room
 */
export function openClaims(
  before: readonly Claim[],
  target: Provable,
  subjects: readonly Subject[],
  nowMs: number,
): { readonly claims: readonly Claim[]; readonly result: readonly Claim[] } {
  const live = before.filter((claim) => isOpen(claim, nowMs));
  const opened = subjects.map((subject) => {
    const known = live.find((claim) => isSame(claim.subject, subject));
    return known ? renewed(known, nowMs) : newClaim(subject, nowMs);
  });
  const others = live.filter(({ subject }) => !subjects.some((own) => isSame(own, subject)));
  const result = [...opened, ...others.filter(({ subject }) => covers(subject, target))];
  if (live.length === before.length && opened.every((claim) => before.includes(claim)))
    return { claims: before, result };
  return { claims: [...makeRoom(others, MAX_CLAIMS - opened.length, nowMs), ...opened], result };
}

function makeRoom(claims: readonly Claim[], room: number, nowMs: number): readonly Claim[] {
  if (claims.length <= room) return claims;
  const unproven = claims
    .filter((claim) => !isProven(claim, nowMs))
    .sort((a, b) => a.challengeExpiresAt.localeCompare(b.challengeExpiresAt));
  const drop = new Set(unproven.slice(0, claims.length - room));
  if (claims.length - drop.size <= room) return claims.filter((claim) => !drop.has(claim));
  const message = say`This server has proven ${MAX_CLAIMS} names and addresses, which is as many as it may.`;
  throw new UserError('claims-full', message, { example: say`the domain above the names, which covers them all` });
}

/** The claims with one of them changed, or taken out by `undefined`. A claim that is no longer there stays away. */
export function changeClaim(
  before: readonly Claim[],
  { subject, token }: Pick<Claim, 'subject' | 'token'>,
  change: (claim: Claim) => Claim | undefined,
): { readonly claims: readonly Claim[]; readonly result: Claim | undefined } {
  const current = before.find((claim) => isSame(claim.subject, subject) && claim.token === token);
  const result = current && change(current);
  if (result === current) return { claims: before, result };
  return { claims: before.flatMap((claim) => (claim === current ? (result ?? []) : claim)), result };
}

/**
 * A claim after looks at it: proven (again) where one of them saw the token, withdrawn (undefined) where the place that
 * proved it definitely has it no longer, otherwise as it was.
 * @param renew the proof begins anew; otherwise it was only looked at
 */
export function settle(
  claim: Claim,
  sightings: readonly Sighting[],
  nowMs: number,
  { renew }: { renew: boolean },
): Claim | undefined {
  const seen = sightings.find(({ result }) => result === 'present');
  if (seen && isOpen(claim, nowMs)) {
    return renew ? withProof(claim, seen.method, nowMs) : withLook(claim, seen.method, nowMs);
  }
  const isGone = sightings.some(({ result, method }) => result === 'absent' && isSource(method, claim.proof?.method));
  return isGone && !seen && isProven(claim, nowMs) ? undefined : claim;
}

/** HTTPS and HTTP are two ways to the same file. */
function isSource(method: Sighting['method'], proved: ProofMethod | undefined): boolean {
  return method === proved || (method !== 'dns' && (proved === 'https' || proved === 'http'));
}

const isSame = (a: Subject, b: Subject) => a.kind === b.kind && a.canonical === b.canonical;
