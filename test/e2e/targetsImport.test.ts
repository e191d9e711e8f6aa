import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bot, type Reply, startBot } from './harness.ts';

let bot: Bot;
beforeAll(async () => {
  bot = await startBot();
});
afterAll(() => bot?.stop());

const list = async (guild: 1 | 2 = 1) => (await bot.run('/targets list', { guild })).text;

async function give(content: string | Uint8Array, { replace = false, name = 'targets.csv' } = {}): Promise<Reply> {
  const line = replace ? '/targets import replace:true' : '/targets import';
  const files = { file: { name, content } };
  return bot.finished(await bot.sandbox.slash(line, { files }));
}

async function press(reply: Reply, button: string): Promise<Reply> {
  const message = reply.handle.message();
  if (!message) throw new Error('no message');
  return bot.finished(bot.sandbox.click(message, button));
}

async function attachmentOf(reply: Reply): Promise<string> {
  const response = await fetch(reply.handle.message()?.attachments[0]?.url ?? '');
  return response.text();
}

describe('/targets import', () => {
  test('shows what would change, stores nothing before Confirm, and then does it once', async () => {
    await bot.run('/targets add target:old.example.org ports:22');
    const csv = '\ufefftarget,ports,note\r\nold.example.org,"22, 80",\r\nNEW.example.org,,"a, b"\r\n';
    const preview = await give(csv);
    expect(preview).toMatchObject({ outcome: 'done', isPrivate: true });
    expect(preview.text).toMatch(/1 new, 1 changed, 0 unchanged/);
    expect(preview.text).toMatch(/`new\.example\.org`: all ports · a, b/);
    expect(preview.text).toMatch(/`old\.example\.org`: ports 22, 80 \(was: port 22\)/);
    expect(await list()).not.toContain('new.example.org');

    const confirmed = await press(preview, 'Confirm');
    expect(confirmed).toMatchObject({ outcome: 'done', isPrivate: true });
    expect(confirmed.text).toMatch(/Imported[\s\S]*1 new, 1 changed/);
    expect(await list()).toMatch(/`new\.example\.org`: all ports · a, b/);
    expect(await list(2)).toMatch(/empty/);
    expect((await press(preview, 'Confirm')).text).toMatch(/expired/);
  });

  test('plain text, and Cancel', async () => {
    const preview = await give('# ours\nplain.example.org # shop\n', { name: 'list.txt' });
    expect(preview.text).toMatch(/`plain\.example\.org`/);
    expect((await press(preview, 'Cancel')).text).toMatch(/cancelled/);
    expect((await press(preview, 'Confirm')).text).toMatch(/expired/);
    expect(await list()).not.toContain('plain.example.org');
  });

  test('with any problem nothing is stored; every line is reported', async () => {
    const before = await list();
    const lines = Array.from({ length: 30 }, (_, i) => `bad host ${i}`);
    const reply = await give(['good.example.org', '127.1', '=cmd|calc!A1', '10.0.0.1', ...lines].join('\n'));
    expect(reply).toMatchObject({ outcome: 'refused', isPrivate: true });
    expect(reply.text).toMatch(/33 problems/);
    expect(reply.text).toMatch(/Line 2: .*127\.0\.0\.1/);
    const report = await attachmentOf(reply);
    expect(report.match(/^Line \d+: .* Try: \S.*$/gm)?.length).toBe(33);
    expect(await list()).toBe(before);
  });

  test.each<[string, string | Uint8Array, RegExp]>([
    ['UTF-16', Buffer.from('\ufefftarget\na.example.org', 'utf16le'), /UTF-16/],
    ['a workbook', 'PK\x03\x04', /\.xlsx/],
    ['too long a file', 'a'.repeat(256 * 1024 + 1), /at most 256 KiB/],
    ['too many lines', 'a.example.org\n'.repeat(2_001), /at most 2000/],
    ['an empty file', '', /no target/],
  ])('%s is refused with a sentence', async (_what, content, words) => {
    const reply = await give(content);
    expect(reply.outcome).toBe('refused');
    expect(reply.text).toMatch(words);
  });

  test('a change between preview and Confirm brings a new preview', async () => {
    const preview = await give('target,ports\nrace.example.org,80');
    await bot.run('/targets add target:race.example.org ports:22', { as: 'owner' });
    const again = await press(preview, 'Confirm');
    expect(again.text).toMatch(/changed meanwhile[\s\S]*Nothing was stored[\s\S]*1 changed[\s\S]*was: port 22/);
    expect(await list()).toMatch(/`race\.example\.org`: port 22/);
    await press(again, 'Confirm');
    expect(await list()).toMatch(/`race\.example\.org`: port 80/);
  });

  test('an export comes back unchanged; replace removes what is not in the file', async () => {
    await bot.run('/targets deny target:never.example.org ports:25 expires:30d note:=1+1; @here');
    const before = await list();
    const csv = await attachmentOf(await bot.run('/targets export'));
    expect((await give(csv, { replace: true })).text).toMatch(/Nothing to import/);
    const preview = await give('target\nonly.example.org', { replace: true });
    expect(preview.text).toMatch(/1 new, 0 changed, 0 unchanged, \d+ removed/);
    expect(preview.text).toMatch(/No longer denied: `never\.example\.org`/);
    await press(preview, 'Confirm');
    expect(await list()).toMatch(/^1 target may be scanned\n`only\.example\.org`: all ports$/);
    await press(await give(csv, { replace: true }), 'Confirm');
    expect(await list()).toBe(before);
  });

  test('the buttons are for who gave the file, there, and only with Manage Server', async () => {
    const preview = await give('guarded.example.org');
    const message = preview.handle.message();
    const customId = JSON.stringify(message?.components).match(/targets:confirm:[\w-]{16,30}/)?.[0] ?? '';
    expect(customId).not.toBe('');
    const data = { custom_id: customId, component_type: 2 };
    const attempt = async (where: { as: string; guild?: number }) =>
      bot.finished(bot.sandbox.interact({ type: 3, data }, where));
    expect((await attempt({ as: 'member' })).text).toMatch(/Manage Server/);
    expect((await attempt({ as: 'owner' })).text).toMatch(/Not your import/);
    expect((await attempt({ as: 'admin', guild: 2 })).text).toMatch(/expired/);
    expect(await list()).not.toContain('guarded.example.org');
    expect((await press(preview, 'Confirm')).text).toMatch(/Imported/);
  });

  test('a file from anywhere but Discord is not fetched', async () => {
    const attachment = { id: '5', filename: 'f', size: 5, url: 'http://127.0.0.1:9/f', proxy_url: 'x' };
    const options = [{ type: 1, name: 'import', options: [{ type: 11, name: 'file', value: '5' }] }];
    const data = { id: '1', name: 'targets', type: 1, options, resolved: { attachments: { '5': attachment } } };
    const reply = await bot.finished(bot.sandbox.interact({ type: 2, data }, { as: 'admin' }));
    expect(reply.outcome).toBe('refused');
    expect(reply.text).toMatch(/not where Discord keeps/);
  });
});
