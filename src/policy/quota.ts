import { blockAround, formatAddress, parseLiteral } from '../engine/hosts/address.ts';
import type { Phrase } from '../engine/phrase.ts';
import { messageFor, remedyFor } from './quotaWords.ts';

/** Whose budget a scan is charged to, from the narrowest to the widest. */
export const QUOTA_SCOPES = ['user', 'server', 'network', 'global'] as const;
export type QuotaScope = (typeof QUOTA_SCOPES)[number];

/** A token bucket: how much may be spent at once, and how much comes back in an hour, little by little. Whole numbers. */
export interface BucketLimit {
  readonly capacity: number;
  readonly refillPerHour: number;
}

export type QuotaLimits = Readonly<Record<QuotaScope, BucketLimit>>;

/** What an hour may cost, in ports × addresses. */
export type HourlyQuotas = Readonly<Record<QuotaScope, number>>;

export const DEFAULT_QUOTAS_PER_HOUR: HourlyQuotas = {
  user: 20_000,
  server: 100_000,
  network: 50_000,
  global: 1_000_000,
};

/** Limits of so much an hour, all of which may be spent at once. */
export function hourly(perHour: HourlyQuotas): QuotaLimits {
  const limit = (amount: number): BucketLimit => ({ capacity: amount, refillPerHour: amount });
  const { user, server, network, global } = perHour;
  return { user: limit(user), server: limit(server), network: limit(network), global: limit(global) };
}

/**
 * How much of a bucket is spent, in cost × {@link HOUR_MS}, so that the refill of every millisecond is a whole number. No
 * state = nothing is spent. The capacity is not part of it: a limit that the operator changes counts at once.
 */
export interface BucketState {
  readonly spent: number;
  /** When `spent` was true, in epoch milliseconds. */
  readonly atMs: number;
}

/** A scan as the quotas see it. */
export interface QuotaRequest {
  readonly guildId: string;
  readonly userId: string;
  /** Canonical addresses, each once; none before they are known, and then no network is charged. */
  readonly addresses: readonly string[];
  /** Ports × addresses, a whole number. */
  readonly cost: number;
}

/** The part of a scan that one bucket pays for. */
export interface Charge {
  readonly scope: QuotaScope;
  /** Names the bucket: `user:<server>:<user>`, `server:<server>`, `network:<CIDR>` or `global`. */
  readonly key: string;
  /** Ports × addresses. */
  readonly cost: number;
}

export interface QuotaRefusal {
  readonly code: `quota-${QuotaScope}`;
  /** Which limit it is, and what is left of it. */
  readonly message: Phrase;
  /** When the same scan works, and what works now. */
  readonly remedy: Phrase;
  readonly scope: QuotaScope;
  readonly limit: BucketLimit;
  /** Epoch milliseconds from which the same request works when nobody spends more; undefined = never. */
  readonly retryAtMs: number | undefined;
}

/** The new states in the order of the charges, or why nothing is charged. */
export type Charged =
  | { readonly ok: true; readonly states: readonly BucketState[] }
  | { readonly ok: false; readonly refusal: QuotaRefusal };

export const HOUR_MS = 3_600_000;
/** Keeps capacity × HOUR_MS and every sum of two of them exact (below 2^53). */
export const MAX_LIMIT = 1_000_000_000;

/** The network whose owner sees the packets: the /24 of an IPv4 address, the /48 of an IPv6 address (RFC 6177 §2). */
export function networkOf(address: string): string {
  const literal = parseLiteral(address);
  const network = blockAround(literal, literal.family === 4 ? 24 : 48);
  return `${formatAddress(network)}/${network.prefix}`;
}

/** Who pays what for a scan: each network its share. Throws RangeError when the cost is no whole number above zero. */
export function chargesOf({ guildId, userId, addresses, cost }: QuotaRequest): readonly Charge[] {
  if (!Number.isSafeInteger(cost) || cost < 1) throw new RangeError(`a scan cannot cost ${cost}`);
  const networks = new Map<string, number>();
  for (const address of addresses) {
    const network = networkOf(address);
    networks.set(network, (networks.get(network) ?? 0) + 1);
  }
  const ofNetworks = [...networks].map(([network, count]) => ({
    scope: 'network' as const,
    key: `network:${network}`,
    cost: Math.ceil((cost / addresses.length) * count),
  }));
  return [
    { scope: 'user', key: `user:${guildId}:${userId}`, cost },
    { scope: 'server', key: `server:${guildId}`, cost },
    ...ofNetworks,
    { scope: 'global', key: 'global', cost },
  ];
}

/** The state after the refill up to `nowMs`. A clock that went back refills nothing; keep the result, to count on from it. */
export function refilled(state: BucketState | undefined, { refillPerHour }: BucketLimit, nowMs: number): BucketState {
  if (state === undefined) return { spent: 0, atMs: nowMs };
  const elapsedMs = Math.max(0, nowMs - state.atMs);
  const fullAfterMs = Math.ceil(state.spent / refillPerHour);
  const spent = elapsedMs >= fullAfterMs ? 0 : state.spent - elapsedMs * refillPerHour;
  return { spent, atMs: nowMs };
}

/** How long until nothing of the bucket is spent, in milliseconds: from then on its state need not be kept. */
export function fullInMs(state: BucketState, { refillPerHour }: BucketLimit): number {
  return Math.ceil(state.spent / refillPerHour);
}

/**
 * Charges all buckets or none (token bucket, as in RFC 2697 §3 without colours). When several refuse, the refusal is that
 * of the one that takes longest to allow it.
 *
 * @param states those of the charges' buckets, in the same order
 */
export function take(
  charges: readonly Charge[],
  states: readonly (BucketState | undefined)[],
  limits: QuotaLimits,
  nowMs: number,
): Charged {
  const results = charges.map((charge, index) => takeOne(charge, states[index], limits[charge.scope], nowMs));
  const shortages = results.flatMap((result) => ('state' in result ? [] : [result]));
  const waitOf = ({ retryAtMs }: Shortage) => retryAtMs ?? Number.MAX_SAFE_INTEGER;
  const [longest] = shortages.sort((a, b) => waitOf(b) - waitOf(a));
  if (longest) return { ok: false, refusal: refusalOf(longest, shortages.length === 1, nowMs) };
  return { ok: true, states: results.flatMap((result) => ('state' in result ? [result.state] : [])) };
}

/** Gives back what a charge did not use. */
export function giveBack(
  state: BucketState | undefined,
  unusedCost: number,
  limit: BucketLimit,
  nowMs: number,
): BucketState {
  const { spent } = refilled(state, limit, nowMs);
  return { spent: Math.max(0, spent - unusedCost * HOUR_MS), atMs: nowMs };
}

/** Throws RangeError unless every limit is a whole number from 1 to {@link MAX_LIMIT}. */
export function checkLimits(limits: QuotaLimits): void {
  for (const scope of QUOTA_SCOPES) {
    for (const [what, amount] of Object.entries(limits[scope])) {
      if (Number.isInteger(amount) && amount >= 1 && amount <= MAX_LIMIT) continue;
      throw new RangeError(`the ${scope} quota's ${what} must be a whole number from 1 to ${MAX_LIMIT}`);
    }
  }
}

/** A bucket that does not pay for its part of a scan. */
export interface Shortage {
  readonly charge: Charge;
  readonly limit: BucketLimit;
  /** What the bucket would still pay for. */
  readonly left: number;
  readonly retryAtMs: number | undefined;
}

function takeOne(
  charge: Charge,
  state: BucketState | undefined,
  limit: BucketLimit,
  nowMs: number,
): { readonly state: BucketState } | Shortage {
  const { spent } = refilled(state, limit, nowMs);
  const room = limit.capacity * HOUR_MS - spent;
  const left = Math.max(0, Math.floor(room / HOUR_MS));
  // First, because the products below are exact only up to the largest capacity.
  if (charge.cost > limit.capacity) return { charge, limit, left, retryAtMs: undefined };
  const needed = charge.cost * HOUR_MS;
  if (needed <= room) return { state: { spent: spent + needed, atMs: nowMs } };
  return { charge, limit, left, retryAtMs: nowMs + Math.ceil((needed - room) / limit.refillPerHour) };
}

/** `alone`: no other bucket refuses, so that what is left of this one would be granted. */
function refusalOf(shortage: Shortage, alone: boolean, nowMs: number): QuotaRefusal {
  const { charge, limit, retryAtMs } = shortage;
  const { scope } = charge;
  const message = messageFor(shortage);
  return { code: `quota-${scope}`, message, remedy: remedyFor(shortage, alone, nowMs), scope, limit, retryAtMs };
}
