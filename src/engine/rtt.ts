/** Wait before any round-trip time is known: covers most of the planet, and a silent LAN port costs no second. */
const INITIAL_RTO_MS = 250;
/** Shorter would mistake a busy host, or our own busy event loop, for a silent one. */
const MIN_RTO_MS = 40;
/** Least allowance above the smoothed time: timers and the event loop are no finer. */
const GRANULARITY_MS = 10;

export interface RttEstimator {
  sample(rttMs: number): void;
  /** How long an attempt waits for its answer, in milliseconds. */
  rtoMs(): number;
  /** Smoothed round-trip time in milliseconds, 0 before the first sample. */
  smoothedMs(): number;
  /** Shortest round-trip time seen, `Infinity` before the first sample. */
  minMs(): number;
}

/**
 * Retransmission timeout by RFC 6298 §2 with a scanner's constants. Every attempt has a socket of its own, so each
 * sample is unambiguous and Karn's algorithm (§3) is not needed; there is no back-off (§5.5): pacing is done elsewhere.
 *
 * @param maxMs upper bound of the timeout, milliseconds
 */
export function createRttEstimator(maxMs: number): RttEstimator {
  let smoothed: number | undefined;
  let variation = 0;
  let min = Number.POSITIVE_INFINITY;
  return {
    sample(rttMs) {
      min = Math.min(min, rttMs);
      if (smoothed === undefined) {
        smoothed = rttMs;
        variation = rttMs / 2;
      } else {
        variation += (Math.abs(rttMs - smoothed) - variation) / 4;
        smoothed += (rttMs - smoothed) / 8;
      }
    },
    rtoMs() {
      const wanted = smoothed === undefined ? INITIAL_RTO_MS : smoothed + Math.max(4 * variation, GRANULARITY_MS);
      return Math.min(Math.max(wanted, MIN_RTO_MS), maxMs);
    },
    smoothedMs: () => smoothed ?? 0,
    minMs: () => min,
  };
}
