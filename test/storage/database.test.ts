import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Keyv } from 'keyv';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/storage/database.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createStoreAdapter } from '../../src/storage/databaseAdapter.ts';
import { openSqliteMemory } from '../../src/storage/sqliteFile.ts';
import { createConnection, openSqliteInMemory } from '../../src/storage/sqliteStore.ts';
import { postgresMissing, startPostgres } from '../helpers/postgresServer.ts';
import { collect, expectEveryOperationToReject } from '../helpers/redisAssertions.ts';
import { redisMissing, startRedis } from '../helpers/redisServer.ts';

const PASSWORD = 'pa:ss/w@rd%20+&';
const folder = mkdtempSync(join(tmpdir(), 'harbormaster-database-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Running {
  url: string;
  remove(): Promise<void>;
}
const kinds: Array<{ name: string; missing: string | undefined; start: () => Promise<Running> }> = [
  { name: 'memory', missing: undefined, start: async () => ({ url: 'memory://', remove: async () => {} }) },
  {
    name: 'sqlite',
    missing: undefined,
    start: async () => ({ url: `sqlite://${folder}/all.sqlite`, remove: async () => {} }),
  },
  { name: 'redis', missing: redisMissing, start: () => startRedis(PASSWORD) },
  { name: 'postgres', missing: postgresMissing, start: () => startPostgres(PASSWORD) },
];

describe.each(kinds)('$name', ({ missing, start }) => {
  describe.skipIf(missing)(missing ?? 'behaves as every database does', () => {
    let server: Running;
    let database: Database;
    beforeAll(async () => {
      server = await start();
      database = await openDatabase(server.url);
    });
    afterEach(async () => {
      for (const namespace of NAMESPACES) await database.store(namespace).clear();
    });
    afterAll(async () => {
      await database.close();
      await database.close();
      await server.remove();
    });

    const NAMESPACES = ['1', '10', 'a_b', 'axb', 'a%', 'a', 'a:b', 'b', 'a*', '.5f.', '_', 'é', 'A'];

    it('answers a ping', async () => {
      await database.ping();
    });

    it('keeps namespaces apart, whatever their names and keys look like', async () => {
      const expected = new Map(
        NAMESPACES.map((namespace) => [
          namespace,
          new Map(['%', '_', 'b:key', 'key', `${namespace}:key`].sort().map((key) => [key, `${namespace} ${key}`])),
        ]),
      );
      for (const [namespace, records] of expected) {
        for (const [key, value] of records) await database.store(namespace).set(key, value);
      }
      for (const [namespace, records] of expected) {
        const store = database.store(namespace);
        expect(await collect(store)).toEqual(records);
        expect(await store.get([...records.keys()])).toEqual([...records.values()]);
        for (const [key, value] of records) expect(await store.get(key)).toBe(value);
      }
      for (const emptied of ['a', 'a_b', 'a*', 'a%']) {
        await database.store(emptied).clear();
        expected.set(emptied, new Map());
      }
      for (const [namespace, records] of expected) {
        expect(await collect(database.store(namespace)), namespace).toEqual(records);
      }
    });

    it('visits every survivor exactly once while records are deleted', async () => {
      const store = database.store('1');
      const keys = Array.from({ length: 450 }, (_, index) => `key-${index}`);
      await store.setMany(keys.map((key) => ({ key, value: key })));
      const seen: string[] = [];
      for await (const [key] of store.iterator?.(undefined) ?? []) {
        seen.push(key);
        const number = Number(key.slice(4));
        if (number % 3 === 0) await store.delete([key, `key-${(number * 7 + 1) % 450}`]);
      }
      const survivors = keys.filter((key) => seen.includes(key));
      expect(new Set(seen).size).toBe(seen.length);
      for (const key of await collect(store).then((left) => [...left.keys()])) expect(survivors).toContain(key);
    });

    it('says whether something was deleted', async () => {
      const store = database.store('1');
      await store.set('key', 1);
      expect(await store.delete(['none', 'key'])).toBe(true);
      expect(await store.delete('key')).toBe(false);
      expect(await store.delete([])).toBe(false);
      expect(await store.get([])).toEqual([]);
    });

    it('honours ttls: none for 0, gone for negative ones, far ones kept, no end for what no clock can say', async () => {
      const store = database.store('1');
      await store.set('zero', 1, 0);
      await store.set('negative', 'old');
      await store.set('negative', 1, -5);
      await store.set('month', 1, 2 ** 31 + 1000.5);
      await store.set('for ever', 1, Number.MAX_VALUE);
      await store.set('short', 1, 30);
      expect(await store.get(['zero', 'negative', 'month', 'for ever', 'short'])).toEqual([1, undefined, 1, 1, 1]);
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(await store.get('short')).toBeUndefined();
      expect(await store.has('short')).toBe(false);
      expect([...(await collect(store)).keys()].sort()).toEqual(['for ever', 'month', 'zero']);
      for (const ttl of [Number.NaN, Number.POSITIVE_INFINITY]) await expect(store.set('x', 1, ttl)).rejects.toThrow();
      expect(await store.has('x')).toBe(false);
    });

    it('refuses keys that it could not tell apart or store whole', async () => {
      const store = database.store('1');
      for (const key of ['', '\ud800', 'a\0b', 'x'.repeat(513)]) await expect(store.set(key, 1)).rejects.toThrow('key');
      await store.set('ü'.repeat(512), 1);
      expect(await store.get('ü'.repeat(512))).toBe(1);
    });

    it('gives every text back as it was', async () => {
      const store = database.store('1');
      const value = { text: 'NUL \0 lone \ud800 \u2028 \u{1f6a2} \x1b[2J', list: [null, true, 1.5, ''] };
      await store.set('key', value);
      expect(await store.get('key')).toEqual(value);
      await store.setMany([
        { key: 'twice', value: 1 },
        { key: 'twice', value: 2 },
      ]);
      expect(await store.get('twice')).toBe(2);
    });

    it('hands out one store for a namespace, and refuses names that are none', () => {
      expect(database.store('1')).toBe(database.store('1'));
      for (const name of ['', '\udfff', 'x'.repeat(65)]) expect(() => database.store(name)).toThrow('namespace');
    });

    it('rejects every operation after closing', async () => {
      const other = await openDatabase(server.url);
      const store = other.store('1');
      await other.close();
      await expectEveryOperationToReject(store);
      await expect(other.ping()).rejects.toThrow('closed');
      expect(() => other.store('2')).toThrow('closed');
      // The others go on.
      await database.store('1').set('key', 1);
      expect(await database.store('1').get('key')).toBe(1);
    });
  });
});

describe('a sqlite database that fails while it runs', () => {
  async function brokenStore(sql: string): Promise<{ database: Database; store: Keyv }> {
    const path = join(folder, `${Math.random()}.sqlite`);
    const database = await openDatabase(`sqlite://${path}`);
    const store = database.store('1');
    await store.set('key', 'value');
    const raw = new DatabaseSync(path);
    raw.exec(sql);
    raw.close();
    return { database, store };
  }

  it('rejects every operation when the table was dropped', async () => {
    const { database, store } = await brokenStore('DROP TABLE records');
    await expectEveryOperationToReject(store);
    await expect(database.ping()).rejects.toThrow('no such table');
    await database.close();
  });

  it('rejects a read of what is not JSON', async () => {
    const { database, store } = await brokenStore("UPDATE records SET value = '{'");
    await expect(store.get('key')).rejects.toThrow();
    await expect(store.get(['key'])).rejects.toThrow();
    await expect(collect(store)).rejects.toThrow();
    await database.close();
  });

  it('rejects a write that does not fit, keeps the old value, and writes none of several', async () => {
    const raw = openSqliteMemory();
    const connection = createConnection(raw, () => Date.now());
    const adapter = createStoreAdapter(connection);
    await adapter.set('key', 'old');
    raw.exec('PRAGMA max_page_count = 20');
    await expect(adapter.set('key', 'x'.repeat(500_000))).rejects.toThrow('full');
    const entries = [
      { key: 'first', value: 'small' },
      { key: 'second', value: 'x'.repeat(500_000) },
    ];
    await expect(adapter.setMany?.(entries)).rejects.toThrow('full');
    expect(await adapter.getMany?.(['key', 'first', 'second'])).toEqual(['old', undefined, undefined]);
    connection.close();
  });

  it('removes expired records as new ones are written', async () => {
    let nowMs = 1_000;
    const raw = openSqliteMemory();
    const adapter = createStoreAdapter(createConnection(raw, () => nowMs));
    const count = () => raw.prepare('SELECT count(*) AS n FROM records').get()?.n;
    for (let n = 0; n < 100; n++) await adapter.set(`old-${n}`, 'x', 10);
    nowMs += 10;
    expect(await adapter.get('old-0')).toBeUndefined();
    expect(count()).toBe(100);
    for (let n = 0; n < 50; n++) await adapter.set(`new-${n}`, 'x');
    expect(count()).toBe(50);
    raw.close();
  });

  it('disconnects one adapter without closing the others', async () => {
    const connection = openSqliteInMemory();
    const [one, two] = [createStoreAdapter(connection), createStoreAdapter(connection)];
    await one.disconnect?.();
    await expect(one.get('key')).rejects.toThrow('closed');
    expect(await two.get('key')).toBeUndefined();
    connection.close();
  });
});

it('loads no driver that the URL does not name', () => {
  const script = `
    const { openDatabase } = await import(${JSON.stringify(new URL('../../src/storage/database.ts', import.meta.url))});
    await (await openDatabase('memory://')).close();
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(${JSON.stringify(import.meta.url)}).cache);
    process.stdout.write(loaded.filter((name) => /redis|[/]pg[/]/.test(name)).length + '');`;
  // CommonJS modules show in the cache, and both drivers are CommonJS inside.
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toBe('0');
});
