import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AllowlistEntry } from '../../src/policy/entry.ts';
import { createAllowlists } from '../../src/storage/allowlists.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';

let database: Database;
beforeEach(async () => {
  database = await openDatabase('memory://');
});
afterEach(() => database.close());

const setUp = () => createAllowlists(database.store('allowlists'));
const entry = (pattern: string, more: Partial<AllowlistEntry> = {}): AllowlistEntry => ({
  pattern,
  addedBy: '1',
  addedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
const add =
  (...entries: AllowlistEntry[]) =>
  (before: readonly AllowlistEntry[]) => ({
    entries: [...before, ...entries],
    result: undefined,
  });

describe('allowlists', () => {
  test('keep what entries say, in both effects', async () => {
    const entries = [
      entry('a.example.com', { ports: '22', expiresAt: '2027-01-01T00:00:00.000Z', note: 'box' }),
      entry('b.example.com', { effect: 'deny' }),
    ];
    await setUp().update('1', add(...entries));
    expect(await setUp().read('1')).toEqual(entries);
  });

  test('changes at the same time lose nothing', async () => {
    const allowlists = setUp();
    const names = Array.from({ length: 20 }, (_, i) => `h${i}.example.com`);
    await Promise.all(names.map((name) => allowlists.update('1', add(entry(name)))));
    expect((await allowlists.read('1')).map(({ pattern }) => pattern)).toEqual(names);
  });

  test('a change that throws, or gives back the same entries, writes nothing', async () => {
    const allowlists = setUp();
    await allowlists.update('1', add(entry('a.example.com')));
    const store = database.store('allowlists');
    const set = store.set.bind(store);
    store.set = async () => {
      throw new Error('written');
    };
    const refuse = () => {
      throw new Error('no');
    };
    await expect(allowlists.update('1', refuse)).rejects.toThrow('no');
    expect(await allowlists.update('1', (entries) => ({ entries, result: 7 }))).toBe(7);
    store.set = set;
    expect(await allowlists.read('1')).toHaveLength(1);
  });

  test.each([
    ['an unknown version', { v: 2, entries: [] }],
    ['an unknown effect', { v: 1, entries: [{ ...entry('a.example.com'), effect: 'maybe' }] }],
    ['an unknown member', { v: 1, entries: [{ ...entry('a.example.com'), except: '22' }] }],
  ])('%s is an error, never an empty or a wider list', async (_what, record) => {
    await database.store('allowlists').set('1', record);
    await expect(setUp().read('1')).rejects.toThrow();
    await expect(setUp().update('1', add(entry('b.example.com')))).rejects.toThrow();
    expect(await database.store('allowlists').get('1')).toEqual(record);
  });

  test('a failed write rejects', async () => {
    const store = database.store('allowlists');
    store.set = async () => false;
    await expect(setUp().update('1', add(entry('a.example.com')))).rejects.toThrow(/did not accept/);
  });

  test('export and deletion are of one server, whatever the ids of others begin with', async () => {
    const allowlists = setUp();
    await allowlists.update('1', add(entry('a.example.com')));
    await allowlists.update('10', add(entry('b.example.com')));
    expect(await allowlists.exportGuild('1')).toEqual([entry('a.example.com')]);
    await allowlists.deleteGuild('1');
    await allowlists.deleteGuild('1');
    expect(await allowlists.exportGuild('1')).toEqual([]);
    expect(await allowlists.exportGuild('10')).toEqual([entry('b.example.com')]);
  });

  test('a damaged list can be deleted', async () => {
    await database.store('allowlists').set('1', { v: 2 });
    await setUp().deleteGuild('1');
    expect(await setUp().read('1')).toEqual([]);
  });
});
