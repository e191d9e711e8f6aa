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
  /** How many more canaries it takes to know whether what was sent since the last cut gets through. */
  canariesWanted(): number;
}

export interface PaceBounds {
  /** The host is known to limit its answers: what came back is the limit, and losses are worth less alarm. */
  readonly limited: boolean;
  /** So much is always allowed. */
  readonly leastPerSecond: number;
  /** Shorter silence than this is not death. */
  readonly quietMs: number;
}

export interface Cut {
  readonly packetsPerSecond: number;
  /** Nothing at all comes back any more: no pace would help. */
  readonly dead: boolean;
  /** The pace is a little too high for a limit that is known: no reason to doubt what was silent. */
  readonly mild: boolean;
}

/** Share of certain losses that is no longer chance, and the least number of packets to say so. */
const LOST_SHARE = 0.35;
const LEAST_PACKETS = 40;
/** The same on a host that limits its answers: each packet beyond the limit is one to send again. */
const LIMITED_LOST_SHARE = 0.15;
/** At 10 % random loss, 8 of 16 lost canaries come about once in ten thousand times; 6 of the first 8 likewise. */
const RECENT_CANARIES = 16;
const LOST_CANARIES = 8;
const FIRST_CANARIES = 8;
const LOST_OF_FIRST = 6;
/** Where fewer answers come than the limit lets pass, it is not the limit that takes them. */
const AT_LIMIT = 0.85;
/** The fall-back pace is a little above what got through, so that it can find out when more would. */
const HEADROOM = 1.05;
/** One cut takes no more than this away: a moment without any answer is no reason to stand still. */
const DEEPEST_CUT = 1 / 16;
/** Rates are taken over the last so many slices of so many milliseconds. */
const SLICE_MS = 50;
const SLICES = 20;

export function createCongestionWatch(): CongestionWatch {
  let sends = createRate();
  let answers = createRate();
  let cutAtMs = Number.NEGATIVE_INFINITY;
  let answeredAtMs = Number.NEGATIVE_INFINITY;
  let delivered = 0;
  let lost = 0;
  let canaries: boolean[] = [];
  let canariesWanted = FIRST_CANARIES;
  let limitPerSecond = 0;

  const lostMoreThan = (share: number) => delivered + lost >= LEAST_PACKETS && lost > share * (delivered + lost);

  function failing(): boolean {
    if (lostMoreThan(LOST_SHARE)) return true;
    const dead = canaries.filter((answered) => !answered).length;
    return dead >= LOST_CANARIES || (canaries.length <= FIRST_CANARIES && dead >= LOST_OF_FIRST);
  }

  function beyondLimit(answersPerSecond: number): boolean {
    return lostMoreThan(LIMITED_LOST_SHARE) && answersPerSecond >= AT_LIMIT * limitPerSecond;
  }

  const certainShare = () => delivered / Math.max(1, delivered + lost);

  /** By the canaries where there are enough of them: they are a fair sample, ports that answered are not. */
  function deliveredShare(): number {
    if (canaries.length >= FIRST_CANARIES) return canaries.filter(Boolean).length / canaries.length;
    return certainShare();
  }

  function restart(nowMs: number): void {
    cutAtMs = nowMs;
    delivered = 0;
    lost = 0;
    canaries = [];
    sends = createRate(nowMs);
    answers = createRate(nowMs);
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
    verdict(nowMs, rtoMs, { leastPerSecond, quietMs, limited }) {
      if (nowMs - cutAtMs < 2 * rtoMs) return undefined;
      const answered = answers.perSecond(nowMs);
      const mild = !failing();
      if (mild && !(limited && beyondLimit(answered))) return undefined;
      limitPerSecond = mild ? Math.max(limitPerSecond, answered) : answered;
      const sent = sends.perSecond(nowMs);
      const share = mild ? certainShare() : Math.max(deliveredShare(), DEEPEST_CUT);
      const through = Math.max(answered, sent * share);
      const dead =
        canaries.length >= LOST_OF_FIRST &&
        !canaries.some(Boolean) &&
        nowMs - answeredAtMs > Math.max(quietMs, 2 * rtoMs);
      restart(nowMs);
      canariesWanted = mild ? 0 : FIRST_CANARIES;
      return { packetsPerSecond: Math.max(leastPerSecond, HEADROOM * through), dead, mild };
    },
    restart,
    cutAtMs: () => cutAtMs,
    canariesWanted: () => Math.max(0, canariesWanted - canaries.length),
  };
}

/** Events a second over about the last second, or since it began or had its first event. */
function createRate(beganAtMs?: number) {
  const slices = new Float64Array(SLICES);
  let newest = Number.NEGATIVE_INFINITY;
  let firstAtMs = beganAtMs;

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
      const coveredMs = (SLICES - 1) * SLICE_MS + (nowMs - newest * SLICE_MS);
      const spanMs = Math.min(coveredMs, Math.max(SLICE_MS, nowMs - (firstAtMs ?? nowMs)));
      return (slices.reduce((sum, count) => sum + count, 0) * 1000) / spanMs;
    },
  };
}
