import { expect, test } from 'vitest';
import { openDatabase } from '../../src/storage/database.ts';
import { createSightings, MAX_PER_SCAN, MAX_SIGHTINGS, type Sighting } from '../../src/storage/sightings.ts';

const seen = (port: number, more: Partial<Sighting> = {}): Sighting => ({
  host: 'a.example.com',
  address: '9.9.9.9',
  port,
  state: 'open',
  at: '2027-01-01T00:00:00.000Z',
  ...more,
});

async function setUp() {
  const database = await openDatabase('memory://');
  const kept = { days: 100 };
  const now = () => Date.parse('2027-01-31T00:00:00.000Z');
  const sightings = createSightings(database.store('sightings'), { retentionDays: async () => kept.days, now });
  return { ...sightings, kept };
}

test('the last look at a port of a host counts, newest host first', async () => {
  const sightings = await setUp();
  await sightings.add('1', [seen(22, { service: 'OpenSSH 9.2' }), seen(80)]);
  await sightings.add('1', [seen(22, { host: 'b.example.com' })]);
  await sightings.add('1', [seen(22, { state: 'closed' })]);
  expect(await sightings.ofPort('1', 22)).toMatchObject([
    { host: 'a.example.com', state: 'closed' },
    { host: 'b.example.com', state: 'open' },
  ]);
  expect(await sightings.ofPort('1', 80)).toHaveLength(1);
});

test('what was never open is not remembered', async () => {
  const sightings = await setUp();
  await sightings.add('1', [seen(22, { state: 'closed' }), seen(23, { state: 'filtered' })]);
  expect(await sightings.exportGuild('1')).toEqual([]);
});

test('servers do not see each other, and deleting takes one away', async () => {
  const sightings = await setUp();
  await sightings.add('1', [seen(22)]);
  await sightings.add('10', [seen(22)]);
  await sightings.deleteGuild('1');
  expect(await sightings.ofPort('1', 22)).toEqual([]);
  expect(await sightings.ofPort('10', 22)).toHaveLength(1);
});

test('it stays bounded, and one scan does not push out all others', async () => {
  const sightings = await setUp();
  const many = (host: string) => Array.from({ length: 1_000 }, (_, index) => seen(index + 1, { host }));
  await sightings.add('1', [seen(22, { host: 'first.example.com' })]);
  await sightings.add('1', many('b.example.com'));
  expect(await sightings.exportGuild('1')).toHaveLength(MAX_PER_SCAN + 1);
  for (let host = 0; host < 6; host += 1) await sightings.add('1', many(`h${host}.example.com`));
  expect(await sightings.exportGuild('1')).toHaveLength(MAX_SIGHTINGS);
});

test('scans that end at the same time lose nothing of each other', async () => {
  const sightings = await setUp();
  await Promise.all(Array.from({ length: 20 }, (_, index) => sightings.add('1', [seen(index + 1)])));
  expect(await sightings.exportGuild('1')).toHaveLength(20);
});

test('what is too old for the server is neither shown nor given out, and goes when it is told to', async () => {
  const { kept, ...sightings } = await setUp();
  await sightings.add('1', [seen(22), seen(80, { at: '2027-01-30T00:00:00.000Z' })]);
  kept.days = 30;
  expect(await sightings.ofPort('1', 22)).toEqual([]);
  expect(await sightings.ofPort('1', 80)).toHaveLength(1);
  expect(await sightings.exportGuild('1')).toMatchObject([{ port: 80 }]);
  await sightings.prune('1');
  kept.days = 100;
  expect(await sightings.ofPort('1', 22)).toEqual([]);
});
