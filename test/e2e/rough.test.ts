import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SilentPort, silentPort } from '../helpers/silentPort.ts';
import { type Bot, startBot } from './harness.ts';

let bot: Bot;
beforeEach(async () => {
  bot = await startBot({ SCAN_PACKETS_PER_SECOND: '1' });
  await bot.run('/targets add target:127.0.0.1');
});
afterEach(() => bot?.stop());

describe('a long scan', () => {
  let silent: SilentPort;
  beforeEach(async () => {
    silent = await silentPort();
  });
  afterEach(() => silent?.close());

  test('shows progress, can be cancelled, and keeps what was found', async () => {
    const handle = await bot.sandbox.slash('/scan host:127.0.0.1 ports:1-9');
    await handle.waitFor((h) => /Scanning/.test(h.message()?.embeds[0]?.title ?? ''), 5_000);
    expect(handle.message()?.embeds[0]?.description).toMatch(/[█░]{12} \d of 9 ports/);
    expect(handle.message()?.embeds[0]?.description).toMatch(/1\.\d ports a second, about \d+\.\d s left/);
    const click = await bot.sandbox.click(handle.message()?.id ?? '', 'Cancel');
    await bot.finished(click);
    const reply = await bot.finished(handle);
    expect(reply.outcome).toBe('done');
    expect(reply.text).toMatch(/so far on 127\.0\.0\.1/);
    expect(reply.text).toMatch(/Cancelled: \d ports have no verdict/);
    const after = handle.edits;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(handle.edits).toBe(after);
  });

  test('ends when the target is taken off the list', async () => {
    const handle = await bot.sandbox.slash('/scan host:127.0.0.1 ports:1-9');
    await bot.run('/targets remove target:127.0.0.1');
    const reply = await bot.finished(handle);
    expect(reply.text).toMatch(/taken off the allowlist: \d ports have no verdict/);
    expect(reply.text).toMatch(/Scan again: \d of 9 ports were not tested/);
  });

  test('only who asked or a manager may cancel', async () => {
    const handle = await bot.sandbox.slash('/scan host:127.0.0.1 ports:1-9', { as: 'owner' });
    await handle.waitFor((h) => /Scanning/.test(h.message()?.embeds[0]?.title ?? ''), 5_000);
    const customId = /scan:cancel:[\w-]+/.exec(JSON.stringify(handle.message()?.components))?.[0] ?? '';
    const data = { custom_id: customId, component_type: 2 };
    const press = (as: string) => bot.sandbox.interact({ type: 3, data, message: handle.message() }, { as });
    const stranger = press('member');
    expect((await bot.finished(stranger)).outcome).toBe('refused');
    expect(stranger.followUps()[0]?.embeds[0]?.title).toBe('Not yours to cancel');
    await bot.finished(press('admin'));
    expect((await bot.finished(handle)).text).toMatch(/Cancelled/);
  });
});

describe('a rough Discord', () => {
  test('the same interaction delivered twice is done once', async () => {
    const handle = await bot.sandbox.slash('/help');
    bot.sandbox.gateway.dispatch('INTERACTION_CREATE', handle.payload);
    await bot.finished(handle);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const callbacks = bot.sandbox.requests.filter(({ path }) => path.includes(`/interactions/${handle.id}/`));
    expect(callbacks).toHaveLength(1);
  });

  test('a rate limit delays the answer and loses nothing', async () => {
    bot.sandbox.rateLimit('PATCH /webhooks/*', { retryAfterSeconds: 0.5, times: 1 });
    expect((await bot.run('/help')).outcome).toBe('done');
  });

  test('a public post that Discord refuses leaves the private result alone', async () => {
    bot.sandbox.fault('POST /webhooks/*', { status: 403, times: 1 });
    const reply = await bot.run('/scan host:127.0.0.1 ports:1 share:true');
    expect(reply).toMatchObject({ outcome: 'done' });
    expect(reply.embed.title).toBe('No open ports on 127.0.0.1');
    expect(reply.handle.followUps()[0]?.embeds[0]?.title).toBe('Not posted');
  });

  test('a server error is tried again', async () => {
    bot.sandbox.fault('PATCH /webhooks/*', { status: 502, times: 1 });
    expect((await bot.run('/help')).outcome).toBe('done');
  });

  test('an acknowledgement that Discord refuses ends quietly, and the next command works', async () => {
    bot.sandbox.fault('POST /interactions/*', { status: 404, times: 1 });
    const handle = await bot.sandbox.slash('/help');
    expect((await bot.finished(handle)).outcome).toBe('failed');
    expect((await bot.run('/help')).outcome).toBe('done');
  });

  test('a dropped gateway resumes, and commands go on', async () => {
    bot.sandbox.gateway.drop();
    await expect.poll(() => bot.sandbox.gateway.connected, { timeout: 10_000 }).toBe(1);
    expect((await bot.run('/help')).outcome).toBe('done');
  });

  test('nothing that the bot did was a mistake that Discord passes over in silence', async () => {
    await bot.run('/scan host:127.0.0.1 ports:1 share:true');
    expect(bot.sandbox.notices).toEqual([]);
    expect(bot.sandbox.requests.filter(({ status }) => (status ?? 0) >= 400)).toEqual([]);
  });
});

describe('where commands do not work', () => {
  test('a direct message is refused', async () => {
    const data = { id: '1', name: 'scan', type: 1, options: [{ type: 3, name: 'host', value: '127.0.0.1' }] };
    const handle = bot.sandbox.interact({ type: 2, data, guild_id: undefined, guild: undefined, context: 1 });
    const reply = await bot.finished(handle);
    expect(reply.outcome).toBe('refused');
    expect(reply.text).toMatch(/only in a server/);
  });

  test('a command that is gone is said to be gone', async () => {
    const reply = await bot.finished(bot.sandbox.interact({ type: 2, data: { id: '1', name: 'old', type: 1 } }));
    expect(reply.text).toMatch(/does not exist any more/);
  });
});

describe('a broken database', () => {
  test('a failed read is answered with a reference, never taken for an empty list', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'harbormaster-'));
    const file = join(folder, 'x.sqlite');
    const own = await startBot({ DATABASE_URL: `sqlite://${file}` });
    try {
      await own.run('/targets add target:127.0.0.1');
      const other = new DatabaseSync(file);
      const table = other.prepare("select name from sqlite_schema where type = 'table'").get()?.name;
      other.exec(`alter table "${table}" rename to moved`);
      for (const line of ['/targets list', '/scan host:127.0.0.1 ports:1', '/targets add target:8.8.8.8']) {
        const reply = await own.run(line);
        expect(reply.outcome).toBe('failed');
        expect(reply.text).toMatch(/Something went wrong[\s\S]*`[0-9a-f]{8}`/);
        expect(reply.text).not.toMatch(/sqlite|select|table|harbormaster-/i);
      }
      // The guidance itself is not in the database.
      const explained = await own.run('/explain port:22');
      expect(explained.outcome).toBe('done');
      expect(explained.text).toMatch(/PasswordAuthentication no[\s\S]*/);
      expect(explained.text).toContain('cannot be read now');
      other.exec(`alter table moved rename to "${table}"`);
      other.close();
      expect((await own.run('/targets list')).text).toMatch(/1 target may be scanned/);
    } finally {
      await own.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
