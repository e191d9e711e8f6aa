import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SOURCES } from '../../src/advice/sources.ts';
import { findTopics, REASON_MEANING, STATE_MEANING, TOPICS, topicById } from '../../src/advice/topics.ts';
import { PORT_STATES } from '../../src/engine/types.ts';
import { expectPlainText } from './text.ts';

describe.each(TOPICS.map((topic) => [topic.id, topic] as const))('%s', (id, topic) => {
  test('keeps its limits and cites known sources', () => {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expectPlainText(topic.title, 80);
    expectPlainText(topic.summary, 100);
    expect(topic.sections.length).toBeGreaterThan(0);
    for (const { heading, text } of topic.sections) {
      expectPlainText(heading, 80);
      expect(text.length).toBeLessThanOrEqual(900);
      for (const line of text.split('\n')) expectPlainText(line, 900);
    }
    expect(topic.sources.length).toBeGreaterThan(0);
    for (const key of topic.sources) expect(Object.hasOwn(SOURCES, key), key).toBe(true);
  });

  test('is found by its id, its title and the beginning of its id', () => {
    expect(topicById(id)).toBe(topic);
    expect(findTopics(id.toUpperCase(), 1)).toEqual([topic]);
    expect(findTopics(topic.title, 25)).toContain(topic);
    expect(findTopics(id.slice(0, 3), 25)).toContain(topic);
  });
});

test('has the topics people ask for, each once', () => {
  const ids = TOPICS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const wanted = ['states', 'open', 'closed', 'filtered', 'open-ports', 'outside-view', 'web', 'ssh', 'databases'];
  expect(ids).toEqual(expect.arrayContaining([...wanted, 'development-services', 'firewall-basics']));
});

test('each state has a short meaning', () => {
  expect(Object.keys(STATE_MEANING).sort()).toEqual([...PORT_STATES].sort());
  for (const state of PORT_STATES) expectPlainText(STATE_MEANING[state], 90);
  expect(new Set(Object.values(STATE_MEANING)).size).toBe(PORT_STATES.length);
});

describe('findTopics', () => {
  const idsFor = (text: string, limit = 25): string[] => findTopics(text, limit).map(({ id }) => id);

  test('offers everything before anything is typed', () => {
    expect(idsFor('')).toEqual(TOPICS.map(({ id }) => id));
    expect(idsFor('', 2)).toEqual(['states', 'open']);
  });

  test.each([
    ['open ports', 'open-ports'],
    ['fire', 'firewall-basics'],
    ['hairpin', 'outside-view'],
    ['fail2ban', 'ssh'],
    ['ipv6', 'outside-view'],
  ])('%j leads to %s', (text, id) => {
    expect(idsFor(text)[0]).toBe(id);
  });

  test.each(['__proto__', 'constructor', 'no such topic', 'x'.repeat(10_000)])('finds nothing for %j', (text) => {
    expect(findTopics(text, 25)).toEqual([]);
    expect(topicById(text)).toBeUndefined();
  });

  test.each([0, -1, Number.NaN])('gives nothing for the limit %d', (limit) => {
    expect(findTopics('', limit)).toEqual([]);
  });

  test('keeps its limit for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), fc.integer({ min: 0, max: 30 }), (text, limit) => {
        const found = findTopics(text, limit);
        expect(found.length).toBeLessThanOrEqual(limit);
        expect(new Set(found).size).toBe(found.length);
      }),
    );
  });
});

test('each reason is a short phrase, and the states topic has them all', () => {
  const lines = topicById('states')?.sections.flatMap(({ text }) => text.split('\n')) ?? [];
  for (const [reason, meaning] of Object.entries(REASON_MEANING)) {
    expectPlainText(meaning, 60);
    expect(lines).toContain(`\`${reason}\`: ${meaning}`);
  }
});

test.each([
  ['where am I looking from', 'outside-view'],
  ['probes', 'probes'],
  ['credential', 'probes'],
  ['conn-refused', 'states'],
])('%j leads to %s', (text, id) => {
  expect(findTopics(text, 1)[0]?.id).toBe(id);
});
