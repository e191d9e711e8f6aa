import type { Parsed } from '../engine/parsed.ts';

const MAX_QUOTE = 60;

/** A refusal: what was wrong in a sentence, and something that works. */
export function problem(code: string, message: string, example: string): Parsed<never> {
  return { ok: false, problem: { code, message, example } };
}

/** Somebody's text inside a sentence: bounded, on one line, without anything invisible. */
export function quote(text: string): string {
  const visible = text.replace(/[\p{C}\p{Z}]/gu, (char) => (char === ' ' ? ' ' : '�'));
  const cut = [...visible].slice(0, MAX_QUOTE).join('');
  return `"${cut}${cut.length < visible.length ? '…' : ''}"`;
}

const HINT = 'www.example.com';

/**
 * Refuses what a person cannot see or what only looks like plain characters (UTS #36, UTS #39): controls, blanks other
 * than the space, invisible and bidirectional characters, foreign digits, full-width and other compatibility forms.
 */
export function checkCharacters(text: string): Parsed<never> | undefined {
  if (/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(text)) {
    return problem('bidi', `${quote(text)} contains characters that reverse the reading direction.`, HINT);
  }
  if (/\p{Default_Ignorable_Code_Point}/u.test(text)) {
    return problem('invisible', `${quote(text)} contains an invisible character.`, HINT);
  }
  if (/[^\P{Nd}0-9]/u.test(text)) {
    return problem('non-ascii-digits', `${quote(text)} contains digits other than 0 to 9.`, HINT);
  }
  if (/[\p{C}]|[^\P{Z} ]/u.test(text)) {
    return problem('control-char', `${quote(text)} contains a control character or an unusual blank.`, HINT);
  }
  if (text.includes(' ')) return problem('blank', `${quote(text)} contains a blank. Name one host.`, HINT);
  if (text.normalize('NFKC') !== text.normalize('NFC') || /[。．｡]/u.test(text)) {
    const plain = text.normalize('NFKC').replaceAll('。', '.');
    return problem(
      'lookalike',
      `${quote(text)} contains look-alike characters.`,
      `${plain.slice(0, 60)}, if that is meant`,
    );
  }
  return undefined;
}
