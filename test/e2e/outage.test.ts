import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { until } from '../sandbox/support.ts';
import { type Bot, startBot } from './harness.ts';

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  await Promise.all(cleanups.map((cleanup) => cleanup()));
});

/** A Discord, a bot and a target of its own for each test: they wait side by side. */
async function setUp() {
  const bot = await startBot({ SCAN_PACKETS_PER_SECOND: '10' });
  let connections = 0;
  const listener = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {}).end('220 ready\r\n');
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  cleanups.push(
    () => listener.close(),
    () => bot.stop(),
  );
  const { port } = listener.address() as AddressInfo;
  await bot.run('/targets add target:127.0.0.1');
  return {
    bot,
    port,
    slowScan: () => bot.sandbox.slash(`/scan host:127.0.0.1 ports:${port},1-8`),
    connections: () => connections,
    reconnected: () => until(() => bot.sandbox.gateway.connected === 1, 15_000),
  };
}

describe.concurrent('the gateway during a scan', () => {
  test.each([
    ['op 7', ({ gateway }: Sandbox) => gateway.reconnect()],
    ['a cut connection', ({ gateway }: Sandbox) => gateway.drop()],
    ['op 9, resumable', ({ gateway }: Sandbox) => gateway.invalidate(true)],
    ['op 9, not resumable', ({ gateway }: Sandbox) => gateway.invalidate(false)],
    [
      'a session that Discord has forgotten',
      ({ gateway }: Sandbox) => {
        gateway.forget();
        gateway.drop();
      },
    ],
  ])('%s: the scan goes on and is answered, once', async (_what, fault) => {
    const { bot, slowScan, connections, reconnected } = await setUp();
    const handle = await slowScan();
    await delay(200);
    fault(bot.sandbox);
    const reply = await bot.finished(handle);
    expect(reply.text).toContain('1 open port on 127.0.0.1');
    const seen = connections();
    await reconnected();
    expect((await bot.run('/help')).outcome).toBe('done');
    expect(connections()).toBe(seen);
  });

  test('what happened meanwhile is replayed after the resume, and nothing is done twice', async () => {
    const { bot, slowScan, connections, reconnected } = await setUp();
    const handle = await slowScan();
    await bot.finished(handle);
    const seen = connections();
    bot.sandbox.gateway.drop();
    // Sent to a session without a connection: it comes with the resume, the first for the second time.
    bot.sandbox.gateway.dispatch('INTERACTION_CREATE', handle.payload);
    const missed = await bot.sandbox.slash('/explain port:22');
    await reconnected();
    expect((await bot.finished(missed)).text).toContain('Port 22');
    await delay(300);
    expect(connections()).toBe(seen);
  });
});

describe.concurrent('a Discord that is away', () => {
  test.each([
    // discord.js asks four times for each attempt of ours where it gets an answer, once where it gets none.
    ['5xx', { status: 503 }, 9],
    ['cut connections', { drop: true }, 3],
  ])('with %s: the scan goes on, and its reply catches up', async (_what, fault, times) => {
    const { bot, slowScan } = await setUp();
    const handle = await slowScan();
    await delay(300);
    bot.sandbox.fault('PATCH /webhooks/*', { ...fault, times });
    const reply = await bot.finished(handle);
    expect(reply.outcome).toBe('done');
    expect(reply.text).toContain('1 open port on 127.0.0.1');
  });

  test('an acknowledgement whose answer was lost is one: the reply comes', async () => {
    const { bot } = await setUp();
    bot.sandbox.fault('POST /interactions/*', { loseAnswer: true, times: 1 });
    const reply = await bot.run('/explain port:22');
    expect(reply.outcome).toBe('done');
    expect(reply.text).toContain('Port 22');
  });

  test('a long rate limit delays edits and the answer; no edit comes after the answer', async () => {
    const { bot, slowScan } = await setUp();
    const handle = await slowScan();
    bot.sandbox.rateLimit('PATCH /webhooks/*', { retryAfterSeconds: 3, times: 2 });
    const reply = await bot.finished(handle);
    expect(reply.text).toContain('1 open port on 127.0.0.1');
    const { edits } = handle;
    await delay(2_500);
    expect(handle.edits).toBe(edits);
  });
});

describe.concurrent('a public result', () => {
  const posts = ({ sandbox }: Bot) =>
    sandbox
      .channelMessages(sandbox.world.guilds[0]?.channels[0]?.id ?? '')
      .filter(({ flags = 0 }) => (flags & 64) === 0)
      .map(({ embeds }) => embeds[0]?.title);

  test('comes when Discord takes it again', async () => {
    const { bot, port } = await setUp();
    bot.sandbox.fault('POST /webhooks/*', { status: 503, times: 6 });
    const reply = await bot.run(`/scan host:127.0.0.1 ports:${port} share:true`);
    expect(reply).toMatchObject({ outcome: 'done', embed: { title: '1 open port on 127.0.0.1' } });
    expect(posts(bot)).toEqual(['1 open port on 127.0.0.1']);
  });

  test('that Discord never takes leaves the private one as it is', async () => {
    const { bot, port } = await setUp();
    bot.sandbox.fault('POST /webhooks/*', { drop: true, times: 1_000 });
    const reply = await bot.run(`/scan host:127.0.0.1 ports:${port} share:true`);
    expect(reply).toMatchObject({ outcome: 'done', embed: { title: '1 open port on 127.0.0.1' } });
    expect(posts(bot)).toEqual([]);
  });

  test('is posted, and shared, also when the answer to the acknowledgement was lost', async () => {
    const { bot, port } = await setUp();
    bot.sandbox.fault('POST /interactions/*', { loseAnswer: true, times: 1 });
    const scanned = await bot.run(`/scan host:127.0.0.1 ports:${port} share:true`);
    expect(posts(bot)).toHaveLength(1);
    bot.sandbox.fault('POST /interactions/*', { loseAnswer: true, times: 1 });
    const shared = await bot.finished(bot.sandbox.click(scanned.handle.message()?.id ?? '', 'Share'));
    expect(shared.outcome).toBe('done');
    expect(posts(bot)).toHaveLength(2);
  });

  test('is private after all when the target was taken off the list meanwhile', async () => {
    const { bot, port } = await setUp();
    const handle = await bot.sandbox.slash(`/scan host:127.0.0.1 ports:${port},1-40 share:true`);
    await delay(500);
    await bot.run('/targets remove target:127.0.0.1');
    expect((await bot.finished(handle)).text).toContain('taken off the allowlist');
    expect(posts(bot)).toEqual([]);
  });
});

test('the end of the bot does not wait for a rate limit', async () => {
  const { bot, slowScan } = await setUp();
  bot.sandbox.rateLimit('PATCH /webhooks/*', { retryAfterSeconds: 60, times: 1 });
  await slowScan();
  await until(() => bot.sandbox.requests.some(({ status }) => status === 429), 5_000);
  const stopped = bot.app.stop().then(() => 'stopped');
  expect(await Promise.race([stopped, delay(10_000, 'still waiting', { ref: false })])).toBe('stopped');
});
