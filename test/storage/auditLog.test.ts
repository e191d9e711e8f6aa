import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keyv } from 'keyv';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AuditRecord, follow, headOf, seal } from '../../src/policy/auditChain.ts';
import { type AuditLog, createAuditLog, personalAudit } from '../../src/storage/auditLog.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { createStoreAdapter } from '../../src/storage/databaseAdapter.ts';
import { createPeople, type People } from '../../src/storage/people.ts';
import { openSqliteMemory } from '../../src/storage/sqliteFile.ts';
import { createConnection } from '../../src/storage/sqliteStore.ts';

const folder = mkdtempSync(join(tmpdir(), 'harbormaster-audit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const USER = '200000000000000001';
const scan = (target = 'example.com') =>
  ({ userId: USER, action: 'scan', command: '/scan', target, decision: 'allowed', rule: 'example.com' }) as const;
const failing = (store: Keyv, changes: Partial<Keyv>): Keyv => Object.assign(Object.create(store), changes);
const failure = () => Promise.reject(new Error('no space left'));

let files = 0;
describe.each([
  ['memory', () => 'memory://'],
  ['sqlite', () => `sqlite://${folder}/${files++}.sqlite`],
])('on %s', (_, url) => {
  let database: Database;
  let store: Keyv;
  let people: People;
  let log: AuditLog;
  let nowMs = Date.UTC(2027, 0, 31, 12);
  const logOn = (given: Keyv) => createAuditLog({ store: given, people, now: () => nowMs });
  const fill = async (count: number, guildId = '1') => {
    for (let i = 1; i <= count; i++) await log.append(guildId, scan(`host${i}.example.com`));
  };
  beforeEach(async () => {
    database = await openDatabase(url());
    store = database.store('audit');
    people = createPeople(database.store('people'), randomBytes);
    log = logOn(store);
  });
  afterEach(() => database.close());

  test('appends a chain that verifies, without the person in it', async () => {
    expect(await log.verify('1')).toMatchObject({ ok: true, count: 0 });
    const first = await log.append('1', scan());
    expect(first).toMatchObject({ seq: 1, guildId: '1', at: '2027-01-31T12:00:00.000Z', target: 'example.com' });
    const second = await log.append('1', { ...scan(), userId: undefined, decision: 'done' });
    expect(second).toMatchObject({ seq: 2, actor: 'system', previous: first.hash });
    expect(await log.verify('1')).toEqual({ ok: true, count: 2, headHash: second.hash });
    expect(await log.head('1')).toEqual(headOf(second));
    expect(JSON.stringify(await log.exportGuild('1'))).not.toContain(USER);
    expect(await people.userFor('1', first.actor)).toBe(USER);
  });

  test('two hundred at once are all there, in one chain', async () => {
    const records = await Promise.all(
      Array.from({ length: 200 }, (_, i) => log.append('1', scan(`h${i}.example.com`))),
    );
    expect(new Set(records.map(({ seq }) => seq)).size).toBe(200);
    expect(new Set(records.map(({ actor }) => actor)).size).toBe(1);
    expect(await log.verify('1')).toMatchObject({ ok: true, count: 200 });
  });

  test('servers whose ids begin alike have logs of their own', async () => {
    await Promise.all([fill(3, '1'), fill(2, '10'), fill(1, '100')]);
    expect(await log.verify('10')).toMatchObject({ ok: true, count: 2 });
    await log.deleteGuild('1');
    expect(await log.verify('1')).toMatchObject({ ok: true, count: 0 });
    expect(await log.list('1', { limit: 10 })).toEqual([]);
    expect([await log.verify('10'), await log.verify('100')]).toMatchObject([{ count: 2 }, { count: 1 }]);
    expect(await log.append('1', scan())).toMatchObject({ seq: 1 });
    const actors = await Promise.all(
      ['1', '10'].map(async (id) => (await log.list(id, { limit: 1 }))[0]?.record?.actor),
    );
    expect(actors[0]).not.toBe(actors[1]);
  });

  test('a clock that goes backwards changes neither order nor chain', async () => {
    for (const ms of [0, -3_600_000, 5, -86_400_000]) {
      nowMs += ms;
      await log.append('1', scan());
    }
    const listed = await log.list('1', { limit: 10 });
    expect(listed.map(({ seq }) => seq)).toEqual([4, 3, 2, 1]);
    expect(await log.verify('1')).toMatchObject({ ok: true });
  });

  test('lists pages, newest first, and everything in order', async () => {
    await fill(450);
    const seqs = async (range: { before?: number; limit: number }) =>
      (await log.list('1', range)).map(({ seq, record }) => record?.seq === seq && seq);
    expect(await seqs({ limit: 3 })).toEqual([450, 449, 448]);
    expect(await seqs({ before: 448, limit: 2 })).toEqual([447, 446]);
    expect(await seqs({ before: 3, limit: 9 })).toEqual([2, 1]);
    expect(await seqs({ before: 1, limit: 9 })).toEqual([]);
    expect(await seqs({ before: 10_000, limit: 1 })).toEqual([450]);
    const all: number[] = [];
    for await (const { seq } of log.all('1')) all.push(seq);
    expect(all).toEqual(Array.from({ length: 450 }, (_, i) => i + 1));
    expect(await log.exportGuild('1')).toHaveLength(450);
    expect(await log.verify('1')).toMatchObject({ ok: true, count: 450 });
  });

  test.each<[string, (record: AuditRecord) => Promise<unknown>, string, number?]>([
    ['changed', (record) => store.set('1:3', { ...record, decision: 'refused' }), 'changed', 3],
    ['removed', () => store.delete('1:3'), 'missing'],
    ['replaced by junk', () => store.set('1:3', 'junk'), 'changed'],
    ['of an unknown version', (record) => store.set('1:3', { ...record, v: 2 }), 'changed'],
    ['replaced by another', async () => store.set('1:3', await store.get('1:4')), 'reordered'],
    ["replaced by another server's", async () => store.set('1:3', await store.get('2:3')), 'foreign'],
  ])('a record that was %s is found, and does not break the list', async (_, tamper, problem, shown) => {
    await Promise.all([fill(5), fill(3, '2')]);
    await tamper((await store.get('1:3')) as AuditRecord);
    expect(await log.verify('1')).toEqual({ ok: false, seq: 3, problem });
    const listed = await log.list('1', { limit: 10 });
    expect(listed.map(({ record }) => record?.seq)).toEqual([5, 4, shown, 2, 1]);
    expect(await log.exportGuild('1')).toHaveLength(5);
    // Whatever stands at the place: nothing of another server gets out.
    expect(JSON.stringify(await log.exportGuild('1'))).not.toContain('"guildId":"2"');
    expect(await log.append('1', scan())).toMatchObject({ seq: 6 });
    expect(await log.verify('1')).toEqual({ ok: false, seq: 3, problem });
  });

  test('cut off, prolonged, or without its end: found, and nothing is added any more', async () => {
    await fill(5);
    const last = await store.get('1:5');
    await store.delete('1:5');
    expect(await log.verify('1')).toEqual({ ok: false, seq: 5, problem: 'missing' });
    await expect(log.append('1', scan())).rejects.toThrow('damaged at record 5');
    await store.set('1:5', last);
    expect(await log.verify('1')).toMatchObject({ ok: true });

    await store.set('1:6', last);
    expect(await log.verify('1')).toEqual({ ok: false, seq: 6, problem: 'extra' });
    await expect(log.append('1', scan())).rejects.toThrow('damaged at record 6');
    await store.delete('1:6');
    await store.set('1:50', last);
    expect(await log.verify('1')).toEqual({ ok: false, seq: 50, problem: 'extra' });
    await store.delete('1:50');

    const head = (await store.get('1:head')) as object;
    await store.delete('1:head');
    expect(await log.verify('1')).toMatchObject({ ok: false, problem: 'extra' });
    await expect(log.append('1', scan())).rejects.toThrow('damaged');
    for (const wrong of ['junk', { ...head, v: 2 }, { ...head, guildId: '2' }, { ...head, seq: 4.5 }]) {
      await store.set('1:head', wrong);
      expect(await log.verify('1')).toEqual({ ok: false, seq: 0, problem: 'head' });
      await expect(log.append('1', scan())).rejects.toThrow('cannot be read');
    }
    await store.set('1:head', { ...head, hash: 'a'.repeat(64) });
    expect(await log.verify('1')).toEqual({ ok: false, seq: 5, problem: 'changed' });
    await expect(log.append('1', scan())).rejects.toThrow('damaged');
  });

  test('a head that names any number keeps nobody reading', async () => {
    await fill(3);
    await store.set('1:head', { ...((await store.get('1:head')) as object), seq: Number.MAX_SAFE_INTEGER - 2 });
    expect((await log.exportGuild('1')) as unknown[]).toHaveLength(51 * 200);
    expect(await log.verify('1')).toEqual({ ok: false, seq: 4, problem: 'missing' });
    await expect(log.append('1', scan())).rejects.toThrow('damaged');
  });

  test('killed between record and head: the record is taken in by the next append', async () => {
    await fill(2);
    const dying = failing(store, {
      set: (key: string, value: unknown) => (key.endsWith(':head') ? failure() : store.set(key, value)),
    } as Partial<Keyv>);
    await expect(logOn(dying).append('1', scan('lost.example.com'))).rejects.toThrow('no space left');
    expect(await log.head('1')).toMatchObject({ seq: 2 });
    expect(await log.verify('1')).toMatchObject({ ok: true, count: 3 });
    expect(await logOn(store).append('1', scan('next.example.com'))).toMatchObject({ seq: 4 });
    expect(await log.verify('1')).toMatchObject({ ok: true, count: 4 });
    expect((await log.list('1', { limit: 4 })).map(({ record }) => record?.target)).toEqual([
      'next.example.com',
      'lost.example.com',
      'host2.example.com',
      'host1.example.com',
    ]);
  });

  test('killed before the very first head', async () => {
    const dying = failing(store, {
      set: (key: string, value: unknown) => (key.endsWith(':head') ? failure() : store.set(key, value)),
    } as Partial<Keyv>);
    await expect(logOn(dying).append('1', scan())).rejects.toThrow();
    expect(await log.append('1', scan())).toMatchObject({ seq: 2 });
    expect(await log.verify('1')).toMatchObject({ ok: true, count: 2 });
  });

  test('what lies beyond the head and does not fit is not taken in', async () => {
    await fill(2);
    const head = await log.head('1');
    const forged = {
      ...seal(head, { ...scan(), at: new Date(nowMs).toISOString(), actor: 'x' }),
      target: 'evil.example',
    };
    await store.set('1:3', forged);
    expect(follow(head, forged).ok).toBe(false);
    await expect(log.append('1', scan())).rejects.toThrow('damaged at record 3');
    expect(await store.get('1:3')).toEqual(forged);
    expect(await log.head('1')).toEqual(head);
  });

  test.each<[string, Partial<Keyv>]>([
    ['no write', { set: failure } as Partial<Keyv>],
    ['a write that says no', { set: async () => false } as Partial<Keyv>],
    ['no read', { get: failure } as unknown as Partial<Keyv>],
  ])('with %s an append rejects, and the log is as it was', async (_, changes) => {
    await fill(2);
    await expect(logOn(failing(store, changes)).append('1', scan())).rejects.toThrow();
    expect(await log.verify('1')).toMatchObject({ ok: true, count: 2 });
    expect(await log.append('1', scan())).toMatchObject({ seq: 3 });
  });

  test('without a place for the pseudonym nothing is appended', async () => {
    people = createPeople(failing(database.store('people'), { setMany: failure } as Partial<Keyv>), randomBytes);
    await expect(logOn(store).append('1', scan())).rejects.toThrow('no space left');
    expect(await log.verify('1')).toMatchObject({ ok: true, count: 0 });
  });

  test('the person can be forgotten: the chain stays whole, nobody knows who it was', async () => {
    const { actor } = await log.append('1', scan());
    await log.append('1', { ...scan('other.example.com'), userId: '7' });
    const mine = personalAudit(log, people);
    expect(await mine.exportUser('1', USER)).toMatchObject([{ seq: 1, actor }]);
    expect(await mine.exportUser('2', USER)).toEqual([]);
    await mine.deleteUser('1', USER);
    expect(await people.userFor('1', actor)).toBeUndefined();
    expect(await mine.exportUser('1', USER)).toEqual([]);
    expect(await log.verify('1')).toMatchObject({ ok: true, count: 2 });
    for await (const [key, value] of database.store('people').iterator?.(undefined) ?? []) {
      expect(`${key} ${JSON.stringify(value)}`).not.toContain(USER);
    }
    expect((await log.append('1', scan())).actor).not.toBe(actor);
  });
});

test('a full disk: the append rejects, and the log stays whole', async () => {
  const database = openSqliteMemory();
  const backend = createConnection(database, () => Date.now());
  const keyv = (namespace: string) =>
    new Keyv({ store: createStoreAdapter(backend), namespace, useKeyPrefix: false, throwOnErrors: true }).on(
      'error',
      () => {},
    );
  const people = createPeople(keyv('people'), randomBytes);
  const log = createAuditLog({ store: keyv('audit'), people, now: () => 0 });
  for (let i = 0; i < 20; i++) await log.append('1', scan());
  const pages = Number(Object.values(database.prepare('PRAGMA page_count').get() ?? {})[0]);
  database.exec(`PRAGMA max_page_count = ${pages + 2}`);
  const appended = async () => {
    for (let i = 0; i < 100; i++) await log.append('1', { ...scan(), detail: 'x'.repeat(400) });
  };
  await expect(appended()).rejects.toThrow(/full/);
  expect(await log.verify('1')).toMatchObject({ ok: true });
  database.exec('PRAGMA max_page_count = 100000');
  await log.append('1', scan());
  expect(await log.verify('1')).toMatchObject({ ok: true });
  database.close();
});

test('a thousand records are verified quickly', async () => {
  const database = await openDatabase('memory://');
  const people = createPeople(database.store('people'), randomBytes);
  const log = createAuditLog({ store: database.store('audit'), people, now: () => 0 });
  for (let i = 0; i < 1_000; i++) await log.append('1', scan());
  const startedAt = performance.now();
  expect(await log.verify('1')).toMatchObject({ ok: true, count: 1_000 });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  await database.close();
});
