import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAuditLog } from '../../src/storage/auditLog.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { guildEntries } from '../../src/storage/guildData.ts';
import { createPeople } from '../../src/storage/people.ts';

const COUNT = 1_000;
/** Of 1,000 records at most 200 are read at a time. */
const FEWEST_TURNS = 4;

let database: Database;
beforeEach(async () => {
  database = await openDatabase('memory://');
});
afterEach(() => database.close());

/** How often the event loop turned, so that others had their turn, while the work went on. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let over = false;
  const count = () => {
    turns += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  await work();
  over = true;
  return turns;
}

test("going through a namespace lets others have their turn, whoever's the records are", async () => {
  const store = database.store('scans');
  await store.setMany(Array.from({ length: COUNT }, (_, i) => ({ key: `2:${i}`, value: { i } })));
  const turns = await turnsDuring(async () => {
    for await (const entry of guildEntries(store, '1')) throw new Error(`foreign: ${entry[0]}`);
  });
  expect(turns).toBeGreaterThan(FEWEST_TURNS);
});

test('reading a whole audit log lets others have their turn', async () => {
  const people = createPeople(database.store('people'), randomBytes);
  const log = createAuditLog({ store: database.store('audit'), people, now: Date.now });
  const event = { userId: '1', action: 'scan', command: '/scan', decision: 'refused', rule: 'not-allowed' } as const;
  for (let i = 0; i < COUNT; i += 1) await log.append('1', event);
  expect(await turnsDuring(() => log.verify('1'))).toBeGreaterThan(FEWEST_TURNS);
  expect(await turnsDuring(() => log.exportGuild('1'))).toBeGreaterThan(FEWEST_TURNS);
});
