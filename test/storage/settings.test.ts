import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { createSettings, DEFAULT_SETTINGS, type Settings } from '../../src/storage/settings.ts';

let database: Database;
let settings: Settings;
beforeEach(async () => {
  database = await openDatabase('memory://');
  settings = createSettings(database.store('settings'));
});
afterEach(() => database.close());

describe('settings', () => {
  test('are the defaults until somebody changes them', async () => {
    expect(await settings.read('1')).toEqual({ scannerRoles: [], visibility: 'private' });
    expect(await settings.exportGuild('1')).toBeUndefined();
  });

  test('are kept for each server on its own, and can be taken back', async () => {
    const all = { scannerRoles: ['7'], visibility: 'channel', auditChannelId: '8', defaultPorts: '22,80-90' } as const;
    expect(await settings.update('1', () => all)).toEqual({ before: DEFAULT_SETTINGS, after: all });
    expect(await settings.read('1')).toEqual(all);
    expect(await settings.exportGuild('1')).toEqual(all);
    expect(await settings.read('2')).toEqual(DEFAULT_SETTINGS);
    await settings.update('1', (before) => ({ ...before, auditChannelId: undefined, defaultPorts: undefined }));
    expect(await settings.read('1')).toEqual({ scannerRoles: ['7'], visibility: 'channel' });
    await settings.deleteGuild('1');
    expect(await settings.read('1')).toEqual(DEFAULT_SETTINGS);
  });

  test('many changes at once lose nothing', async () => {
    const roles = Array.from({ length: 20 }, (_, index) => String(index));
    await Promise.all(
      roles.map((role) =>
        settings.update('1', async (before) => {
          await new Promise((resolve) => setImmediate(resolve));
          return { ...before, scannerRoles: [...before.scannerRoles, role] };
        }),
      ),
    );
    expect((await settings.read('1')).scannerRoles.toSorted()).toEqual(roles.toSorted());
  });

  test.each([
    ['too many roles', { scannerRoles: Array.from({ length: 21 }, (_, index) => String(index)) }],
    ['no role id', { scannerRoles: ['@everyone'] }],
    ['no visibility', { visibility: 'everybody' as 'private' }],
    ['no channel id', { auditChannelId: '#ops' }],
    ['no ports', { defaultPorts: '@web' }],
    ['no port', { defaultPorts: '' }],
  ])('%s: nothing is stored', async (_what, change) => {
    await expect(settings.update('1', (before) => ({ ...before, ...change }))).rejects.toThrow();
    expect(await settings.read('1')).toEqual(DEFAULT_SETTINGS);
  });

  test('a change that rejects leaves everything as it was', async () => {
    await expect(settings.update('1', () => Promise.reject(new Error('no audit')))).rejects.toThrow('no audit');
    expect(await settings.exportGuild('1')).toBeUndefined();
  });

  test('what cannot be read rejects, and is not taken for the defaults', async () => {
    for (const damaged of [{ v: 2 }, { v: 1, scannerRoles: [] }, { v: 1, ...DEFAULT_SETTINGS, more: 1 }, 'x']) {
      await database.store('settings').set('1', damaged);
      await expect(settings.read('1')).rejects.toThrow();
    }
    await database.close();
    await expect(settings.read('2')).rejects.toThrow(/closed/);
    database = await openDatabase('memory://');
  });
});
