import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type Bot, type Reply, startBot } from './harness.ts';

let sandbox: Sandbox;
let bot: Bot;
let folder: string;
const servers = new Set<Server>();

const env = () => ({ DATABASE_URL: `sqlite://${join(folder, 'data.sqlite')}` });

async function listen(server: Server, port = 0): Promise<number> {
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const saying = (text: string) => createServer((socket) => socket.on('error', () => {}).end(text));
const listing = () => createHttpServer((_request, response) => response.end('<title>Index of /</title>'));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'harbormaster-buttons-'));
  sandbox = await startSandbox();
  bot = await startBot(env(), { sandbox });
  await bot.run('/targets add target:127.0.0.1');
});
afterAll(async () => {
  for (const server of servers) server.close();
  await bot?.stop();
  await sandbox?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const messageOf = (reply: Reply) => reply.handle.message()?.id ?? '';
const click = (reply: Reply, label: string, by = {}) => bot.finished(sandbox.click(messageOf(reply), label, by));
/** What everybody sees, newest first. */
const posts = () =>
  sandbox
    .channelMessages(sandbox.world.guilds[0]?.channels[0]?.id ?? '')
    .filter(({ flags = 0 }) => (flags & 64) === 0)
    .toReversed();
const labelsOf = (reply: Reply) =>
  [...JSON.stringify(reply.handle.message()?.components).matchAll(/"label":"(Back|Next)"/g)].map(([, label]) => label);

async function filesOf(reply: Reply): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const { filename, url } of reply.handle.message()?.attachments ?? []) {
    files.set(filename.slice(filename.lastIndexOf('.') + 1), await (await fetch(url)).text());
  }
  return files;
}

describe('a result', () => {
  test('can be taken along in four formats', async () => {
    const port = await listen(listing());
    const exported = await click(await bot.run(`/scan host:127.0.0.1 ports:${port},1`), 'Export');
    expect(exported).toMatchObject({ outcome: 'done', isPrivate: true });
    const files = await filesOf(exported);
    expect([...files.keys()].sort()).toEqual(['csv', 'json', 'md', 'xml']);
    for (const text of files.values()) expect(text).toContain(String(port));
    expect(JSON.stringify(JSON.parse(files.get('json') ?? ''))).toContain('http-directory-listing');
    expect(files.get('xml')).toMatch(/^<\?xml[\s\S]*<\/nmaprun>\s*$/);
  });

  test('shows its details a page at a time, on the same message', async () => {
    const ports: number[] = [];
    for (let each = 0; each < 3; each += 1) ports.push(await listen(listing()));
    const first = await click(await bot.run(`/scan host:127.0.0.1 ports:${ports.join(',')},1-60`), 'Details');
    expect(first.isPrivate).toBe(true);
    const pages = Number(/Page 1 of (\d+)/.exec(first.text)?.[1]);
    expect(pages).toBeGreaterThanOrEqual(4);
    expect(labelsOf(first)).toEqual(['Next']);
    let text = first.text;
    for (let page = 2; page <= pages; page += 1) {
      await click(first, 'Next');
      const { embed } = await bot.finished(first.handle);
      expect(embed.footer?.text).toContain(`Page ${page} of ${pages}`);
      text += [embed.description, ...(embed.fields ?? []).flatMap(({ name, value }) => [name, value])].join('\n');
    }
    expect(labelsOf(first)).toEqual(['Back']);
    for (const port of [...ports, ...Array.from({ length: 60 }, (_, i) => i + 1)])
      expect(text).toContain(`**${port}/tcp**`);
    for (const port of ports) expect(text).toContain(`Directory listing (${port})`);
    await click(first, 'Back');
    expect((await bot.finished(first.handle)).text).toContain(`Page ${pages - 1} of ${pages}`);
    expect(sandbox.notices).toEqual([]);
  });

  test('explains an open port from what was seen there', async () => {
    const port = await listen(saying('SSH-2.0-OpenSSH_7.4\r\n'));
    const scanned = await bot.run(`/scan host:127.0.0.1 ports:${port}`);
    const customId = /scan:explain:[\w-]+/.exec(JSON.stringify(scanned.handle.message()?.components))?.[0] ?? '';
    const explained = await bot.finished(sandbox.select(messageOf(scanned), customId, [String(port)]));
    expect(explained.isPrivate).toBe(true);
    expect(explained.text).toContain(`Port ${port} on 127.0.0.1`);
    expect(explained.text).toMatch(/Seen there: \*\*OpenSSH 7\.4\*\*/);
    expect(explained.text).toMatch(/PasswordAuthentication no/);
    const data = { custom_id: customId, component_type: 3, values: ['1'] };
    const forged = await bot.finished(sandbox.interact({ type: 3, data, message: scanned.handle.message() }));
    expect(forged.outcome).toBe('refused');
  });

  test('scanned again says what changed since', async () => {
    const server = saying('220 ready\r\n');
    const port = await listen(server);
    const before = await bot.run(`/scan host:127.0.0.1 ports:${port},1`);
    expect((await click(before, 'Rescan')).text).toMatch(/Since 20[\d-]+ [\d:]+ UTC\n• No change\./);
    await new Promise((resolve) => server.close(resolve));
    servers.delete(server);
    const after = await click(before, 'Rescan');
    expect(after.text).toContain(`• Closed: ${port}`);
  });

  test('with many open ports offers all of them to be explained', async () => {
    const ports: number[] = [];
    for (let each = 0; each < 30; each += 1) ports.push(await listen(saying('220 ready\r\n')));
    const scanned = await bot.run(`/scan host:127.0.0.1 ports:${ports.join(',')}`);
    const json = JSON.stringify(scanned.handle.message()?.components);
    const menus = [...json.matchAll(/scan:explain:[\w.-]+/g)].map(([id]) => id);
    expect(menus).toHaveLength(2);
    expect([...json.matchAll(/"value":"(\d+)"/g)].map(([, port]) => Number(port))).toEqual(
      ports.toSorted((a, b) => a - b),
    );
    const last = Math.max(...ports);
    const explained = await bot.finished(sandbox.select(messageOf(scanned), menus[1] ?? '', [String(last)]));
    expect(explained.text).toContain(`Port ${last} on 127.0.0.1`);
  });

  test('shows only those ports that may still be scanned', async () => {
    const [kept, gone] = [await listen(listing()), await listen(listing())];
    const scanned = await bot.run(`/scan host:127.0.0.1 ports:${kept},${gone}`);
    await bot.run('/targets remove target:127.0.0.1');
    await bot.run(`/targets add target:127.0.0.1 ports:${kept}`);
    const details = await click(scanned, 'Details');
    const files = [...(await filesOf(await click(scanned, 'Export'))).values()];
    expect((await click(scanned, 'Share')).outcome).toBe('done');
    const [shared] = posts();
    for (const said of [details.text, ...files, JSON.stringify(shared)]) {
      expect(said).toContain(String(kept));
      expect(said).not.toContain(String(gone));
    }
    const customId = /scan:explain:[\w-]+/.exec(JSON.stringify(scanned.handle.message()?.components))?.[0] ?? '';
    const chosen = await bot.finished(sandbox.select(messageOf(scanned), customId, [String(gone)]));
    expect(chosen.outcome).toBe('refused');
    await bot.run('/targets remove target:127.0.0.1');
    await bot.run('/targets add target:127.0.0.1');
  });

  test('is shared once by two clicks', async () => {
    const scanned = await bot.run('/scan host:127.0.0.1 ports:1');
    const before = posts().length;
    const clicks = [sandbox.click(messageOf(scanned), 'Share'), sandbox.click(messageOf(scanned), 'Share')];
    const outcomes = [];
    for (const each of clicks) outcomes.push((await bot.finished(each)).outcome);
    expect(outcomes.sort()).toEqual(['done', 'refused']);
    expect(posts()).toHaveLength(before + 1);
  });

  test('is not shown any more when the target was taken off the list', async () => {
    const scanned = await bot.run('/scan host:127.0.0.1 ports:1 share:true');
    await bot.run('/targets remove target:127.0.0.1');
    for (const label of ['Details', 'Export', 'Share', 'Rescan']) {
      const reply = await click(scanned, label);
      expect(reply.outcome, label).toBe('refused');
    }
    await bot.run('/targets add target:127.0.0.1');
  });
});

test('buttons and menus work after a restart', async () => {
  const port = await listen(listing());
  const scanned = await bot.run(`/scan host:127.0.0.1 ports:${port}`);
  const details = await click(scanned, 'Details');
  await bot.stop();
  bot = await startBot(env(), { sandbox });
  expect((await filesOf(await click(scanned, 'Export'))).size).toBe(4);
  expect((await click(scanned, 'Rescan')).text).toContain('• No change.');
  await click(details, 'Next');
  expect(details.handle.message()?.embeds[0]?.footer?.text).toContain('Page 2 of');
  const customId = /scan:explain:[\w-]+/.exec(JSON.stringify(scanned.handle.message()?.components))?.[0] ?? '';
  const explained = await bot.finished(sandbox.select(messageOf(scanned), customId, [String(port)]));
  expect(explained.text).toContain('Directory listing');
});

test.each(['rescan', 'share', 'details', 'export', 'explain'])(
  '%s says plainly that a result is too old',
  async (action) => {
    const reply = await bot.run('/help');
    const data = { custom_id: `scan:${action}:AAAAAAAAAAAAAAAA`, component_type: 2 };
    const pressed = sandbox.interact({ type: 3, data, message: reply.handle.message() });
    await bot.finished(pressed);
    const said = [pressed.message(), ...pressed.followUps()].map((message) => message?.embeds[0]?.title);
    expect(said).toContain('This result is too old');
  },
);
