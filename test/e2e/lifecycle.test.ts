import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { InteractionHandle } from '../../src/sandbox/client/handle.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type SilentPort, silentPort } from '../helpers/silentPort.ts';
import { type BotProcess, startProcess } from './process.ts';

let sandbox: Sandbox;
let folder: string;
const children: BotProcess[] = [];

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox?.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'harbormaster-'));
});
afterEach(async () => {
  for (const bot of children.splice(0)) {
    bot.child.kill('SIGKILL');
    await bot.ended;
  }
  await rm(folder, { recursive: true, force: true });
});

function start(env: Record<string, string> = {}): BotProcess {
  const bot = startProcess(
    { DISCORD_TOKEN: sandbox.token, DISCORD_API_URL: sandbox.apiUrl, SCAN_PRIVATE_RANGES: '127.0.0.0/8', ...env },
    folder,
  );
  children.push(bot);
  return bot;
}

const titleOf = (handle: InteractionHandle) => handle.message()?.embeds[0]?.title ?? '';
const said = (handle: InteractionHandle, words: RegExp, timeoutMs = 10_000) =>
  handle.waitFor((h) => words.test(titleOf(h)), timeoutMs);
const writes = () =>
  sandbox.requests.filter(({ method, path }) => method === 'PUT' && path.endsWith('/commands')).length;

describe('starting', () => {
  test('without a token it lists every problem, names the sandbox, and exits 1', async () => {
    const bot = start({ DISCORD_TOKEN: '', SCAN_CONCURRENCY: 'many', SCAN_PRIVATE_RANGES: '8.8.8.0/24,10.0.0.0/33' });
    expect(await bot.ended).toBe(1);
    for (const words of ['DISCORD_TOKEN', 'SCAN_CONCURRENCY', '8.8.8.0/24', '10.0.0.0/33', 'npm run sandbox']) {
      expect(bot.output()).toContain(words);
    }
  });

  test('a token that Discord does not accept: said in a sentence, exit 1, never printed', async () => {
    const token = `MTIzNDU2Nzg5MDEyMzQ1Njc4.G${'a'.repeat(5)}.${'b'.repeat(38)}`;
    const bot = start({ DISCORD_TOKEN: token, LOG_LEVEL: 'trace' });
    expect(await bot.ended).toBe(1);
    expect(bot.output()).toMatch(/could not start: Discord does not accept DISCORD_TOKEN/);
    expect(bot.output()).not.toContain(token);
  });

  test('an unreachable Discord: said in a sentence, exit 1', async () => {
    const bot = start({ DISCORD_API_URL: 'http://127.0.0.1:9/api' });
    expect(await bot.ended).toBe(1);
    expect(bot.output()).toMatch(/could not start: Discord cannot be reached/);
  });

  test('commands are written once, and again only when Discord has others', async () => {
    const before = writes();
    const stopOne = async () => {
      const bot = start();
      await bot.ready();
      bot.child.kill('SIGTERM');
      await bot.ended;
    };
    await stopOne();
    const after = writes();
    expect(after - before).toBeLessThanOrEqual(1);
    await stopOne();
    expect(writes()).toBe(after);
    await fetch(`${sandbox.apiUrl}/v10/applications/${sandbox.world.application.id}/commands`, {
      method: 'PUT',
      headers: { authorization: `Bot ${sandbox.token}`, 'content-type': 'application/json' },
      body: JSON.stringify([{ name: 'old', description: 'left over' }]),
    });
    const others = writes();
    await stopOne();
    expect(writes()).toBe(others + 1);
  });
});

describe('stopping', () => {
  let silent: SilentPort;
  beforeAll(async () => {
    silent = await silentPort();
  });
  afterAll(() => silent?.close());

  test.each(['SIGTERM', 'SIGINT'] as const)('%s: open replies get an ending, exit 0 within 5 s', async (signal) => {
    // One attempt a second keeps a scan of ten ports running for as long as the test needs.
    const bot = start({ SCAN_PACKETS_PER_SECOND: '1', SCAN_CONCURRENCY: '1', DATABASE_URL: 'memory://' });
    await bot.ready();
    await said(await sandbox.slash('/targets add target:127.0.0.1'), /Added/);
    const running = await sandbox.slash(`/scan host:127.0.0.1 ports:1-10,${silent.port}`);
    const waiting = await sandbox.slash('/scan host:127.0.0.1 ports:1-10');
    await said(running, /Scanning/);
    await said(waiting, /Waiting/);
    const stopAt = performance.now();
    bot.child.kill(signal);
    expect(await bot.ended).toBe(0);
    expect(performance.now() - stopAt).toBeLessThan(5_000);
    expect(titleOf(running)).toMatch(/so far on 127\.0\.0\.1/);
    expect(running.message()?.embeds[0]?.description).toMatch(/Stopped because the bot is restarting/);
    expect(waiting.message()?.embeds[0]?.description).toMatch(/Stopped before it began/);
    expect(sandbox.gateway.connected).toBe(0);
  });
});

describe('a connection that cannot come back', () => {
  test('ends the process with status 1 and a sentence', async () => {
    const own = await startSandbox();
    try {
      const bot = start({ DISCORD_TOKEN: own.token, DISCORD_API_URL: own.apiUrl, DATABASE_URL: 'memory://' });
      await bot.ready();
      own.gateway.forget();
      (own.world as { token: string }).token = 'revoked';
      own.gateway.drop();
      const ended = await Promise.race([
        bot.ended,
        new Promise((resolve) => setTimeout(resolve, 8_000, 'still there')),
      ]);
      expect(ended).toBe(1);
      expect(bot.output()).toMatch(/closed the connection for good/);
    } finally {
      await own.stop();
    }
  });
});

test('SIGTERM while DNS is silent: the reply gets an ending, exit 0', async () => {
  const dns = createSocket('udp4');
  await new Promise<void>((resolve) => dns.bind(0, '127.0.0.1', resolve));
  const bot = start({ DNS_SERVERS: `127.0.0.1:${dns.address().port}`, DATABASE_URL: 'memory://' });
  await bot.ready();
  await said(await sandbox.slash('/targets add target:www.example.com'), /Added/);
  const asked = new Promise((resolve) => dns.once('message', resolve));
  const handle = await sandbox.slash('/scan host:www.example.com');
  await asked;
  bot.child.kill('SIGTERM');
  expect(await bot.ended).toBe(0);
  dns.close();
  expect(handle.message()?.embeds[0]?.description).toMatch(/bot is restarting/);
});

describe('durability', () => {
  test('kill -9 right after "added" loses nothing, 20 times', { timeout: 60_000 }, async () => {
    for (let i = 0; i < 20; i++) {
      const bot = start();
      await bot.ready();
      if (i > 0) {
        const list = await sandbox.slash('/targets list');
        await said(list, new RegExp(`^${i} targets? may be scanned`));
      }
      await said(await sandbox.slash(`/targets add target:host${i}.example.com`), /Added/);
      bot.child.kill('SIGKILL');
      await bot.ended;
    }
    const bot = start();
    await bot.ready();
    await said(await sandbox.slash('/targets list'), /^20 targets may be scanned/);
  });
});

describe('secrets', () => {
  test('neither start, errors, debug logs nor a crash print the token or the database password', async () => {
    const password = 'canary-password-1234';
    const bot = start({ LOG_LEVEL: 'trace', DATABASE_URL: `redis://user:${password}@127.0.0.1:9/0` });
    expect(await bot.ended).toBe(1);
    expect(bot.output()).not.toContain(password);

    const healthy = start({ LOG_LEVEL: 'trace' });
    await healthy.ready();
    sandbox.fault('PATCH /webhooks/*', { status: 500, times: 10 });
    const handle = await sandbox.slash('/help');
    await handle.acknowledged();
    await new Promise((resolve) => setTimeout(resolve, 300));
    // A payload that no Discord sends makes the gateway handler throw: the process ends, and says nothing secret.
    sandbox.interact({ type: 3, data: { custom_id: sandbox.token, component_type: 2 }, message: undefined });
    expect(await healthy.ended).toBe(1);
    expect(healthy.output()).toMatch(/crashed/);
    for (const secret of [sandbox.token, handle.token]) expect(healthy.output()).not.toContain(secret);
  });
});
