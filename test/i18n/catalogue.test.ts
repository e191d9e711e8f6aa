import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { messagesSource } from '../../scripts/messages.ts';
import { CATALOGUES } from '../../src/i18n/languages.ts';
import { KNOWLEDGE, REPLIES } from '../../src/i18n/messages.ts';

const MESSAGES: readonly string[] = [...REPLIES, ...KNOWLEDGE];

/** What a translation must leave as it is: placeholders, code, links, bold. */
function marksOf(text: string): string[] {
  return [...text.matchAll(/\{\d+\}|`[^`]*`|https?:\S+|\*\*/g)].map(([mark]) => mark).sort();
}

test('the list of wordings is what stands in the code: `node scripts/messages.ts` writes it anew', () => {
  const stored = readFileSync(join(import.meta.dirname, '../../src/i18n/messages.ts'), 'utf8');
  expect(stored).toBe(messagesSource());
});

describe.each(Object.entries(CATALOGUES))('%s', (locale, catalogue) => {
  const entries = Object.entries(catalogue);

  test('has every wording, and none that is not used', () => {
    const keys = new Set(Object.keys(catalogue));
    expect(MESSAGES.filter((message) => !keys.has(message))).toEqual([]);
    const wanted = new Set(MESSAGES);
    expect([...keys].filter((key) => !wanted.has(key))).toEqual([]);
  });

  test('leaves placeholders, code and links as they are', () => {
    const wrong = entries.filter(([key, text]) => marksOf(key).join(' ') !== marksOf(text).join(' '));
    expect(wrong).toEqual([]);
  });

  test('says nothing blank, and nothing twice as long', () => {
    const wrong = entries.filter(([key, text]) => text.trim() === '' || text.length > key.length * 2 + 20);
    expect(wrong).toEqual([]);
  });

  test('is a translation', () => {
    const same = entries.filter(([key, text]) => key === text && key.length > 40 && !key.startsWith('name: '));
    expect(
      same.map(([key]) => key),
      locale,
    ).toEqual([]);
  });
});
