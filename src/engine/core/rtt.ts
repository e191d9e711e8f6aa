/** Wait before any round-trip time is known: covers most of the planet, and a silent LAN port costs no second. */
const INITIAL_RTO_MS = 250;
/** Shorter would mistake a busy host, or our own busy event loop, for a silent one. */
const MIN_RTO_MS = 40;
/** RFC 6298 allows an upper bound (§2.5); a scan that waits longer than this for one packet is of no use to anyone. */
const MAX_RTO_MS = 3_000;
/** Least allowance above the smoothed time: timers and the event loop are no finer. */
const GRANULARITY_MS = 10;

export interface RttEstimator {
  sample(rttMs: number): void;
  /** How long an attempt waits for its answer, in milliseconds. */
  rtoMs(): number;
  /** Smoothed round-trip time in milliseconds, `undefined` before the first sample. */
  smoothedMs(): number | undefined;
  /** Shortest round-trip time seen, `Infinity` before the first sample. */
  minMs(): number;
}

/**
 * Retransmission timeout by RFC 6298 §2 with a scanner's constants. Every attempt has a socket of its own, so each
 * sample is unambiguous and Karn's algorithm (§3) is not needed; there is no back-off (§5.5): pacing is done elsewhere.
 *
 * @param capMs upper bound of the timeout in milliseconds, `undefined` for the usual one
 */
export function createRttEstimator(capMs: number | undefined): RttEstimator {
  const maxMs = capMs ?? MAX_RTO_MS;
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
    smoothedMs: () => smoothed,
    minMs: () => min,
  };
}
