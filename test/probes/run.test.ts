import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { Probe } from '../../src/probes/probe.ts';
import { type Facts, inspectPort, PROBES } from '../../src/probes/registry.ts';
import { redisMissing, startRedis } from '../helpers/redisServer.ts';
import { selfSigned } from './certificate.ts';
import { collect, look } from './collect.ts';
import { type Script, serve } from './serve.ts';

const PAIR = selfSigned();

/** The probe of a protocol, as if this were its port. */
const listedAt = (port: number, ...protocols: string[]): readonly Probe<Facts>[] =>
  PROBES.map((probe) => ({ ...probe, ports: protocols.includes(probe.protocol) ? [port] : [] }));

const PAGE = 'HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 18\r\n\r\n<title>hi</title>\n';
const WEB: Script = [{ on: '\r\n\r\n', send: PAGE }, { close: 'end' }];

/** The same script, inside TLS; what is not TLS is answered as `otherwise` says. */
const insideTls = (play: (socket: Socket) => void, otherwise?: string) => (socket: Socket, _index: number) => {
  socket.once('data', (first) => {
    if (first[0] !== 22) {
      socket.end(otherwise ?? Buffer.from([21, 3, 3, 0, 2, 2, 40]));
      return;
    }
    socket.pause();
    socket.unshift(first);
    const tls = new TLSSocket(socket, { isServer: true, ...PAIR });
    tls.on('error', () => undefined);
    play(tls);
  });
};
const tlsWeb = (otherwise?: string) => insideTls((socket) => socket.once('data', () => socket.end(PAGE)), otherwise);

describe('services on unusual ports are recognised', () => {
  test.each<[string, Script, string, number]>([
    ['mail', ['220 mx ESMTP\r\n', { on: 'EHLO', send: '250 mx\r\n' }], 'smtp', 1],
    ['files', ['220 FTP ready\r\n', { on: 'FEAT', send: '211-x\r\n AUTH TLS\r\n211 x\r\n' }], 'ftp', 1],
    ['mail by POP3', ['+OK hi\r\n', { on: 'CAPA', send: '-ERR\r\n' }], 'pop3', 1],
    ['mail by IMAP', ['* OK hi\r\n', { on: 'CAPABILITY', send: 'hm1 BAD\r\n' }], 'imap', 1],
    ['telnet', [Buffer.from([255, 253, 24]), 'login: '], 'telnet', 1],
    ['the web', WEB, 'http', 1],
    ['a slow greeting', [{ waitMs: 150 }, '220 mx ESMTP\r\n', { on: 'EHLO', send: '250 mx\r\n' }], 'smtp', 1],
    ['the web over TLS', tlsWeb(), 'http', 2],
    ['the web over TLS, which says so', tlsWeb('HTTP/1.1 400 Bad Request\r\n\r\nsent to an HTTPS port'), 'http', 2],
    ['something that speaks', ['hello, this is something\r\n'], 'banner', 1],
    ['something that answers', [{ on: 'GET', send: 'what do you mean?\r\n' }], 'banner', 1],
  ])('%s', async (_, script, protocol, connections) => {
    const { facts, seen, server } = await look(script, { tlsPorts: new Set() });
    expect({ protocol: facts?.protocol, seen }).toEqual({ protocol, seen: 'answered' });
    expect(server.accepted()).toBe(connections);
  });

  test('Redis by its answer to a web request', async () => {
    const script: Script = (socket) => {
      socket.on('data', (chunk) =>
        socket.write(/PING/.test(String(chunk)) ? '-NOAUTH x\r\n-NOAUTH x\r\n' : '-ERR x\r\n'),
      );
    };
    expect((await look(script)).facts?.protocol).toBe('redis');
  });
});

test.skipIf(redisMissing !== undefined)(
  `a real Redis on an unusual port${redisMissing ? `: ${redisMissing}` : ''}`,
  async () => {
    const redis = await startRedis('secret');
    try {
      const [evidence] = await collect([redis.port]);
      expect(evidence).toMatchObject({ seen: 'answered', facts: { protocol: 'redis', openToStrangers: false } });
    } finally {
      await redis.remove();
    }
  },
);

describe('what is seen', () => {
  test('closing at once, twice', async () => {
    for (const close of ['end', 'reset'] as const) {
      const { seen, facts, raw, server } = await look([{ close }]);
      expect({ seen, facts, raw, connections: server.accepted() }).toEqual({
        seen: 'closes-at-once',
        facts: undefined,
        raw: undefined,
        connections: 2,
      });
    }
  });

  test('closing once is forgiven', async () => {
    const { facts } = await look((socket, index) => {
      if (index === 0) socket.end();
      else socket.write('* OK hi\r\n');
    });
    expect(facts?.protocol).toBe('imap');
  });

  test('silence to everything, with at most three connections', async () => {
    const { seen, raw, server } = await look([]);
    expect([seen, raw]).toEqual(['silent', undefined]);
    expect(server.accepted()).toBeLessThanOrEqual(3);
  });

  test('closing at whatever is asked is silence', async () => {
    expect((await look([{ on: '', send: '' }, { close: 'reset' }])).seen).toBe('silent');
  });

  test('a port that is not open any more', async () => {
    const server = await serve([]);
    await server.close();
    expect(await collect([server.port])).toMatchObject([{ port: server.port, seen: 'failed' }]);
  });

  test('garbage is answered, kept, and bounded', async () => {
    const { seen, raw, rawText } = await look([Buffer.alloc(5_000, 0x80)]);
    expect([seen, rawText]).toEqual(['answered', '\x80'.repeat(1_024)]);
    expect(raw?.length).toBeLessThanOrEqual(1_400);
  });

  test('raw bytes are those before TLS, and inside where it begins at once', async () => {
    expect((await look(['220 mx ESMTP\r\n', { on: 'EHLO', send: '250 mx\r\n' }])).rawText).toBe(
      '220 mx ESMTP\r\n250 mx\r\n',
    );
    expect((await look(tlsWeb(), (port) => ({ tlsPorts: new Set([port]) }))).rawText).toBe(PAGE);
  });
});

describe('the usual ports', () => {
  test('TLS first where it is usual, then the service inside', async () => {
    const inspected: unknown[] = [];
    const evidence = await look(tlsWeb(), (port) => ({
      probes: listedAt(port, 'http'),
      tlsPorts: new Set([port]),
      inspectTls: async (context, startTls) => void inspected.push([context.tls, startTls]),
    }));
    expect(evidence.facts).toMatchObject({ protocol: 'http', tls: true, title: 'hi' });
    expect(evidence.server.accepted()).toBe(1);
    expect(inspected).toEqual([[false, undefined]]);
  });

  test('mail inside TLS', async () => {
    const play = (socket: Socket) => {
      socket.write('220 mx ESMTP\r\n');
      socket.on('data', () => socket.write('250-mx\r\n250 AUTH PLAIN\r\n'));
    };
    const { facts } = await look(insideTls(play), (port) => ({
      probes: listedAt(port, 'smtp'),
      tlsPorts: new Set([port]),
    }));
    expect(facts).toMatchObject({ protocol: 'smtp', tls: true, auth: ['PLAIN'], authBeforeTls: false });
  });

  test('no TLS though it is usual', async () => {
    const { facts } = await look(WEB, (port) => ({ probes: listedAt(port, 'http'), tlsPorts: new Set([port]) }));
    expect(facts).toMatchObject({ protocol: 'http', tls: false });
  });

  test('STARTTLS is looked at where it is offered', async () => {
    const inspected: unknown[] = [];
    await look(['220 mx ESMTP\r\n', { on: 'EHLO', send: '250-mx\r\n250 STARTTLS\r\n' }], {
      inspectTls: async (_, startTls) => void inspected.push(startTls),
    });
    expect(inspected).toEqual(['smtp']);
  });

  test('a service that does not belong there is still recognised', async () => {
    const script = ['220 mx ESMTP\r\n', { on: 'EHLO', send: '250 mx\r\n' }];
    expect((await look(script, (port) => ({ probes: listedAt(port, 'http') }))).facts?.protocol).toBe('smtp');
    expect((await look(WEB, (port) => ({ probes: listedAt(port, 'redis') }))).facts?.protocol).toBe('http');
  });
});

describe('the TLS of a port', () => {
  const options = { inspectTls: inspectPort, limits: { portMs: 8_000 } };

  test('where it begins at once', async () => {
    const { tls, facts } = await look(tlsWeb(), (port) => ({ ...options, tlsPorts: new Set([port]) }));
    expect(facts).toMatchObject({ protocol: 'http', tls: true });
    expect(tls).toMatchObject({ spoken: true, certificate: expect.anything(), trust: { trusted: false } });
  });

  test('after STARTTLS', async () => {
    const script: Script = (socket) => {
      socket.write('220 mx ESMTP\r\n');
      socket.on('data', function answer(chunk) {
        if (String(chunk).startsWith('EHLO')) socket.write('250-mx\r\n250 STARTTLS\r\n');
        if (!String(chunk).startsWith('STARTTLS')) return;
        socket.off('data', answer).write('220 go\r\n');
        insideTls(() => undefined, 'no')(socket, 0);
      });
    };
    const { tls, facts } = await look(script, options);
    expect(facts).toMatchObject({ protocol: 'smtp', startTls: true, tls: false });
    expect(tls).toMatchObject({ spoken: true, startTls: { protocol: 'smtp', answer: 'ready' } });
  });
});
