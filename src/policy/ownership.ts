import { randomBytes, timingSafeEqual } from 'node:crypto';
import { getDomain } from 'tldts';
import type { Parsed } from '../engine/parsed.ts';
import { say } from '../engine/phrase.ts';
import { matches, type Pattern } from './pattern.ts';
import { problem } from './problems.ts';
import { addressTarget, type Target } from './target.ts';

/** What somebody may prove to control: a host name with everything below it, or one address. */
export interface Subject {
  readonly kind: 'name' | 'address';
  readonly canonical: string;
}

/** A range is no subject: each of its addresses is proven on its own. */
export type Provable = Exclude<Pattern, { kind: 'cidr' }>;

/** `dns`: a TXT record; `https`, `http`: a file on the host's web server; `link`: a visit from the address. */
export type ProofMethod = 'dns' | 'https' | 'http' | 'link';

export interface Proof {
  readonly method: ProofMethod;
  /** ISO 8601 UTC, as all times here. */
  readonly provenAt: string;
  readonly expiresAt: string;
  readonly checkedAt: string;
}

/** A server's claim to control a subject: the token that shows it, and the proof once it was shown. */
export interface Claim {
  readonly subject: Subject;
  /** Where it is published, it says that this server may scan this subject; it proves nothing anywhere else. */
  readonly token: string;
  /** From then on the token proves nothing new. */
  readonly challengeExpiresAt: string;
  /** The link was used; it works once. */
  readonly linkUsed?: boolean | undefined;
  readonly proof?: Proof | undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CHALLENGE_LIFE_MS = 7 * DAY_MS;
/** A visit cannot be checked again, and addresses move to other people sooner than names do. */
const PROOF_LIFE_MS = { dns: 90 * DAY_MS, https: 90 * DAY_MS, http: 90 * DAY_MS, link: 30 * DAY_MS } as const;
/** A proof is looked at again when it is used and the last look is older. */
const RECHECK_AFTER_MS = 24 * HOUR_MS;
/** 192 bits: nobody guesses one, so wrong guesses need no counting. */
const TOKEN_BYTES = 24;
const TOKEN_LENGTH = 32;
const GUILD_BYTES = 8;
/** RFC 1035 §3.1. */
const MAX_NAME = 253;
const RECORD_LABEL = '_harbormaster';
const RECORD_KEY = 'harbormaster-verification';

/** Reads what `/targets verify` names. */
export function parseProvable(pattern: Pattern): Parsed<Provable> {
  if (pattern.kind !== 'cidr') return { ok: true, value: pattern };
  const message = say`${pattern.canonical} is a range. Each address in it is verified on its own.`;
  return problem('range', message, pattern.base.replace(/\.0$/, '.1').replace(/::$/, '::1'));
}

/**
 * What may be proven so that the target may be scanned, the narrowest first: the name itself, then the registrable domain
 * above it (Public Suffix List with its private part, so `user.github.io` stands for itself alone). An address is its own
 * subject.
 */
export function subjectsOf(target: Provable): readonly Subject[] {
  if (target.kind === 'address') return [{ kind: 'address', canonical: target.canonical }];
  const name = target.kind === 'wildcard' ? target.base : target.canonical;
  const domain = getDomain(name, { allowPrivateDomains: true });
  const subjects = domain === null || domain === name ? [name] : [name, domain];
  return subjects.map((canonical) => ({ kind: 'name', canonical }));
}

/**
 * Does control of the subject include the target? A name includes the names below it, but not across a public suffix: who
 * owns `github.io` does not own `user.github.io`. An address includes itself only, never a name that points to it.
 */
export function covers(subject: Subject, target: Provable): boolean {
  if (subject.kind === 'address' || target.kind === 'address') {
    return subject.kind === target.kind && subject.canonical === target.canonical;
  }
  const canonical = target.kind === 'wildcard' ? target.base : target.canonical;
  if (subject.canonical === canonical) return true;
  const name: Target = { kind: 'name', canonical, display: canonical };
  const below = { kind: 'wildcard', base: subject.canonical, canonical: '', display: '' } as const;
  return subject.kind === 'name' && matches(below, name);
}

/**
 * Does a proof include the target? A file shows control of the host that serves it, not of the names below (the same rule
 * as for certificates: CA/Browser Forum Baseline Requirements §3.2.2.4.18).
 */
export function proves({ subject, proof }: Claim, target: Provable): boolean {
  if (!proof || !covers(subject, target)) return false;
  return proof.method === 'dns' || (target.kind !== 'wildcard' && subject.canonical === target.canonical);
}

export function newClaim(subject: Subject, nowMs: number, random: (size: number) => Uint8Array = randomBytes): Claim {
  const token = Buffer.from(random(TOKEN_BYTES)).toString('base64url');
  return { subject, token, challengeExpiresAt: iso(nowMs + CHALLENGE_LIFE_MS) };
}

/** May the token still show something? While a proof lives, so that it can be renewed with what is published already. */
export function isOpen(claim: Claim, nowMs: number): boolean {
  return isLater(claim.challengeExpiresAt, nowMs) || isProven(claim, nowMs);
}

export function isProven({ proof }: Claim, nowMs: number): boolean {
  return proof !== undefined && isLater(proof.expiresAt, nowMs);
}

/** A visit cannot be looked at again; it holds until it expires. A last look in the future counts as old. */
export function needsRecheck({ method, checkedAt }: Proof, nowMs: number): boolean {
  const ageMs = nowMs - Date.parse(checkedAt);
  return method !== 'link' && !(ageMs >= 0 && ageMs < RECHECK_AFTER_MS);
}

export function withProof(claim: Claim, method: ProofMethod, nowMs: number): Claim {
  const [provenAt, expiresAt] = [iso(nowMs), iso(nowMs + PROOF_LIFE_MS[method])];
  const proof = { method, provenAt, expiresAt, checkedAt: provenAt };
  return { ...claim, proof, ...(method === 'link' && { linkUsed: true }) };
}

/** The proof was looked at and is still there. */
export function withLook(claim: Claim, method: ProofMethod, nowMs: number): Claim {
  return claim.proof ? { ...claim, proof: { ...claim.proof, method, checkedAt: iso(nowMs) } } : claim;
}

/**
 * An open claim whose token can be used (again): a link that was used is replaced, and where a proof lives on what is
 * published already, the same token renews it.
 */
export function renewed(claim: Claim, nowMs: number): Claim {
  const { subject, proof } = claim;
  if (claim.linkUsed) return { ...newClaim(subject, nowMs), proof };
  if (isLater(claim.challengeExpiresAt, nowMs)) return claim;
  return { ...claim, challengeExpiresAt: iso(nowMs + CHALLENGE_LIFE_MS) };
}

/** Can the link to this claim be used? */
export function isLinkOpen({ subject, challengeExpiresAt, linkUsed }: Claim, nowMs: number): boolean {
  return subject.kind === 'address' && !linkUsed && isLater(challengeExpiresAt, nowMs);
}

/** @returns undefined where the name would be too long for DNS */
export function recordFor({ subject, token }: Claim): { name: string; value: string } | undefined {
  const name = `${RECORD_LABEL}.${subject.canonical}`;
  if (subject.kind === 'address' || name.length > MAX_NAME) return undefined;
  return { name, value: `${RECORD_KEY}=${token}` };
}

/**
 * The token as it stands in a link, together with the server that it is bound to, so that it is found again.
 * @param guildId a snowflake
 */
export function linkCode(guildId: string, { token }: Claim): string {
  const guild = Buffer.alloc(GUILD_BYTES);
  guild.writeBigUInt64BE(BigInt(guildId));
  return Buffer.concat([guild, Buffer.from(token, 'base64url')]).toString('base64url');
}

/** The reverse of {@link linkCode}; undefined for anything it does not make. Linear in a bounded length. */
export function readLinkCode(code: string): { guildId: string; token: string } | undefined {
  if (!/^[\w-]{43}$/.test(code)) return undefined;
  const bytes = Buffer.from(code, 'base64url');
  if (bytes.length !== GUILD_BYTES + TOKEN_BYTES || bytes.toString('base64url') !== code) return undefined;
  return {
    guildId: bytes.readBigUInt64BE(0).toString(),
    token: bytes.subarray(GUILD_BYTES).toString('base64url'),
  };
}

/** In a time that does not tell how much of the text was right. */
export function isToken(text: string, token: string): boolean {
  const [given, wanted] = [Buffer.from(text), Buffer.from(token)];
  return token.length === TOKEN_LENGTH && given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** The subject as a target to resolve. */
export function targetOf({ kind, canonical }: Subject): Target {
  return kind === 'address' ? addressTarget(canonical) : { kind, canonical, display: canonical };
}

const iso = (timeMs: number) => new Date(timeMs).toISOString();
/** A date that cannot be read is past. */
const isLater = (date: string, nowMs: number) => Date.parse(date) > nowMs;
