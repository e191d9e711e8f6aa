/**
 * Wording with values in it, kept apart so that it can be said in another language: `key` is the English wording with
 * `{0}`, `{1}`… for the values, and `text` is the whole in English. Nothing in it is neutralised.
 */
export interface Phrase {
  readonly text: string;
  readonly key: string;
  readonly values: readonly PhraseValue[];
  /** Present where the wording depends on a number: `one` for what the language counts as one, this phrase for all else. */
  readonly counted?: { readonly count: number; readonly one: Phrase };
}

export type PhraseValue = string | number | Phrase;

/**
 * Our own wording with values in it.
 * @example say`One scan takes at most ${1024} ports.`
 */
export function say(words: TemplateStringsArray, ...values: readonly PhraseValue[]): Phrase {
  const text = words.map((word, i) => (i === 0 ? word : shown(values[i - 1] ?? '') + word)).join('');
  return { text, key: keyOf(words), values };
}

/** The wording for a number: both hold the number itself, for languages differ in what they count as one. */
export function counted(count: number, one: Phrase, other: Phrase): Phrase {
  const { text } = count === 1 ? one : other;
  return { ...other, text, counted: { count, one } };
}

/** Sentences one after the other; those that are undefined are left out. */
export function sentences(first: Phrase, ...more: readonly (Phrase | undefined)[]): Phrase {
  return more.reduce<Phrase>((said, next) => (next ? say`${said} ${next}` : said), first);
}

/** `{0} open ports on {1}` for the words around two values. */
export function keyOf(words: readonly string[]): string {
  return words.map((word, i) => (i === 0 ? word : `{${i - 1}}${word}`)).join('');
}

function shown(value: PhraseValue): string {
  return typeof value === 'object' ? value.text : String(value);
}
