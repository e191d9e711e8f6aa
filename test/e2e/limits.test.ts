import { createServer, type Server } from 'node:net';
import { embedLength } from 'discord.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bot, startBot } from './harness.ts';

const COUNT = 1_000;
/** An address of its own in 127.0.0.0/8, so that nothing else listens there. */
const HOST = `127.99.${process.pid % 250}.7`;

/** A thousand listening ports in a row; whatever else runs on this machine may hold some rows. */
async function listenOnARow(): Promise<[number, Server[]]> {
  for (const from of [3_000, 5_000, 7_000, 11_000, 13_000, 15_000, 17_000, 19_000, 21_000]) {
    const row = Array.from({ length: COUNT }, () => createServer((socket) => socket.on('error', () => {})));
    const listening = row.map((server, i) => {
      return new Promise<void>((resolve, reject) => server.once('error', reject).listen(from + i, HOST, resolve));
    });
    if ((await Promise.allSettled(listening)).every(({ status }) => status === 'fulfilled')) return [from, row];
    for (const server of row) server.close();
  }
  throw new Error('no thousand free ports in a row');
}

let bot: Bot;
let servers: Server[];
let first: number;
beforeAll(async () => {
  bot = await startBot({ SCAN_PACKETS_PER_SECOND: '100000' });
  await bot.run(`/targets add target:${HOST}`);
  [first, servers] = await listenOnARow();
});
afterAll(async () => {
  for (const server of servers ?? []) server.close();
  await bot?.stop();
});

describe('a scan of a thousand open ports', () => {
  test('fits, says how much it left out, and attaches all of it', async () => {
    const reply = await bot.run(`/scan host:${HOST} ports:${first}-${first + COUNT - 1}`);
    expect(reply.outcome).toBe('done');
    expect(reply.embed.title).toBe(`1000 open ports on ${HOST}`);
    expect(embedLength(reply.embed)).toBeLessThanOrEqual(6_000);
    expect(reply.embed.description).toMatch(/…and \d+ more lines, all of it in scan-127\.99\.\d+\.7\.txt$/);

    const [attachment] = reply.handle.message()?.attachments ?? [];
    const text = await (await fetch(attachment?.url ?? '')).text();
    const listed = [...text.matchAll(/^(\d+)\/tcp\topen\tsyn-ack\t/gm)].map(([, port]) => Number(port));
    expect(listed).toEqual(Array.from({ length: COUNT }, (_, i) => first + i));
  });

  test('one port fits in a few lines, without a file', async () => {
    const reply = await bot.run(`/scan host:${HOST} ports:${first}`);
    expect(reply.embed.title).toBe(`1 open port on ${HOST}`);
    expect(reply.handle.message()?.attachments).toEqual([]);
    expect(reply.text).toContain('What to do');
  });

  test('closed ports fold into ranges', async () => {
    const reply = await bot.run(`/scan host:${HOST} ports:${first - 10}-${first + 10},1-20`);
    expect(reply.text).toMatch(new RegExp(`1-20, ${first - 10}-${first - 1} \\(conn-refused\\)`));
  });

  test('a result that no range can fold is kept, shown and repeated', async () => {
    // Every other port closed while this runs: the list of the others is longer than anybody may type.
    const scattered = servers.filter((_, i) => i % 2 === 0);
    await Promise.all(scattered.map((server) => new Promise((resolve) => server.close(resolve))));
    const reply = await bot.run(`/scan host:${HOST} ports:${first}-${first + COUNT - 1}`);
    expect(reply.embed.title).toBe(`500 open ports on ${HOST}`);
    const again = await bot.finished(await bot.sandbox.click(reply.handle.message()?.id ?? '', 'Rescan'));
    expect(again.embed.title).toBe(`500 open ports on ${HOST}`);
  });
});
