import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { code, inLanguage, md } from '../../src/discord/markdown.ts';
import { say } from '../../src/engine/phrase.ts';
import { createTranslator } from '../../src/i18n/translator.ts';
import { safeText } from '../../src/safeText.ts';

describe('foreign text in a reply', () => {
  test.each([
    ['@everyone', '＠everyone'],
    ['<@123456789012345678> <#1> </ban:1> <t:0:R> <:x:1>', '‹@123456789012345678› ‹＃1› ‹/ban:1› ‹t:0:R› ‹:x:1›'],
    ['[free](https://evil.example)', '［free］(https:∕∕evil.example)'],
    ['# BIG', '＃ BIG'],
    ['-# tiny', '-＃ tiny'],
    ['- item', '·- item'],
    ['1. item', '·1. item'],
    ['> quote', '› quote'],
    ['**b** __u__ ~~s~~ ||x||', '∗∗b∗∗ ˍˍuˍˍ ∼∼s∼∼ ǀǀxǀǀ'],
    ['```ansi', 'ˋˋˋansi'],
    ['trailing \\', 'trailing ＼'],
    ['SCAN_PRIVATE_RANGES', 'SCAN_PRIVATE_RANGES'],
    ['\u001b[31mred\u0007', '［31mred'],
    ['a\r\nb\u2028c\u0085d', 'a b c d'],
    ['\u202egnp.exe\u200b', 'gnp.exe'],
    ['e\u0301', 'é'],
    ['discord.gg/abc', 'discord·gg/abc'],
  ])('%j becomes %j', (text, shown) => expect(safeText(text)).toBe(shown));

  test('is cut at whole graphemes', () => {
    expect(safeText('👩‍👩‍👧‍👦'.repeat(50), 3)).toMatch(/^\P{Cs}+…$/u);
    expect(safeText('x'.repeat(1_000_000), 10)).toBe(`${'x'.repeat(10)}…`);
  });

  test('a template safeTexts strings and keeps our own wording', () => {
    expect(md`**${'**x**'}** ${7} ${md`*ours*`}`.text).toBe('**∗∗x∗∗** 7 *ours*');
  });

  test('any text stays one line without markup, and code stays one code span', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const shown = safeText(text);
        expect(shown).not.toMatch(/[`<>[\]|*~\\#]|@everyone|@here|:\/\//i);
        expect(shown).not.toMatch(/\p{Cc}|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}/u);
        expect(code(text).text).toMatch(/^`[^`\n\r]+`$/);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('words of ours stand as code in every language, and what they hold stays one code span', () => {
  const german = createTranslator('de', { 'a file without {0}': 'eine Datei ohne {0}' });
  const words = code(say`a file without ${'`x`'}`);
  expect(words.text).toBe('`a file without ˋxˋ`');
  expect(inLanguage(words, german)).toBe('`eine Datei ohne ˋxˋ`');
  expect(inLanguage(code('a file without {0}'), german)).toBe('`a file without {0}`');
});
