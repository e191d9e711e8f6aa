import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Bot, type Reply, startBot } from './harness.ts';

let bot: Bot;
beforeEach(async () => {
  bot = await startBot();
});
afterEach(async () => {
  vi.useRealTimers();
  await bot?.stop();
});

async function dataOf(reply: Reply): Promise<{ text: string; data: Record<string, unknown>; [key: string]: unknown }> {
  const [attachment] = reply.handle.message()?.attachments ?? [];
  expect(attachment?.filename).toBe('harbormaster-data.json');
  const text = await (await fetch(attachment?.url ?? '')).text();
  return { text, ...JSON.parse(text) };
}
const press = (reply: Reply, label: string) => bot.finished(bot.sandbox.click(reply.handle.message()?.id ?? '', label));
const idOf = (who: 'admin' | 'member') => bot.sandbox.world.people[who].id;
const confirmIdOf = (reply: Reply) =>
  JSON.stringify(reply.handle.message()?.components).match(/data:confirm:[\w-]+/)?.[0];

/** A target, a scan of each person, and with them audit records. */
async function live(): Promise<void> {
  await bot.run('/targets add target:127.0.0.1 note:ours');
  await bot.run('/scan host:127.0.0.1 ports:1');
  await bot.run('/scan host:127.0.0.1 ports:2', { as: 'member' });
}

describe('/data mine', () => {
  test('exports what is kept about the person, and nothing of others', async () => {
    await live();
    const reply = await bot.run('/data export scope:mine', { as: 'member' });
    expect(reply).toMatchObject({ outcome: 'done', isPrivate: true });
    const file = await dataOf(reply);
    expect(file).toMatchObject({ v: 1, server: bot.sandbox.world.guilds[0]?.id, user: idOf('member') });
    expect(file.data.scans).toMatchObject([{ requestedPorts: '2', userId: idOf('member') }]);
    expect(file.data.audit).not.toEqual([]);
    expect(file.text).not.toContain(idOf('admin'));
    const elsewhere = await dataOf(await bot.run('/data export scope:mine', { guild: 2, as: 'secondOwner' }));
    expect(elsewhere.text).not.toMatch(/127\.0\.0\.1/);
  });

  test('deletes it, says what stays and why; the audit log verifies and names nobody', async () => {
    await live();
    const reply = await bot.run('/data delete scope:mine', { as: 'member' });
    expect(reply).toMatchObject({ outcome: 'done', isPrivate: true });
    expect(reply.text).toMatch(/1 scan result of yours was deleted/);
    expect(reply.text).toMatch(/no longer says who you are[\s\S]*records stay/);

    const all = await dataOf(await bot.run('/data export scope:server'));
    // The quota counter names them until it is full again, at most an hour, which the answer says.
    expect(reply.text).toMatch(/quota counter stays until it is full again/);
    const { quotas, ...others } = all.data;
    expect(JSON.stringify(quotas)).toContain(idOf('member'));
    expect(JSON.stringify(others)).not.toContain(idOf('member'));
    expect(JSON.stringify(others)).toContain(idOf('admin'));
    expect(all.data.scans).toMatchObject([{ requestedPorts: '1' }]);
    expect((await bot.run('/audit verify')).text).toMatch(/intact/);
    const list = (await bot.run('/audit list')).text;
    expect(list).toMatch(/someone no longer known/);
    expect(list).not.toContain(idOf('member'));
    const mine = await dataOf(await bot.run('/data export scope:mine', { as: 'member' }));
    expect(mine.data.audit).toEqual([]);
  });

  test('takes an id off the allowlist, and the entries stay', async () => {
    await live();
    expect((await bot.run('/data delete scope:mine')).text).toMatch(/off 1 allowlist entry/);
    expect((await bot.run('/targets list')).text).toMatch(/127\.0\.0\.1/);
  });
});

describe('/data server', () => {
  test('exports everything of this server, and nothing of another', async () => {
    await live();
    await bot.run('/targets add target:other.example.org', { guild: 2, as: 'secondOwner' });
    const { text, data } = await dataOf(await bot.run('/data export scope:server'));
    expect(data.allowlist).toMatchObject([{ pattern: '127.0.0.1', note: 'ours' }]);
    expect(data.scans).toHaveLength(2);
    expect(data.audit).not.toEqual([]);
    expect(data.people).not.toEqual([]);
    expect(text).not.toMatch(/other\.example\.org/);
    expect(text).not.toContain(bot.sandbox.token);
    expect((await bot.run('/audit list')).text).toMatch(/data\.export/);
  });

  test('is deleted after a question, at once and completely; other servers keep theirs', async () => {
    await live();
    await bot.run('/targets add target:other.example.org', { guild: 2, as: 'secondOwner' });
    const question = await bot.run('/data delete scope:server');
    expect(question.text).toMatch(/Delete everything[\s\S]*no way back/);
    expect((await bot.run('/targets list')).text).toMatch(/127\.0\.0\.1/);
    const answer = await press(question, 'Delete everything');
    expect(answer).toMatchObject({ outcome: 'done', isPrivate: true });
    expect(answer.text).toMatch(/Everything of this server was deleted/);
    expect((await bot.run('/targets list')).text).toMatch(/allowlist is empty/);
    expect((await bot.run('/audit list')).text).toMatch(/audit log is empty/);
    const again = await press(question, 'Delete everything');
    expect(again.outcome).toBe('refused');
    expect(again.text).toMatch(/question has ended/);
    const { data } = await dataOf(await bot.run('/data export scope:server'));
    expect(data.scans).toEqual([]);
    expect((await bot.run('/targets list', { guild: 2, as: 'secondOwner' })).text).toMatch(/other\.example\.org/);
  });

  test('is kept when the answer is no', async () => {
    await live();
    const question = await bot.run('/data delete scope:server');
    expect((await press(question, 'Keep it')).text).toMatch(/Nothing was deleted/);
    expect((await press(question, 'Delete everything')).text).toMatch(/question has ended/);
    expect((await bot.run('/targets list')).text).toMatch(/127\.0\.0\.1/);
  });

  test.each(['export', 'delete'])('%s is for Manage Server', async (action) => {
    const reply = await bot.run(`/data ${action} scope:server`, { as: 'member' });
    expect(reply).toMatchObject({ outcome: 'refused', isPrivate: true });
    expect(reply.text).toMatch(/Manage Server/);
    expect(reply.handle.message()?.attachments).toEqual([]);
  });

  test('the button is of the person and the server that were asked, and ids are not guessed', async () => {
    await live();
    const question = await bot.run('/data delete scope:server');
    const custom_id = confirmIdOf(question);
    expect(custom_id).toMatch(/^data:confirm:[\w-]{16,30}$/);
    const forged: [string | undefined, { as: string; guild: 1 | 2 }][] = [
      [custom_id, { as: 'member', guild: 1 }],
      [custom_id, { as: 'owner', guild: 1 }],
      [custom_id, { as: 'admin', guild: 2 }],
      [custom_id, { as: 'secondOwner', guild: 2 }],
      ['data:confirm:AAAAAAAAAAAAAAAA', { as: 'admin', guild: 1 }],
      ['data:confirm:__proto__', { as: 'admin', guild: 1 }],
    ];
    for (const [id, where] of forged) {
      const data = { custom_id: id, component_type: 2 };
      const reply = await bot.finished(bot.sandbox.interact({ type: 3, data }, where));
      expect(reply.outcome).toBe('refused');
    }
    expect((await bot.run('/targets list')).text).toMatch(/127\.0\.0\.1/);
    expect((await press(question, 'Delete everything')).outcome).toBe('done');
  });

  test('who lost Manage Server since the question cannot confirm it', async () => {
    await live();
    const question = await bot.run('/data delete scope:server');
    const member = { ...(question.handle.payload.member as object), permissions: '0' };
    const data = { custom_id: confirmIdOf(question), component_type: 2 };
    const reply = await bot.finished(bot.sandbox.interact({ type: 3, data, member }, { as: 'admin' }));
    expect(reply.outcome).toBe('refused');
    expect(reply.text).toMatch(/Manage Server/);
    expect((await bot.run('/targets list')).text).toMatch(/127\.0\.0\.1/);
  });

  test.each([
    [9, /Everything of this server was deleted/],
    [10, /question has ended/],
  ])('an answer after %i minutes', async (minutes, words) => {
    await live();
    const question = await bot.run('/data delete scope:server');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * 60_000 });
    expect((await press(question, 'Delete everything')).text).toMatch(words);
  });
});
