import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bot, type Reply, startBot } from './harness.ts';

let bot: Bot;
beforeAll(async () => {
  bot = await startBot();
});
afterAll(() => bot?.stop());

async function fileOf(reply: Reply): Promise<{ name: string; text: string }> {
  const [attachment] = reply.handle.message()?.attachments ?? [];
  const response = await fetch(attachment?.url ?? '');
  return { name: attachment?.filename ?? '', text: await response.text() };
}
const recordsOf = (text: string): { seq: number; [key: string]: unknown }[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const buttonsOf = (reply: Reply) =>
  (reply.handle.message()?.components ?? []).flatMap((row) =>
    'components' in row ? row.components.flatMap((item) => ('label' in item && item.label ? [item.label] : [])) : [],
  );

describe('/audit', () => {
  test('is empty at first, and a refused scan is its first record', async () => {
    expect((await bot.run('/audit list', { guild: 2, as: 'secondOwner' })).text).toMatch(/audit log is empty/);
    expect((await bot.run('/audit verify', { guild: 2, as: 'secondOwner' })).text).toMatch(/audit log is empty/);
    await bot.run('/scan host:198.51.100.7 ports:22', { guild: 2, as: 'secondOwner' });
    const reply = await bot.run('/audit list', { guild: 2, as: 'secondOwner' });
    expect(reply).toMatchObject({ outcome: 'done', isPrivate: true });
    const { id } = bot.sandbox.world.people.secondOwner;
    expect(reply.text).toMatch(/\*\*#1\*\* ⛔ \*\*refused\*\* scan `198\.51\.100\.7`/);
    expect(reply.text).toMatch(new RegExp(`<t:\\d+:R>, <@${id}>, rule \``));
  });

  test('whoever exports it is in it; JSON lines, with the person but chained without', async () => {
    const reply = await bot.run('/audit export');
    const { name, text } = await fileOf(reply);
    expect(name).toBe('audit.jsonl');
    const last = recordsOf(text).at(-1);
    expect(last).toMatchObject({
      v: 1,
      guildId: bot.sandbox.world.guilds[0]?.id,
      action: 'audit.export',
      decision: 'allowed',
      user: bot.sandbox.world.people.admin.id,
    });
    expect(JSON.stringify({ ...last, user: undefined })).not.toContain(bot.sandbox.world.people.admin.id);
  });

  test('CSV for spreadsheets, with a mark for UTF-8', async () => {
    const { name, text } = await fileOf(await bot.run('/audit export format:CSV'));
    expect(name).toBe('audit.csv');
    expect(text).toMatch(/^\ufeff?seq,at,user,actor,action,command,decision,rule,/);
    expect(text).toMatch(/,audit\.export,\/audit export format:csv,allowed,/);
  });

  test('many records: pages by number and by buttons, each with what the others do not show', async () => {
    for (let i = 0; i < 23; i++) await bot.run('/audit export');
    const first = await bot.run('/audit list');
    const seqs = (reply: Reply) => [...reply.text.matchAll(/^\*\*#(\d+)\*\*/gm)].map(([, seq]) => Number(seq));
    const newest = seqs(first)[0] ?? 0;
    expect(seqs(first)).toEqual(Array.from({ length: 10 }, (_, i) => newest - i));
    expect(buttonsOf(first)).toEqual(['Older']);
    const older = await bot.finished(bot.sandbox.click(first.handle.message()?.id ?? '', 'Older'));
    expect(seqs(older)).toEqual(Array.from({ length: 10 }, (_, i) => newest - 10 - i));
    expect(older.isPrivate).toBe(true);
    expect(seqs(await bot.run('/audit list page:2'))).toEqual(seqs(older));
    const newer = await bot.finished(bot.sandbox.click(older.handle.message()?.id ?? '', 'Newer'));
    expect(seqs(newer)).toEqual(seqs(first));
    const { text } = await fileOf(await bot.run('/audit export before:3'));
    expect(recordsOf(text).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('verifies, in words', async () => {
    const reply = await bot.run('/audit verify');
    expect(reply.outcome).toBe('done');
    expect(reply.text).toMatch(/audit log is intact\n\d+ records, each sealed[\s\S]*ends with `[0-9a-f]{16}`/);
  });

  test.each([
    ['/audit list page:0', /whole number/],
    ['/audit list page:1e3', /whole number/],
    ['/audit list page:999999', /There are only \d+ pages/],
    ['/audit export before:-1', /whole number/],
    ['/audit export before:1', /no record below/],
  ])('%s is refused and says what would work', async (line, words) => {
    const reply = await bot.run(line);
    expect(reply).toMatchObject({ outcome: 'refused', isPrivate: true });
    expect(reply.text).toMatch(words);
  });

  test.each(['list', 'export', 'verify'])('without Manage Server %s is refused', async (name) => {
    const data = { id: '1', name: 'audit', type: 1, options: [{ type: 1, name, options: [] }] };
    const reply = await bot.finished(bot.sandbox.interact({ type: 2, data }, { as: 'member' }));
    expect(reply.outcome).toBe('refused');
    expect(reply.text).toMatch(/Manage Server/);
    expect(reply.handle.message()?.attachments ?? []).toEqual([]);
  });

  test.each([
    ['page:5', 'member', /Manage Server/],
    ['page:0', 'admin', /whole number/],
    ['page:-1', 'admin', /whole number/],
    ['page:abc', 'admin', /whole number/],
    ['export:1', 'admin', /does not work any more/],
    [`page:${'9'.repeat(30)}`, 'admin', /whole number/],
  ])('a forged button audit:%s by %s shows nothing', async (id, as, words) => {
    const data = { custom_id: `audit:${id}`, component_type: 2 };
    const reply = await bot.finished(bot.sandbox.interact({ type: 3, data }, { as }));
    expect(reply.outcome).toBe('refused');
    expect(reply.text).toMatch(words);
    expect(reply.text).not.toMatch(/\*\*#\d/);
  });

  test('a number of another server is only a number: its own log is shown', async () => {
    const data = { custom_id: 'audit:page:5', component_type: 2 };
    const reply = await bot.finished(bot.sandbox.interact({ type: 3, data }, { as: 'secondOwner', guild: 2 }));
    expect(reply.text).not.toMatch(/audit\.export/);
    expect(reply.text).toMatch(/198\.51\.100\.7/);
  });
});
