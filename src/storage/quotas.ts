import { Mutex } from 'async-mutex';
import type Keyv from 'keyv';
import { z } from 'zod';
import {
  type BucketState,
  type Charge,
  chargesOf,
  checkLimits,
  fullInMs,
  giveBack,
  type QuotaLimits,
  type QuotaRefusal,
  type QuotaRequest,
  refilled,
  take,
} from '../policy/quota.ts';

const STATE = z.strictObject({ v: z.literal(1), spent: z.int().nonnegative(), atMs: z.int() });

/** What was charged for one scan, so that the unused part can be given back. */
export interface QuotaTicket {
  readonly charges: readonly Charge[];
}

export type Taken =
  | {
      readonly ok: true;
      readonly ticket: QuotaTicket;
      /** Gives all of it back: {@link Quotas.refund} of the whole cost. */
      refund(): Promise<void>;
    }
  | { readonly ok: false; readonly refusal: QuotaRefusal };

/**
 * The budgets of users, servers, destination networks and of the whole bot. They survive a restart. What cannot be read or
 * written rejects, and then nothing may be scanned.
 */
export interface Quotas {
  /** Would {@link Quotas.take} refuse now? Spends nothing, and promises nothing. */
  peek(request: QuotaRequest): Promise<QuotaRefusal | undefined>;
  /** Charges every budget or none. Two at once never spend more than there is. */
  take(request: QuotaRequest): Promise<Taken>;
  /**
   * Gives back the part of a cost (in ports × addresses of the whole scan) that was not used, such as for a scan that was
   * cancelled before it began. Never more than was charged, however often it is called.
   */
  refund(ticket: QuotaTicket, unusedCost: number): Promise<void>;
  /** Everything kept of a server: its own budget and those of its users. */
  exportGuild(guildId: string): Promise<unknown>;
}

export interface QuotasOptions {
  readonly limits: QuotaLimits;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** @param store a Keyv of its own namespace that throws on errors; keys are those of {@link Charge} */
export function createQuotas(store: Keyv, { limits, now }: QuotasOptions): Quotas {
  checkLimits(limits);
  // One for all: networks and the whole bot are budgets that servers share.
  const mutex = new Mutex();
  /** What of a ticket is still charged. Tickets of an earlier process are not known, and not given back. */
  const unreturned = new WeakMap<QuotaTicket, number>();

  async function read(charges: readonly Charge[]): Promise<(BucketState | undefined)[]> {
    const stored: unknown[] = await store.getMany(charges.map(({ key }) => key));
    return charges.map((_, index) => (stored[index] === undefined ? undefined : parse(stored[index])));
  }

  /** All or none. A record lasts until its bucket is full again, when it says no more than none does. */
  async function write(charges: readonly Charge[], states: readonly BucketState[]): Promise<void> {
    const entries = charges.flatMap(({ key, scope }, index) => {
      const state = states[index];
      return state ? [{ key, value: { v: 1, ...state }, ttl: Math.max(1, fullInMs(state, limits[scope])) }] : [];
    });
    const saved = await store.setMany(entries);
    if (entries.length !== charges.length || saved.some((each) => !each)) {
      throw new Error('the store did not accept the quotas');
    }
  }

  const refillAll = (charges: readonly Charge[], states: readonly (BucketState | undefined)[], nowMs: number) =>
    charges.map(({ scope }, index) => refilled(states[index], limits[scope], nowMs));

  async function charge(request: QuotaRequest): Promise<Taken> {
    const charges = chargesOf(request);
    const stored = await read(charges);
    const nowMs = now();
    const charged = take(charges, stored, limits, nowMs);
    if (!charged.ok) {
      // The clock went back: unless it is noted, nothing is refilled until the old time comes again.
      if (stored.some((state) => state && state.atMs > nowMs)) await write(charges, refillAll(charges, stored, nowMs));
      return charged;
    }
    await write(charges, charged.states);
    const ticket = { charges };
    unreturned.set(ticket, request.cost);
    return { ok: true, ticket, refund: () => refund(ticket, request.cost) };
  }

  async function giveBackOf(ticket: QuotaTicket, unusedCost: number): Promise<void> {
    const charged = unreturned.get(ticket) ?? 0;
    const unused = Math.min(Math.max(0, Math.floor(unusedCost)), charged);
    if (!(unused > 0)) return;
    const states = await read(ticket.charges);
    const whole = costOf(ticket);
    const nowMs = now();
    const next = ticket.charges.map(({ cost, scope }, index) =>
      giveBack(states[index], Math.floor((cost * unused) / whole), limits[scope], nowMs),
    );
    await write(ticket.charges, next);
    unreturned.set(ticket, charged - unused);
  }

  const refund = (ticket: QuotaTicket, unusedCost: number) => mutex.runExclusive(() => giveBackOf(ticket, unusedCost));

  async function keysOf(guildId: string): Promise<readonly string[]> {
    if (!store.iterator) throw new Error('the store of the quotas cannot be listed');
    const keys: string[] = [];
    for await (const [key] of store.iterator(undefined)) {
      if (key === `server:${guildId}` || key.startsWith(`user:${guildId}:`)) keys.push(key);
    }
    return keys.sort();
  }

  return {
    async peek(request) {
      const charges = chargesOf(request);
      const charged = take(charges, await read(charges), limits, now());
      return charged.ok ? undefined : charged.refusal;
    },
    take: (request) => mutex.runExclusive(() => charge(request)),
    refund,
    async exportGuild(guildId) {
      const keys = await keysOf(guildId);
      const stored: unknown[] = keys.length === 0 ? [] : await store.getMany([...keys]);
      return Object.fromEntries(keys.map((key, index) => [key, stored[index] ?? null]));
    },
  };
}

function parse(stored: unknown): BucketState {
  const { spent, atMs } = STATE.parse(stored);
  return { spent, atMs };
}

/** The whole scan's: everybody is charged that, but for networks, which pay for their own addresses. */
function costOf({ charges }: QuotaTicket): number {
  return charges.find(({ scope }) => scope === 'global')?.cost ?? 0;
}
