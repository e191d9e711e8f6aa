import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/advice/catalogue/index.ts';
import { ianaServices } from '../../src/advice/iana.ts';
import { TOPICS } from '../../src/advice/topics.ts';
import type { Card } from '../../src/discord/card.ts';
import { overviewCard, portCard, topicCard } from '../../src/discord/cards/explainCards.ts';
import { LIMITS } from '../../src/discord/limits.ts';
import { renderCard } from '../../src/discord/render.ts';

/** Compares with the card itself, so that a silent cut is seen as well as one that says "more lines". */
function cutParts(card: Card): readonly string[] {
  const [embed] = renderCard(card).embeds;
  const fields = embed?.fields ?? [];
  const sections = (card.sections ?? []).filter(({ lines }) => lines.length > 0);
  const total = [
    embed?.title,
    embed?.description,
    embed?.footer?.text,
    ...fields.flatMap(({ name, value }) => [name, value]),
  ];
  return [
    ...(embed?.title === card.title.text ? [] : ['title']),
    ...((embed?.description ?? '') === (card.lines ?? []).map(({ text }) => text).join('\n') ? [] : ['lines']),
    ...((embed?.footer?.text ?? '') === (card.footer?.text ?? '') ? [] : ['footer']),
    ...(fields.length === sections.length ? [] : ['sections']),
    ...sections.flatMap(({ heading, lines }, i) =>
      fields[i]?.value === lines.map(({ text }) => text).join('\n') && fields[i]?.name === heading.text
        ? []
        : [heading.text],
    ),
    ...(total.join('').length <= LIMITS.embedTotal ? [] : ['total']),
  ];
}

describe('nothing is cut', () => {
  test.each(CATALOGUE.map(({ service, ports }) => [service, ports] as const))('%s', (_service, ports) => {
    for (const port of ports) expect(cutParts(portCard({ port, protocol: undefined })), `${port}`).toEqual([]);
  });

  test.each(TOPICS.map((topic) => [topic.id, topic] as const))('topic %s', (_id, topic) => {
    expect(cutParts(topicCard(topic))).toEqual([]);
  });

  test('of the overview', () => {
    expect(cutParts(overviewCard())).toEqual([]);
  });

  test('of any port that IANA knows', () => {
    for (const port of ianaServices().keys())
      if (port > 0) expect(cutParts(portCard({ port, protocol: undefined })), `${port}`).toEqual([]);
  });

  test('a section that is too long is noticed', () => {
    const [topic] = TOPICS;
    if (!topic) throw new Error('no topics');
    const text = 'x'.repeat(LIMITS.fieldValue + 1);
    expect(cutParts(topicCard({ ...topic, sections: [{ heading: 'Long', text }] }))).toEqual(['Long']);
  });
});
