import { safeText, visibleText } from '../safeText.ts';

declare const safe: unique symbol;

/**
 * Text that may be sent: every part is our own wording or was neutralised. Only this file makes one, so a string from a
 * person or a network cannot get into a reply by accident: the compiler wants Markdown there.
 */
export interface Markdown {
  readonly text: string;
  readonly [safe]: true;
}

/**
 * Our own wording with values in it: strings are neutralised, numbers and Markdown stand as they are.
 * @example md`**${host}** has ${3} open ports`
 */
export function md(words: TemplateStringsArray, ...values: readonly (string | number | Markdown)[]): Markdown {
  return trusted(words.map((word, i) => (i === 0 ? word : textOf(values[i - 1] ?? '') + word)).join(''));
}

function textOf(value: string | number | Markdown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? safeText(value) : value.text;
}

/** Wording that is written in this repository, such as the knowledge base; never anything that came from outside. */
export function trusted(text: string): Markdown {
  return { text } as Markdown;
}

/** Foreign text as inline code: copyable, and nothing in it is interpreted. */
export function code(text: string, max?: number): Markdown {
  return trusted(`\`${visibleText(text, max).replaceAll('`', 'ˋ') || ' '}\``);
}

/** Joins lines or other parts. */
export function join(parts: readonly Markdown[], separator = '\n'): Markdown {
  return trusted(parts.map((part) => part.text).join(separator));
}
