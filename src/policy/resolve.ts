import { Resolver } from 'node:dns/promises';
import type { ScannableAddress } from '../engine/types.ts';
import { judgeAddress, type OperatorPolicy } from './judge.ts';
import type { Refusal } from './refusal.ts';
import { addressTarget, type Target } from './target.ts';

/** Asks DNS for the addresses of a canonical name; the one thing the policy needs from the network. */
export interface AddressLookup {
  resolve4(name: string): Promise<readonly string[]>;
  resolve6(name: string): Promise<readonly string[]>;
}

export type ResolutionProblem = 'name-not-found' | 'no-address' | 'dns-failure' | 'dns-timeout' | 'too-many-addresses';

export type Pinned =
  | {
      readonly ok: true;
      readonly address: ScannableAddress /** The other addresses of the name. */;
      readonly others: readonly string[];
    }
  | { readonly ok: false; readonly reason: 'refused'; readonly refusal: Refusal }
  | { readonly ok: false; readonly reason: 'unresolved'; readonly code: ResolutionProblem; readonly message: string };

const MAX_ADDRESSES = 16;
/** However many servers there are to try. */
const LOOKUP_LIMIT_MS = 6_000;

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
 * Resolves a target once, judges every address, and pins the one that is scanned (IPv4 first). One address that must not
 * be scanned refuses the whole target: a name that also points inside may be an attack (DNS rebinding). Rejects with the
 * signal's reason when it is aborted; the question to DNS is then left to time out by itself.
 */
export async function pin(
  target: Target,
  lookup: AddressLookup,
  operator: OperatorPolicy,
  signal: AbortSignal,
): Promise<Pinned> {
  const found =
    target.kind === 'address' ? [target.canonical] : await unlessAborted(addressesOf(target.canonical, lookup), signal);
  if (!Array.isArray(found)) return { ok: false, reason: 'unresolved', ...found };
  for (const address of found) {
    const refusal = judgeAddress(address, operator);
    if (!refusal) continue;
    const message =
      target.kind === 'name' ? `${target.display} resolves to ${address}. ${refusal.message}` : refusal.message;
    return { ok: false, reason: 'refused', refusal: { ...refusal, message } };
  }
  const [address, ...others] = found;
  if (address === undefined) return { ok: false, reason: 'unresolved', ...unresolved('no-address', target.canonical) };
  return { ok: true, address: address as ScannableAddress, others };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}

type Unresolved = { readonly code: ResolutionProblem; readonly message: string };

async function addressesOf(name: string, lookup: AddressLookup): Promise<string[] | Unresolved> {
  const limit = AbortSignal.timeout(LOOKUP_LIMIT_MS);
  const questions = [lookup.resolve4(name), lookup.resolve6(name)];
  const answers = await Promise.allSettled(questions.map((question) => unlessAborted(question, limit)));
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const canonical = [...new Set(addresses.map((address) => addressTarget(address).canonical))];
  if (canonical.length > MAX_ADDRESSES) return unresolved('too-many-addresses', name);
  if (canonical.length > 0) return canonical;
  const codes = answers.map((answer) => (answer.status === 'rejected' ? codeOf(answer.reason) : 'ENODATA'));
  if (codes.includes('ENOTFOUND')) return unresolved('name-not-found', name);
  if (codes.includes('ETIMEOUT')) return unresolved('dns-timeout', name);
  if (codes.every((code) => code === 'ENODATA')) return unresolved('no-address', name);
  return unresolved('dns-failure', name);
}

function codeOf(error: { name?: string; code?: unknown }): string {
  return error.name === 'TimeoutError' ? 'ETIMEOUT' : String(error.code);
}

function unresolved(code: ResolutionProblem, name: string): Unresolved {
  const messages: Record<ResolutionProblem, string> = {
    'name-not-found': `DNS has no name ${name}. Check the spelling.`,
    'no-address': `${name} exists in DNS but has no address (no A or AAAA record).`,
    'dns-failure': `The DNS servers failed to answer for ${name}. That is a fault of the name's DNS or of the resolver.`,
    'dns-timeout': `The DNS servers did not answer in time for ${name}. Try again in a moment.`,
    'too-many-addresses': `${name} has more than ${MAX_ADDRESSES} addresses; name the one to look at.`,
  };
  return { code, message: messages[code] };
}
