import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createProgress } from '../../src/discord/progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function edits(tookMs = 0) {
  const shown: string[] = [];
  let inFlight = 0;
  let most = 0;
  const progress = createProgress<string>({
    everyMs: 2_000,
    onError: (error) => shown.push(`failed: ${error}`),
    edit: async (value) => {
      most = Math.max(most, ++inFlight);
      if (tookMs > 0) await new Promise((resolve) => setTimeout(resolve, tookMs));
      inFlight -= 1;
      if (value === 'bad') throw new Error('bad');
      shown.push(value);
    },
  });
  return { progress, shown, most: () => most };
}

describe('progress edits', () => {
  test('nothing is shown before two seconds; then the latest, every two seconds', async () => {
    const { progress, shown } = edits();
    let state = 'first';
    progress.show(() => state);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(shown).toEqual([]);
    state = 'second';
    await vi.advanceTimersByTimeAsync(1);
    state = 'third';
    await vi.advanceTimersByTimeAsync(2_000);
    expect(shown).toEqual(['second', 'third']);
  });

  test('a slow Discord: one edit in flight, the next two seconds after it ended', async () => {
    const { progress, shown, most } = edits(5_000);
    let state = 1;
    progress.show(() => String(state++));
    await vi.advanceTimersByTimeAsync(16_000);
    expect(shown).toEqual(['1', '2']);
    expect(most()).toBe(1);
  });

  test('never after the end, which waits for the one in flight', async () => {
    const { progress, shown } = edits(1_000);
    progress.show(() => 'late');
    await vi.advanceTimersByTimeAsync(2_500);
    const finished = progress.finish();
    await vi.advanceTimersByTimeAsync(500);
    await finished;
    expect(shown).toEqual(['late']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(shown).toEqual(['late']);
  });

  test('a failed edit is reported and the next one is tried', async () => {
    const { progress, shown } = edits();
    const states = ['bad', 'good'];
    progress.show(() => states.shift() ?? 'good');
    await vi.advanceTimersByTimeAsync(4_000);
    expect(shown).toEqual(['failed: Error: bad', 'good']);
  });
});
