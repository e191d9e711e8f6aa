import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BANNER_FACTS, bannerFacts } from '../../src/probes/banner.ts';
import { protocolsOf } from '../../src/probes/protocolsOf.ts';
import { PROBES } from '../../src/probes/registry.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('first words', () => {
  test.each<[string, readonly string[]]>([
    ['SSH-2.0-OpenSSH_10.0p2 Debian-7\r\n', ['ssh']],
    ['Authorised use only\r\nSSH-2.0-x\r\n', ['ssh']],
    ['220 mx.example.com ESMTP Postfix\r\n', ['smtp', 'ftp']],
    ['220-Welcome\r\n220 mx\r\n', ['smtp', 'ftp']],
    ['220 (vsFTPd 3.0.5)\r\n', ['ftp', 'smtp']],
    ['220 Microsoft FTP Service, ESMTP elsewhere\r\n', ['smtp', 'ftp']],
    ['554 no\r\n', ['smtp', 'ftp']],
    ['2200 things\r\n', []],
    ['+OK Dovecot ready.\r\n', ['pop3']],
    ['* OK [CAPABILITY IMAP4rev1] ready\r\n', ['imap']],
    ['* OKAY\r\n', []],
    ['HTTP/1.1 200 OK\r\n\r\n', ['http']],
    ['HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port', ['tls']],
    ['HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n', ['tls']],
    ['HTTP/1.1 404 Not Found\r\nLocation: https://x/\r\n\r\n', ['http']],
    ['HTTP/1.0 200 OK\r\n\r\nIt looks like you are trying to access MongoDB over HTTP', ['mongodb']],
    ['HTTP/1.1 200 OK\r\n\r\n{"tagline" : "You Know, for Search"}', ['elasticsearch', 'http']],
    ['HTTP/1.1 403 Forbidden\r\nX-Jenkins: 2.492\r\n\r\n', ['jenkins', 'http']],
    ['HTTP/1.1 302 Found\r\nLocation: /classic/graph\r\n\r\n', ['prometheus', 'http']],
    ['HTTP/1.1 302 Found\r\nLocation: /query\r\n\r\n', ['prometheus', 'http']],
    ['HTTP/1.1 302 Found\r\nLocation: /graphs\r\n\r\n', ['http']],
    ['HTTP/1.1 404 Not Found\r\nContent-Length: 19\r\n\r\n404 page not found\n', ['etcd', 'http']],
    ['HTTP/1.1 404 Not Found\r\n\r\nNo such page\n', ['http']],
    ['\x15\x03\x01\x00\x02\x02\x28', ['tls']],
    ['\x16\x03\x03\x00\x7a', ['tls']],
    ['\x15\x07', []],
    ['RFB 003.008\n', ['vnc']],
    ['\xff\xfd\x18\xff\xfb\x01', ['telnet']],
    ['\xff\xff\xff\xff', []],
    ['\r\nbox login: ', ['telnet']],
    ['\x4a\0\0\0\x0a8.4.3\0', ['mysql']],
    ['\x4a\0\0\0\xff\x6a\x04Host', ['mysql']],
    ['\0\0\0\0\x0a8.4.3\0', []],
    ["-ERR unknown command 'HELP'\r\n", ['redis']],
    ['-NOAUTH Authentication required.\r\n', ['redis']],
    ['ERROR\r\n', ['memcached']],
    ['E\0\0\0\x85SFATAL\0VFATAL\0', ['postgresql']],
    ['@RSYNCD: 31.0\n', ['rsync']],
    ['AMQP\0\0\x09\x01', ['amqp']],
    ['INFO {"server_id":"x"}', ['nats']],
    ['', []],
    ['hello\r\n', []],
  ])('%j', (text, expected) => {
    expect(protocolsOf(bytes(text))).toEqual(expected);
  });

  test('what has a probe is named as the probe names it', () => {
    const named = [
      'ssh',
      'smtp',
      'ftp',
      'pop3',
      'imap',
      'telnet',
      'mysql',
      'http',
      'redis',
      'memcached',
      'vnc',
      'mongodb',
    ];
    const probed = new Set(PROBES.map(({ protocol }) => protocol as string));
    expect(named.filter((name) => !probed.has(name))).toEqual([]);
  });

  test('any bytes, and long ones in no time', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (any) => void protocolsOf(Buffer.from(any))));
    const startedAt = performance.now();
    for (const piece of [
      'HTTP/',
      '220-',
      ':',
      'a\n',
      'login:',
      'login: ',
      'SSH',
      '<title>',
      '"couchdb" ',
      '\xff\xfa',
      '\0',
    ]) {
      protocolsOf(bytes(piece.repeat(50_000)));
    }
    expect(performance.now() - startedAt).toBeLessThan(100);
  });
});

describe('what is left to say', () => {
  test('readable text, and what it looks like', () => {
    expect(bannerFacts(bytes('@RSYNCD: 31.0\n'), { tls: false, unasked: true })).toEqual({
      protocol: 'banner',
      tls: false,
      unasked: true,
      text: '@RSYNCD: 31.0',
      looksLike: 'rsync',
    });
  });

  test('bytes that nobody can read say nothing', () => {
    expect(bannerFacts(bytes('\0\x01\x02a\x80'), { tls: false, unasked: false })).toBeUndefined();
    expect(bannerFacts(Buffer.alloc(0), { tls: false, unasked: false })).toBeUndefined();
  });

  test('any bytes give facts that fit, without control or direction-changing characters', () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 1_024 }),
      fc.string({ unit: 'binary', maxLength: 400 }).map(Buffer.from),
    );
    fc.assert(
      fc.property(any, (first) => {
        const facts = bannerFacts(Buffer.from(first), { tls: false, unasked: true });
        if (!facts) return;
        expect(BANNER_FACTS.safeParse(facts).error).toBeUndefined();
        expect(facts.text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});
