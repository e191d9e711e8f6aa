import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { selfSigned } from './certificate.ts';
import { kexInit } from './conversations.ts';
import { bytes, u32be } from './recorded.ts';
import type { Script } from './serve.ts';

const PAIR = selfSigned();

/** Sends `chunk` for ever, as fast as it is read. */
export const flood =
  (chunk: string | Uint8Array, first: string | Uint8Array = ''): Script =>
  (socket) => {
    const block = typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk;
    const more = () => {
      while (socket.writable && socket.write(block));
    };
    socket.on('drain', more);
    if (first.length > 0) socket.write(typeof first === 'string' ? Buffer.from(first, 'latin1') : first);
    more();
  };

/** The same after the client has said anything. */
const floodAnswer =
  (chunk: string | Uint8Array, first: string | Uint8Array = ''): Script =>
  (socket, index) =>
    void socket.once('data', () => {
      const play = flood(chunk, first);
      if (typeof play === 'function') play(socket, index);
    });

const drip =
  (text: string, everyMs: number): Script =>
  (socket) => {
    let at = 0;
    const timer = setInterval(() => socket.writable && socket.write(text.charAt(at++ % text.length)), everyMs);
    socket.on('close', () => clearInterval(timer));
  };

/** Single bytes, as fast as they can be sent without keeping this process from everything else. */
const crumbs: Script = (socket) => {
  socket.setNoDelay(true);
  const timer = setInterval(() => {
    for (let count = 0; count < 20 && socket.writable; count += 1) socket.write('a');
  }, 1);
  socket.on('close', () => clearInterval(timer));
};

/** Whatever is asked, this comes back. */
const answer = (...parts: readonly (string | Uint8Array)[]): Script => {
  const block = Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1')));
  return (socket) => void socket.on('data', () => socket.writable && socket.write(block));
};

/** Inside TLS; what is not TLS is not answered. */
const insideTls =
  (play: (socket: TLSSocket, below: Socket) => void, options: object = {}): Script =>
  (socket) =>
    void socket.once('data', (first) => {
      if (first[0] !== 22) return;
      socket.pause();
      socket.unshift(first);
      const tls = new TLSSocket(socket, { isServer: true, ...PAIR, ...options });
      tls.on('error', () => undefined);
      play(tls, socket);
    });

const repeated = (part: Buffer) => Buffer.concat(Array(2_000).fill(part));
const alert = (description: number, level = 1) => bytes(21, 3, 3, 0, 2, level, description);
const OK = 'HTTP/1.1 200 OK\r\n';
const BOMB = gzipSync(Buffer.alloc(64_000_000));
const redirect = (to: string) => answer(`HTTP/1.1 302 Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`);
const LONG = 'A'.repeat(16_000);

/** Groups J and M of what networks do to those who ask, each as one server. */
export const HOSTILE: readonly (readonly [name: string, script: Script, asked?: string])[] = [
  ['silence', []],
  ['a close at once', [{ close: 'end' }]],
  ['a reset at once', [{ close: 'reset' }]],
  ['a close after 1 ms', [{ waitMs: 1 }, { close: 'end' }]],
  ['a reset at the first question', [{ on: '', send: '' }, { close: 'reset' }]],
  ['one byte a second', drip('220 mail ready\r\n', 1_000)],
  ['one byte of SSH at a time', drip('SSH-2.0-OpenSSH_9.9\r\n', 50)],
  ['one byte of HTTP at a time', drip(`${OK}Server: x\r\n`, 30)],
  ['one byte of TLS at a time', drip('\x16\x03\x03\x40\x00\x02', 60)],
  ['a banner without end', flood('A'.repeat(16_384))],
  ['lines without end', flood('220-more\r\n'.repeat(2_000))],
  ['new lines alone', flood('\n'.repeat(16_384))],
  ['a banner in very small pieces', crumbs],
  ['zeros', flood(Buffer.alloc(16_384))],
  ['all ones', flood(Buffer.alloc(16_384, 0xff))],
  ['garbage', flood(Buffer.from(Array.from({ length: 16_384 }, (_, at) => (at * 7_919 + (at >> 3)) % 256)))],
  ['an echo', (socket) => void socket.pipe(socket)],
  ['text that formats, mentions, links', ['220 @everyone <@1> `\x1b[2J\x07\u202e [x](http://e) # ||\r\n'.repeat(40)]],
  ['lines before SSH without end', flood('not yet\r\n'.repeat(1_000))],
  [
    'an SSH packet of 2 GiB',
    flood(Buffer.alloc(16_384, 20), Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), u32be(2 ** 31)])),
  ],
  ['60,000 SSH algorithms', ['SSH-2.0-x\r\n', kexInit([Array(60_000).fill('a').join(',')])]],
  [
    'long names of SSH algorithms',
    ['SSH-2.0-x\r\n', kexInit(Array.from({ length: 8 }, () => Array(60).fill('\u00e4"'.repeat(30)).join(',')))],
  ],
  [
    'an SSH list of 4 GiB',
    ['SSH-2.0-x\r\n', bytes(0, 0, 1, 0, 4, 20, '\0'.repeat(16), 255, 255, 255, 255, 'a'.repeat(240))],
  ],
  ['a MySQL packet of 16 MiB', flood(Buffer.alloc(16_384, 0x41), bytes(255, 255, 255, 0, 10, '8.0'))],
  ['a MySQL version without end', flood(Buffer.alloc(16_384, 0x38), bytes(0, 15, 0, 0, 10))],
  [
    'a PostgreSQL message of 2 GiB',
    floodAnswer(Buffer.alloc(16_384), bytes('E', 127, 255, 255, 255, 'SERROR\0')),
    'postgresql',
  ],
  ['PostgreSQL parameters without end', floodAnswer(repeated(bytes('S', 0, 0, 0, 8, 'a\0b\0')), 'N'), 'postgresql'],
  [
    'a BSON of 48 MB',
    floodAnswer(Buffer.alloc(16_384, 2), bytes(0, 108, 220, 2, 1, 0, 0, 0, 1, 0, 0, 0, 221, 7, 0, 0)),
    'mongodb',
  ],
  ['an MQTT packet of 256 MB', floodAnswer(Buffer.alloc(16_384), bytes(0x20, 255, 255, 255, 127)), 'mqtt'],
  ['a DNS message of 64 KiB over TCP', floodAnswer(Buffer.alloc(16_384), bytes(255, 255)), 'dns'],
  ['Redis arrays of a billion', floodAnswer('*1000000000\r\n$-1\r\n'.repeat(500)), 'redis'],
  ['Redis errors without end', floodAnswer('-ERR no\r\n'.repeat(1_000)), 'redis'],
  ['STAT without end', floodAnswer('STAT a 1\r\n'.repeat(1_000), 'VERSION 1.6\r\n'), 'memcached'],
  ['JSON of great depth', answer(`${OK}Content-Type: application/json\r\n\r\n`, '['.repeat(100_000)), 'elasticsearch'],
  ['a gzip bomb', answer(`${OK}Content-Encoding: gzip\r\nContent-Length: ${BOMB.length}\r\n\r\n`, BOMB)],
  ['headers without end', floodAnswer('X-More: and more\r\n'.repeat(500), OK)],
  ['one header without end', floodAnswer('a'.repeat(16_384), `${OK}Server: `)],
  ['interim answers without end', floodAnswer('HTTP/1.1 100 Continue\r\n\r\n'.repeat(500))],
  ['chunks without end', floodAnswer('5\r\nhello\r\n'.repeat(1_000), `${OK}Transfer-Encoding: chunked\r\n\r\n`)],
  ['a chunk of 4 GiB', floodAnswer('a'.repeat(16_384), `${OK}Transfer-Encoding: chunked\r\n\r\nffffffff\r\n`)],
  ['a body without end', floodAnswer('<title>'.repeat(2_000), `${OK}Content-Length: 999999999999999\r\n\r\n`)],
  ['1,000 cookies', answer(OK, 'Set-Cookie: \u00e4"\\\u00fc=1\r\n'.repeat(1_000), '\r\n')],
  ['a redirect to itself', redirect('/')],
  ['a redirect to the metadata address', redirect('http://169.254.169.254/latest/meta-data/')],
  ['TLS that never goes on', insideTls((_, below) => below.pause())],
  [
    'a ServerHello that lies about its length',
    answer(bytes(22, 3, 3, 0x40, 0, 2, 0, 0xff, 0xff, 3, 3, '\0'.repeat(200))),
  ],
  ['TLS records of 64 KiB', floodAnswer(bytes(22, 3, 3, 0xff, 0xff, '\x02'.repeat(1_000)))],
  ['empty TLS records without end', floodAnswer(repeated(bytes(22, 3, 3, 0, 0)))],
  ['warnings of TLS without end', floodAnswer(repeated(alert(112)))],
  [
    'requests to renegotiate without end',
    insideTls(
      (tls) => {
        const again = setInterval(() => tls.renegotiate({}, () => undefined), 5);
        tls.on('close', () => clearInterval(again));
      },
      { maxVersion: 'TLSv1.2' },
    ),
  ],
  [
    'a web page without end inside TLS',
    insideTls((tls) => {
      const more = () => {
        while (tls.writable && tls.write(LONG));
      };
      tls.on('drain', more).once('data', more);
    }),
  ],
  [
    'empty pieces inside TLS',
    insideTls((tls) => {
      const timer = setInterval(() => tls.writable && tls.write('a'), 1);
      tls.on('close', () => clearInterval(timer));
    }),
  ],
  ['plain text where TLS was asked for', answer('HTTP/1.1 400 Bad Request\r\n\r\nspeak https\r\n')],
  [
    'STARTTLS that lies',
    (socket) => {
      socket.write('220 mx ESMTP\r\n');
      socket.on('data', (chunk) => {
        if (String(chunk).startsWith('EHLO')) socket.write('250-mx\r\n250 STARTTLS\r\n');
        else socket.write('220 go ahead\r\n250 in the clear\r\n');
      });
    },
  ],
];
