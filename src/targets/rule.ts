import type { Parsed } from '../engine/parsed.ts';
import { type Phrase, say } from '../engine/phrase.ts';
import { parseExpiry } from '../policy/expiry.ts';
import type { Pattern } from '../policy/pattern.ts';
import { problem } from '../policy/problems.ts';
import { visibleText } from '../safeText.ts';

/** Characters of a note, in UTF-16 code units, after cleaning. */
export const MAX_NOTE = 200;

/** What somebody wants an entry to say, from a command or from a line of a file. Undefined = as it was. */
export interface RuleRequest {
  readonly pattern: Pattern;
  /** Undefined in a new entry: it allows. */
  readonly effect: 'allow' | 'deny' | undefined;
  /** As `formatPorts` writes them, or `all`. */
  readonly ports: string | undefined;
  /** ISO 8601 UTC, or `never`. */
  readonly expiresAt: string | undefined;
  /** Empty = none. */
  readonly note: string | undefined;
}

export function isWord(text: string, word: string): boolean {
  return text.trim().toLowerCase() === word;
}

/** Reads when an entry ends: `never`, or as in {@link parseExpiry}. */
export function parseEnd(text: string, nowMs: number): Parsed<string, Phrase> {
  return isWord(text, 'never') ? { ok: true, value: 'never' } : parseExpiry(text, nowMs);
}

/**
 * A note as it is shown and compared: one line, nothing invisible, not longer than {@link MAX_NOTE}. Applying it again
 * changes nothing. Absent and blank notes are both empty.
 */
export function shownNote(note: string | undefined): string {
  return visibleText(cleaned(note ?? '').slice(0, MAX_NOTE));
}

/** Twice: what stood around a removed character may combine, or be two blanks. */
function cleaned(text: string): string {
  return visibleText(visibleText(text));
}

/** Reads a note: cleaned as in {@link shownNote}; too long is a problem, never a silent cut. */
export function parseNote(raw: string): Parsed<string, Phrase> {
  const note = cleaned(raw);
  if (note.length <= MAX_NOTE && raw.length <= MAX_NOTE * 8) return { ok: true, value: note };
  const length = Math.max(note.length, raw.trim().length);
  const message = say`The note has ${length} characters; at most ${MAX_NOTE} are kept.`;
  return problem('long-note', message, say`web shop, asked for by Kim`);
}
