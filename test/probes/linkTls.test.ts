import type { Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { createDial, LinkError } from '../../src/probes/link.ts';
import { selfSigned } from './certificate.ts';
import { cleanups, endingOf, FAST, failureOf, linkTo, never } from './links.ts';
import { LOOPBACK, type Script } from './serve.ts';

describe('TLS', () => {
  const pair = selfSigned();
  const wrap = (socket: Socket, options = {}) => {
    const tls = new TLSSocket(socket, { isServer: true, ...pair, ...options });
    tls.on('error', () => undefined);
    return tls;
  };

  test('at once: any certificate, the name as SNI, then a conversation inside', async () => {
    const names: unknown[] = [];
    const server = createTlsServer({ ...pair, SNICallback: (name, done) => done(null, void names.push(name)) });
    server.on('secureConnection', (socket) => socket.on('error', () => undefined).end('inside\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => server.close());
    const { port } = server.address() as { port: number };
    const dial = createDial(FAST);
    const link = await dial({ address: LOOPBACK, port, name: 'example.com' }, new AbortController().signal);
    const socket = await link.secure();
    expect(socket.getProtocol()).toBe('TLSv1.3');
    expect(socket.getPeerCertificate().subject.CN).toBe('x');
    expect(String(await link.read(never))).toBe('inside\n');
    expect(names).toEqual(['example.com']);
    link.close();
  });

  test('after STARTTLS: what came before is gone, bytes smuggled in before the handshake are not inside', async () => {
    let ending: Promise<string> | undefined;
    const { link } = await linkTo((socket) => {
      socket.write('220 ready\r\n');
      socket.once('data', () => {
        socket.write('220 go\r\nEVIL\n');
        socket.removeAllListeners('data');
        const tls = wrap(socket);
        tls.once('data', (chunk) => tls.write(`heard ${chunk}`));
        ending = endingOf(tls);
      });
    });
    await link.read((bytes) => bytes.includes(10));
    await link.write('STARTTLS\r\n');
    await link.read((bytes) => bytes.includes('go'));
    await link.secure();
    expect(link.received().length).toBe(0);
    await link.write('EHLO\n');
    expect(String(await link.read((bytes) => bytes.includes(10)))).toBe('heard EHLO\n');
    link.close();
    expect(await ending).toBe('ECONNRESET');
  });

  test('closing at any moment of a handshake does not end the process', async () => {
    for (let round = 0; round < 40; round += 1) {
      const { link, server } = await linkTo((socket) => void wrap(socket).write('inside'));
      const secured = link.secure().catch(() => undefined);
      if (round % 4 === 0) await secured;
      else if (round % 4 === 1) await link.read((bytes) => bytes.length > 0).catch(() => undefined);
      else if (round % 4 === 2) setImmediate(link.close);
      else setTimeout(link.close, round / 8);
      await secured;
      link.close();
      await server.close();
    }
  });

  test('bytes are counted across the layers', async () => {
    const { link } = await linkTo((socket) => {
      socket.write('x'.repeat(4_000));
      wrap(socket).write('y'.repeat(1_000));
    });
    await link.read((bytes) => bytes.length === 4_000);
    await link.secure();
    expect(await failureOf(link.read(never))).toBe('too-much');
    expect(link.received().length).toBe(96);
  });

  test.each<[string, Script, string]>([
    ['plain text', ['SSH-2.0-x\r\n'.repeat(3)], 'tls'],
    ['an alert', [{ on: '', send: Buffer.from([21, 3, 3, 0, 2, 2, 40]) }], 'tls'],
    ['a close', [{ on: '', send: '' }, { close: 'end' }], 'reset'],
    ['a reset', [{ on: '', send: '' }, { close: 'reset' }], 'reset'],
    ['silence', [], 'timeout'],
  ])('no handshake: %s', async (_, script, failure) => {
    const { link } = await linkTo(script);
    expect(await failureOf(link.secure())).toBe(failure);
    expect(await failureOf(link.read(never))).toBe(failure);
  });

  test('the error of a handshake is there to be looked at', async () => {
    const { link } = await linkTo([{ on: '', send: Buffer.from([21, 3, 3, 0, 2, 2, 70]) }]);
    const error = await link.secure().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LinkError);
    expect(String((error as LinkError).cause)).toMatch(/alert protocol version/);
  });

  test('rules that this OpenSSL cannot keep are a failure of the link', async () => {
    const { link } = await linkTo([]);
    expect(await failureOf(link.secure({ ciphers: 'NO-SUCH-CIPHER' }))).toBe('tls');
  });

  test('abort in the middle of a handshake', async () => {
    const controller = new AbortController();
    const { link } = await linkTo([], FAST, controller.signal);
    const securing = failureOf(link.secure());
    setTimeout(() => controller.abort(), 30);
    expect(await securing).toBe('aborted');
  });

  test('after the other side has closed', async () => {
    const { link } = await linkTo([{ close: 'end' }]);
    await link.read(never);
    expect(await failureOf(link.secure())).toBe('reset');
  });
});
