import type { Phrase, PhraseValue } from '../../engine/phrase.ts';
import { fill } from '../../i18n/translator.ts';
import { fromTable, listOf } from '../words.ts';

const MAX_NAMES = 5;

/** A list that fits a line. */
export function some(names: readonly string[]): Phrase {
  return listOf(names.slice(0, MAX_NAMES).join(', '), names.length - MAX_NAMES);
}

/** At most `max` code units, with an ellipsis where something was left out. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}

/** At most `max` code units in English: the longest of the foreign texts in it gives way. */
export function fitted(phrase: Phrase, max: number): Phrase {
  let whole = phrase;
  while (whole.text.length > max) {
    const shorter = withoutSome(whole, whole.text.length - max);
    if (shorter.text.length >= whole.text.length) return fromTable(cut(whole.text, max));
    whole = shorter;
  }
  return whole;
}

/** The same with up to `over` code units less in its longest text. */
function withoutSome(phrase: Phrase, over: number): Phrase {
  const lengths = phrase.values.map(longestIn);
  const longest = lengths.indexOf(Math.max(...lengths));
  const values = phrase.values.map((value, i) => {
    if (i !== longest || typeof value === 'number') return value;
    return typeof value === 'string' ? cut(value, Math.max(1, value.length - over)) : withoutSome(value, over);
  });
  return { ...phrase, values, text: fill(phrase.key, values, textOf) };
}

/** Our own words, and what hangs on a number, are left whole. */
function longestIn(value: PhraseValue): number {
  if (typeof value !== 'object') return typeof value === 'string' ? value.length : 0;
  return value.counted ? 0 : Math.max(0, ...value.values.map(longestIn));
}

function textOf(value: PhraseValue): string {
  return typeof value === 'object' ? value.text : String(value);
}
