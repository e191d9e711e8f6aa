import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitted } from '../../src/advice/findings/text.ts';
import { describeService, rememberedService } from '../../src/advice/service.ts';
import { STATE_MEANING, STATE_SENTENCE } from '../../src/advice/topics.ts';
import { listOf, visiblePhrase } from '../../src/advice/words.ts';
import { counted, type Phrase, say } from '../../src/engine/phrase.ts';
import { PORT_STATES } from '../../src/engine/types.ts';
import { createTranslator, translate } from '../../src/i18n/translator.ts';
import { anyEvidence } from '../helpers/scanRecords.ts';

const german = createTranslator('de', {
  'Issued by {0}.': 'Ausgestellt von {0}.',
  'says nothing': 'sagt nichts',
  'looks like {0}': 'sieht nach {0} aus',
  '{0} and {1} more': '{0} und {1} weitere',
});
const inGerman = (phrase: Phrase) => translate(phrase, german);

describe('a phrase that is too long', () => {
  test('loses foreign text, never its own words', () => {
    const short = fitted(say`Issued by ${'x'.repeat(300)}.`, 40);
    expect(short.text).toBe(`Issued by ${'x'.repeat(28)}….`);
    expect(inGerman(short)).toBe(`Ausgestellt von ${'x'.repeat(28)}….`);
    const nested = fitted(say`Issued by ${listOf('y'.repeat(300), 3)}.`, 40);
    expect(nested.text).toBe(`Issued by ${'y'.repeat(17)}… and 3 more.`);
    expect(inGerman(nested)).toBe(`Ausgestellt von ${'y'.repeat(17)}… und 3 weitere.`);
  });

  test('keeps within any limit', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.integer({ min: 1, max: 80 }), (texts, max) => {
        const days = counted(texts.length, say`${texts.length} day`, say`${texts.length} days`);
        const phrase = texts.reduce((whole, text) => say`${whole} and ${text}`, say`After ${days}`);
        expect(fitted(phrase, max).text.length).toBeLessThanOrEqual(max);
        if (phrase.text.length <= max) expect(fitted(phrase, max)).toBe(phrase);
      }),
    );
  });
});

describe('what was seen behind a port', () => {
  test('is said in another language after it was kept in English', () => {
    expect(inGerman(rememberedService('says nothing'))).toBe('sagt nichts');
    expect(inGerman(rememberedService('looks like ssh'))).toBe('sieht nach ssh aus');
    expect(inGerman(rememberedService('OpenSSH 9.9'))).toBe('OpenSSH 9.9');
  });

  test('is at most 60 characters of whatever a service says, and the same after it was kept', () => {
    fc.assert(
      fc.property(anyEvidence, (seen) => {
        const { text } = describeService(seen);
        expect(text.text.length).toBeLessThanOrEqual(60);
        expect(rememberedService(text.text).text).toBe(text.text);
      }),
    );
  });
});

test('foreign text in a phrase becomes visible, and the phrase stays one', () => {
  const phrase = visiblePhrase(say`looks like ${'\u202essh\n'}`);
  expect([phrase.text, inGerman(phrase)]).toEqual(['looks like ssh', 'sieht nach ssh aus']);
});

test('every state has a sentence with the words of its meaning', () => {
  for (const state of PORT_STATES)
    expect(STATE_SENTENCE[state].toLowerCase()).toBe(`${STATE_MEANING[state].toLowerCase()}.`);
});
