import { Client, Events, GatewayIntentBits } from 'discord.js';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { openBot, openSandbox, until } from './support.ts';

const PING = { name: 'ping', description: 'Answers' };

/** A bot that answers /ping and remembers which interactions it saw. */
async function pingBot(sandbox: Sandbox) {
  const seen: string[] = [];
  const bot = await openBot(sandbox, {
    commands: [PING],
    onInteraction: async (interaction) => {
      seen.push(interaction.id);
      if (interaction.isChatInputCommand()) await interaction.reply({ content: 'pong' });
    },
  });
  return { ...bot, seen };
}

describe('login', () => {
  it('takes discord.js from login to ready, with both servers known, in under two seconds', async () => {
    const sandbox = await openSandbox();
    const started = performance.now();
    const { client } = await openBot(sandbox);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(client.guilds.cache.map((guild) => guild.name)).toEqual(['Harbor Ops', 'Second Harbor']);
    expect(client.user.id).toBe(sandbox.world.bot.id);
    expect(client.guilds.cache.first()?.channels.cache.map((channel) => channel.name)).toEqual(['ops', 'general']);
  });

  it('refuses a wrong token on REST with 401, as discord.js reports it', async () => {
    const sandbox = await openSandbox();
    const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: sandbox.apiUrl } });
    await expect(client.login('MTIz.abc.def')).rejects.toMatchObject({ code: 'TokenInvalid' });
    await client.destroy();
    expect(sandbox.requests).toMatchObject([{ route: 'GET /gateway/bot', status: 401 }]);
  });

  it('keeps the token out of the record', async () => {
    const sandbox = await openSandbox();
    await openBot(sandbox);
    expect(JSON.stringify(sandbox.requests)).not.toContain(sandbox.token);
    expect(sandbox.requests[0]?.headers.authorization).toBe('Bot [redacted]');
  });
});

describe('close codes', () => {
  const identify = (token: string, intents: unknown = 1) => ({ op: 2, d: { token, intents, properties: {} } });
  const cases: [string, string, (sandbox: Sandbox) => unknown[], number][] = [
    ['wrong token', '?v=10&encoding=json', () => [identify('nonsense')], 4004],
    ['event before identify', '?v=10&encoding=json', () => [{ op: 3, d: {} }], 4003],
    ['identify twice', '?v=10&encoding=json', ({ token }) => [identify(token), identify(token)], 4005],
    ['no intents', '?v=10&encoding=json', ({ token }) => [identify(token, null)], 4013],
    ['unknown opcode', '?v=10&encoding=json', ({ token }) => [identify(token), { op: 99 }], 4001],
    ['no JSON', '?v=10&encoding=json', () => ['}{'], 4002],
    ['old version', '?v=8&encoding=json', () => [], 4012],
  ];
  it.each(cases)('%s', async (_name, query, frames, code) => {
    const sandbox = await openSandbox();
    const socket = new WebSocket(`${sandbox.apiUrl.replace('http', 'ws').replace('/api', '/gateway')}${query}`);
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.on('open', () => {
      for (const frame of frames(sandbox)) socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    });
    expect(await closed).toBe(code);
  });
});

describe('lost connections', () => {
  it('resumes after a dropped socket and replays what was missed, once and in order', async () => {
    const sandbox = await openSandbox();
    const { seen } = await pingBot(sandbox);
    sandbox.gateway.drop();
    const first = await sandbox.slash('/ping');
    const second = await sandbox.slash('/ping');
    expect(await first.acknowledged()).toMatchObject({ type: 4 });
    expect(await second.acknowledged()).toMatchObject({ type: 4 });
    expect(seen).toEqual([first.id, second.id]);
    expect(sandbox.gateway.counts).toEqual({ identified: 1, resumed: 1 });
  });

  it('resumes after opcode 7', async () => {
    const sandbox = await openSandbox();
    const { client, seen } = await pingBot(sandbox);
    const resumed = new Promise((resolve) => client.once(Events.ShardResume, resolve));
    sandbox.gateway.reconnect();
    await resumed;
    const handle = await sandbox.slash('/ping');
    expect(await handle.acknowledged()).toMatchObject({ type: 4 });
    expect(seen).toEqual([handle.id]);
    expect(sandbox.gateway.counts).toEqual({ identified: 1, resumed: 1 });
  });

  // discord.js waits five seconds before it identifies again, so both ways into it share the wait.
  it('identifies anew after opcode 9, sent or in answer to the resume of a forgotten session', async () => {
    const [told, forgotten] = await Promise.all([openSandbox(), openSandbox()]);
    await Promise.all([pingBot(told), pingBot(forgotten)]);
    told.gateway.invalidate(false);
    forgotten.gateway.forget();
    forgotten.gateway.drop();
    for (const sandbox of [told, forgotten]) {
      await until(() => sandbox.gateway.counts.identified === 2 && sandbox.gateway.connected === 1, 10_000);
      expect(await (await sandbox.slash('/ping')).acknowledged()).toMatchObject({ type: 4 });
      expect(sandbox.gateway.counts.resumed).toBe(0);
    }
  });

  it('lets discord.js notice a connection that does not answer heartbeats', async () => {
    const sandbox = await openSandbox({ heartbeatIntervalMs: 120 });
    await pingBot(sandbox);
    sandbox.gateway.answerHeartbeats(false);
    await until(() => sandbox.gateway.counts.resumed >= 1, 8000);
    sandbox.gateway.answerHeartbeats(true);
  });
});

describe('stop', () => {
  it('is prompt even with open sockets and keep-alive connections', async () => {
    const sandbox = await openSandbox();
    await pingBot(sandbox);
    const started = performance.now();
    await sandbox.stop();
    expect(performance.now() - started).toBeLessThan(500);
    await expect(fetch(sandbox.apiUrl)).rejects.toThrow();
  });
});
