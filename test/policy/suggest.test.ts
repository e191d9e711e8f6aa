import { expect, test } from 'vitest';
import { parsePattern } from '../../src/policy/pattern.ts';
import { suggestTargets } from '../../src/policy/suggest.ts';

const rulesFor = (names: readonly string[]) => ({
  entries: names.map((name) => {
    const parsed = parsePattern(name);
    if (!parsed.ok) throw new Error(parsed.problem.message.text);
    return { pattern: parsed.value.canonical, addedBy: '1', addedAt: '2026-01-01T00:00:00.000Z' };
  }),
  operator: { privateRanges: [], blocklist: [] },
  nowMs: 0,
});

test('no more than Discord shows, so that a long list of international names holds up nobody', () => {
  const rules = rulesFor(Array.from({ length: 1_000 }, (_, i) => `한글${i}例え.example.com`));
  expect(suggestTargets('', rules)).toHaveLength(25);
});

test('what was typed in full comes first, and once, also when it stands late in a long list', () => {
  const rules = rulesFor(Array.from({ length: 100 }, (_, i) => `h${i}.example.com`));
  const found = suggestTargets('h9.example.com', rules).map(({ canonical }) => canonical);
  expect(found).toEqual(['h9.example.com']);
  const last = suggestTargets('h99.example.com', rules).map(({ canonical }) => canonical);
  expect(last).toEqual(['h99.example.com']);
});
