import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SilentPort, silentPort } from '../helpers/silentPort.ts';
import { type Bot, type Reply, startBot } from './harness.ts';

let bot: Bot;
let server: Server;
let silent: SilentPort;
let openPort: number;
let closedPort: number;

async function listen(host = '127.0.0.1'): Promise<[Server, number]> {
  const listening = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => listening.listen(0, host, resolve));
  return [listening, (listening.address() as AddressInfo).port];
}

beforeAll(async () => {
  bot = await startBot();
  await bot.run('/targets add target:127.0.0.1');
  [server, openPort] = await listen();
  const [gone, port] = await listen();
  closedPort = port;
  await new Promise((resolve) => gone.close(resolve));
  silent = await silentPort();
});

afterAll(async () => {
  await silent?.close();
  server?.close();
  await bot?.stop();
});

describe('/scan', () => {
  test('tells listening, refusing and silent ports apart, with their reasons', async () => {
    const reply = await bot.run(`/scan host:127.0.0.1 ports:${openPort}, ${closedPort} ,${silent.port}`);
    expect(reply.outcome).toBe('done');
    expect(reply.isPrivate).toBe(true);
    expect(reply.text).toMatch(new RegExp(`${openPort}/tcp\\*\\* .*\\*\\*open\\*\\* \\(syn-ack\\)`));
    expect(reply.text).toMatch(new RegExp(`${closedPort}/tcp\\*\\* .*: closed \\(conn-refused\\)`));
    expect(reply.text).toMatch(new RegExp(`${silent.port}/tcp\\*\\* .*: filtered \\(no-response\\)`));
    expect(reply.text).toContain('1 open port on 127.0.0.1');
    expect(reply.text).toMatch(/127\.0\.0\.1 · 3 ports in \d+ ms/);
  });

  test('without ports it looks at @common', async () => {
    const reply = await bot.run('/scan host:127.0.0.1');
    expect(reply.text).toMatch(/ 4\d ports in /);
  });

  test('IPv6', async () => {
    const [v6, port] = await listen('::1');
    await bot.run('/targets add target:::1');
    const reply = await bot.run(`/scan host:::1 ports:${port}`);
    v6.close();
    expect(reply.text).toContain('1 open port on ::1');
  });

  test.each([
    ['a host that is not listed', '/scan host:127.0.0.2 ports:80', /not on this server's allowlist/],
    ['a public host that is not listed', '/scan host:example.com ports:80', /not on this server's allowlist/],
    ['a metadata service', '/scan host:169.254.169.254 ports:80', /never scanned: cloud metadata/],
    ['shorthand', '/scan host:127.1 ports:80', /shorthand for 127\.0\.0\.1/],
    ['localhost', '/scan host:localhost ports:80', /this machine itself/],
    ['bad ports', '/scan host:127.0.0.1 ports:22;80', /ports/],
    ['too many ports', '/scan host:127.0.0.1 ports:1-65535', /1024|1,024/],
    ['hex ports', '/scan host:127.0.0.1 ports:0x16', /0x16/],
  ])('refuses %s privately', async (_what, line, words) => {
    const reply = await bot.run(line);
    expect(reply).toMatchObject({ outcome: 'refused', isPrivate: true });
    expect(reply.text).toMatch(words);
  });

  test('another server sees nothing of the list', async () => {
    const reply = await bot.run('/scan host:127.0.0.1 ports:80', { guild: 2 });
    expect(reply.outcome).toBe('refused');
    expect(reply.text).toContain("This server's allowlist is empty");
  });

  test('share:true posts the result for the channel, and keeps the private one', async () => {
    const reply = await bot.run(`/scan host:127.0.0.1 ports:${openPort} share:true`);
    const [shared] = reply.handle.followUps();
    expect((shared?.flags ?? 0) & 64).toBe(0);
    expect(shared?.embeds[0]?.title).toBe('1 open port on 127.0.0.1');
    expect(shared?.embeds[0]?.description).toContain(`Asked by <@${bot.sandbox.world.people.admin.id}>`);
  });

  test('nothing pings', () => {
    const bodies = bot.sandbox.requests.flatMap(({ body }) =>
      JSON.stringify(body ?? '').includes('"embeds"') ? [body] : [],
    );
    expect(bodies.length).toBeGreaterThan(0);
    for (const body of bodies) expect(JSON.stringify(body)).toContain('"allowed_mentions":{"parse":[]');
  });
});

/** Presses a button that Discord never drew, on a message that is there. */
function press(customId: string, on: Reply, guild: 1 | 2 = 1): Promise<Reply> {
  const data = { custom_id: customId, component_type: 2 };
  return bot.finished(bot.sandbox.interact({ type: 3, data, message: on.handle.message() }, { as: 'admin', guild }));
}

describe('buttons', () => {
  test('Rescan decides and scans again', async () => {
    const first = await bot.run(`/scan host:127.0.0.1 ports:${openPort}`);
    const message = first.handle.message();
    const again = await bot.finished(await bot.sandbox.click(message?.id ?? '', 'Rescan'));
    expect(again).toMatchObject({ outcome: 'done', isPrivate: true });
    expect(again.text).toContain('1 open port on 127.0.0.1');

    await bot.run('/targets remove target:127.0.0.1');
    const refused = await bot.finished(await bot.sandbox.click(message?.id ?? '', 'Rescan'));
    await bot.run('/targets add target:127.0.0.1');
    expect(refused.outcome).toBe('refused');
  });

  test('Share posts for the channel and leaves the private reply as it is', async () => {
    const first = await bot.run(`/scan host:127.0.0.1 ports:${openPort}`);
    const click = await bot.sandbox.click(first.handle.message()?.id ?? '', 'Share');
    await bot.finished(click);
    const [shared] = click.followUps();
    expect((shared?.flags ?? 0) & 64).toBe(0);
    expect(shared?.embeds[0]?.title).toBe('1 open port on 127.0.0.1');
    expect(first.handle.message()?.embeds[0]?.title).toBe('1 open port on 127.0.0.1');
  });

  test.each([
    ['an unknown id', 'scan:rescan:AAAAAAAAAAAAAAAA', /too old/],
    ['a target instead of an id', 'scan:rescan:127.0.0.1:1-65535', /does not work any more/],
    ['an unknown action', 'scan:destroy:AAAA', /does not work any more/],
    ['an inherited property', 'scan:constructor:AAAA', /does not work any more/],
    ['nonsense', 'x'.repeat(100), /does not work any more/],
  ])('forged: %s does nothing', async (_what, customId, words) => {
    const reply = await press(customId, await bot.run('/help'));
    expect(reply.outcome).toBe('refused');
    expect(reply.text).toMatch(words);
  });

  test("another server's result is unknown here", async () => {
    const first = await bot.run(`/scan host:127.0.0.1 ports:${openPort}`);
    const row = JSON.stringify(first.handle.message()?.components);
    const id = /scan:rescan:([\w-]+)/.exec(row)?.[1] ?? '';
    const reply = await press(`scan:rescan:${id}`, first, 2);
    expect(reply.text).toMatch(/too old/);
  });
});

describe('suggestions', () => {
  test('hosts are those of this server', async () => {
    const names = async (line: string, guild: 1 | 2 = 1) =>
      (await bot.sandbox.autocomplete(line, { as: 'member', guild })).map(({ value }) => value);
    expect(await names('/scan host:127')).toContain('127.0.0.1');
    expect(await names('/scan host:127', 2)).toEqual([]);
    expect(await names('/scan host:10.')).toEqual([]);
  });

  test('ports are presets and services', async () => {
    const values = (await bot.sandbox.autocomplete('/scan host:127.0.0.1 ports:22,ht')).map(({ value }) => value);
    expect(values).toContain('22,http');
  });
});
