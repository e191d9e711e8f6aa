import type { Message } from './messages.ts';
import { createTranslator, ENGLISH, LOCALES, type Locale, type Translator } from './translator.ts';

export { ENGLISH, LOCALES, type Locale, type Translator } from './translator.ts';

/** Every wording of the bot in one language. */
export type Catalogue = Readonly<Record<Message, string>>;

/** The translators by Discord's names of locales. */
export interface Languages {
  /** For a locale as Discord names it (`de`, `es-419`, `pt-BR`); English where there is no other. */
  of(discordLocale: string | undefined | null): Translator;
  readonly all: readonly Translator[];
}

/** Spanish is one wording here for both of Discord's. */
const ALIASES: ReadonlyMap<string, Locale> = new Map([
  ['es-ES', 'es'],
  ['es-419', 'es'],
]);

/** @param catalogues of every language but English */
export function createLanguages(catalogues: Readonly<Record<Exclude<Locale, 'en'>, Catalogue>>): Languages {
  const translators = new Map<string, Translator>([['en', ENGLISH]]);
  for (const locale of LOCALES) {
    if (locale !== 'en') translators.set(locale, createTranslator(locale, catalogues[locale]));
  }
  return {
    of: (discordLocale) => {
      const asked = discordLocale ?? 'en';
      return translators.get(ALIASES.get(asked) ?? asked) ?? ENGLISH;
    },
    all: [...translators.values()],
  };
}
