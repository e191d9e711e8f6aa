import { describe, expect, test } from 'vitest';
import { MAX_ENTRIES, putEntry, removeEntry } from '../../src/targets/edit.ts';
import { BY, entry, patternOf, rule, said } from './support.ts';

const PAST = '2026-11-01T00:00:00.000Z';
const LATER = '2027-01-01T00:00:00.000Z';

describe('adding', () => {
  test('a new entry says what was asked, by whom and when', () => {
    const { entries, result } = putEntry([], rule('Example.COM.', { ports: '22', note: 'box' }), BY);
    expect(result.outcome).toBe('new');
    expect(entries).toEqual([
      { pattern: 'example.com', ports: '22', note: 'box', addedBy: '7', addedAt: '2026-11-23T12:00:00.000Z' },
    ]);
  });

  test.each([
    ['EXAMPLE.com.', 'example.com'],
    ['2606:4700:0:0:0:0:0:1111', '2606:4700::1111'],
    ['8.8.8.8/32', '8.8.8.8'],
    ['bücher.de', 'xn--bcher-kva.de'],
  ])('%s is the same entry as %s', (typed, stored) => {
    const list = [entry(stored)];
    const { entries, result } = putEntry(list, rule(typed, { effect: 'allow' }), BY);
    expect(result.outcome).toBe('same');
    expect(entries).toBe(list);
  });

  test('an entry that an older version stored in another spelling is changed, not doubled', () => {
    const { entries, result } = putEntry([entry('EXAMPLE.com')], rule('example.com', { ports: '22' }), BY);
    expect(result.outcome).toBe('changed');
    expect(entries.map(said)).toEqual([{ pattern: 'example.com', ports: '22' }]);
  });

  test('what is not said stays as it was', () => {
    const list = [entry('example.com', { ports: '22', expiresAt: LATER, note: 'box' })];
    const { entries } = putEntry(list, rule('example.com', { effect: 'allow', note: 'new box' }), BY);
    expect(entries.map(said)).toEqual([{ pattern: 'example.com', ports: '22', expiresAt: LATER, note: 'new box' }]);
  });

  test('all and never lift a limit', () => {
    const list = [entry('example.com', { ports: '22', expiresAt: LATER })];
    const { entries } = putEntry(list, rule('example.com', { ports: 'all', expiresAt: 'never' }), BY);
    expect(entries.map(said)).toEqual([{ pattern: 'example.com' }]);
  });

  test('the entry after the last is refused, changing one is not', () => {
    const full = Array.from({ length: MAX_ENTRIES }, (_, i) => entry(`h${i}.example.com`));
    expect(putEntry(full, rule('one-more.example.com'), BY)).toEqual({ entries: full, result: { outcome: 'full' } });
    expect(putEntry(full, rule('h7.example.com', { ports: '22' }), BY).result.outcome).toBe('changed');
  });

  test('an expired entry is not prolonged by silence', () => {
    const list = [entry('example.com', { expiresAt: PAST })];
    expect(putEntry(list, rule('example.com', { ports: '22' }), BY).result.outcome).toBe('expired');
    expect(putEntry(list, rule('example.com', { expiresAt: LATER }), BY).result.outcome).toBe('changed');
  });
});

describe('allow and deny', () => {
  test('ports that were allowed do not become the only ones that are denied', () => {
    const list = [entry('example.com', { ports: '22', expiresAt: LATER, note: 'box' })];
    const { entries, result } = putEntry(list, rule('example.com', { effect: 'deny' }), BY);
    expect(result).toMatchObject({ outcome: 'changed', before: list[0] });
    expect(entries.map(said)).toEqual([{ pattern: 'example.com', effect: 'deny', note: 'box' }]);
  });

  test('an expired allow entry can be denied without a new end', () => {
    const list = [entry('example.com', { expiresAt: PAST })];
    const { entries } = putEntry(list, rule('example.com', { effect: 'deny' }), BY);
    expect(entries.map(said)).toEqual([{ pattern: 'example.com', effect: 'deny' }]);
  });

  test('add lifts a deny entry, and says what it was', () => {
    const list = [entry('example.com', { effect: 'deny', ports: '25' })];
    const { entries, result } = putEntry(list, rule('example.com', { effect: 'allow' }), BY);
    expect(result).toMatchObject({ outcome: 'changed', before: list[0] });
    expect(entries.map(said)).toEqual([{ pattern: 'example.com' }]);
  });

  test('nothing is lifted by a request that does not say allow', () => {
    const list = [entry('example.com', { effect: 'deny' })];
    expect(putEntry(list, rule('example.com'), BY).result.outcome).toBe('same');
  });
});

describe('removing', () => {
  const broken = entry('*.*.com', { effect: 'deny' });
  const hidden = entry('bad\u200b  host`', {});
  const list = [entry('example.com'), broken, hidden];

  test.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.com.', 'example.com'],
  ])('%s', (text, removed) => {
    expect(removeEntry(list, text, patternOf(text)).result?.pattern).toBe(removed);
  });

  test('one that cannot be read goes by its text as it is stored or listed', () => {
    expect(removeEntry(list, '*.*.com', undefined)).toEqual({ entries: [list[0], hidden], result: broken });
    expect(removeEntry(list, 'bad host`', undefined).result).toBe(hidden);
  });

  test('what is not there changes nothing', () => {
    expect(removeEntry(list, 'example.org', patternOf('example.org'))).toEqual({ entries: list, result: undefined });
    expect(removeEntry(list, '*.*.org', undefined).result).toBeUndefined();
  });
});
