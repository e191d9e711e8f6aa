import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FACT_TEXT, FACT_TEXTS, factText, factTexts, jsonBytes } from '../../src/probes/openFacts.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc.string({ unit: 'grapheme', maxLength: 600 }),
  fc
    .constantFrom('\u{1f468}\u200d\u{1f469}\u200d\u{1f467}', '\u0301', '\ud800', '"', '\\', '\u202e', '\u4e00')
    .map((each) => each.repeat(500)),
);

describe('a text of a fact', () => {
  test('never has more than 200 code units, whatever came', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const shown of [factText(text), factText(Buffer.from(text)), factText(Buffer.from(text, 'utf16le'))]) {
          expect(FACT_TEXT.safeParse(shown).success).toBe(true);
          expect(shown.isWellFormed()).toBe(true);
          expect(shown).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        }
        expect(factText(text, 10).length).toBeLessThanOrEqual(10);
      }),
      { seed: 1 },
    );
  });

  test('what is short and plain stays as it is; what is cut says so', () => {
    expect(factText('SSH-2.0-OpenSSH_9.9')).toBe('SSH-2.0-OpenSSH_9.9');
    expect(factText('x'.repeat(199))).toBe('x'.repeat(199));
    expect(factText('x'.repeat(5_000))).toBe(`${'x'.repeat(199)}…`);
  });

  test('a megabyte costs next to nothing', () => {
    const startedAt = performance.now();
    for (const piece of ['a', '\n', '\u0301', '\u{1f468}\u200d']) {
      factText(piece.repeat(1_000_000));
      factText(Buffer.from(piece.repeat(1_000_000)));
    }
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('a list', () => {
  test('has at most 64 texts, and takes no more as JSON than it may', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 100 }), fc.integer({ min: 0, max: 4_096 }), (texts, maxBytes) => {
        const kept = factTexts(texts, { maxBytes });
        expect(FACT_TEXTS.safeParse(kept).success).toBe(true);
        expect(jsonBytes(kept)).toBeLessThanOrEqual(maxBytes + 2);
        expect(kept).toEqual(texts.slice(0, kept.length).map((text) => factText(text)));
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test('ordinary lists are kept whole', () => {
    const names = Array.from({ length: 64 }, (_, index) => `host-${index}.example.com`);
    expect(factTexts(names)).toEqual(names);
    expect(factTexts([...names, 'one more']).length).toBe(64);
  });
});
