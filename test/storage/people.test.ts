import { randomBytes } from 'node:crypto';
import type { Keyv } from 'keyv';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { createPeople, type People } from '../../src/storage/people.ts';

const USER = '200000000000000001';
let database: Database;
let store: Keyv;
let people: People;
beforeEach(async () => {
  database = await openDatabase('memory://');
  store = database.store('people');
  people = createPeople(store, randomBytes);
});
afterEach(() => database.close());

async function everything(): Promise<string> {
  const parts: unknown[] = [];
  for await (const entry of store.iterator?.(undefined) ?? []) parts.push(entry);
  return JSON.stringify(parts);
}

test('one pseudonym for each person in each server, the same every time, also when asked at once', async () => {
  expect(await people.findPseudonym('1', USER)).toBeUndefined();
  const asked = await Promise.all(Array.from({ length: 20 }, () => people.pseudonymFor('1', USER)));
  const [pseudonym = ''] = asked;
  expect(new Set(asked).size).toBe(1);
  expect(pseudonym).toMatch(/^[\w-]{16}$/);
  expect(await createPeople(store, randomBytes).pseudonymFor('1', USER)).toBe(pseudonym);
  expect(await people.findPseudonym('1', USER)).toBe(pseudonym);
  const others = [await people.pseudonymFor('10', USER), await people.pseudonymFor('1', '2')];
  expect(new Set([pseudonym, ...others]).size).toBe(3);
  expect(await people.userFor('1', pseudonym)).toBe(USER);
  expect(await people.userFor('10', pseudonym)).toBeUndefined();
});

test('a pseudonym depends on the salt: without it nobody can try all ids', async () => {
  const zeros = createPeople(database.store('zeros'), (count) => new Uint8Array(count));
  const ones = createPeople(database.store('ones'), (count) => new Uint8Array(count).fill(1));
  expect(await zeros.pseudonymFor('1', USER)).not.toBe(await ones.pseudonymFor('1', USER));
  const sizes: number[] = [];
  const counting = createPeople(database.store('counting'), (count) => {
    sizes.push(count);
    return randomBytes(count);
  });
  await counting.pseudonymFor('1', USER);
  await counting.pseudonymFor('1', '2');
  expect(sizes).toEqual([16, 16]);
});

test('forgetting leaves nothing of the person, and the others as they were', async () => {
  const before = await people.pseudonymFor('1', USER);
  const other = await people.pseudonymFor('1', '2');
  const elsewhere = await people.pseudonymFor('10', USER);
  expect(await people.forget('1', USER)).toBe(true);
  expect(await people.forget('1', USER)).toBe(false);
  expect(await people.userFor('1', before)).toBeUndefined();
  expect(await people.userFor('1', other)).toBe('2');
  expect(await people.userFor('10', elsewhere)).toBe(USER);
  await people.forget('10', USER);
  expect(await everything()).not.toContain(USER);
  expect(await people.pseudonymFor('1', USER)).not.toBe(before);
});

test('forgetting finds also the half of a link that a crash left', async () => {
  const pseudonym = await people.pseudonymFor('1', USER);
  await store.delete(`1:u:${USER}`);
  expect(await people.forget('1', USER)).toBe(true);
  expect(await people.userFor('1', pseudonym)).toBeUndefined();
});

test('a record cannot be put on somebody else: an altered link names nobody', async () => {
  const pseudonym = await people.pseudonymFor('1', USER);
  const key = `1:p:${pseudonym}`;
  const link = (await store.get(key)) as object;
  for (const altered of [{ ...link, userId: '2' }, { ...link, salt: 'AAAA' }, { ...link, v: 2 }, 'junk']) {
    await store.set(key, altered);
    expect(await people.userFor('1', pseudonym)).toBeUndefined();
  }
  for (const odd of ['', 'system', 'x'.repeat(600), '../../../../../..', '\ud800'.repeat(16)]) {
    expect(await people.userFor('1', odd)).toBeUndefined();
  }
});

test('a server is exported and deleted alone', async () => {
  const pseudonym = await people.pseudonymFor('1', USER);
  await people.pseudonymFor('10', USER);
  expect(await people.exportGuild('1')).toMatchObject([{ pseudonym, userId: USER }]);
  await people.deleteGuild('1');
  expect(await people.exportGuild('1')).toEqual([]);
  expect(await people.exportGuild('10')).toHaveLength(1);
});

test('a store that fails never looks like an unknown person', async () => {
  const pseudonym = await people.pseudonymFor('1', USER);
  const failure = () => Promise.reject(new Error('gone'));
  const broken = createPeople(Object.assign(Object.create(store), { get: failure }), randomBytes);
  await expect(broken.userFor('1', pseudonym)).rejects.toThrow('gone');
  await expect(broken.pseudonymFor('1', USER)).rejects.toThrow('gone');
  const deaf = createPeople(Object.assign(Object.create(store), { setMany: async () => [true, false] }), randomBytes);
  await expect(deaf.pseudonymFor('1', '3')).rejects.toThrow('did not accept');
});
