/** Milliseconds of 2015-01-01T00:00:00Z, where Discord's ids begin ("Snowflakes" in its API reference). */
const DISCORD_EPOCH_MS = 1_420_070_400_000;

/** An id for a moment; `sequence` (0 to 2^22 − 1) keeps ids of one millisecond apart. */
export function snowflakeAt(timestampMs: number, sequence: number): string {
  const elapsed = BigInt(Math.max(0, Math.floor(timestampMs) - DISCORD_EPOCH_MS));
  return ((elapsed << 22n) | BigInt(sequence & 0x3f_ffff)).toString();
}

/** A source of ids that never repeats, however often the clock is set back. */
export function createSnowflakes(now: () => number): () => string {
  let sequence = 0;
  return () => {
    sequence += 1;
    return snowflakeAt(now(), sequence);
  };
}
