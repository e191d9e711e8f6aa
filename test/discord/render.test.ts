import { embedLength } from 'discord.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Card } from '../../src/discord/card.ts';
import { LIMITS } from '../../src/discord/limits.ts';
import { trusted } from '../../src/discord/markdown.ts';
import { renderCard } from '../../src/discord/render.ts';

const unit = fc.constantFrom('a', 'é', '👍', ' ', '-');
const text = fc
  .oneof(
    fc.string({ unit, minLength: 1, maxLength: 60 }),
    fc
      .tuple(fc.string({ unit, minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 90 }))
      .map(([word, n]) => word.repeat(n)),
  )
  .map(trusted);
const cards: fc.Arbitrary<Card> = fc.record({
  tone: fc.constantFrom('good', 'danger', 'refused'),
  title: text,
  lines: fc.array(text, { maxLength: 60 }),
  sections: fc.array(fc.record({ heading: text, lines: fc.array(text, { maxLength: 12 }) }), { maxLength: 6 }),
  footer: text,
  attachment: fc.constant({ name: 'all.txt', content: () => 'everything' }),
});

describe('a card becomes a message', () => {
  test('within every limit, and whatever was cut is attached and said', () => {
    fc.assert(
      fc.property(cards, (card) => {
        const { embeds, files } = renderCard(card);
        const [embed] = embeds;
        if (!embed) throw new Error('no embed');
        expect(embed.title?.length).toBeLessThanOrEqual(LIMITS.embedTitle);
        expect(embed.description?.length ?? 0).toBeLessThanOrEqual(LIMITS.embedDescription);
        expect(embed.fields?.length ?? 0).toBeLessThanOrEqual(LIMITS.embedFields);
        for (const field of embed.fields ?? []) {
          expect(field.name.length).toBeLessThanOrEqual(LIMITS.fieldName);
          expect(field.value.length).toBeLessThanOrEqual(LIMITS.fieldValue);
          expect(field.value.trim().length).toBeGreaterThan(0);
        }
        expect(embedLength(embed)).toBeLessThanOrEqual(LIMITS.embedTotal);
        const shown = [embed.description, ...(embed.fields ?? []).map(({ value }) => value)].join('\n');
        const whole = [card.lines ?? [], ...(card.sections ?? []).map(({ lines }) => lines)].map((lines) =>
          lines
            .map(({ text }) => text)
            .join('\n')
            .replace(/(?:\n\s*)+$/, ''),
        );
        const parts = [embed.description, ...(embed.fields ?? []).map(({ value }) => value)];
        const complete = whole.every((text) => text.trim() === '' || parts.includes(text));
        expect(files.length > 0).toBe(!complete);
        if (!complete) expect(shown).toContain('all of it in all.txt');
        expect(renderCard(card)).toEqual({ embeds, files, components: [] });
      }),
      { numRuns: 300 },
    );
  });

  test('a cut never leaves half a surrogate pair', () => {
    const { embeds } = renderCard({ tone: 'info', title: trusted('👍'.repeat(300)) });
    expect(embeds[0]?.title?.isWellFormed()).toBe(true);
  });

  test('a single line that is too long is cut, not lost', () => {
    const { embeds } = renderCard({ tone: 'info', title: trusted('t'), lines: [trusted('x'.repeat(9_000))] });
    expect(embeds[0]?.description).toMatch(/1 more line/);
  });

  test('a picture is shown in the embed, with its words for who cannot see it, beside an attachment', () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0xff, 0x00);
    const card: Card = {
      tone: 'info',
      title: trusted('t'),
      lines: [trusted('x'.repeat(5_000))],
      attachment: { name: 'all.txt', content: () => 'everything' },
      picture: { name: 'history.png', description: '👍'.repeat(600), png },
    };
    const { embeds, files } = renderCard(card);
    expect(embeds[0]?.image).toEqual({ url: 'attachment://history.png' });
    expect(files.map(({ name }) => name)).toEqual(['all.txt', 'history.png']);
    expect(files[0]).not.toHaveProperty('description');
    expect([...(files[1]?.attachment ?? [])]).toEqual([...png]);
    expect(files[1]?.description?.length).toBeLessThanOrEqual(LIMITS.attachmentDescription);
    expect(files[1]?.description?.isWellFormed()).toBe(true);
  });
});
