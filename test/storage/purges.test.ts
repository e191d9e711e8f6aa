import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createPurger, createPurges, PURGE_AFTER_MS } from '../../src/storage/purges.ts';

const folder = mkdtempSync(join(tmpdir(), 'harbormaster-purges-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DAY_MS = 24 * 60 * 60_000;
const START_MS = Date.UTC(2027, 0, 1);

describe('marks', () => {
  test('are due after seven days, survive a restart, and are taken back', async () => {
    const url = `sqlite://${folder}/marks.sqlite`;
    const first = await openDatabase(url);
    const before = createPurges(first.store('purges'));
    await before.mark('1', START_MS);
    await before.mark('10', START_MS + DAY_MS);
    await before.mark('2', START_MS);
    await before.unmark('2');
    await before.unmark('unknown');
    await first.close();

    const second = await openDatabase(url);
    const purges = createPurges(second.store('purges'));
    expect(PURGE_AFTER_MS).toBe(7 * DAY_MS);
    expect(await purges.due(START_MS + 7 * DAY_MS - 1)).toEqual([]);
    expect(await purges.due(START_MS + 7 * DAY_MS)).toEqual(['1']);
    expect([...(await purges.due(START_MS + 8 * DAY_MS))].sort()).toEqual(['1', '10']);
    expect(await purges.due(START_MS - DAY_MS)).toEqual([]);
    await second.close();
  });

  test('a second removal does not put the first off; an unreadable mark deletes nothing and can be renewed', async () => {
    const database = await openDatabase('memory://');
    const purges = createPurges(database.store('purges'));
    await purges.mark('1', START_MS);
    await purges.mark('1', START_MS + DAY_MS);
    expect(await purges.due(START_MS + 7 * DAY_MS)).toEqual(['1']);
    await database.store('purges').set('1', { v: 9, removedAt: '1970-01-01T00:00:00.000Z' });
    expect(await purges.due(START_MS + 99 * DAY_MS)).toEqual([]);
    await purges.mark('1', START_MS);
    expect(await purges.due(START_MS + 99 * DAY_MS)).toEqual(['1']);
    await database.close();
    await expect(purges.mark('2', START_MS)).rejects.toThrow();
    await expect(purges.due(START_MS)).rejects.toThrow();
  });
});

describe('the purger', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: START_MS }));
  afterEach(() => void vi.useRealTimers());

  async function setup(options: { failing?: Set<string>; members?: Set<string>; hold?: Promise<void> } = {}) {
    const database = await openDatabase('memory://');
    const purges = createPurges(database.store('purges'));
    const deleted: string[] = [];
    const lines: string[] = [];
    const purger = createPurger({
      purges,
      guildData: {
        names: [],
        exportGuild: async () => ({}),
        deleteGuild: async (guildId) => {
          await options.hold;
          if (options.failing?.has(guildId)) throw new Error('locked');
          deleted.push(guildId);
        },
      },
      now: () => Date.now(),
      everyMs: 60_000,
      isMember: (guildId) => options.members?.has(guildId) ?? false,
      log: createLogger({ level: 'info', secrets: [], destination: { write: (line) => void lines.push(line) } }),
    });
    const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
    const pass = async (ms: number) => {
      vi.advanceTimersByTime(ms);
      await settle();
    };
    return { database, purges, purger, deleted, lines, pass, settle };
  }

  test('deletes what is due at the start, and later what becomes due, once', async () => {
    const { database, purges, purger, deleted, pass, settle } = await setup();
    await purges.mark('old', START_MS - 8 * DAY_MS);
    await purges.mark('new', START_MS - 7 * DAY_MS + 90_000);
    purger.start();
    purger.start();
    await settle();
    expect(deleted).toEqual(['old']);
    await pass(60_000);
    expect(deleted).toEqual(['old']);
    await pass(60_000);
    expect(deleted).toEqual(['old', 'new']);
    await pass(60_000);
    expect(deleted).toEqual(['old', 'new']);
    expect(await purges.due(Number.MAX_SAFE_INTEGER)).toEqual([]);
    await purger.stop();
    await purges.mark('later', 0);
    await pass(600_000);
    expect(deleted).toEqual(['old', 'new']);
    await database.close();
  });

  test('what fails is told, stays marked and is tried again; the others are not held up', async () => {
    const failing = new Set(['a']);
    const { database, purges, purger, deleted, lines, pass, settle } = await setup({ failing });
    await purges.mark('a', 0);
    await purges.mark('b', 0);
    purger.start();
    await settle();
    expect(deleted).toEqual(['b']);
    expect(lines.join()).toMatch(/locked[\s\S]*cannot delete the data/);
    failing.clear();
    await pass(60_000);
    expect(deleted).toEqual(['b', 'a']);
    await database.close();
    await pass(60_000);
    expect(lines.at(-1)).toMatch(/cannot read which servers/);
    await purger.stop();
  });

  test('a server that has the bot again keeps its data', async () => {
    const { database, purges, purger, deleted, settle } = await setup({ members: new Set(['back']) });
    await purges.mark('back', 0);
    purger.start();
    await settle();
    expect(deleted).toEqual([]);
    expect(await purges.due(Number.MAX_SAFE_INTEGER)).toEqual([]);
    await purger.stop();
    await database.close();
  });

  test('looks do not overlap, and stopping waits for the deletion under way', async () => {
    let release = () => {};
    const hold = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { database, purges, purger, deleted, pass } = await setup({ hold });
    await purges.mark('a', 0);
    await purges.mark('b', 0);
    purger.start();
    await pass(180_000);
    let stopped = false;
    const stopping = purger.stop().then(() => {
      stopped = true;
    });
    await pass(0);
    expect(stopped).toBe(false);
    release();
    await stopping;
    expect(deleted).toEqual(['a']);
    await database.close();
  });
});
