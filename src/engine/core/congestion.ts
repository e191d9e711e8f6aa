/**
 * Tells congestion (what we send is more than the path or the host's answer limit can take) from random loss. Random
 * loss must not slow a scan down; congestion must, and makes all silence of its time worthless.
 *
 * Outcomes are charged to the time the packet was sent, so that the tail of a scan, which is all retries, does not look
 * like a collapse.
 */
export interface CongestionWatch {
  sent(nowMs: number): void;
  answered(sentAtMs: number, nowMs: number): void;
  lost(sentAtMs: number): void;
  canary(answered: boolean, sentAtMs: number): void;
  /** What to fall back to, if it is time to; `undefined` while all is well. */
  verdict(nowMs: number, rtoMs: number, bounds: PaceBounds): Cut | undefined;
  /** What happened until now is of no account any more. */
  restart(nowMs: number): void;
  /** Packets sent before this time prove nothing by their silence. */
  cutAtMs(): number;
}

export interface PaceBounds {
  /** So much is always allowed. */
  readonly leastPerSecond: number;
  /** Shorter silence than this is not death. */
  readonly quietMs: number;
}

export interface Cut {
  readonly packetsPerSecond: number;
  /** Nothing at all comes back any more: no pace would help. */
  readonly dead: boolean;
}

/** Share of certain losses that is no longer chance, and the least number of packets to say so. */
const LOST_SHARE = 0.35;
const LEAST_PACKETS = 40;
/** At 10 % random loss, 8 of 16 lost canaries come about once in ten thousand times; 6 of the first 8 likewise. */
const RECENT_CANARIES = 16;
const LOST_CANARIES = 8;
const FIRST_CANARIES = 8;
const LOST_OF_FIRST = 6;
/** The fall-back pace is a little above what got through, so that it can find out when more would. */
const HEADROOM = 1.05;
/** One cut takes no more than this away: a moment without any answer is no reason to stand still. */
const DEEPEST_CUT = 1 / 16;
/** Rates are taken over the last so many slices of so many milliseconds. */
const SLICE_MS = 50;
const SLICES = 20;

export function createCongestionWatch(): CongestionWatch {
  const sends = createRate();
  const answers = createRate();
  let cutAtMs = Number.NEGATIVE_INFINITY;
  let answeredAtMs = Number.NEGATIVE_INFINITY;
  let delivered = 0;
  let lost = 0;
  let canaries: boolean[] = [];

  function failing(): boolean {
    if (delivered + lost >= LEAST_PACKETS && lost > LOST_SHARE * (delivered + lost)) return true;
    const dead = canaries.filter((answered) => !answered).length;
    return dead >= LOST_CANARIES || (canaries.length <= FIRST_CANARIES && dead >= LOST_OF_FIRST);
  }

  /** By the canaries where there are enough of them: they are a fair sample, ports that answered are not. */
  function deliveredShare(): number {
    if (canaries.length >= FIRST_CANARIES) return canaries.filter(Boolean).length / canaries.length;
    return delivered / Math.max(1, delivered + lost);
  }

  function restart(nowMs: number): void {
    cutAtMs = nowMs;
    delivered = 0;
    lost = 0;
    canaries = [];
  }

  return {
    sent: (nowMs) => sends.count(nowMs),
    answered(sentAtMs, nowMs) {
      answers.count(nowMs);
      answeredAtMs = nowMs;
      if (sentAtMs > cutAtMs) delivered += 1;
    },
    lost(sentAtMs) {
      if (sentAtMs > cutAtMs) lost += 1;
    },
    canary(answered, sentAtMs) {
      if (sentAtMs <= cutAtMs) return;
      canaries.push(answered);
      if (canaries.length > RECENT_CANARIES) canaries.shift();
    },
    verdict(nowMs, rtoMs, { leastPerSecond, quietMs }) {
      if (nowMs - cutAtMs < 2 * rtoMs || !failing()) return undefined;
      const sent = sends.perSecond(nowMs);
      const through = Math.max(answers.perSecond(nowMs), sent * deliveredShare(), sent * DEEPEST_CUT);
      const dead =
        canaries.length >= LOST_OF_FIRST &&
        !canaries.some(Boolean) &&
        nowMs - answeredAtMs > Math.max(quietMs, 2 * rtoMs);
      restart(nowMs);
      return { packetsPerSecond: Math.max(leastPerSecond, HEADROOM * through), dead };
    },
    restart,
    cutAtMs: () => cutAtMs,
  };
}

/** Events a second over about the last second, or since the first one. */
function createRate() {
  const slices = new Float64Array(SLICES);
  let newest = Number.NEGATIVE_INFINITY;
  let firstAtMs: number | undefined;

  function advance(nowMs: number): void {
    const slice = Math.floor(nowMs / SLICE_MS);
    if (slice - newest >= SLICES) slices.fill(0);
    else for (let passed = newest + 1; passed <= slice; passed += 1) slices[passed % SLICES] = 0;
    newest = Math.max(newest, slice);
  }

  return {
    count(nowMs: number): void {
      firstAtMs ??= nowMs;
      advance(nowMs);
      const index = newest % SLICES;
      slices[index] = (slices[index] ?? 0) + 1;
    },
    perSecond(nowMs: number): number {
      advance(nowMs);
      const spanMs = Math.min(SLICES * SLICE_MS, Math.max(SLICE_MS, nowMs - (firstAtMs ?? nowMs)));
      return (slices.reduce((sum, count) => sum + count, 0) * 1000) / spanMs;
    },
  };
}
