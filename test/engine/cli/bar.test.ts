import { describe, expect, it } from 'vitest';
import { createBar, progressText, type Standing } from '../../../src/engine/cli/bar.ts';

const STANDING: Standing = {
  decided: 420,
  total: 1_000,
  open: 3,
  packetsPerSecond: 2_100.4,
  elapsedMs: 4_200,
  deadlineMs: undefined,
};

/** A terminal of one line, as far as the bar may use one: carriage return, blanks, and colours. */
function screen(columns: number, colors = false) {
  const shown: string[] = [];
  const writes: string[] = [];
  let cursor = 0;
  return {
    columns,
    hasColors: () => colors,
    writes,
    write(text: string): void {
      writes.push(text);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
      for (const character of text.replace(/\x1b\[\d+m/g, '')) {
        if (character === '\r') cursor = 0;
        else {
          shown[cursor] = character;
          cursor += 1;
          if (cursor >= columns) throw new Error('the line would wrap');
        }
      }
    },
    line: () => shown.join('').trimEnd(),
    cursor: () => cursor,
  };
}

describe('progressText', () => {
  it.each<[number, string]>([
    [79, `[${'#'.repeat(12)}${'-'.repeat(17)}]  42% 420/1000, 3 open, 2100 packets/s, 6 s left`],
    [60, '[####------]  42% 420/1000, 3 open, 2100 packets/s, 6 s left'],
    [47, ' 42% 420/1000, 3 open, 2100 packets/s, 6 s left'],
    [39, ' 42% 420/1000, 3 open, 6 s left'],
    [22, ' 42% 420/1000, 3 open'],
    [20, ' 42% 420/1000'],
    [5, ' 42%'],
    [3, ''],
  ])('%i columns: %s', (width, text) => {
    const shown = progressText(STANDING, width);
    expect(shown.length).toBeLessThanOrEqual(width);
    expect(shown).toBe(text);
  });

  it('fits any width, whatever the numbers', () => {
    for (let width = 0; width < 120; width += 1) {
      const large = { decided: 7_046_430, total: 16_776_960, open: 65_535, packetsPerSecond: 1e6, elapsedMs: 9e6 };
      expect(progressText({ ...large, deadlineMs: undefined }, width).length).toBeLessThanOrEqual(width);
    }
  });

  it('guesses no time before a second has passed, and never beyond the deadline', () => {
    expect(progressText({ ...STANDING, elapsedMs: 900 }, 79)).not.toContain('left');
    expect(progressText({ ...STANDING, decided: 0 }, 79)).not.toContain('left');
    expect(progressText({ ...STANDING, deadlineMs: 6_200 }, 79)).toContain('2 s left');
    expect(progressText({ ...STANDING, decided: 1 }, 79)).toContain('1 h 9 min left');
  });

  it('says 100 % only at the end', () => {
    expect(progressText({ ...STANDING, decided: 999 }, 79)).toContain(' 99% ');
    expect(progressText({ ...STANDING, decided: 1_000 }, 79)).toContain('100% ');
  });
});

describe('createBar', () => {
  it.each([40, 80, 200])('%i columns: redraws in place, without wrapping, ten times a second at most', (columns) => {
    const terminal = screen(columns);
    let nowMs = 0;
    let decided = 0;
    const bar = createBar(
      terminal,
      () => ({ ...STANDING, decided }),
      () => nowMs,
    );
    for (; nowMs <= 2_000; nowMs += 7) {
      decided = Math.floor(nowMs / 2);
      bar.draw();
    }
    expect(terminal.writes.length).toBeGreaterThan(15);
    expect(terminal.writes.length).toBeLessThanOrEqual(21);
    expect(terminal.line()).toContain('/1000, 3 open');
    bar.clear();
    expect([terminal.line(), terminal.cursor()]).toEqual(['', 0]);
  });

  it('leaves nothing of a longer line behind', () => {
    const terminal = screen(80);
    let nowMs = 0;
    let elapsedMs = 4_200;
    const bar = createBar(
      terminal,
      () => ({ ...STANDING, packetsPerSecond: elapsedMs, elapsedMs }),
      () => nowMs,
    );
    bar.draw();
    elapsedMs = 5;
    nowMs += 200;
    bar.draw();
    expect(terminal.line()).toBe(progressText({ ...STANDING, packetsPerSecond: 5, elapsedMs: 5 }, 79));
  });

  it('clears only what it drew', () => {
    const terminal = screen(80);
    const bar = createBar(
      terminal,
      () => STANDING,
      () => 0,
    );
    bar.clear();
    expect(terminal.writes).toEqual([]);
    bar.draw();
    bar.clear();
    bar.clear();
    expect(terminal.writes).toHaveLength(2);
  });

  it('has colour only where the terminal has', () => {
    for (const colors of [true, false]) {
      const terminal = screen(80, colors);
      createBar(
        terminal,
        () => STANDING,
        () => 0,
      ).draw();
      expect(terminal.writes.join('').includes('\x1b')).toBe(colors);
      expect(terminal.line()).toBe(progressText(STANDING, 79));
    }
  });
});
