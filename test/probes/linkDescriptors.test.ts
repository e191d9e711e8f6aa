import { existsSync, readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { createDial, LinkError } from '../../src/probes/link.ts';
import { selfSigned } from './certificate.ts';
import { cleanups, FAST, never } from './links.ts';
import { LOOPBACK, type Script, serve } from './serve.ts';

const FOLDER = '/proc/self/fd';
const LINKS = 30;
const PAIR = selfSigned();

const wrapped = (socket: Socket) => {
  const tls = new TLSSocket(socket, { isServer: true, ...PAIR });
  tls.on('error', () => undefined);
  return tls;
};

/** A reset that the kernel's wrapper refuses would lose the descriptor without any other sign. */
test.skipIf(!existsSync(FOLDER)).each<[string, Script, boolean]>([
  ['the other side ends first', [{ close: 'end' }], false],
  ['the other side speaks and ends', ['421 no\r\n', { close: 'end' }], false],
  ['the other side resets', [{ close: 'reset' }], false],
  ['we end first', ['hello'], false],
  ['the other side ends first, inside TLS', (socket) => void wrapped(socket).end('hello'), true],
  ['we end first, inside TLS', (socket) => void wrapped(socket).write('hello'), true],
  ['the other side ends in the middle of the handshake', [{ on: '', send: '' }, { close: 'end' }], true],
])('no descriptor is lost when %s', async (_, script, secure) => {
  const server = await serve(script);
  cleanups.push(server.close);
  const dial = createDial(FAST);
  const count = () => readdirSync(FOLDER).length;
  const before = count();
  for (let index = 0; index < LINKS; index += 1) {
    const target = { address: LOOPBACK, port: server.port };
    try {
      const link = await dial(target, new AbortController().signal);
      if (secure) await link.secure().catch(() => undefined);
      await link.read(never, 20).catch(() => undefined);
      link.close();
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
    }
  }
  // The server's own sockets close a moment later.
  await expect.poll(() => count() - before, { timeout: 2_000 }).toBeLessThan(5);
});
