import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { ask } from '../http/client.ts';
import { startDnsServer } from '../policy/dnsServer.ts';
import { type Bot, startBot } from './harness.ts';

const PUBLIC_URL = 'https://bot.example';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(env: Record<string, string> = {}): Promise<Bot> {
  const bot = await startBot(env);
  cleanups.push(() => bot.stop());
  return bot;
}

function sqliteFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'harbormaster-breaks-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return `sqlite://${join(folder, 'data.sqlite')}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** From now on nothing can be added to the first server's audit log. */
async function breakAudit(bot: Bot, url: string): Promise<void> {
  const guildId = bot.sandbox.world.guilds[0]?.id ?? '';
  const database = await openDatabase(url);
  await database.store('audit').set(`${guildId}:head`, { v: 1, guildId, seq: 99, hash: 'f'.repeat(64) });
  await database.close();
}

describe('a proof of ownership without its audit record', () => {
  async function startWithLink(url: string) {
    const port = await freePort();
    const bot = await start({
      DATABASE_URL: url,
      HTTP_PORT: String(port),
      PUBLIC_URL,
      TARGET_VERIFICATION: 'required',
    });
    await bot.run('/targets add target:127.0.0.2');
    const { text } = await bot.run('/targets verify target:127.0.0.2');
    const path = /https:\/\/bot\.example(\/verify\/[\w-]{43})/.exec(text)?.[1] ?? '';
    const visit = () => ask(port, path, { method: 'POST', from: '127.0.0.2' });
    return { bot, visit };
  }

  test('a visit is in the log', async () => {
    const { bot, visit } = await startWithLink(sqliteFile());
    expect((await visit()).status).toBe(200);
    expect((await bot.run('/audit list')).text).toMatch(
      /allowed[^\n]*targets\.verify[^\n]*127\.0\.0\.2[^\n]*\n[^\n]*the bot/,
    );
  });

  test('a visit that cannot be recorded proves nothing', async () => {
    const url = sqliteFile();
    const { bot, visit } = await startWithLink(url);
    await breakAudit(bot, url);
    expect((await visit()).status).toBe(500);
    const database = await openDatabase(url);
    cleanups.push(() => database.close());
    const guildId = bot.sandbox.world.guilds[0]?.id ?? '';
    expect(JSON.stringify(await database.store('ownership').get(guildId))).not.toContain('provenAt');
  });

  test('/targets verify that cannot be recorded looks nowhere and proves nothing', async () => {
    const url = sqliteFile();
    const dns = await startDnsServer({ 'shop.example.com': { A: ['8.8.8.8'] } });
    cleanups.push(() => dns.close());
    const bot = await start({ DATABASE_URL: url, DNS_SERVERS: dns.address, TARGET_VERIFICATION: 'required' });
    const { text } = await bot.run('/targets verify target:*.example.com');
    const value = /`(harbormaster-verification=[\w-]+)`/.exec(text)?.[1] ?? '';
    dns.zone.set('_harbormaster.example.com', { TXT: [[value]] });
    await breakAudit(bot, url);
    expect((await bot.run('/targets verify target:*.example.com')).outcome).toBe('failed');
    const database = await openDatabase(url);
    cleanups.push(() => database.close());
    const guildId = bot.sandbox.world.guilds[0]?.id ?? '';
    expect(JSON.stringify(await database.store('ownership').get(guildId))).not.toContain('provenAt');
  });
});

describe("the buttons of somebody else's scan", () => {
  test('every refusal is in the log, and so is a cancelled scan', async () => {
    const bot = await start({ SCAN_PACKETS_PER_SECOND: '1' });
    await bot.run('/targets add target:127.0.0.1');
    const running = await bot.sandbox.slash('/scan host:127.0.0.1 ports:1-30');
    await running.waitFor((handle) => JSON.stringify(handle.message()?.components ?? []).includes('cancel'), 10_000);
    const press = (customId: string, as: string) =>
      bot.finished(bot.sandbox.interact({ type: 3, data: { component_type: 2, custom_id: customId } }, { as }));
    const id = /"scan:cancel:([\w-]+)"/.exec(JSON.stringify(running.message()))?.[1] ?? '';
    await press(`scan:cancel:${id}`, 'member');
    await press(`scan:cancel:${id}`, 'admin');
    await bot.finished(running);
    await press(`scan:rescan:${id}`, 'member');
    await press(`scan:share:${id}`, 'member');
    const { text } = await bot.run('/audit list');
    for (const verb of ['cancel', 'rescan', 'share']) {
      expect(text).toMatch(new RegExp(`refused\\*\\* scan\\.${verb}[^\\n]*\\n[^\\n]*not-yours`));
    }
    expect(text).toMatch(/done\*\* scan\.cancel/);
  }, 30_000);
});

test('/targets verify sends nothing to a target that is not on the list', async () => {
  const bot = await start({ TARGET_VERIFICATION: 'required' });
  for (let i = 0; i < 2; i += 1) {
    const reply = await bot.run('/targets verify target:127.0.0.7');
    expect(reply.text).toMatch(/allowlist is empty[\s\S]*Rule: empty-allowlist/);
  }
  await bot.run('/targets add target:127.0.0.0/24');
  await bot.run('/targets deny target:127.0.0.7');
  expect((await bot.run('/targets verify target:127.0.0.7')).text).toMatch(/Rule: denied/);
});

test.each([0, 20, 100, 200])('stopping %i ms after starting began leaves nothing running', async (afterMs) => {
  const sandbox = await startSandbox();
  cleanups.push(() => sandbox.stop());
  const port = await freePort();
  const loaded = loadConfig({
    DISCORD_TOKEN: sandbox.token,
    DISCORD_API_URL: sandbox.apiUrl,
    DATABASE_URL: 'memory://',
    LOG_LEVEL: 'silent',
    HTTP_PORT: String(port),
  });
  if (!loaded.ok) throw new Error(loaded.problems.join());
  const app = createApp(loaded.config);
  const started = app.start().catch(() => {});
  await delay(afterMs);
  await app.stop();
  await Promise.race([started, delay(1_000)]);
  expect(sandbox.gateway.connected).toBe(0);
  await expect(ask(port, '/healthz')).rejects.toThrow();
});

test('a server that removes the bot is scanned for no longer', async () => {
  const bot = await start({ SCAN_PACKETS_PER_SECOND: '1' });
  await bot.run('/targets add target:127.0.0.1');
  const running = await bot.sandbox.slash('/scan host:127.0.0.1 ports:1-30');
  await running.waitFor((handle) => handle.edits > 0, 10_000);
  const ended = bot.finished(running);
  bot.sandbox.removeBot(1);
  expect(await Promise.race([ended.then(() => 'ended'), delay(5_000, 'still running')])).toBe('ended');
}, 30_000);
