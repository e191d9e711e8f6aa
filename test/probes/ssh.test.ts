import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { readIdentification, splitSoftware } from '../../src/probes/ssh/identification.ts';
import { readKexInit } from '../../src/probes/ssh/kexInit.ts';
import { SSH_FACTS, sshProbe } from '../../src/probes/ssh.ts';
import { contextFor, type Script, serve } from './serve.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const QUICK = { timeoutMs: 400, maxBytes: 256 * 1024 };

async function ask(script: Script, limits = QUICK) {
  const server = await serve(script);
  closers.push(server.close);
  const facts = await sshProbe.run(contextFor(server.port, { limits }));
  return facts && SSH_FACTS.parse(JSON.parse(JSON.stringify(facts)));
}

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const nameList = (text: string, length = text.length) => Buffer.concat([u32(length), Buffer.from(text, 'latin1')]);
const packet = (payload: Uint8Array, length = payload.length + 5) =>
  Buffer.concat([u32(length), Buffer.from([4]), payload, Buffer.alloc(4)]);

function kexInit(lists: Record<number, string> = {}, follows = 0): Buffer {
  const all = Array.from({ length: 10 }, (_, index) => nameList(lists[index] ?? ''));
  return Buffer.concat([Buffer.from([20]), Buffer.alloc(16), ...all, Buffer.from([follows, 0, 0, 0, 0])]);
}

const IDENT = 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n';
const LISTS = {
  0: 'curve25519-sha256,kex-strict-s-v00@openssh.com',
  1: 'ssh-ed25519',
  2: 'aes128-ctr',
  4: 'hmac-sha1',
};

describe('identification', () => {
  test('with lines before it, and what follows after ours', async () => {
    const facts = await ask(['hello\r\nthere\n', IDENT, { on: '\r\n', send: packet(kexInit(LISTS, 1)) }]);
    expect(facts).toMatchObject({
      protocolVersion: '2.0',
      software: 'OpenSSH_9.2p1',
      comment: 'Debian-2',
      product: { name: 'OpenSSH', version: '9.2p1' },
      linesBefore: ['hello', 'there'],
      offers: {
        keyExchange: LISTS[0].split(','),
        hostKey: ['ssh-ed25519'],
        cipherToServer: ['aes128-ctr'],
        cipherToClient: [],
        macToServer: ['hmac-sha1'],
        strictKeyExchange: true,
        firstPacketFollows: true,
        more: 0,
      },
    });
  });

  test.each<[string, string, string | undefined]>([
    ['SSH-1.99-Cisco-1.25\n', '1.99', undefined],
    ['SSH-1.5-1.2.33\r\n', '1.5', 'version'],
  ])('%j', async (ident, protocolVersion, noOffers) => {
    const facts = await ask([
      ident,
      { on: 'SSH-2.0', send: packet(kexInit(LISTS)) },
      { waitMs: 100 },
      { close: 'end' },
    ]);
    expect(facts).toMatchObject({ protocolVersion });
    expect(facts?.noOffers).toBe(noOffers);
    expect(facts?.offers === undefined).toBe(noOffers !== undefined);
  });

  test.each<[string, Script]>([
    ['then closes', ['SSH-2.0-dropbear_2022.83', { close: 'end' }]],
    ['then is silent', ['SSH-2.0-dropbear_2022.83']],
  ])('without the end of its line, %s', async (_name, script) => {
    const facts = await ask(script, { timeoutMs: 5_000, maxBytes: 256 * 1024 });
    expect(facts).toMatchObject({ product: { name: 'dropbear', version: '2022.83' }, noOffers: 'unterminated' });
  });

  test.each<[string, string, object | string]>([
    ['255 bytes', `SSH-2.0-${'x'.repeat(245)}\r\n`, { terminated: true }],
    ['256 bytes', `SSH-2.0-${'x'.repeat(246)}\r\n`, 'no'],
    ['no end', `SSH-2.0-${'x'.repeat(300)}`, 'no'],
    ['20 lines before', `${'a\n'.repeat(20)}${IDENT}`, { protocolVersion: '2.0' }],
    ['21 lines before', `${'a\n'.repeat(21)}${IDENT}`, 'no'],
    ['1 KiB before', `${'a'.repeat(1_100)}\n${IDENT}`, 'no'],
    ['half', 'SSH-2.0-Open', 'more'],
    ['less', 'SS', 'more'],
    ['no software', 'SSH-2.0\r\n', 'no'],
  ])('%s', (_name, text, expected) => {
    const found = readIdentification(Buffer.from(text), false);
    if (typeof expected === 'string') expect(found).toBe(expected);
    else expect(found).toMatchObject(expected);
  });

  test.each([
    ['OpenSSH_for_Windows_8.1', { name: 'OpenSSH_for_Windows', version: '8.1' }],
    ['mod_sftp/0.9.9', { name: 'mod_sftp', version: '0.9.9' }],
    ['Cisco-1.25', { name: 'Cisco', version: '1.25' }],
    ['ROSSSH', { name: 'ROSSSH' }],
    ['-', undefined],
  ])('product of %s', (software, expected) => expect(splitSoftware(software)).toEqual(expected));
});

describe('hostile servers', () => {
  const then = (bytes: Uint8Array): Script => [IDENT, { on: '\r\n', send: bytes }];
  const lyingList = Buffer.concat([Buffer.from([20]), Buffer.alloc(16), nameList('a', 0xffffffff), Buffer.alloc(60)]);
  test.each<[string, Script, string]>([
    ['name-list of 2^32-1 bytes', then(packet(lyingList)), 'malformed'],
    ['packet of 2^31 bytes', then(packet(kexInit(), 2 ** 31)), 'malformed'],
    ['packet of 2^32-1 bytes', then(packet(kexInit(), 2 ** 32 - 1)), 'malformed'],
    ['packet of nothing', then(packet(kexInit(), 0)), 'malformed'],
    ['60,000 names', then(packet(kexInit({ 0: Array(60_000).fill('ab').join(',') }))), 'malformed'],
    ['endless ignoring', then(Buffer.concat(Array(50).fill(packet(Buffer.from([2, 0, 0, 0, 0]))))), 'malformed'],
    ['another banner', then(Buffer.from('HTTP/1.1 200 OK\r\n\r\n')), 'malformed'],
    ['less than announced', then(packet(kexInit(LISTS), 5_000)), 'silent'],
    ['silence', [IDENT], 'silent'],
    ['close', [IDENT, { on: '\r\n', send: '' }, { close: 'end' }], 'closed'],
    ['reset', [IDENT, { on: '\r\n', send: '' }, { close: 'reset' }], 'closed'],
  ])('%s', async (_name, script, noOffers) => {
    const facts = await ask(script);
    expect(facts).toMatchObject({ software: 'OpenSSH_9.2p1', noOffers });
  });

  test('names that are none, and more than are kept', async () => {
    const names = `\u00ff\u001b[2J,${'é'.repeat(90)},,${Array(11_000).fill('a').join(',')}`;
    const { offers } = (await ask(then(packet(kexInit({ 2: names, 3: 'none' }))))) ?? {};
    expect(offers?.cipherToServer.length).toBe(64);
    expect(offers?.cipherToServer[0]).toBe('ÿ [2J');
    expect(offers?.cipherToClient).toEqual(['none']);
    expect(offers?.more).toBe(11_003 - 64);
  });

  test('a disconnect says why', async () => {
    const reason = Buffer.concat([Buffer.from([1, 0, 0, 0, 2]), nameList('Too many \u0007 connections'), u32(0)]);
    expect(await ask(then(packet(reason)))).toMatchObject({
      noOffers: 'disconnect',
      disconnectReason: 'Too many connections',
    });
  });

  test.each<[string, Script]>([
    ['HTTP', ['HTTP/1.1 400 Bad Request\r\n\r\n', { close: 'end' }]],
    ['close at once', [{ close: 'end' }]],
    [
      'an endless banner',
      (socket) => {
        const timer = setInterval(() => socket.write('x'.repeat(65_536)), 5);
        socket.on('close', () => clearInterval(timer));
      },
    ],
  ])('not SSH: %s', async (_name, script) => expect(await ask(script)).toBeUndefined());

  test('a drip ends in time', async () => {
    const startMs = performance.now();
    const dripping = ask((socket) => {
      const timer = setInterval(() => socket.write('S'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    await expect(dripping).rejects.toThrow('timeout');
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  test('parsers survive any bytes', () => {
    const start = packet(kexInit(LISTS));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(start.length - 1), fc.nat(255), (random, at, value) => {
        const broken = Buffer.from(start);
        broken[at] = value;
        for (const bytes of [Buffer.from(random), broken, Buffer.concat([Buffer.from('SSH-'), random])]) {
          readKexInit(bytes, 0);
          const found = readIdentification(bytes, true);
          if (typeof found === 'object') expect(found.end).toBeLessThanOrEqual(bytes.length);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

const SSHD = '/usr/sbin/sshd';

test.skipIf(!existsSync(SSHD))('a real sshd (skipped where openssh-server is not installed)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-probe-'));
  const key = join(folder, 'key');
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
  const options = ['ListenAddress=127.0.0.1', 'PidFile=none', 'MACs=hmac-sha1', 'Ciphers=aes128-ctr'];
  const args = ['-D', '-e', '-f', '/dev/null', '-p', String(port), '-h', key, ...options.flatMap((o) => ['-o', o])];
  const server = spawn(SSHD, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  closers.push(async () => {
    server.kill();
    await exited;
    rmSync(folder, { recursive: true });
  });
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (data: Buffer) => data.includes('listening') && resolve());
    server.once('exit', () => reject(new Error('sshd did not start')));
  });
  const facts = SSH_FACTS.parse(await sshProbe.run(contextFor(port)));
  expect(facts).toMatchObject({
    protocolVersion: '2.0',
    product: { name: 'OpenSSH', version: expect.stringMatching(/^\d+\.\d/) },
    offers: { hostKey: ['ssh-ed25519'], macToServer: ['hmac-sha1'], cipherToClient: ['aes128-ctr'] },
  });
});
