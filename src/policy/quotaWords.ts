import { counted, type Phrase, say, sentences } from '../engine/phrase.ts';
import type { Charge, QuotaScope, Shortage } from './quota.ts';
import { operatorOnly } from './refusal.ts';

const HOUR_MS = 3_600_000;

const VARIABLE: Readonly<Record<QuotaScope, string>> = {
  user: 'QUOTA_PER_USER',
  server: 'QUOTA_PER_SERVER',
  network: 'QUOTA_PER_NETWORK',
  global: 'QUOTA_GLOBAL',
};

/** What is left of a budget that other servers share is not told: it would show how much they scan. */
const isShared = (scope: QuotaScope) => scope === 'network' || scope === 'global';

/** Which limit it is, and what is left of it. */
export function messageFor(shortage: Shortage): Phrase {
  const { scope, cost } = shortage.charge;
  const { limit, left } = shortage;
  const { capacity, refillPerHour } = limit;
  const rate =
    capacity === refillPerHour
      ? say`${capacity} ports an hour`
      : say`${capacity} ports at once, and ${refillPerHour} an hour`;
  const isLeftTold = !isShared(scope) && cost <= capacity;
  const rest = counted(left, say`${left} of them is left`, say`${left} of them are left`);
  const budget = isLeftTold ? say`${rate}, and ${rest}` : rate;
  return sentences(budgetOf(shortage.charge, budget), say`This scan takes ${cost}.`);
}

function budgetOf({ scope, key }: Charge, budget: Phrase): Phrase {
  switch (scope) {
    case 'user':
      return say`Your scan quota here is ${budget}.`;
    case 'server':
      return say`This server's scan quota is ${budget}.`;
    case 'network':
      return say`All servers together may check, in the network ${key.slice('network:'.length)}, ${budget}.`;
    case 'global':
      return say`All servers of this bot together may check ${budget}.`;
  }
}

/**
 * When the same scan works, and what works now.
 * @param alone no other bucket refuses, so that what is left of this one would be granted
 */
export function remedyFor(
  { charge: { scope }, limit, left, retryAtMs }: Shortage,
  alone: boolean,
  nowMs: number,
): Phrase {
  const who = operatorOnly(VARIABLE[scope]);
  if (retryAtMs === undefined) {
    return sentences(
      say`Waiting does not help: ask for fewer ports, at most ${limit.capacity} (ports times addresses).`,
      who,
    );
  }
  const wait = waitText(retryAtMs, nowMs);
  const again =
    !alone || isShared(scope) || left === 0
      ? say`It works again ${wait}.`
      : say`It works again ${wait}, or now with fewer ports, at most ${left} (ports times addresses).`;
  return sentences(again, who);
}

/** Such as `in 12 minutes (14:05 UTC)`: rounded up, so that it is true at the minute it names. */
export function waitText(atMs: number, nowMs: number): Phrase {
  const waitMs = Math.max(0, atMs - nowMs);
  const countOf = (unitMs: number) => Math.max(1, Math.ceil(waitMs / unitMs));
  const clock = new Date(Math.ceil(atMs / 60_000) * 60_000).toISOString();
  const day = waitMs >= 24 * HOUR_MS ? `${clock.slice(0, 10)} ` : '';
  const at = `${day}${clock.slice(11, 16)} UTC`;
  if (waitMs >= 48 * HOUR_MS) {
    const days = countOf(24 * HOUR_MS);
    return counted(days, say`in ${days} day (${at})`, say`in ${days} days (${at})`);
  }
  if (waitMs >= 2 * HOUR_MS) {
    const hours = countOf(HOUR_MS);
    return counted(hours, say`in ${hours} hour (${at})`, say`in ${hours} hours (${at})`);
  }
  if (waitMs > 60_000) {
    const minutes = countOf(60_000);
    return counted(minutes, say`in ${minutes} minute (${at})`, say`in ${minutes} minutes (${at})`);
  }
  const seconds = countOf(1_000);
  return counted(seconds, say`in ${seconds} second (${at})`, say`in ${seconds} seconds (${at})`);
}
