import type { Keyv } from 'keyv';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { MAX_BYTES_PER_GUILD, MAX_RUNS_PER_GUILD, MAX_RUNS_PER_HOST } from '../../src/storage/runIndex.ts';
import { createScanRecords, personalScans, type ScanRecord, type ScanRecords } from '../../src/storage/scanRecords.ts';

const record = (guildId: string, id: string, userId: string, minute = 0): ScanRecord => ({
  v: 1,
  id,
  guildId,
  userId,
  host: 'example.com',
  display: 'example.com',
  requestedPorts: '22',
  address: '198.51.100.7',
  otherAddresses: [],
  startedAt: `2027-01-31T12:${String(minute).padStart(2, '0')}:00.000Z`,
  durationMs: 5,
  unprobed: 0,
  groups: [],
});

let database: Database;
let store: Keyv;
let index: Keyv;
let records: ScanRecords;
let nowMs: number;
let days: number;
const DAY_MS = 24 * 60 * 60_000;
beforeEach(async () => {
  database = await openDatabase('memory://');
  store = database.store('scans');
  index = database.store('runs');
  nowMs = Date.parse('2027-01-31T13:00:00.000Z');
  days = 30;
  records = createScanRecords(store, { index, retentionDays: async () => days, now: () => nowMs });
  await records.save(record('1', 'a', '7', 2));
  await records.save(record('1', 'b', '7', 1));
  await records.save(record('1', 'c', '77'));
  await records.save(record('10', 'd', '7'));
});
afterEach(() => database.close());

const ids = async (guildId: string) =>
  ((await records.exportGuild(guildId)) as ScanRecord[]).map(({ id }) => id).sort();

test('lists the scans of one person in one server, oldest first', async () => {
  expect((await records.listUser('1', '7')).map(({ id }) => id)).toEqual(['b', 'a']);
  expect(await records.listUser('2', '7')).toEqual([]);
  expect(await personalScans(records).exportUser('10', '7')).toMatchObject([{ id: 'd' }]);
});

test("deletes one person's scans; others and other servers keep theirs", async () => {
  expect(await records.deleteUser('1', '7')).toBe(2);
  expect(await records.deleteUser('1', '7')).toBe(0);
  expect(await ids('1')).toEqual(['c']);
  expect(await ids('10')).toEqual(['d']);
  expect(await records.find('1', 'a')).toBeUndefined();
  expect((await personalScans(records).deleteUser('1', '77')).text).toMatch(/^1 scan result /);
});

test('exports and deletes a whole server alone', async () => {
  expect(await ids('1')).toEqual(['a', 'b', 'c']);
  await records.deleteGuild('1');
  expect(await ids('1')).toEqual([]);
  expect(await ids('10')).toEqual(['d']);
});

test('a record of another version is exported and deleted, and lists go on without it', async () => {
  await store.set('1:old', { v: 0, userId: '7', anything: true });
  await store.set('1:junk', null);
  expect((await records.listUser('1', '7')).map(({ id }) => id)).toEqual(['b', 'a']);
  expect(await records.exportGuild('1')).toHaveLength(5);
  expect(await records.deleteUser('1', '7')).toBe(3);
  await records.deleteGuild('1');
  expect(await records.exportGuild('1')).toEqual([]);
});

test('a failing store never looks empty', async () => {
  await database.close();
  for (const call of [
    records.listUser('1', '7'),
    records.deleteUser('1', '7'),
    records.exportGuild('1'),
    records.deleteGuild('1'),
    records.runsOf('1', 'example.com'),
    records.hosts('1'),
    records.prune('1'),
  ]) {
    await expect(call).rejects.toThrow('closed');
  }
  database = await openDatabase('memory://');
});

describe('what is kept of a host', () => {
  const at = (host: string, id: string, atMs: number, userId = '7'): ScanRecord => ({
    ...record('1', id, userId),
    host,
    startedAt: new Date(atMs).toISOString(),
  });
  const runIds = async (host: string) => (await records.runsOf('1', host)).map(({ id }) => id);
  const recordIds = async (host: string) => (await records.findAll('1', await runIds(host))).map(({ id }) => id);

  test('its runs, newest first, of this server alone; every host, the last one first', async () => {
    await records.save(at('other.example', 'x', nowMs));
    expect(await runIds('example.com')).toEqual(['a', 'b', 'c']);
    expect(await recordIds('example.com')).toEqual(['a', 'b', 'c']);
    expect(await records.hosts('1')).toEqual(['other.example', 'example.com']);
    expect(await records.hosts('10')).toEqual(['example.com']);
    expect(await records.findAll('10', ['a', 'd'])).toMatchObject([{ id: 'd' }]);
    expect(await records.findAll('1', [])).toEqual([]);
  });

  test('finding it reads the index and those records, not the namespace', async () => {
    const blind = Object.assign(Object.create(store) as Keyv, { iterator: undefined });
    const own = createScanRecords(blind, { index, retentionDays: async () => days, now: () => nowMs });
    await own.save(at('example.com', 'y', nowMs));
    expect((await own.runsOf('1', 'example.com')).map(({ id }) => id)).toEqual(['y', 'a', 'b', 'c']);
    await expect(own.listUser('1', '7')).rejects.toThrow('cannot list');
  });

  test('a person, or the server, that is deleted is gone from the list too', async () => {
    await records.deleteUser('1', '7');
    expect(await runIds('example.com')).toEqual(['c']);
    await records.deleteGuild('1');
    expect(await runIds('example.com')).toEqual([]);
    expect(await index.get('1')).toBeUndefined();
    expect(await records.hosts('10')).toEqual(['example.com']);
  });

  test('what is older than the retention is not shown, and pruning deletes it', async () => {
    await records.save(at('example.com', 'old', nowMs - 20 * DAY_MS));
    expect(await runIds('example.com')).toEqual(['a', 'b', 'c', 'old']);
    days = 10;
    expect(await runIds('example.com')).toEqual(['a', 'b', 'c']);
    expect(await records.find('1', 'old')).toBeUndefined();
    expect(await records.findAll('1', ['old'])).toEqual([]);
    expect(await store.get('1:old')).toBeDefined();
    await records.prune('1');
    expect(await store.get('1:old')).toBeUndefined();
    expect(await ids('1')).toEqual(['a', 'b', 'c']);
    expect(await ids('10')).toEqual(['d']);
    days = 30;
    expect(await runIds('example.com')).toEqual(['a', 'b', 'c']);
  });

  test('a host that is scanned every minute takes from its own past', async () => {
    for (let i = 0; i < MAX_RUNS_PER_HOST + 5; i++) await records.save(at('busy.example', `r${i}`, nowMs + i * 60_000));
    const busy = await runIds('busy.example');
    expect(busy).toHaveLength(MAX_RUNS_PER_HOST);
    expect(busy[0]).toBe(`r${MAX_RUNS_PER_HOST + 4}`);
    expect(await records.find('1', 'r0')).toBeUndefined();
    expect(await store.get('1:r4')).toBeUndefined();
    expect(await store.get('1:r5')).toBeDefined();
    expect(await runIds('example.com')).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['runs', 1, MAX_RUNS_PER_GUILD],
    ['bytes', MAX_BYTES_PER_GUILD / 64, 64],
  ])('a server has at most so many %s: the host with the most gives way', async (_what, bytes, most) => {
    const runs = Array.from({ length: most }, (_, i) => {
      const host = i % 10 === 0 ? `h${i % 200}.example` : `busy${i % 6}.example`;
      return { id: `m${i}`, host, at: new Date(nowMs - i * 1_000).toISOString(), bytes };
    });
    await index.set('1', { v: 1, runs });
    await records.save(at('new.example', 'n', nowMs + 1));
    const { runs: kept } = (await index.get('1')) as { runs: { id: string; host: string; bytes: number }[] };
    expect(kept.length).toBeLessThanOrEqual(MAX_RUNS_PER_GUILD);
    expect(kept.reduce((sum, each) => sum + each.bytes, 0)).toBeLessThanOrEqual(MAX_BYTES_PER_GUILD);
    expect(kept[0]?.id).toBe('n');
    const gone = runs.filter(({ id }) => !kept.some((each) => each.id === id));
    expect(gone).toHaveLength(1);
    expect(gone[0]?.host).toMatch(/^busy/);
  });

  test('saves at the same time are all in the list', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => records.save(at('p.example', `p${i}`, nowMs + i))));
    expect(await runIds('p.example')).toHaveLength(20);
  });
});
