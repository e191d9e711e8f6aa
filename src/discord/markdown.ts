declare const safe: unique symbol;

/**
 * Text that may be sent: every part is our own wording or was neutralised. Only this file makes one, so a string from a
 * person or a network cannot get into a reply by accident: the compiler wants Markdown there.
 */
export interface Markdown {
  readonly text: string;
  readonly [safe]: true;
}

const DEFAULT_MAX = 300;

/** What Discord would interpret, and the look-alike shown instead: backslashes do not help against most of it. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map([
  ['`', 'ˋ'],
  ['@', '＠'],
  ['<', '‹'],
  ['>', '›'],
  ['[', '［'],
  [']', '］'],
  ['|', 'ǀ'],
  ['*', '∗'],
  ['_', 'ˍ'],
  ['~', '∼'],
  ['\\', '＼'],
  ['#', '＃'],
]);

/**
 * Our own wording with values in it: strings are neutralised, numbers and Markdown stand as they are.
 * @example md`**${host}** has ${3} open ports`
 */
export function md(words: TemplateStringsArray, ...values: readonly (string | number | Markdown)[]): Markdown {
  return trusted(words.map((word, i) => (i === 0 ? word : textOf(values[i - 1] ?? '') + word)).join(''));
}

function textOf(value: string | number | Markdown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? neutralise(value) : value.text;
}

/** Wording that is written in this repository, such as the knowledge base; never anything that came from outside. */
export function trusted(text: string): Markdown {
  return { text } as Markdown;
}

/** Foreign text as inline code: copyable, and nothing in it is interpreted. */
export function code(text: string, max = DEFAULT_MAX): Markdown {
  return trusted(`\`${visible(text, max).replaceAll('`', 'ˋ') || ' '}\``);
}

/** Joins lines or other parts. */
export function join(parts: readonly Markdown[], separator = '\n'): Markdown {
  return trusted(parts.map((part) => part.text).join(separator));
}

/**
 * Foreign text as plain words: one line, no control, invisible or direction-changing characters (UTS #36), nothing that
 * Discord would read as formatting, link, mention or timestamp; cut to `max` graphemes.
 */
export function neutralise(text: string, max = DEFAULT_MAX): string {
  // An underscore inside a word formats nothing, and people copy names such as SCAN_BLOCKLIST and @web.
  const shown = visible(text, max).replace(
    /[`<>[\]|*~\\#]|@(?=everyone|here)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/giu,
    (char) => LOOKALIKES.get(char) ?? '',
  );
  return shown
    .replaceAll('://', ':∕∕')
    .replace(/discord\.gg/gi, 'discord·gg')
    .replace(/^(?=[-+]\s|\d+[.)]\s)/, '·');
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

function visible(text: string, max: number): string {
  // Bounded before normalising: a grapheme may hold many code units, a hostile text millions.
  const bounded = text
    .slice(0, max * 8)
    .toWellFormed()
    .normalize('NFC');
  const clean = bounded
    .replace(/[\p{Cc}\p{Z}]+/gu, ' ')
    .replace(/[\p{Cf}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\ufffd]/gu, '')
    .trim();
  const cut: string[] = [];
  for (const { segment } of graphemes.segment(clean)) {
    if (cut.length === max) return `${cut.join('').slice(0, max * 2)}…`;
    cut.push(segment);
  }
  return cut
    .join('')
    .slice(0, max * 2)
    .toWellFormed();
}
