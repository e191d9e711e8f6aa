import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../http/client.ts';
import { type Bot, startBot } from './harness.ts';

let bot: Bot;
let port: number;

/** One that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

beforeAll(async () => {
  port = await freePort();
  const broken = () => {
    throw new RangeError('canary: redis://user:secret@10.0.0.1');
  };
  bot = await startBot({ HTTP_PORT: String(port), PUBLIC_URL: 'https://bot.example.com' }, { engine: broken });
  await bot.run('/targets add target:127.0.0.1');
});
afterAll(() => bot?.stop());

describe('/status', () => {
  test('version, queue, view and storage, privately, without an address of the machine', async () => {
    const reply = await bot.run('/status');
    expect(reply).toMatchObject({ outcome: 'done', isPrivate: true });
    expect(reply.text).toMatch(/Version \d+\.\d+\.\d+, running for /);
    expect(reply.text).toContain('This server: 0 running, 0 waiting');
    expect(reply.text).toContain('Storage: in memory');
    expect(reply.text).toMatch(/Transport: \w+/);
    expect(reply.text).toMatch(/IPv4: (?:works|not on this machine)/);
    expect(reply.text).not.toMatch(/\d+\.\d+\.\d+\.\d+|memory:\/\/|127\.|fe80/);
  });

  test('is for members with Manage Server', async () => {
    const { world } = bot.sandbox;
    const data = { id: '1', name: 'status', type: 1 };
    const handle = bot.sandbox.interact({ type: 2, data }, { as: world.people.member });
    const reply = await bot.finished(handle);
    expect(reply).toMatchObject({ outcome: 'refused', isPrivate: true });
    expect(reply.text).toContain('Manage Server');
  });

  test("shows this server's last errors by the reference that the person saw, and no other server's", async () => {
    const failed = await bot.run('/scan host:127.0.0.1 ports:80');
    expect(failed.outcome).toBe('failed');
    const reference = /`([0-9a-f]{8})`/.exec(failed.text)?.[1] ?? '';
    expect(reference).not.toBe('');
    const here = await bot.run('/status');
    expect(here.text).toContain(`\`${reference}\``);
    expect(here.text).toMatch(/`scan` `RangeError`/);
    expect(here.text).not.toMatch(/canary|secret/);
    const there = await bot.run('/status', { guild: 2 });
    expect(there.text).toContain('None since the start.');
    expect(there.text).not.toContain(reference);
  });
});

describe('over HTTP', () => {
  test('alive and ready', async () => {
    expect((await ask(port, '/healthz')).status).toBe(200);
    expect(await ask(port, '/readyz')).toMatchObject({
      status: 200,
      body: '{"ready":true,"gateway":true,"store":true}',
    });
  });

  test('what was done is in the metrics; no id and no host is', async () => {
    await bot.run('/explain port:22');
    await bot.run('/scan host:203.0.113.77 ports:80');
    const { body } = await ask(port, '/metrics');
    expect(body).toMatch(/^harbormaster_interactions_total\{name="explain",outcome="done"\} [1-9]/m);
    expect(body).toMatch(/^harbormaster_interactions_total\{name="scan",outcome="refused"\} [1-9]/m);
    expect(body).toMatch(/^harbormaster_interaction_acknowledgement_seconds_count [1-9]/m);
    expect(body).toMatch(/^harbormaster_scans_total\{outcome="refused"\} [1-9]/m);
    expect(body).toMatch(/^harbormaster_discord_responses_total\{route="callback",status="204"\} [1-9]/m);
    expect(body).toMatch(/^nodejs_eventloop_lag_seconds /m);
    expect(body).not.toMatch(/203\.0\.113|(?<![.\d])\d{17,}|canary/);
  });

  test('not through the public URL', async () => {
    expect((await ask(port, '/metrics', { headers: { host: 'bot.example.com' } })).status).toBe(404);
  });

  test('not ready while the gateway is gone', async () => {
    bot.sandbox.gateway.drop();
    await expect.poll(async () => (await ask(port, '/readyz')).status, { interval: 5 }).toBe(503);
    await expect.poll(async () => (await ask(port, '/readyz')).status, { timeout: 10_000 }).toBe(200);
    expect((await ask(port, '/metrics')).body).toMatch(/gateway_events_total\{event="(?:resumed|reconnecting)"\} 1/);
  });
});
