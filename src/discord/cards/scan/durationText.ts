import { type Phrase, say } from '../../../engine/phrase.ts';

/** @param ms duration in milliseconds */
export function durationText(ms: number): Phrase {
  if (ms < 1_000) return say`${Math.max(1, Math.round(ms))} ms`;
  if (ms < 59_950) return say`${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return say`${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
