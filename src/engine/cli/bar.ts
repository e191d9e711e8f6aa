import { formatDuration } from './words.ts';

/** Redrawing more often than this costs time and tells nobody more. */
const REDRAW_MS = 100;
const UNKNOWN_COLUMNS = 80;
const BAR_LENGTH = { least: 10, most: 30 } as const;
/** Too early, or with too little known, a guess of the time left would only jump about. */
const GUESS_AFTER_MS = 1_000;

/** Where a scan stands. */
export interface Standing {
  readonly decided: number;
  readonly total: number;
  readonly open: number;
  /** Over the last second or so; `null` before that. */
  readonly packetsPerSecond: number | null;
  readonly elapsedMs: number;
  readonly deadlineMs: number | undefined;
}

/** The part of a terminal stream (tty.WriteStream) that the bar needs. */
export interface Terminal {
  write(text: string): unknown;
  readonly columns?: number;
  hasColors?(): boolean;
}

export interface Bar {
  /** Draws the line anew, but for calls within {@link REDRAW_MS} of the last. */
  draw(): void;
  /** Leaves an empty line with the cursor at its start. */
  clear(): void;
}

function timeLeftMs({ decided, total, elapsedMs, deadlineMs }: Standing): number | undefined {
  if (elapsedMs < GUESS_AFTER_MS || decided === 0) return undefined;
  const guessMs = (elapsedMs / decided) * (total - decided);
  return deadlineMs === undefined ? guessMs : Math.max(0, Math.min(guessMs, deadlineMs - elapsedMs));
}

function formatLeft(leftMs: number): string {
  return formatDuration(Math.max(1, Math.ceil(leftMs / 1_000)) * 1_000).replace('.00', '');
}

/**
 * The progress in at most `width` characters: share, decided of total, open ones, packets a second, time left, and a
 * bar where there is room. What is least telling goes first.
 */
export function progressText(standing: Standing, width: number): string {
  const { decided, total, open, packetsPerSecond } = standing;
  const share = total === 0 ? 1 : decided / total;
  const leftMs = timeLeftMs(standing);
  const left = leftMs === undefined ? [] : [`${formatLeft(leftMs)} left`];
  const rate = packetsPerSecond === null ? [] : [`${Math.round(packetsPerSecond)} packets/s`];
  const head = `${String(Math.floor(share * 100)).padStart(3)}%`;
  const counts = `${head} ${decided}/${total}`;
  const found = `${counts}, ${open} open`;
  const choices = [[found, ...rate, ...left], [found, ...left], [found], [counts], [head]].map((parts) =>
    parts.join(', '),
  );
  const text = choices.find(({ length }) => length <= width) ?? '';
  const room = Math.min(BAR_LENGTH.most, width - text.length - 3);
  if (text !== choices[0] || room < BAR_LENGTH.least) return text;
  const filled = Math.floor(share * room);
  return `[${'#'.repeat(filled)}${'-'.repeat(room - filled)}] ${text}`;
}

/**
 * One line on a terminal, redrawn in place with carriage return and blanks alone, which every terminal has. It never
 * reaches the last column, where some would wrap. Colour only where the terminal has it and NO_COLOR is not set
 * (`hasColors` knows both).
 *
 * @param now milliseconds on a clock that does not run backwards
 */
export function createBar(terminal: Terminal, standing: () => Standing, now: () => number): Bar {
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let drawnLength = 0;
  const colors = terminal.hasColors?.() ?? false;

  function paint(text: string): string {
    return colors ? text.replace(/#+/, (filled) => `\x1b[32m${filled}\x1b[39m`) : text;
  }

  return {
    draw() {
      const nowMs = now();
      if (nowMs - drawnAtMs < REDRAW_MS) return;
      drawnAtMs = nowMs;
      const width = (terminal.columns || UNKNOWN_COLUMNS) - 1;
      const text = progressText(standing(), width);
      const blanks = ' '.repeat(Math.max(0, Math.min(drawnLength, width) - text.length));
      terminal.write(`\r${paint(text)}${blanks}`);
      drawnLength = text.length;
    },
    clear() {
      if (drawnLength === 0) return;
      const width = (terminal.columns || UNKNOWN_COLUMNS) - 1;
      terminal.write(`\r${' '.repeat(Math.min(drawnLength, width))}\r`);
      drawnLength = 0;
    },
  };
}
