import type { Phrase, PhraseValue } from '../engine/phrase.ts';

/** As Discord names them; English in all its forms is the language of the wording itself. */
export const LOCALES = ['en', 'de', 'fr', 'es', 'pt-BR', 'ja'] as const;
export type Locale = (typeof LOCALES)[number];

/** One language: what it has for a wording, and which wording goes with a number. */
export interface Translator {
  readonly locale: Locale;
  /** The wording in this language, with the same placeholders; the English one where there is no other. */
  wording(key: string): string;
  isOne(count: number): boolean;
}

export const ENGLISH: Translator = { locale: 'en', wording: (key) => key, isOne: (count) => count === 1 };

/** @param catalogue English wording to that of the language */
export function createTranslator(
  locale: Exclude<Locale, 'en'>,
  catalogue: Readonly<Record<string, string>>,
): Translator {
  const known = new Map(Object.entries(catalogue));
  const rules = new Intl.PluralRules(locale);
  return {
    locale,
    wording: (key) => known.get(key) ?? key,
    isOne: (count) => rules.select(count) === 'one',
  };
}

/** A phrase in a language. @param show how a value is put in; the text itself without */
export function translate(
  phrase: Phrase,
  translator: Translator,
  show: (value: string) => string = (value) => value,
): string {
  const { counted } = phrase;
  const chosen = counted && translator.isOne(counted.count) ? counted.one : phrase;
  return fill(translator.wording(chosen.key), chosen.values, (value) =>
    typeof value === 'object' ? translate(value, translator, show) : show(String(value)),
  );
}

/** Puts values where the placeholders stand; a placeholder without a value stays as it is. */
export function fill<T>(wording: string, values: readonly T[], show: (value: T) => string): string {
  return wording.replace(/\{(\d{1,2})\}/g, (placeholder, index: string) => {
    const value = values[Number(index)];
    return value === undefined ? placeholder : show(value);
  });
}

export type { PhraseValue };
