/** How much of a pause may be made up for at once: enough to ride out the event loop's own unevenness, no more. */
const DEPTH_MS = 5;

/** Limits how often something happens; the rate can change while it runs. */
export interface TokenBucket {
  /** Sets the rate, tokens a second. */
  setRate(perSecond: number): void;
  rate(): number;
  /** Takes one token, into debt if need be: ask `readyAtMs` first. */
  take(nowMs: number): void;
  /** When a token will be there: `nowMs` or later. */
  readyAtMs(nowMs: number): number;
}

/** A token bucket, full at first: over any t seconds it lets at most depth + t × rate tokens go; depth is 5 ms worth, at least 1. */
export function createTokenBucket(perSecond: number): TokenBucket {
  let rate = perSecond;
  let tokens = Math.max(1, (DEPTH_MS * rate) / 1000);
  let filledAtMs: number | undefined;

  function fill(nowMs: number): void {
    const depth = Math.max(1, (DEPTH_MS * rate) / 1000);
    const passedMs = Math.max(0, nowMs - (filledAtMs ?? nowMs));
    tokens = Math.min(depth, tokens + (passedMs * rate) / 1000);
    filledAtMs = nowMs;
  }

  return {
    setRate(next) {
      rate = next;
    },
    rate: () => rate,
    take(nowMs) {
      fill(nowMs);
      tokens -= 1;
    },
    readyAtMs(nowMs) {
      fill(nowMs);
      // The small surplus keeps rounding from waking the scan a hair before the token is whole.
      return tokens >= 1 ? nowMs : nowMs + ((1 - tokens) * 1000) / rate + 1e-6;
    },
  };
}
