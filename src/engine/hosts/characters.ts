import type { Failure } from '../parsed.ts';
import { type Phrase, say, sentences } from '../phrase.ts';
import { quote } from '../ports/quote.ts';
import { fail, type Reader } from './types.ts';

const PLAIN = /^[\x21-\x7e]*$/;

/** The value of a decimal digit of any script: their characters come in rows of ten, from 0 to 9. */
function digitValue(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((code - first) % 10);
}

/** The plain characters that somebody may take a text for (NFKC; digits of every script, dots of East Asia). */
function plainFormOf(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll('。', '.')
    .replace(/[^\P{Nd}0-9]/gu, digitValue);
}

/** Offers the plain form for what only resembles it: somebody has to choose it, it is never used by itself. */
function refuseLookalike(code: string, what: Phrase, text: string, reader: Reader): Failure {
  const plain = reader.check(plainFormOf(text));
  return fail(reader, code, sentences(what, adviceFor(plain)), plain);
}

function adviceFor(plain: string | undefined): Phrase {
  if (plain === undefined) return say`Type it in plain letters and digits.`;
  return /^[\d.]+$|:/.test(plain)
    ? say`If the address ${plain} is meant, type it in plain letters and digits.`
    : say`If ${plain} is meant, type it in plain letters and digits.`;
}

/**
 * Refuses what a person cannot see or what only looks like plain characters (UTS #36, UTS #39): controls, blanks,
 * invisible and bidirectional characters, foreign digits, full-width and other compatibility forms. What canonical
 * equivalence (NFC) makes equal is equal.
 */
export function checkCharacters(text: string, reader: Reader): Failure | undefined {
  if (PLAIN.test(text)) return undefined;
  if (/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(text)) {
    const message = say`${quote(text)} contains characters that reverse the reading direction. Type the host anew.`;
    return fail(reader, 'bidi', message);
  }
  if (/\p{Default_Ignorable_Code_Point}/u.test(text)) {
    const message = say`${quote(text)} contains an invisible character. Type the host anew.`;
    return fail(reader, 'invisible', message, text.replace(/\p{Default_Ignorable_Code_Point}/gu, ''));
  }
  if (/[^\P{Nd}0-9]/u.test(text)) {
    return refuseLookalike('non-ascii-digits', say`${quote(text)} contains digits other than 0 to 9.`, text, reader);
  }
  if (/\p{C}|[^\P{Z} ]/u.test(text)) {
    const message = say`${quote(text)} contains a control character or an unusual blank. Type the host anew.`;
    // What stands around the text only; what stands within may part two hosts.
    const [inside] = /[^\p{C}\p{Z}](?:.*[^\p{C}\p{Z}])?/su.exec(text) ?? [];
    return fail(reader, 'control-char', message, inside);
  }
  if (text.includes(' ')) return fail(reader, 'blank', say`${quote(text)} contains a blank. Name one host.`);
  const composed = text.normalize('NFC');
  if (composed.normalize('NFKC') !== composed || /[。．｡]/u.test(composed)) {
    return refuseLookalike('lookalike', say`${quote(composed)} contains look-alike characters.`, composed, reader);
  }
  return undefined;
}
