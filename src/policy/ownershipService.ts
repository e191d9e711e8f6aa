import { type Phrase, say } from '../engine/phrase.ts';
import type { OwnershipProofs } from '../storage/ownershipProofs.ts';
import { FILE_PROOF, type FileProofSettings } from './fileProof.ts';
import {
  type Claim,
  covers,
  isOpen,
  isProven,
  needsRecheck,
  type Proof,
  type Provable,
  proves,
  type Subject,
  subjectsOf,
} from './ownership.ts';
import { type Challenge, challengeFor, type UnverifiedRefusal, unverifiedRefusal } from './ownershipChallenge.ts';
import { changeClaim, openClaims, type Sighting, settle } from './ownershipClaims.ts';
import { createLooks, type LookDeps } from './ownershipLooks.ts';
import type { Target } from './target.ts';

/** What was proven, and how. */
export interface Proven {
  readonly proven: true;
  readonly method: Proof['method'];
  readonly subject: Subject;
  readonly proof: Proof;
}

export interface NotProven {
  readonly proven: false;
  readonly message: Phrase;
  /** What was looked at and what was there, in sentences of ours. */
  readonly tried: readonly Phrase[];
}

export type OwnershipStatus =
  | { readonly state: 'proven'; readonly subject: Subject; readonly proof: Proof }
  /** A challenge is open; until it is met, the target counts as unproven. */
  | { readonly state: 'pending'; readonly challenge: Challenge }
  | { readonly state: 'none' };

/** Proof of ownership: what a server must show before it may scan, where the operator demands that. */
export interface OwnershipService {
  /** What the server has proven or started. Asks nobody. */
  status(guildId: string, target: Provable, nowMs: number): Promise<OwnershipStatus>;
  /** The ways to prove the target, the same ones until they expire. Rejects with a UserError when there are too many. */
  challenge(guildId: string, target: Provable): Promise<Challenge>;
  /** Looks everywhere that an open challenge names, and keeps what is proven: for 90 days, a visit for 30. */
  check(guildId: string, target: Provable, signal: AbortSignal): Promise<Proven | NotProven>;
  /**
   * For every use of the target. A proof whose last look is older than 24 hours is looked at again: where it is definitely
   * gone, it is withdrawn and the target refused; where that cannot be found out (DNS fails, the host is down), it holds
   * until it expires.
   */
  stillProven(
    guildId: string,
    target: Target,
    signal: AbortSignal,
  ): Promise<Proven | { readonly proven: false; readonly refusal: UnverifiedRefusal }>;
}

export interface OwnershipDeps extends Omit<LookDeps, 'fileProof'> {
  readonly proofs: OwnershipProofs;
  /** Where this bot's HTTP endpoint is reached from outside, without trailing slash; without it there are no links. */
  readonly publicUrl: string | undefined;
  readonly now: () => number;
  readonly fileProof?: FileProofSettings;
}

const MAX_CHECKS = 10;
const CHECKS_WINDOW_MS = 60_000;

export function createOwnership(deps: OwnershipDeps): OwnershipService {
  const { proofs, publicUrl, now } = deps;
  const looks = createLooks({ fileProof: FILE_PROOF, ...deps });
  const mayCheck = createRateLimit(MAX_CHECKS, CHECKS_WINDOW_MS, now);

  async function challenge(
    guildId: string,
    target: Provable,
    subjects: readonly Subject[] = subjectsOf(target),
  ): Promise<Challenge> {
    const claims = await proofs.update(guildId, (before) => openClaims(before, target, subjects, now()));
    return challengeFor(guildId, target, claims, publicUrl);
  }

  /** Keeps or withdraws by what was seen; the claim may have changed or gone meanwhile. */
  function keep(guildId: string, claim: Claim, sightings: readonly Sighting[], renew: boolean) {
    const settled = (current: Claim) => settle(current, sightings, now(), { renew });
    return proofs.update(guildId, (before) => changeClaim(before, claim, settled));
  }

  async function provenClaims(guildId: string, target: Provable, nowMs: number): Promise<Proven[]> {
    const claims = await proofs.read(guildId);
    return claims.flatMap((claim) => asProven(claim, target, nowMs) ?? []);
  }

  async function check(guildId: string, target: Provable, signal: AbortSignal): Promise<Proven | NotProven> {
    if (!mayCheck(guildId)) return notProven(say`This server has checked often. Wait a minute, then check again.`);
    const all = await proofs.read(guildId);
    const claims = all.filter((claim) => isOpen(claim, now()) && covers(claim.subject, target));
    if (claims.length === 0) return notProven(say`Nothing was started for ${target.display}, or it has expired.`);
    const tried: Phrase[] = [];
    const looked = claims.map(async (claim) => ({
      claim,
      sightings: await looks.everywhere(guildId, claim, target, signal),
    }));
    for (const { claim, sightings } of await Promise.all(looked)) {
      tried.push(...sightings.map(({ told }) => told));
      await keep(guildId, claim, sightings, true);
    }
    const [proven] = await provenClaims(guildId, target, now());
    return proven ?? notProven(say`Nothing proves yet that this server may scan ${target.display}.`, tried);
  }

  /** A proof that is due for a look: still a proof after it, or what was seen instead. */
  async function lookAgain(guildId: string, target: Target, { subject }: Proven, signal: AbortSignal) {
    const claims = await proofs.read(guildId);
    const claim = claims.find(
      (each) => each.subject.canonical === subject.canonical && each.subject.kind === subject.kind,
    );
    if (!claim) return { told: [] };
    const sightings = await looks.again(guildId, claim, signal);
    const kept = await keep(guildId, claim, sightings, false);
    return { proven: kept && asProven(kept, target, now()), told: sightings.map(({ told }) => told) };
  }

  return {
    async status(guildId, target, nowMs) {
      const claims = await proofs.read(guildId);
      const proven = claims.map((claim) => asProven(claim, target, nowMs)).find((each) => each !== undefined);
      if (proven) return { state: 'proven', subject: proven.subject, proof: proven.proof };
      const open = claims.filter((claim) => isOpen(claim, nowMs));
      const started = challengeFor(guildId, target, open, publicUrl);
      return started.ways.length > 0 ? { state: 'pending', challenge: started } : { state: 'none' };
    },
    challenge: (guildId, target) => challenge(guildId, target),
    check,
    async stillProven(guildId, target, signal) {
      const claims = await provenClaims(guildId, target, now());
      const fresh = claims.find(({ proof }) => !needsRecheck(proof, now()));
      if (fresh) return fresh;
      let withdrawn: readonly Phrase[] | undefined;
      for (const claim of claims) {
        const { proven, told } = await lookAgain(guildId, target, claim, signal);
        if (proven) return proven;
        withdrawn = told;
      }
      // Everybody who may scan gets here: one claim for a whole domain, so that nobody crowds out what managers started.
      const started = await challenge(guildId, target, subjectsOf(target).slice(-1));
      return { proven: false, refusal: unverifiedRefusal(started, withdrawn) };
    },
  };
}

function asProven(claim: Claim, target: Provable, nowMs: number): Proven | undefined {
  const { subject, proof } = claim;
  if (!proof || !isProven(claim, nowMs) || !proves(claim, target)) return undefined;
  return { proven: true, method: proof.method, subject, proof };
}

function notProven(message: Phrase, tried: readonly Phrase[] = []): NotProven {
  return { proven: false, message, tried };
}

/** Each check asks DNS and other people's web servers, so a server cannot make this bot ask without end. */
function createRateLimit(limit: number, windowMs: number, now: () => number): (key: string) => boolean {
  let windowEndsMs = 0;
  let counts = new Map<string, number>();
  return (key) => {
    if (now() >= windowEndsMs) {
      windowEndsMs = now() + windowMs;
      counts = new Map();
    }
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= limit;
  };
}
