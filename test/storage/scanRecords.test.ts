import type { Keyv } from 'keyv';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/database.ts';
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
let records: ScanRecords;
beforeEach(async () => {
  database = await openDatabase('memory://');
  store = database.store('scans');
  records = createScanRecords(store);
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
  expect(await personalScans(records).deleteUser('1', '77')).toMatch(/^1 scan result /);
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
  ]) {
    await expect(call).rejects.toThrow('closed');
  }
  database = await openDatabase('memory://');
});
