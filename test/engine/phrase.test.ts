import { describe, expect, test } from 'vitest';
import { say, sentences } from '../../src/engine/phrase.ts';
import { createTranslator, translate } from '../../src/i18n/translator.ts';
import { waitText } from '../../src/policy/quotaWords.ts';
import { parseTarget } from '../../src/policy/target.ts';

describe('sentences', () => {
  test('stand one after the other, without those that are missing', () => {
    expect(sentences(say`One.`).text).toBe('One.');
    expect(sentences(say`One.`, undefined, say`Two.`, say`Three.`).text).toBe('One. Two. Three.');
  });

  test('are put together as the language does', () => {
    const japanese = createTranslator('ja', { '{0} {1}': '{0}{1}', 'One.': '一。', 'Two.': '二。' });
    expect(translate(sentences(say`One.`, say`Two.`, say`One.`), japanese)).toBe('一。二。一。');
  });
});

test('a problem is said in another language, with what was typed as it was typed', () => {
  const german = createTranslator('de', {
    '{0} {1}': '{0} {1}',
    '{0} has a port glued on.': 'An {0} hängt ein Port.',
    'Write the host alone, {0}, and {1} in the option ports.':
      'Schreib nur den Host, {0}, und {1} in die Option ports.',
  });
  const parsed = parseTarget('www.example.com:8080');
  if (parsed.ok) throw new Error('taken');
  expect(translate(parsed.problem.message, german)).toBe(
    'An “www.example.com:8080” hängt ein Port. Schreib nur den Host, www.example.com, und 8080 in die Option ports.',
  );
});

test('a wait takes the wording of its number', () => {
  const german = createTranslator('de', {
    'in {0} second ({1})': 'in {0} Sekunde ({1})',
    'in {0} seconds ({1})': 'in {0} Sekunden ({1})',
  });
  const inGerman = (waitMs: number) => translate(waitText(waitMs, 0), german);
  expect([inGerman(1_000), inGerman(30_000)]).toEqual(['in 1 Sekunde (00:01 UTC)', 'in 30 Sekunden (00:01 UTC)']);
});
