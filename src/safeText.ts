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
 * The one way of foreign text (from a network or a person) to where it is shown: plain words on one line, no control,
 * invisible or direction-changing characters (UTS #36), nothing that Discord would read as formatting, link, mention or
 * timestamp; cut to `max` graphemes.
 */
export function safeText(text: string, max = DEFAULT_MAX): string {
  // An underscore inside a word formats nothing, and people copy names such as SCAN_BLOCKLIST and @web.
  const shown = visibleText(text, max).replace(
    /[`<>[\]|*~\\#]|@(?=everyone|here)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/giu,
    (char) => LOOKALIKES.get(char) ?? '',
  );
  return shown
    .replaceAll('://', ':∕∕')
    .replace(/discord\.gg/gi, 'discord·gg')
    .replace(/^(?=[-+]\s|\d+[.)]\s)/, '·');
}

/** Printable ASCII, words with single blanks between them. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Foreign text where nothing is interpreted (inline code, a file, a log): one line, well-formed, without control,
 * invisible or direction-changing characters, cut to `max` graphemes.
 */
export function visibleText(text: string, max = DEFAULT_MAX): string {
  // Bounded before normalising: a grapheme may hold many code units, a hostile text millions.
  // Most of what is shown: nothing in it needs a closer look.
  if (text.length <= max && PLAIN.test(text)) return text;
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
