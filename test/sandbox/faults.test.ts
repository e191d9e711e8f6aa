import { PermissionFlagsBits, RESTEvents } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { openBot, openSandbox, rest, until } from './support.ts';

const PING = { name: 'ping', description: 'Answers' };

async function replying() {
  const sandbox = await openSandbox();
  const bot = await openBot(sandbox, {
    commands: [PING],
    onInteraction: async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply();
      await interaction.editReply('pong');
    },
  });
  return { sandbox, ...bot };
}

const EDIT = 'PATCH /webhooks/*/messages/@original';

describe('trouble on purpose', () => {
  it('rate-limits, and discord.js waits as told and tries again', async () => {
    const { sandbox, client, errors } = await replying();
    const limited: number[] = [];
    client.rest.on(RESTEvents.RateLimited, ({ timeToReset }) => limited.push(timeToReset));
    sandbox.rateLimit(EDIT, { retryAfterSeconds: 1, times: 1 });
    const started = performance.now();
    const handle = await sandbox.slash('/ping');
    await handle.waitFor(({ edits }) => edits === 1);
    expect(performance.now() - started).toBeGreaterThan(950);
    expect(limited).toHaveLength(1);
    const refused = sandbox.requests.find(({ status }) => status === 429);
    expect(refused?.response).toMatchObject({ retry_after: 1, global: false });
    expect(errors).toEqual([]);
  });

  it('sends the headers of a rate limit', async () => {
    const { sandbox } = await replying();
    sandbox.rateLimit('GET /users/@me', { retryAfterSeconds: 2.5 });
    const { status, headers } = await rest(sandbox, 'GET', '/users/@me');
    expect(status).toBe(429);
    expect(Object.fromEntries(headers)).toMatchObject({
      'retry-after': '3',
      'x-ratelimit-reset-after': '2.5',
      'x-ratelimit-remaining': '0',
    });
    expect((await rest(sandbox, 'GET', '/users/@me')).status).toBe(200);
  });

  it('fails with a status, and discord.js tries again', async () => {
    const { sandbox, errors } = await replying();
    sandbox.fault(EDIT, { status: 502 });
    const handle = await sandbox.slash('/ping');
    await handle.waitFor(({ edits }) => edits === 1);
    expect(sandbox.requests.filter(({ route }) => route.endsWith('@original')).map(({ status }) => status)).toEqual([
      502, 200,
    ]);
    expect(errors).toEqual([]);
  });

  it('drops the connection', async () => {
    const { sandbox, errors } = await replying();
    sandbox.fault(/callback$/, { drop: true, times: 1 });
    const handle = await sandbox.slash('/ping');
    await until(() => errors.length === 1);
    expect(errors[0]).toBeInstanceOf(Error);
    expect(handle.message()).toBeNull();
    expect(sandbox.requests.find(({ route }) => route.endsWith('/callback'))?.status).toBe(0);
  });

  it('answers late what was done at once', async () => {
    const { sandbox } = await replying();
    sandbox.fault('POST /interactions/*', { delayMs: 300 });
    const started = performance.now();
    const handle = await sandbox.slash('/ping');
    expect(await handle.acknowledged()).toMatchObject({ type: 5 });
    expect(performance.now() - started).toBeLessThan(250);
    await handle.waitFor(({ edits }) => edits === 1);
    expect(performance.now() - started).toBeGreaterThan(290);
  });
});

describe('lost rights', () => {
  it('shows in app_permissions and in what the bot may send', async () => {
    const { sandbox } = await replying();
    const channel = sandbox.world.guilds[0]?.channels[0];
    const id = channel?.id ?? '';
    const send = (body: object) => rest(sandbox, 'POST', `/channels/${id}/messages`, body);
    expect(await send({ embeds: [{ title: 't' }] })).toMatchObject({ status: 200 });
    sandbox.denyBot(id, PermissionFlagsBits.EmbedLinks);
    expect(await send({ embeds: [{ title: 't' }] })).toMatchObject({ status: 403, body: { code: 50_013 } });
    expect(await send({ content: 'text' })).toMatchObject({ status: 200 });
    const { payload } = sandbox.interact({});
    expect(BigInt(String(payload.app_permissions)) & PermissionFlagsBits.EmbedLinks).toBe(0n);
    sandbox.denyBot(id, PermissionFlagsBits.ViewChannel);
    expect(await send({ content: 'text' })).toMatchObject({ status: 403, body: { code: 50_001 } });
    sandbox.deleteChannel(id);
    expect(await send({ content: 'text' })).toMatchObject({ status: 404, body: { code: 10_003 } });
  });
});
