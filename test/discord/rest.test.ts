import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RESTEvents } from 'discord.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DiscordRest } from '../../src/discord/rest.ts';

const paths: string[] = [];
const server = createServer((request, response) => {
  paths.push(request.url ?? '');
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});
let rest: DiscordRest;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  rest = new DiscordRest({ api: `http://127.0.0.1:${port}` }).setToken('token') as DiscordRest;
});
afterAll(() => {
  rest.clearHashSweeper();
  rest.clearHandlerSweeper();
  server.close();
  server.closeAllConnections();
});

const APP = '123456789012345678';
const edit = (token: string) => rest.patch(`/webhooks/${APP}/${token}/messages/@original`, { auth: false, body: {} });
const bound = (id: number) => rest.get(`/channels/${`${id}`.padStart(18, '1')}`);

async function timed(work: readonly Promise<unknown>[]): Promise<number> {
  const start = performance.now();
  await Promise.all(work);
  return performance.now() - start;
}

test('edits of replies are not held behind 50 a second, nor do they use it up for what is bound', async () => {
  expect(await timed(Array.from({ length: 150 }, (_, number) => edit(`token${number}`)))).toBeLessThan(900);
  expect(await timed(Array.from({ length: 50 }, (_, number) => bound(number)))).toBeLessThan(900);
});

test("what carries the bot's token stays bound, also below /webhooks, and holds back no edit", async () => {
  const withToken = Array.from({ length: 60 }, (_, number) => rest.get(`/webhooks/${`${number}`.padStart(18, '1')}`));
  const held = timed(withToken);
  expect(
    await timed([edit('one'), rest.post(`/interactions/${APP}/t/callback`, { auth: false, body: {} })]),
  ).toBeLessThan(500);
  expect(await held).toBeGreaterThan(500);
});

test('listeners hear of both sides', async () => {
  const heard: string[] = [];
  const listen = ({ route }: { route: string }) => void heard.push(route);
  rest.on(RESTEvents.Response, listen);
  await Promise.all([edit('two'), bound(7)]);
  rest.off(RESTEvents.Response, listen);
  expect(heard.sort()).toEqual(['/channels/:id', '/webhooks/:id/:token/messages/@original']);
});
