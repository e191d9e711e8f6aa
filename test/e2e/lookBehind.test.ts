import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FINDING_KINDS } from '../../src/advice/findings/index.ts';
import { type Bot, type Reply, startBot } from './harness.ts';

let bot: Bot;
const servers: Server[] = [];

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const saying = (text: string | Buffer) => createServer((socket) => socket.on('error', () => {}).end(text));
const closing = () => createServer((socket) => socket.on('error', () => {}).destroy());

beforeAll(async () => {
  bot = await startBot();
  await bot.run('/targets add target:127.0.0.1');
});
afterAll(async () => {
  for (const server of servers) server.close();
  await bot?.stop();
});

async function fileOf(reply: Reply): Promise<string> {
  const [attachment] = reply.handle.message()?.attachments ?? [];
  return (await fetch(attachment?.url ?? '')).text();
}

describe('/scan looks behind open ports', () => {
  test('a web server is named, what is wrong with it said with its remedy, worst first', async () => {
    const page = '<html><head><title>Directory listing for /</title></head><body><ul><li>x</li></ul></body></html>';
    const server = createHttpServer((_request, response) => {
      response.setHeader('Server', 'nginx/1.10.3');
      response.end(page);
    });
    const port = await listen(server);
    const { text } = await bot.run(`/scan host:127.0.0.1 ports:${port}`);
    expect(text).toMatch(new RegExp(`${port}/tcp\\*\\* nginx 1\\.10\\.3: \\*\\*open\\*\\*`));
    expect(text).toMatch(/Directory listing \(\d+\)\n\*\*medium\*\* · /);
    expect(text).toMatch(/nginx 1\.10(\.3)? is end of life/);
    expect(text).toMatch(/→ .*autoindex off/);
  });

  test('accepts and closes at once is said as such, silence too', async () => {
    const closed = await listen(closing());
    const silent = await listen(createServer((socket) => socket.on('error', () => {}).resume()));
    const { text } = await bot.run(`/scan host:127.0.0.1 ports:${closed},${silent}`);
    expect(text).toMatch(new RegExp(`${closed}/tcp\\*\\* .*accepts and closes at once`));
    expect(text).toMatch(new RegExp(`${silent}/tcp\\*\\* .*says nothing`));
  });

  test('a service on an unusual port gets the advice for what it is', async () => {
    const port = await listen(saying('SSH-2.0-dropbear_2022.83\r\n'));
    const { text } = await bot.run(`/scan host:127.0.0.1 ports:${port}`);
    expect(text).toMatch(/dropbear|Dropbear/);
    expect(text).toMatch(/\*\*SSH[^*]*\*\* \(\d+\): .*PasswordAuthentication no/);
  });

  test('says that the machine itself is not the view from outside', async () => {
    const { text } = await bot.run(`/scan host:127.0.0.1 ports:${await listen(closing())}`);
    expect(text).toContain('Seen from the machine itself');
    expect(text).toContain('/explain topic:outside-view');
  });

  test.each([
    ['mentions and links', '220 @everyone <@1> [x](https://evil.example) **b** `c` ||d|| FTP\r\n'],
    ['control and direction marks', '220 \u001b[31mred\u0000\u202egnp.exe\u2066 FTP\r\n'],
    ['long lines', `220 ${'A'.repeat(5_000)} FTP\r\n`],
    ['broken UTF-8', Buffer.from([0x32, 0x32, 0x30, 0x20, 0xff, 0xc3, 0x28, 0xf0, 0x9f, 0x0d, 0x0a])],
    [
      'a web page',
      'HTTP/1.1 200 OK\r\nServer: @everyone <script>\r\nX-Powered-By: [a](b)\r\n\r\n<title>*@here*</title>',
    ],
  ])('%s from a service reach the channel as plain text', async (_what, banner) => {
    const port = await listen(saying(banner));
    const reply = await bot.run(`/scan host:127.0.0.1 ports:${port} share:true`);
    expect(reply.outcome).toBe('done');
    const shown = JSON.stringify([reply.embed, reply.handle.followUps().map(({ embeds }) => embeds)]);
    expect(shown).not.toMatch(/@everyone|@here|<@1>|\]\(https:\/\/evil|<script>|\u202e|\\u001b|\\u0000/);
  });

  test('the same finding on several ports is one piece of advice; more than five are in the file', async () => {
    const ports: number[] = [];
    for (const version of ['1.10.3', '1.12.0', '1.14.1', '1.16.1', '1.18.0', '1.10.3']) {
      const server = createHttpServer((_request, response) => {
        response.setHeader('Server', `nginx/${version}`);
        response.end('<title>Index of /</title><h1>Index of /</h1>');
      });
      ports.push(await listen(server));
    }
    const reply = await bot.run(`/scan host:127.0.0.1 ports:${ports.join(',')}`);
    const findings = reply.embed.fields?.filter(({ name }) => /\(\d+/.test(name)) ?? [];
    expect(findings).toHaveLength(5);
    expect(findings.filter(({ name }) => name.includes('Directory listing'))).toHaveLength(1);
    expect(reply.text).toMatch(/Directory listing \(\d+, \d+, \d+…\)/);
    expect(reply.text).toMatch(/…and \d+ more/);
    const file = await fileOf(reply);
    for (const port of ports) expect(file).toContain(`Directory listing (${port}) [http-directory-listing]`);
    for (const version of ['1.10', '1.12', '1.14', '1.16', '1.18']) expect(file).toContain(`nginx ${version}`);
    expect(file).toContain('First bytes that each service sent');
  });
});

describe('/explain after a scan', () => {
  test('says what this server last saw on the port, to those who may scan it', async () => {
    const port = await listen(saying('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'));
    await bot.run(`/scan host:127.0.0.1 ports:${port}`);
    const explained = await bot.run(`/explain port:${port}`);
    expect(explained.text).toMatch(/Last seen here\n• \*\*127\.0\.0\.1\*\*: open, OpenSSH 9\.2p1/);
    expect((await bot.run(`/explain port:${port}`, { guild: 2 })).text).not.toContain('Last seen');

    await bot.run('/targets remove target:127.0.0.1');
    expect((await bot.run(`/explain port:${port}`)).text).not.toContain('Last seen');
    await bot.run('/targets add target:127.0.0.1');
  });

  test('a finding, by its id', async () => {
    for (const { id, title } of FINDING_KINDS) {
      const reply = await bot.run(`/explain finding:${id}`);
      expect(reply.outcome, id).toBe('done');
      expect(reply.embed.title, id).toContain(title.split(/[*_[\]]/)[0]);
      expect(reply.text).not.toMatch(/more lines?/);
    }
    expect(await bot.run('/explain finding:nonsense')).toMatchObject({ outcome: 'refused' });
    const [first] = await bot.sandbox.autocomplete('/explain finding:teln');
    expect(first?.value).toBe('telnet');
  });
});
