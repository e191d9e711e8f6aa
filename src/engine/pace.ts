/** How much of a pause may be made up for at once: enough that a small scan leaves in one go. */
const DEPTH_MS = 20;

export interface TokenBucket {
  /** Takes one token if there is one. */
  take(nowMs: number): boolean;
  /** When a token will be there: `nowMs` or later. */
  readyAtMs(nowMs: number): number;
}

/** A token bucket, full at first: over any t seconds it lets at most depth + t × perSecond tokens go. */
export function createTokenBucket(perSecond: number): TokenBucket {
  const perMs = perSecond / 1000;
  const depth = Math.max(1, DEPTH_MS * perMs);
  let tokens = depth;
  let filledAtMs: number | undefined;

  function fill(nowMs: number): void {
    tokens = Math.min(depth, tokens + (nowMs - (filledAtMs ?? nowMs)) * perMs);
    filledAtMs = nowMs;
  }

  return {
    take(nowMs) {
      fill(nowMs);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    readyAtMs(nowMs) {
      fill(nowMs);
      // The small surplus keeps rounding from waking the scan a hair before the token is whole.
      return tokens >= 1 ? nowMs : nowMs + (1 - tokens) / perMs + 1e-6;
    },
  };
}
