import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Keyv from 'keyv';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HOUR_MS, hourly, type QuotaRequest } from '../../src/policy/quota.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { createQuotas } from '../../src/storage/quotas.ts';
import { collect } from '../helpers/redisAssertions.ts';

const limits = hourly({ user: 100, server: 300, network: 200, global: 500 });
let database: Database;
let nowMs: number;
beforeEach(async () => {
  database = await openDatabase('memory://');
  nowMs = Date.now();
});
afterEach(() => database.close());

const open = (of: Database = database) => createQuotas(of.store('quotas'), { limits, now: () => nowMs });
const ask = (cost: number, more: Partial<QuotaRequest> = {}): QuotaRequest => ({
  guildId: 'g1',
  userId: 'u1',
  addresses: ['198.51.100.7'],
  cost,
  ...more,
});
const codeOf = (taken: Awaited<ReturnType<ReturnType<typeof open>['take']>>) =>
  taken.ok ? 'taken' : taken.refusal.code;

describe('taking', () => {
  test('each scope refuses on its own account', async () => {
    const quotas = open();
    expect(codeOf(await quotas.take(ask(100)))).toBe('taken');
    expect(codeOf(await quotas.take(ask(1)))).toBe('quota-user');
    expect(codeOf(await quotas.take(ask(100, { userId: 'u2' })))).toBe('taken');
    expect(codeOf(await quotas.take(ask(1, { guildId: 'g2' })))).toBe('quota-network');
    const elsewhere = { addresses: ['203.0.113.1'] };
    expect(codeOf(await quotas.take(ask(100, { ...elsewhere, userId: 'u3' })))).toBe('taken');
    expect(codeOf(await quotas.take(ask(1, { ...elsewhere, userId: 'u4' })))).toBe('quota-server');
    const third = { guildId: 'g3', addresses: ['2001:db8::1'] };
    expect(codeOf(await quotas.take(ask(100, { ...third, userId: 'u5' })))).toBe('taken');
    expect(codeOf(await quotas.take(ask(100, { ...third, userId: 'u6' })))).toBe('taken');
    expect(codeOf(await quotas.take(ask(1, { guildId: 'g4', addresses: ['192.0.2.1'] })))).toBe('quota-global');
  });

  test('a refusal charges nobody', async () => {
    const quotas = open();
    await quotas.take(ask(100));
    const before = await collect(database.store('quotas'));
    await quotas.take(ask(1));
    expect(await collect(database.store('quotas'))).toEqual(before);
  });

  test('two at once never overspend', async () => {
    const quotas = open();
    const taken = await Promise.all(Array.from({ length: 40 }, () => quotas.take(ask(7))));
    expect(taken.filter(({ ok }) => ok)).toHaveLength(14);
  });

  test('refills with time', async () => {
    const quotas = open();
    await quotas.take(ask(100));
    nowMs += HOUR_MS / 2;
    expect(codeOf(await quotas.take(ask(51)))).toBe('quota-user');
    expect(codeOf(await quotas.take(ask(50)))).toBe('taken');
  });

  test('after the clock went back it refills from the new time on', async () => {
    const quotas = open();
    await quotas.take(ask(100));
    nowMs -= 24 * HOUR_MS;
    const refused = await quotas.take(ask(100));
    expect(refused).toMatchObject({ ok: false, refusal: { retryAtMs: nowMs + HOUR_MS } });
    nowMs += HOUR_MS;
    expect(codeOf(await quotas.take(ask(100)))).toBe('taken');
  });

  test('peek tells without spending', async () => {
    const quotas = open();
    for (let i = 0; i < 5; i++) expect(await quotas.peek(ask(100))).toBeUndefined();
    expect(await collect(database.store('quotas'))).toEqual(new Map());
    await quotas.take(ask(100));
    expect(await quotas.peek(ask(1))).toMatchObject({ code: 'quota-user' });
    expect(await quotas.peek(ask(1, { addresses: [], userId: 'u2' }))).toBeUndefined();
  });

  test('a record goes away by itself once its bucket is full', async () => {
    const short = hourly({ user: 36_000_000, server: 36_000_000, network: 36_000_000, global: 36_000_000 });
    const quotas = createQuotas(database.store('quotas'), { limits: short, now: () => Date.now() });
    await quotas.take(ask(500));
    expect((await collect(database.store('quotas'))).size).toBe(4);
    await expect.poll(async () => (await collect(database.store('quotas'))).size, { timeout: 2_000 }).toBe(0);
  });
});

describe('giving back', () => {
  test('the unused part can be spent again, never more, however often', async () => {
    const quotas = open();
    const taken = await quotas.take(ask(100));
    if (!taken.ok) throw new Error('refused');
    await quotas.refund(taken.ticket, 30);
    expect(codeOf(await quotas.take(ask(31)))).toBe('quota-user');
    expect(codeOf(await quotas.take(ask(30)))).toBe('taken');
    await taken.refund();
    await taken.refund();
    await quotas.refund(taken.ticket, 1_000);
    expect(codeOf(await quotas.take(ask(71)))).toBe('quota-user');
    expect(codeOf(await quotas.take(ask(70)))).toBe('taken');
  });

  test('each network gets its share', async () => {
    const quotas = open();
    const addresses = ['198.51.100.1', '203.0.113.1'];
    const taken = await quotas.take(ask(100, { addresses }));
    if (taken.ok) await taken.refund();
    expect(codeOf(await quotas.take(ask(100, { addresses })))).toBe('taken');
    expect([...(await collect(database.store('quotas'))).keys()]).toContain('network:203.0.113.0/24');
  });

  test.each([Number.NaN, -5, 0])('%d gives nothing', async (unused) => {
    const quotas = open();
    const taken = await quotas.take(ask(100));
    if (taken.ok) await quotas.refund(taken.ticket, unused);
    expect(codeOf(await quotas.take(ask(1)))).toBe('quota-user');
  });

  test('a ticket from elsewhere gives nothing', async () => {
    const quotas = open();
    await quotas.take(ask(100));
    await quotas.refund({ charges: [{ scope: 'user', key: 'user:g1:u1', cost: 100 }] }, 100);
    expect(codeOf(await quotas.take(ask(1)))).toBe('quota-user');
  });
});

describe('what is kept', () => {
  test('survives a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'harbormaster-quotas-'));
    const url = `sqlite://${folder}/quotas.sqlite`;
    try {
      const first = await openDatabase(url);
      await open(first).take(ask(100));
      await first.close();
      const second = await openDatabase(url);
      expect(codeOf(await open(second).take(ask(1)))).toBe('quota-user');
      await second.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('the export of a server holds its own budgets and those of its users alone', async () => {
    const quotas = open();
    await quotas.take(ask(10));
    await quotas.take(ask(10, { userId: 'u2' }));
    await quotas.take(ask(10, { guildId: 'g11' }));
    expect(Object.keys((await quotas.exportGuild('g1')) as object)).toEqual(['server:g1', 'user:g1:u1', 'user:g1:u2']);
  });
});

describe('a store that fails', () => {
  test('what cannot be read or written rejects', async () => {
    const quotas = open();
    await database.close();
    await expect(quotas.take(ask(1))).rejects.toThrow(/closed/);
    await expect(quotas.peek(ask(1))).rejects.toThrow(/closed/);
    await expect(quotas.exportGuild('g1')).rejects.toThrow(/closed/);
    database = await openDatabase('memory://');
  });

  test('a damaged record rejects, and is not taken for an empty one', async () => {
    const quotas = open();
    for (const damaged of [
      { v: 2, spent: 0, atMs: 0 },
      { v: 1, spent: -5, atMs: 0 },
      { v: 1, spent: '0', atMs: 0 },
      7,
    ]) {
      await database.store('quotas').set('user:g1:u1', damaged);
      await expect(quotas.take(ask(1))).rejects.toThrow();
    }
  });

  test('a store that says no rejects', async () => {
    const store = new Keyv();
    store.setMany = async (entries) => entries.map(() => false);
    const quotas = createQuotas(store, { limits, now: () => nowMs });
    await expect(quotas.take(ask(1))).rejects.toThrow(/did not accept/);
  });
});
