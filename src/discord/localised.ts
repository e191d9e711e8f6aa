import type { Languages } from '../i18n/index.ts';
import type { Declaration } from './command.ts';

type Json = Record<string, unknown>;

/** Discord's names of the locales that each language is sent for. */
const DISCORD_LOCALES: Readonly<Record<string, readonly string[]>> = { es: ['es-ES', 'es-419'] };

const nameKey = (name: string) => `name: ${name}`;

/** The wordings of a declaration: descriptions as they stand, and names behind `name: `. */
export function wordingsOf(declaration: Declaration): readonly string[] {
  const found: string[] = [];
  walk(declaration as unknown as Json, ({ name, description }) => {
    found.push(nameKey(name), description);
    return {};
  });
  return found;
}

/** The declaration with its names and descriptions in every language. English stays the default of all others. */
export function localised(declaration: Declaration, languages: Languages): Declaration {
  const others = languages.all.filter(({ locale }) => locale !== 'en');
  return walk(declaration as unknown as Json, ({ name, description }) => {
    const names: Record<string, string> = {};
    const descriptions: Record<string, string> = {};
    for (const { locale, wording } of others) {
      for (const discordLocale of DISCORD_LOCALES[locale] ?? [locale]) {
        const own = wording(nameKey(name));
        if (own !== nameKey(name)) names[discordLocale] = own;
        descriptions[discordLocale] = wording(description);
      }
    }
    return { name_localizations: names, description_localizations: descriptions };
  }) as unknown as Declaration;
}

function walk(node: Json, change: (named: { name: string; description: string }) => Json): Json {
  const { name, description, options } = node;
  const changed =
    typeof name === 'string' && typeof description === 'string' ? { ...node, ...change({ name, description }) } : node;
  return Array.isArray(options)
    ? { ...changed, options: options.map((option: Json) => walk(option, change)) }
    : changed;
}
