import { type Phrase, say, sentences } from '../engine/phrase.ts';
import { fileContent, fileUrl } from './fileProof.ts';
import { type Claim, covers, linkCode, type Provable, recordFor, type Subject } from './ownership.ts';
import type { Refusal } from './refusal.ts';

/** One thing that somebody may do to prove control; any of them suffices. */
export type Way =
  | {
      /** Create a TXT record. Proves the subject and every name below it. */
      readonly method: 'dns';
      readonly subject: Subject;
      readonly recordName: string;
      readonly recordValue: string;
    }
  | {
      /** Put a file on the web server, reachable by HTTPS or HTTP on its own port. Proves this host alone. */
      readonly method: 'file';
      readonly subject: Subject;
      readonly url: string;
      readonly content: string;
    }
  | {
      /** Open a page from the address itself. */
      readonly method: 'link';
      readonly subject: Subject;
      readonly url: string;
    };

export interface Challenge {
  readonly target: Provable;
  /** The simplest first. */
  readonly ways: readonly Way[];
  /** ISO 8601 UTC; what is not proven by then has to be started again. */
  readonly expiresAt: string;
}

/** Why a target may not be scanned yet, and all that is needed to change it. */
export interface UnverifiedRefusal extends Refusal {
  readonly code: 'unverified';
  readonly challenge: Challenge;
}

/**
 * The ways that open claims of a server offer for a target.
 * @param publicUrl where this bot is reached from outside, without trailing slash; without it there are no links
 */
export function challengeFor(
  guildId: string,
  target: Provable,
  claims: readonly Claim[],
  publicUrl: string | undefined,
): Challenge {
  const fitting = claims.filter(({ subject }) => covers(subject, target));
  const ways = fitting.flatMap((claim) => waysOf(guildId, claim, target, publicUrl));
  const expiresAt = fitting.map(({ challengeExpiresAt }) => challengeExpiresAt).sort()[0] ?? '';
  const order = { link: 0, dns: 1, file: 2 };
  return { target, expiresAt, ways: ways.sort((a, b) => order[a.method] - order[b.method] || widest(a, b)) };
}

const widest = (a: Way, b: Way) => a.subject.canonical.length - b.subject.canonical.length;

function waysOf(guildId: string, claim: Claim, target: Provable, publicUrl: string | undefined): Way[] {
  const { subject, token } = claim;
  const ways: Way[] = [];
  const record = recordFor(claim);
  if (record) ways.push({ method: 'dns', subject, recordName: record.name, recordValue: record.value });
  if (servesFile(claim, target)) {
    ways.push({ method: 'file', subject, url: fileUrl(subject.canonical, token), content: fileContent(token) });
  }
  if (subject.kind === 'address' && publicUrl !== undefined) {
    ways.push({ method: 'link', subject, url: `${publicUrl}/verify/${linkCode(guildId, claim)}` });
  }
  return ways;
}

/** A file proves one host, so it is looked for where the subject is the target itself. */
export function servesFile({ subject }: Claim, target: Provable): boolean {
  return target.kind !== 'wildcard' && subject.canonical === target.canonical;
}

/** @param withdrawn what was found when a proof was looked at again; absent = there was none */
export function unverifiedRefusal(challenge: Challenge, withdrawn?: readonly Phrase[]): UnverifiedRefusal {
  const { display, canonical } = challenge.target;
  const message =
    withdrawn === undefined
      ? say`This server has not proven that it may scan ${display}. This bot scans only what is proven.`
      : sentences(say`The proof that this server may scan ${display} is gone.`, ...withdrawn);
  return {
    code: 'unverified',
    message,
    remedy: say`A member with Manage Server can prove it, in one of the ways below; then run:`,
    command: `/targets verify target:${canonical}`,
    challenge,
  };
}

/** Tells a refusal that carries its challenge from the others, so that a card can show what to create. */
export function isUnverified(refusal: Refusal): refusal is UnverifiedRefusal {
  return refusal.code === 'unverified' && 'challenge' in refusal;
}
