import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { attachmentOrigins, createDownload } from '../../src/discord/download.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const never = new AbortController().signal;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('fetching an attachment', () => {
  test('gives the bytes', async () => {
    const origin = await serve((_, response) => response.end('target\n'));
    expect(text(await createDownload([origin])(`${origin}/attachments/1/2/f.csv?ex=1`, 7, never))).toBe('target\n');
  });

  test('stops at the limit while it reads, also when nothing is declared and the server never ends', async () => {
    let sent = 0;
    const origin = await serve((_, response) => {
      const timer = setInterval(() => {
        sent += 1;
        response.write(Buffer.alloc(1_000));
      }, 1);
      response.on('close', () => clearInterval(timer));
    });
    await expect(createDownload([origin])(origin, 5_000, never)).rejects.toMatchObject({ code: 'too-big' });
    expect(sent).toBeLessThan(500);
  });

  test('counts what a compressed answer becomes', async () => {
    const origin = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000)));
    });
    await expect(createDownload([origin])(origin, 5_000, never)).rejects.toMatchObject({ code: 'too-big' });
  });

  test('follows no redirect', async () => {
    let visits = 0;
    const other = await serve((_, response) => {
      visits += 1;
      response.end('secret');
    });
    const origin = await serve((_, response) => response.writeHead(302, { location: `${other}/x` }).end());
    await expect(createDownload([origin, other])(origin, 100, never)).rejects.toMatchObject({ code: 'no-file' });
    expect(visits).toBe(0);
  });

  test.each([404, 403, 500])('status %i is no file', async (status) => {
    const origin = await serve((_, response) => response.writeHead(status).end('no'));
    await expect(createDownload([origin])(origin, 100, never)).rejects.toMatchObject({ code: 'no-file' });
  });

  test('gives up in time', async () => {
    const origin = await serve((_, response) => response.write('a'));
    await expect(createDownload([origin], 50)(origin, 100, never)).rejects.toMatchObject({ code: 'no-file' });
  });

  test('a stop rejects with its reason', async () => {
    const origin = await serve((_, response) => response.write('a'));
    const controller = new AbortController();
    const download = createDownload([origin])(origin, 100, controller.signal);
    setTimeout(() => controller.abort('shutdown'), 20);
    await expect(download).rejects.toBe('shutdown');
  });

  test.each([
    'http://cdn.discordapp.com/attachments/1/2/f',
    'https://cdn.discordapp.com:8443/attachments/1/2/f',
    'https://cdn.discordapp.com.evil.example/f',
    'https://cdn.discordapp.com@evil.example/f',
    'https://user:pw@cdn.discordapp.com/f',
    'https://127.0.0.1/f',
    'file:///etc/passwd',
    'data:text/plain,target',
    '//cdn.discordapp.com/f',
    '',
  ])('%j is not where Discord keeps attachments', async (url) => {
    const download = createDownload(attachmentOrigins('https://discord.com/api'));
    await expect(download(url, 100, never)).rejects.toMatchObject({ code: 'foreign-file' });
  });
});

test.each([
  ['https://discord.com/api', []],
  ['https://canary.discord.com/api', []],
  ['http://127.0.0.1:4000/api', ['http://127.0.0.1:4000']],
  ['https://proxy.example.com/discord/api', ['https://proxy.example.com']],
])('with the API at %s', (apiUrl, more) => {
  expect(attachmentOrigins(apiUrl)).toEqual(['https://cdn.discordapp.com', 'https://media.discordapp.net', ...more]);
});
