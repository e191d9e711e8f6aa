import { expect, test } from 'vitest';
import { createAllowlists } from '../../src/storage/allowlists.ts';
import { openDatabase } from '../../src/storage/database.ts';
import {
  createGuildData,
  createGuildLock,
  deleteEntries,
  guildEntries,
  personalAllowlist,
  personalQuotas,
} from '../../src/storage/guildData.ts';

const part = (name: string, data: Map<string, unknown>) => ({
  name,
  exportGuild: async (guildId: string) => data.get(guildId) ?? null,
  deleteGuild: async (guildId: string) => void data.delete(guildId),
});

test('exports every part by its name, and deletes every part of that server alone', async () => {
  const one = new Map([
    ['1', ['a']],
    ['10', ['b']],
  ]);
  const two = new Map([['1', { c: 1 }]]);
  const guildData = createGuildData([part('one', one), part('__proto__', two)]);
  expect(guildData.names).toEqual(['one', '__proto__']);
  expect(JSON.stringify(await guildData.exportGuild('1'))).toBe('{"one":["a"],"__proto__":{"c":1}}');
  await guildData.deleteGuild('1');
  expect([...one.keys(), ...two.keys()]).toEqual(['10']);
});

test('a part that cannot be deleted does not keep the others, and is told by name', async () => {
  const data = new Map([['1', 'x']]);
  const stuck = { ...part('stuck', new Map()), deleteGuild: () => Promise.reject(new Error('locked')) };
  const guildData = createGuildData([stuck, part('other', data), { ...stuck, name: 'also stuck' }]);
  const error: unknown = await guildData.deleteGuild('1').catch((error: unknown) => error);
  expect(error).toBeInstanceOf(AggregateError);
  expect((error as AggregateError).errors.map(String)).toEqual([
    "Error: cannot delete the server's stuck",
    "Error: cannot delete the server's also stuck",
  ]);
  expect(data.size).toBe(0);
  await expect(
    createGuildData([{ ...stuck, exportGuild: () => Promise.reject(new Error('locked')) }]).exportGuild('1'),
  ).rejects.toThrow('locked');
});

test('the entries of a server are found by the whole id, also while they are deleted', async () => {
  const database = await openDatabase('memory://');
  const store = database.store('a_%:');
  const keys = ['1', '10', '11', '%', '_', '1%'].flatMap((id) => Array.from({ length: 450 }, (_, i) => `${id}:${i}`));
  await store.setMany(keys.map((key) => ({ key, value: { key } })));
  await store.set('1', 'another key');
  const found: string[] = [];
  for await (const [key] of guildEntries(store, '1')) found.push(key);
  expect(found.toSorted()).toEqual(keys.filter((key) => key.startsWith('1:')).toSorted());
  expect(await deleteEntries(store, '1', (value) => (value as { key: string }).key.endsWith('7'))).toBe(45);
  expect(await deleteEntries(store, '1')).toBe(405);
  expect(await deleteEntries(store, '1')).toBe(0);
  const left: string[] = [];
  for await (const [key] of store.iterator?.(undefined) ?? []) left.push(key);
  expect(left).toHaveLength(5 * 450 + 1);
  await expect(
    guildEntries(Object.assign(Object.create(store), { iterator: undefined }), '1').next(),
  ).rejects.toThrow();
  await database.close();
});

test('a lock runs the work of one server one after the other, also after failures', async () => {
  const exclusively = createGuildLock();
  const order: string[] = [];
  const work = (guildId: string, name: string, fails = false) =>
    exclusively(guildId, async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([work('1', 'a', true), work('1', 'b'), work('2', 'c'), work('1', 'd')]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  expect(order.filter((line) => !line.startsWith('c'))).toEqual(
    ['a', 'b', 'd'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
  expect(order.indexOf('c begins')).toBeLessThan(order.indexOf('a ends'));
});

test("a person's id goes from the allowlist; entries, and other people's ids, stay", async () => {
  const database = await openDatabase('memory://');
  const allowlists = createAllowlists(database.store('allowlists'));
  const entry = (pattern: string, addedBy: string) => ({ pattern, addedBy, addedAt: '2027-01-31T12:00:00.000Z' });
  const entries = [entry('a.example.com', '7'), entry('b.example.com', '77'), entry('c.example.com', '7')];
  await allowlists.update('1', () => ({ entries, result: undefined }));
  const mine = personalAllowlist(allowlists);
  expect(await mine.exportUser('1', '7')).toMatchObject([{ pattern: 'a.example.com' }, { pattern: 'c.example.com' }]);
  expect((await mine.deleteUser('1', '7')).text).toMatch(/2 allowlist entries/);
  expect((await allowlists.read('1')).map(({ pattern, addedBy }) => [pattern, addedBy])).toEqual([
    ['a.example.com', 'deleted'],
    ['b.example.com', '77'],
    ['c.example.com', 'deleted'],
  ]);
  expect((await mine.deleteUser('1', '7')).text).toMatch(/nothing/);
  await database.close();
});

test('of the quotas a person sees their own', async () => {
  const quotas = { exportGuild: async () => ({ 'server:1': { spent: 9 }, 'user:1:7': { spent: 2 }, 'user:1:77': {} }) };
  expect(await personalQuotas(quotas).exportUser('1', '7')).toEqual({ 'user:1:7': { spent: 2 } });
  expect((await personalQuotas(quotas).deleteUser('1', '7')).text).toMatch(/stays/);
});
