import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { AppOptions } from '../../src/app.ts';
import { createEnvironment } from '../../src/engine/environment.ts';
import { scan } from '../../src/engine/scan.ts';
import type { ScannableAddress, ScanRequest } from '../../src/engine/types.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { type DnsServer, startDnsServer } from '../policy/dnsServer.ts';
import { type Bot, startBot } from './harness.ts';

const PUBLIC = '8.8.8.8';
const environment = await createEnvironment();

/** The engine, but whatever it is told to scan is looked for on this machine; `asked` keeps what it was told. */
function localEngine(): { asked: ScanRequest[]; engine: NonNullable<AppOptions['engine']> } {
  const asked: ScanRequest[] = [];
  return {
    asked,
    engine(request, options) {
      asked.push(request);
      return scan({ ...request, addresses: ['127.0.0.1' as ScannableAddress] }, options, environment);
    },
  };
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(env: Record<string, string> = {}, options: Parameters<typeof startBot>[1] = {}): Promise<Bot> {
  const bot = await startBot(env, options);
  cleanups.push(() => bot.stop());
  return bot;
}

async function zone(records: Parameters<typeof startDnsServer>[0]): Promise<DnsServer> {
  const dns = await startDnsServer(records);
  cleanups.push(() => dns.close());
  return dns;
}

function sqliteFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'harbormaster-gate-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return `sqlite://${join(folder, 'data.sqlite')}`;
}

describe('proof of ownership', () => {
  test('an unproven public target is refused with the record to create; once it is there, the scan runs', async () => {
    const dns = await zone({ 'www.shop.example.com': { A: [PUBLIC] } });
    const { asked, engine } = localEngine();
    const bot = await start({ DNS_SERVERS: dns.address, TARGET_VERIFICATION: 'required' }, { engine });
    const added = await bot.run('/targets add target:www.shop.example.com');
    expect(added.text).toMatch(/once it is verified[\s\S]*\/targets verify target:www\.shop\.example\.com/);

    const refused = await bot.run('/scan host:www.shop.example.com ports:1');
    expect(refused.outcome).toBe('refused');
    expect(refused.text).toMatch(/`_harbormaster\.example\.com`[\s\S]*`harbormaster-verification=[\w-]{32}`/);
    expect(asked).toEqual([]);

    const started = await bot.run('/targets verify target:www.shop.example.com');
    const value = /`(harbormaster-verification=[\w-]+)`/.exec(refused.text)?.[1] ?? '';
    expect(started.text).toContain('_harbormaster.example.com');
    dns.zone.set('_harbormaster.example.com', { TXT: [[value.slice(0, 20), value.slice(20)]] });
    expect((await bot.run('/targets verify target:www.shop.example.com')).text).toMatch(/Verified/);
    expect((await bot.run('/scan host:www.shop.example.com ports:1')).outcome).toBe('done');
    expect(asked.map(({ addresses }) => addresses)).toEqual([[PUBLIC]]);

    // The other server has proved nothing, whatever is published.
    await bot.run('/targets add target:www.shop.example.com', { guild: 2, as: 'secondOwner' });
    const other = await bot.run('/scan host:www.shop.example.com ports:1', { guild: 2, as: 'secondOwner' });
    expect(other.text).toMatch(/not verified/);
  });

  test('a private target needs none', async () => {
    const bot = await start({ TARGET_VERIFICATION: 'required' });
    expect((await bot.run('/targets add target:127.0.0.1')).text).toMatch(/can now scan/);
    expect((await bot.run('/scan host:127.0.0.1 ports:1')).outcome).toBe('done');
  });
});

describe('quotas', () => {
  test('a member who has spent theirs is told when it works again; others go on; a restart changes nothing', async () => {
    const env = { QUOTA_PER_USER: '10', DATABASE_URL: sqliteFile() };
    const first = await start(env);
    await first.run('/targets add target:127.0.0.1');
    expect((await first.run('/scan host:127.0.0.1 ports:1-8', { as: 'member' })).outcome).toBe('done');
    const refused = await first.run('/scan host:127.0.0.1 ports:1-8', { as: 'member' });
    expect(refused.outcome).toBe('refused');
    expect(refused.text).toMatch(/in \d+ minutes? \(\d\d:\d\d UTC\)/);
    expect((await first.run('/scan host:127.0.0.1 ports:1-8', { as: 'admin' })).outcome).toBe('done');
    expect((await first.run('/scan host:127.0.0.1 ports:1-11', { as: 'owner' })).text).toMatch(/fewer|at most/);
    await first.stop();

    const second = await start(env);
    expect((await second.run('/scan host:127.0.0.1 ports:1-8', { as: 'member' })).text).toMatch(/Rule: quota-user/);
  });
});

describe('the audit log', () => {
  test('a scan that cannot be recorded does not run, and costs nothing', async () => {
    const url = sqliteFile();
    const { asked, engine } = localEngine();
    const bot = await start({ DATABASE_URL: url, QUOTA_PER_USER: '10' }, { engine });
    await bot.run('/targets add target:127.0.0.1');
    const guildId = bot.sandbox.world.guilds[0]?.id ?? '';
    const other = await openDatabase(url);
    const key = `${guildId}:head`;
    const head: unknown = await other.store('audit').get(key);
    await other.store('audit').set(key, { v: 1, guildId, seq: 7, hash: 'f'.repeat(64) });
    for (let i = 0; i < 3; i += 1) {
      const refused = await bot.run('/scan host:127.0.0.1 ports:1-8');
      expect(refused.text).toMatch(/audit record could not be written[\s\S]*Rule: no-audit/);
    }
    expect(asked).toEqual([]);
    expect((await bot.run('/targets add target:127.0.0.2')).outcome).toBe('failed');
    await other.store('audit').set(key, head);
    await other.close();
    expect((await bot.run('/targets list')).text).not.toContain('127.0.0.2');
    expect((await bot.run('/scan host:127.0.0.1 ports:1-8')).outcome).toBe('done');
  });

  test('tells of what was allowed, refused and mistyped, and by whom', async () => {
    const bot = await start();
    await bot.run('/targets add target:127.0.0.1');
    await bot.run('/scan host:127.0.0.1 ports:1', { as: 'member' });
    await bot.run('/scan host:127.0.0.9 ports:1', { as: 'member' });
    await bot.run('/scan host:127.1', { as: 'member' });
    bot.sandbox.interact(
      { type: 2, data: { id: '1', name: 'audit', type: 1, options: [{ type: 1, name: 'list', options: [] }] } },
      { as: 'member' },
    );
    await delay(200);
    const { text } = await bot.run('/audit list');
    expect(text).toMatch(/refused[^\n]*audit[\s\S]*not-a-manager/);
    expect(text).toMatch(/refused[^\n]*scan[\s\S]*ip-shorthand/);
    expect(text).toMatch(/refused[^\n]*127\.0\.0\.9[\s\S]*not-allowed/);
    expect(text).toMatch(/allowed[^\n]*127\.0\.0\.1[\s\S]*targets\.add/);
    expect((await bot.run('/audit verify')).text).toMatch(/intact/);
    expect((await bot.run('/audit list', { guild: 2, as: 'secondOwner' })).text).not.toMatch(/127\.0\.0/);
  });

  test('its channel hears too, without a ping, with the hash of the end', async () => {
    const bot = await start();
    await bot.run('/targets add target:127.0.0.1');
    expect((await bot.run('/settings audit-channel channel:#general')).outcome).toBe('done');
    await bot.run('/scan host:127.0.0.9 ports:1');
    const channel = bot.sandbox.world.guilds[0]?.channels.find(({ name }) => name === 'general')?.id ?? '';
    await expect.poll(() => bot.sandbox.channelMessages(channel).length, { timeout: 15_000 }).toBeGreaterThan(0);
    const [message] = bot.sandbox.channelMessages(channel);
    expect(JSON.stringify(message?.embeds)).toMatch(/127\.0\.0\.9|audit-channel/);
    expect(message).toMatchObject({ mentions: [], mention_everyone: false });
  }, 30_000);
});

describe('every later use decides again', () => {
  test('a deny entry ends a scan that runs, and bars Rescan and Share of its result', async () => {
    const bot = await start({ SCAN_PACKETS_PER_SECOND: '1' });
    await bot.run('/targets add target:127.0.0.0/24');
    const running = await bot.sandbox.slash('/scan host:127.0.0.1 ports:1-30');
    await running.waitFor((handle) => handle.edits > 0, 10_000);
    await bot.run('/targets deny target:127.0.0.1');
    const reply = await bot.finished(running);
    expect(reply.text).toMatch(/no longer|allowlist|revoked|removed/i);

    const message = running.message();
    if (!message) throw new Error('no message');
    const rescan = await bot.finished(bot.sandbox.click(message, 'Rescan'));
    expect(rescan.text).toMatch(/Rule: denied/);
    const share = bot.sandbox.click(message, 'Share');
    await bot.finished(share);
    expect(JSON.stringify(share.followUps())).toMatch(/Rule: denied/);
  }, 30_000);

  test('who lost the scanner role, or left, while the scan waited gets no scan', async () => {
    const { asked, engine } = localEngine();
    const bot = await start({ SCAN_CONCURRENCY_PER_SERVER: '1', SCAN_PACKETS_PER_SECOND: '1' }, { engine });
    bot.sandbox.createRole(1, { name: 'Scanners' });
    bot.sandbox.setRoles('member', 1, ['Scanners']);
    await bot.run('/targets add target:127.0.0.1');
    await bot.run('/settings scanner-role action:add role:Scanners');
    const first = await bot.sandbox.slash('/scan host:127.0.0.1 ports:1-9');
    await expect.poll(() => asked.length).toBe(1);
    const second = await bot.sandbox.slash('/scan host:127.0.0.1 ports:2', { as: 'member' });
    await second.acknowledged();
    await delay(100);
    bot.sandbox.setRoles('member', 1, []);
    await first.waitFor((handle) => JSON.stringify(handle.message()?.components ?? []).includes('cancel'), 10_000);
    const running = first.message();
    if (running) bot.sandbox.click(running, 'Cancel');
    expect((await bot.finished(second)).text).toMatch(/Rule: no-scanner-role/);
    expect(asked).toHaveLength(1);
  }, 30_000);
});

describe('servers', () => {
  test('a bot for one server answers no other', async () => {
    const probe = await start();
    const [, other] = probe.sandbox.world.guilds;
    const bot = await start({ DISCORD_GUILD_ID: probe.sandbox.world.guilds[0]?.id ?? '' });
    const handle = bot.sandbox.interact(
      { type: 2, data: { id: '1', name: 'help', type: 1 } },
      { as: 'secondOwner', guild: 2 },
    );
    expect((await bot.finished(handle)).text).toMatch(/serves one other server only/);
    expect(other).toBeDefined();
  });

  test('a server that removes the bot is marked for deletion; an outage is none; adding the bot again takes it off', async () => {
    const url = sqliteFile();
    const bot = await start({ DATABASE_URL: url });
    await bot.run('/targets add target:127.0.0.1');
    const guildId = bot.sandbox.world.guilds[0]?.id ?? '';
    const database = await openDatabase(url);
    cleanups.push(() => database.close());
    const mark = () => database.store('purges').get(guildId);
    bot.sandbox.beginOutage(1);
    await delay(300);
    expect(await mark()).toBeUndefined();
    bot.sandbox.endOutage(1);
    bot.sandbox.removeBot(1);
    await expect.poll(mark).toMatchObject({ removedAt: expect.any(String) });
    bot.sandbox.addBot(1);
    await expect.poll(mark).toBeUndefined();
    expect((await bot.run('/targets list')).text).toContain('127.0.0.1');
  });
});

test('nothing that is sent can ping anybody', async () => {
  const bot = await start();
  await bot.run('/targets add target:127.0.0.1 note:@everyone <@1> @here');
  await bot.run('/settings audit-channel channel:#general');
  await bot.run('/settings visibility value:channel');
  for (const line of [
    '/targets list',
    '/scan host:127.0.0.1 ports:1',
    '/scan host:127.0.0.9',
    '/audit list',
    '/help',
  ]) {
    await bot.run(line);
  }
  const channel = bot.sandbox.world.guilds[0]?.channels.find(({ name }) => name === 'general')?.id ?? '';
  await expect.poll(() => bot.sandbox.channelMessages(channel).length, { timeout: 15_000 }).toBeGreaterThan(0);
  const messages = bot.sandbox.requests
    .map(({ route, body }) => ({ route, message: messageOf(body) }))
    .filter(({ message }) => message && ('embeds' in message || 'content' in message));
  expect(messages.length).toBeGreaterThan(8);
  for (const { route, message } of messages) expect(message?.allowed_mentions, route).toMatchObject({ parse: [] });
}, 30_000);

/** The message in a request, be it the body itself or the data of an interaction's response. */
function messageOf(body: unknown): Record<string, unknown> | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { data } = body as { data?: Record<string, unknown> };
  return data ?? (body as Record<string, unknown>);
}
