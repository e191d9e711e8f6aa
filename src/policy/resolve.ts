import { Resolver } from 'node:dns/promises';
import { type Phrase, say } from '../engine/phrase.ts';
import type { ScannableAddress } from '../engine/types.ts';
import { parseName } from './hostName.ts';
import type { Refusal } from './refusal.ts';
import { addressTarget, type Target } from './target.ts';

/** The questions to DNS that the policy asks, always with a full name; the one thing it needs from the network. */
export interface AddressLookup {
  resolve4(name: string): Promise<readonly string[]>;
  resolve6(name: string): Promise<readonly string[]>;
  /** The name that `name` is an alias of; rejects with code ENODATA when it is none. */
  resolveCname(name: string): Promise<readonly string[]>;
  /** Each record as the strings that it is split into (RFC 1035 §3.3.14). */
  resolveTxt(name: string): Promise<readonly (readonly string[])[]>;
}

export type ResolutionProblem =
  | 'name-not-found'
  | 'no-address'
  | 'dns-failure'
  | 'dns-timeout'
  | 'alias-chain'
  | 'too-many-addresses';

export type Pinned =
  | {
      readonly ok: true;
      /** The one to scan. */
      readonly address: ScannableAddress;
      /** The other addresses of the name, judged too. */
      readonly others: readonly ScannableAddress[];
      /** How many more there are, judged but left out. */
      readonly omitted: number;
      /** The names that the target is an alias of, in order. */
      readonly aliases: readonly string[];
      /** Records that DNS gave no answer about, so that their addresses are unknown. */
      readonly unanswered: readonly AddressRecord[];
    }
  | { readonly ok: false; readonly reason: 'refused'; readonly refusal: Refusal }
  | Unresolved;

type Unresolved = {
  readonly ok: false;
  readonly reason: 'unresolved';
  readonly code: ResolutionProblem;
  readonly message: Phrase;
};
type AddressRecord = 'A' | 'AAAA';

const MAX_PINNED = 16;
/** More than any name needs; bounds the time that judging takes. */
const MAX_JUDGED = 512;
/** CNAME records from the name to its addresses. Long chains are slow and broken; resolvers give up at about this depth. */
const MAX_ALIASES = 8;
/** For all questions of one name, however many servers there are to try. */
export const LOOKUP_LIMIT_MS = 6_000;

/**
 * A resolver of our own: it asks DNS servers only, never the hosts file or search domains, so `db` cannot become
 * `db.corp` and a hosts entry cannot move a name (getaddrinfo would do both).
 *
 * @param servers `ip[:port]`; empty = the system's
 */
export function createLookup(servers: readonly string[], timeoutMs = 1_500): AddressLookup {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return resolver;
}

/**
 * Resolves a target once, judges every name and every address on the way, and pins what is scanned (IPv4 first). One that
 * must not be scanned refuses the whole target: a name that also points inside may be an attack (DNS rebinding), and so
 * may an alias (CNAME) of a name that is special or barred. At most 8 aliases in a row, 16 addresses kept.
 *
 * A, AAAA and CNAME are asked together, so a name that is no alias costs one round trip. When A or AAAA gets no answer
 * and the other does, the target is pinned to what was answered: only pinned addresses are ever connected to, and each of
 * them was judged; `unanswered` says what is missing. Where the aliases cannot be learnt, nothing is pinned.
 *
 * Rejects with the signal's reason when it is aborted; the questions to DNS are then left to time out by themselves.
 *
 * @param judge why an address must not be scanned, by the rules of the operator and of the server
 * @param judgeAlias the same for a canonical name
 */
export async function resolveAndPin(
  target: Target,
  lookup: AddressLookup,
  judge: (address: string) => Refusal | undefined,
  judgeAlias: (name: string) => Refusal | undefined,
  signal: AbortSignal,
): Promise<Pinned> {
  if (target.kind === 'address') {
    signal.throwIfAborted();
    const refusal = judge(target.canonical);
    return refusal ? { ok: false, reason: 'refused', refusal } : pinned([target.canonical], [], []);
  }
  const name = target.canonical;
  const limit = AbortSignal.timeout(LOOKUP_LIMIT_MS);
  const questions = [addressesOf(name, lookup, limit), aliasesOf(target, lookup, judgeAlias, limit)] as const;
  const [direct, chain] = await unlessAborted(Promise.all(questions), signal);
  if ('ok' in chain) return chain;
  const end = chain.aliases.at(-1);
  // A server that is no recursive resolver answers with the alias alone.
  const found =
    end !== undefined && direct.every(({ code }) => code === 'ENODATA')
      ? await unlessAborted(addressesOf(end, lookup, limit), signal)
      : direct;

  const addresses = new Map<string, AddressRecord>();
  for (const { record, values } of found) {
    for (const value of values) addresses.set(addressTarget(value).canonical, record);
  }
  if (addresses.size === 0) return explainNoAddress(name, found);
  if (addresses.size > MAX_JUDGED) return unresolved('too-many-addresses', name);
  for (const [address, record] of addresses) {
    const refusal = judge(address);
    if (!refusal) continue;
    const message = say`${target.display} resolves to ${address} (${record} record). ${refusal.message}`;
    return { ok: false, reason: 'refused', refusal: { ...refusal, message } };
  }
  if (chain.failure) return unresolved(isTimeout(chain.failure) ? 'dns-timeout' : 'dns-failure', name);
  const unanswered = found.filter(({ code }) => code !== undefined && code !== 'ENODATA').map(({ record }) => record);
  return pinned([...addresses.keys()], chain.aliases, unanswered);
}

/** @param judged at least one address, each of them judged */
function pinned(judged: readonly string[], aliases: readonly string[], unanswered: readonly AddressRecord[]): Pinned {
  const [address, ...others] = judged.slice(0, MAX_PINNED) as ScannableAddress[];
  if (address === undefined) throw new RangeError('nothing to pin');
  return { ok: true, address, others, omitted: Math.max(0, judged.length - MAX_PINNED), aliases, unanswered };
}

/** Settles like `work`, or rejects with the signal's reason as soon as that is aborted. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}

interface Found {
  readonly record: AddressRecord;
  readonly values: readonly string[];
  /** Why there are none: ENODATA, ENOTFOUND, ETIMEOUT, or another failure. */
  readonly code: string | undefined;
}

async function addressesOf(name: string, lookup: AddressLookup, limit: AbortSignal): Promise<readonly Found[]> {
  const ask = async (record: AddressRecord, question: Promise<readonly string[]>): Promise<Found> => {
    try {
      const values = await unlessAborted(question, limit);
      return { record, values, code: values.length === 0 ? 'ENODATA' : undefined };
    } catch (error) {
      return { record, values: [], code: dnsErrorCode(error) };
    }
  };
  return Promise.all([ask('A', lookup.resolve4(name)), ask('AAAA', lookup.resolve6(name))]);
}

type Chain = { readonly aliases: readonly string[]; readonly failure?: string };

/** Follows CNAME records (RFC 1034 §3.6.2) one by one; the last name is no alias, as far as DNS answered. */
async function aliasesOf(
  { canonical, display }: Target,
  lookup: AddressLookup,
  judgeAlias: (name: string) => Refusal | undefined,
  limit: AbortSignal,
): Promise<Chain | Extract<Pinned, { ok: false }>> {
  const own = judgeAlias(canonical);
  if (own) return { ok: false, reason: 'refused', refusal: own };
  const aliases: string[] = [];
  for (let name = canonical; ; ) {
    let next: string | undefined;
    try {
      [next] = await unlessAborted(lookup.resolveCname(name), limit);
    } catch (error) {
      const code = dnsErrorCode(error);
      return code === 'ENODATA' || code === 'ENOTFOUND' ? { aliases } : { aliases, failure: code };
    }
    if (next === undefined) return { aliases };
    name = next.toLowerCase().replace(/\.$/, '');
    if (name === canonical || aliases.includes(name) || aliases.length === MAX_ALIASES) {
      return unresolved('alias-chain', canonical);
    }
    aliases.push(name);
    const refusal = judgeSpecial(name) ?? judgeAlias(name);
    if (!refusal) continue;
    const message = name
      ? say`${display} is an alias (CNAME) of ${name}. ${refusal.message}`
      : say`${display} is an alias (CNAME) of the root. ${refusal.message}`;
    return { ok: false, reason: 'refused', refusal: { ...refusal, message } };
  }
}

/** An alias may be any host name, but neither a short one nor one that means something inside. */
function judgeSpecial(name: string): Refusal | undefined {
  const last = parseName(name.slice(name.lastIndexOf('.') + 1));
  const special = !last.ok && last.problem.code === 'special-name';
  if (!special && name.includes('.')) return undefined;
  const message = special ? last.problem.message : say`A name without a dot means something inside a network.`;
  return {
    code: 'special-address',
    message,
    remedy: say`Nobody can change that, except the owner of the name in DNS.`,
  };
}

/** Of a failed question to DNS; a time limit of ours counts as ETIMEOUT. */
export function dnsErrorCode(error: unknown): string {
  const { name, code } = error as { name?: string; code?: unknown };
  return name === 'TimeoutError' ? 'ETIMEOUT' : String(code);
}

const isTimeout = (code: string | undefined) => code === 'ETIMEOUT';

/**
 * When A and AAAA fail in different ways: that the name does not exist is said of the name, not of a record (RFC 8020); a
 * time-out may pass; no data for one record does not excuse the failure of the other.
 */
function explainNoAddress(name: string, found: readonly Found[]): Unresolved {
  const codes = found.map(({ code }) => code);
  if (codes.includes('ENOTFOUND')) return unresolved('name-not-found', name);
  if (codes.some(isTimeout)) return unresolved('dns-timeout', name);
  return unresolved(codes.every((code) => code === 'ENODATA') ? 'no-address' : 'dns-failure', name);
}

function unresolved(code: ResolutionProblem, name: string): Unresolved {
  const messages: Record<ResolutionProblem, Phrase> = {
    'name-not-found': say`DNS has no name ${name}. Check the spelling.`,
    'no-address': say`${name} exists in DNS but has no address (no A or AAAA record).`,
    'dns-failure': say`The DNS servers failed to answer for ${name}. That is a fault of the name's DNS or of the resolver.`,
    'dns-timeout': say`The DNS servers did not answer in time for ${name}. Try again in a moment.`,
    'alias-chain': say`The aliases (CNAME) of ${name} go in a circle or are more than ${MAX_ALIASES}. Its owner can repair that in DNS.`,
    'too-many-addresses': say`${name} has more than ${MAX_JUDGED} addresses; name the one to look at.`,
  };
  return { ok: false, reason: 'unresolved', code, message: messages[code] };
}
