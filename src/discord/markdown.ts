import { keyOf, type Phrase } from '../engine/phrase.ts';
import { ENGLISH, fill, type Translator, translate } from '../i18n/translator.ts';
import { safeText, visibleText } from '../safeText.ts';

declare const safe: unique symbol;

/**
 * Text that may be sent: every part is our own wording or was neutralised. Only this file makes one, so a string from a
 * person or a network cannot get into a reply by accident: the compiler wants Markdown there. The wording and its values
 * are kept apart, so that it can be said in another language; `text` is the whole in English.
 */
export interface Markdown {
  readonly text: string;
  readonly [safe]: Parts;
}

type Value = string | number | Markdown | Phrase;

type Parts =
  | { readonly kind: 'wording'; readonly key: string; readonly values: readonly Value[] }
  | { readonly kind: 'verbatim' }
  | { readonly kind: 'code'; readonly words: Phrase; readonly max: number | undefined }
  | { readonly kind: 'joined'; readonly parts: readonly Markdown[]; readonly separator: string }
  | { readonly kind: 'counted'; readonly count: number; readonly one: Markdown; readonly other: Markdown };

const PARTS = Symbol('parts');

/** Graphemes of a phrase: our own wording, with values that are bounded themselves. */
const MAX_PHRASE = 1_000;

function make(text: string, parts: Parts): Markdown {
  return { text, [PARTS]: parts } as unknown as Markdown;
}

function partsOf(markdown: Markdown): Parts {
  return (markdown as unknown as { readonly [PARTS]: Parts })[PARTS];
}

/**
 * Our own wording with values in it: strings are neutralised, phrases too; numbers and Markdown stand as they are.
 * @example md`**${host}** has ${3} open ports`
 */
export function md(words: TemplateStringsArray, ...values: readonly Value[]): Markdown {
  const parts: Parts = { kind: 'wording', key: keyOf(words), values };
  const text = words.map((word, i) => (i === 0 ? word : show(values[i - 1] ?? '', ENGLISH) + word)).join('');
  return make(text, parts);
}

/** The wording for a number: both hold the number itself, for languages differ in what they count as one. */
export function mdCounted(count: number, one: Markdown, other: Markdown): Markdown {
  return make((count === 1 ? one : other).text, { kind: 'counted', count, one, other });
}

/** Wording that is written in this repository, such as the knowledge base; never anything that came from outside. */
export function trusted(text: string): Markdown {
  return make(text, { kind: 'wording', key: text, values: [] });
}

/** Foreign text, or words of ours, as inline code: copyable, and nothing in it is interpreted. */
export function code(text: string | Phrase, max?: number): Markdown {
  return typeof text === 'string'
    ? make(inlineCode(text, max), { kind: 'verbatim' })
    : make(inlineCode(text.text, max), { kind: 'code', words: text, max });
}

function inlineCode(text: string, max: number | undefined): string {
  return `\`${visibleText(text, max).replaceAll('`', 'ˋ') || ' '}\``;
}

/** Joins lines or other parts. */
export function join(parts: readonly Markdown[], separator = '\n'): Markdown {
  return make(parts.map(({ text }) => text).join(separator), { kind: 'joined', parts, separator });
}

/** The whole in a language. */
export function inLanguage(markdown: Markdown, translator: Translator): string {
  const parts = partsOf(markdown);
  switch (parts.kind) {
    case 'verbatim':
      return markdown.text;
    case 'code':
      return inlineCode(translate(parts.words, translator), parts.max);
    case 'joined':
      return parts.parts.map((part) => inLanguage(part, translator)).join(parts.separator);
    case 'counted':
      return inLanguage(translator.isOne(parts.count) ? parts.one : parts.other, translator);
    case 'wording':
      return fill(translator.wording(parts.key), parts.values, (value) => show(value, translator));
  }
}

function show(value: Value, translator: Translator): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return safeText(value);
  return PARTS in value
    ? inLanguage(value as Markdown, translator)
    : safeText(translate(value as Phrase, translator), MAX_PHRASE);
}
