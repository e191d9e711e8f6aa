import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Bot, type Reply, startBot } from './harness.ts';

let bot: Bot;
const servers = new Set<Server>();
beforeEach(async () => {
  bot = await startBot();
  await bot.run('/targets add target:127.0.0.1');
});
afterEach(async () => {
  vi.useRealTimers();
  for (const server of servers) server.close();
  servers.clear();
  await bot?.stop();
});

async function listen(port = 0): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((socket) => socket.on('error', () => {}).end('220 mail.example ESMTP Postfix\r\n'));
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port: (server.address() as AddressInfo).port, close };
}

const pictureOf = (reply: Reply) =>
  reply.handle.message()?.attachments.find(({ filename }) => filename === 'history.png');
const inDays = (days: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * 24 * 60 * 60_000 });

/** Two scans; between them one port closed and another opened. */
async function live(): Promise<{ closed: number; opened: number; steady: number }> {
  const [first, second, steady] = [await listen(), await listen(), await listen()];
  await second.close();
  const ports = `${first.port},${second.port},${steady.port}`;
  await bot.run(`/scan host:127.0.0.1 ports:${ports}`);
  await first.close();
  await listen(second.port);
  await bot.run(`/scan host:127.0.0.1 ports:${ports}`);
  return { closed: first.port, opened: second.port, steady: steady.port };
}

describe('/history', () => {
  test('shows the last scans, newest first, what changed between them, and a picture with its words', async () => {
    const { closed, opened, steady } = await live();
    const reply = await bot.run('/history host:127.0.0.1');
    expect(reply).toMatchObject({ outcome: 'done', isPrivate: true });
    expect(reply.embed.title).toBe('History of 127.0.0.1');
    const [newest = '', oldest = ''] = reply.embed.description?.split('\n\n') ?? [];
    expect(newest).toMatch(/^\*\*<t:\d+:f>\*\*: 2 open of 3 ports\n/);
    expect(newest).toContain(`• Opened: ${opened}`);
    expect(newest).toContain(`• Closed: ${closed}`);
    expect(oldest).toContain('No earlier scan to compare with');
    expect(reply.embed.footer?.text).toBe('2 scans are kept, each for 100 days.');

    const picture = pictureOf(reply);
    expect(picture?.description).toContain(`Port ${opened}: closed, then open.`);
    expect(picture?.description).toContain(`Port ${closed}: open, then closed.`);
    expect(picture?.description).toContain(`Port ${steady}: open.`);
    expect(reply.embed.image?.url).toBe(picture?.url);
    const png = Buffer.from(await (await fetch(picture?.url ?? '')).arrayBuffer());
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.readUInt32BE(16)).toBe(800);
  });

  test('without an open port there is no picture, and it says so', async () => {
    const { port, close } = await listen();
    await close();
    await bot.run(`/scan host:127.0.0.1 ports:${port}`);
    const reply = await bot.run('/history host:127.0.0.1');
    expect(reply.text).toContain('No port was open in any of these scans');
    expect(reply.handle.message()?.attachments).toEqual([]);
  });

  test('at most ten scans are shown, and all of them counted', async () => {
    const { port } = await listen();
    for (let i = 0; i < 12; i++) await bot.run(`/scan host:127.0.0.1 ports:${port}`);
    const reply = await bot.run('/history host:127.0.0.1');
    expect(reply.embed.description?.match(/<t:/g)).toHaveLength(10);
    expect(reply.embed.description).not.toContain('No earlier scan');
    expect(reply.embed.footer?.text).toMatch(/^12 scans are kept.*The last 10 are shown\.$/);
  });

  test('is for who may scan, and suggests hosts to them alone', async () => {
    await live();
    expect((await bot.run('/history host:127.0.0.1', { as: 'member' })).outcome).toBe('done');
    const suggested = (as: string, guild: 1 | 2 = 1) =>
      bot.sandbox.autocomplete('/history host:127', { as, guild }).then((all) => all.map(({ value }) => value));
    expect(await suggested('member')).toEqual(['127.0.0.1']);
    expect(await suggested('secondOwner', 2)).toEqual([]);

    bot.sandbox.createRole(1, { name: 'Scanners' });
    await bot.run('/settings scanner-role action:add role:Scanners');
    const refused = await bot.run('/history host:127.0.0.1', { as: 'member' });
    expect(refused).toMatchObject({ outcome: 'refused', isPrivate: true });
    expect(refused.text).not.toMatch(/Opened|open of/);
    expect(refused.handle.message()?.attachments).toEqual([]);
    expect(await suggested('member')).toEqual([]);
    expect((await bot.run('/audit list')).text).toContain('history');
  });

  test('shows nothing of what may not be scanned any more', async () => {
    const { closed, opened, steady } = await live();
    await bot.run(`/targets add target:127.0.0.1 ports:${steady}`);
    const less = await bot.run('/history host:127.0.0.1');
    expect(less.text).toContain('1 open of 1 port');
    const shown = `${less.text} ${pictureOf(less)?.description}`;
    expect(shown).not.toContain(String(opened));
    expect(shown).not.toContain(String(closed));

    await bot.run('/targets remove target:127.0.0.1');
    const gone = await bot.run('/history host:127.0.0.1');
    expect(gone.outcome).toBe('refused');
    expect(gone.text).not.toContain('open of');
    expect(await bot.sandbox.autocomplete('/history host:127')).toEqual([]);
  });

  test('another server sees nothing, also with the same host on its list', async () => {
    await live();
    const by = { guild: 2, as: 'secondOwner' } as const;
    expect((await bot.run('/history host:127.0.0.1', by)).outcome).toBe('refused');
    await bot.run('/targets add target:127.0.0.1', by);
    const reply = await bot.run('/history host:127.0.0.1', by);
    expect(reply.text).toContain('No history of 127.0.0.1');
    expect(reply.handle.message()?.attachments).toEqual([]);
  });

  test('ends with the data of the person and of the server', async () => {
    await live();
    await bot.run('/data delete scope:mine');
    expect((await bot.run('/history host:127.0.0.1')).text).toContain('No history of');
    expect(await bot.sandbox.autocomplete('/history host:127')).toEqual([]);
  });
});

describe('/settings history', () => {
  test('says how long results are kept; a shorter time deletes at once, and none gives the default', async () => {
    await live();
    expect((await bot.run('/settings show')).text).toContain('100 days, then deleted');
    inDays(5);
    const changed = await bot.run('/settings history days:3');
    expect(changed.text).toMatch(/3 days, then deleted[\s\S]*Before: 100 days/);
    expect((await bot.run('/history host:127.0.0.1')).text).toMatch(/No history[\s\S]*kept for 3 days/);
    await bot.run('/settings history');
    expect((await bot.run('/settings show')).text).toContain('100 days, then deleted');
    expect((await bot.run('/history host:127.0.0.1')).text).toContain('No history');
    expect((await bot.run('/audit list')).text).toContain('results kept: 3 days');
  });

  test.each([
    [1, true],
    [3, false],
  ])('after %i days of two', async (days, isKept) => {
    await bot.run('/settings history days:2');
    await live();
    inDays(days);
    expect((await bot.run('/history host:127.0.0.1')).outcome).toBe(isKept ? 'done' : 'refused');
  });

  test('takes 1 to 365 days', async () => {
    for (const days of [0, 366, -1]) await expect(bot.run(`/settings history days:${days}`)).rejects.toThrow();
    const options = [{ type: 4, name: 'days', value: 1_000 }];
    const data = { id: '1', name: 'settings', type: 1, options: [{ type: 1, name: 'history', options }] };
    const forged = await bot.finished(bot.sandbox.interact({ type: 2, data }));
    expect(forged).toMatchObject({ outcome: 'refused' });
    expect(forged.text).toContain('1 to 365');
    expect((await bot.run('/settings history days:365')).text).toContain('365 days');
  });
});
