import type { Socket } from 'node:net';
import { encodeBson } from '../../src/probes/bson.ts';
import { bytes, u32be } from './recorded.ts';
import type { Script } from './serve.ts';

type Answer = string | Uint8Array;

/** Greets, then answers whatever fits a pattern or begins with these bytes; nothing to anything else. */
function answering(
  greeting: Answer | undefined,
  ...answers: readonly (readonly [RegExp | Uint8Array, Answer])[]
): Script {
  const send = (socket: Socket, answer: Answer) =>
    void (socket.writable && socket.write(typeof answer === 'string' ? Buffer.from(answer, 'latin1') : answer));
  return (socket) => {
    if (greeting !== undefined) send(socket, greeting);
    socket.on('data', (chunk) => {
      const fits = (start: RegExp | Uint8Array) =>
        start instanceof RegExp ? start.test(chunk.toString('latin1')) : chunk.subarray(0, start.length).equals(start);
      const answer = answers.find(([start]) => fits(start));
      if (answer) send(socket, answer[1]);
    });
  };
}

/** The initial handshake of MySQL 8.4, with TLS (MySQL documentation, "Protocol::HandshakeV10"). */
export function mysqlGreeting(version = '8.4.3'): Buffer {
  const challenge = '\x01\x02\x03\x04\x05\x06\x07\x08';
  const flags = bytes(0xff, 0xff, 33, 2, 0, 0xff, 0xdf, 21, '\0'.repeat(10), '\x01'.repeat(12), 0).toString('latin1');
  const body = bytes(10, `${version}\0`, 8, 0, 0, 0, challenge, 0, flags, 'caching_sha2_password\0');
  return bytes(body.length, 0, 0, 0, body.toString('latin1'));
}

/** An SSH packet around KEXINIT (RFC 4253 §6, §7.1). */
export function kexInit(lists: readonly string[]): Buffer {
  const names = Array.from({ length: 10 }, (_, index) => {
    const list = Buffer.from(lists[index] ?? '');
    return Buffer.concat([u32be(list.length), list]);
  });
  const payload = Buffer.concat([Buffer.from([20]), Buffer.alloc(16), ...names, Buffer.alloc(5)]);
  return Buffer.concat([u32be(payload.length + 5), Buffer.from([4]), payload, Buffer.alloc(4)]);
}

/** OP_MSG for each request: it is a database, and one that asks who is there. */
const mongodb: Script = (socket) => {
  socket.on('data', (chunk) => {
    if (chunk.length < 16 || chunk.readInt32LE(12) !== 2013) return;
    const asksWho = chunk.includes('listDatabases');
    const body = encodeBson(asksWho ? { ok: 0, code: 13, codeName: 'Unauthorized' } : { ok: 1, maxWireVersion: 25 });
    const head = Buffer.alloc(21);
    head.writeInt32LE(21 + body.length, 0);
    head.writeInt32LE(chunk.readInt32LE(4), 8);
    head.writeInt32LE(2013, 12);
    socket.write(Buffer.concat([head, body]));
  });
};

const UNAUTHORIZED = [
  'HTTP/1.1 401 Unauthorized',
  'WWW-Authenticate: Basic realm="Restricted"',
  'WWW-Authenticate: Digest realm="x", nonce="y"',
  'WWW-Authenticate: Bearer',
  'Set-Cookie: session=1; Path=/',
  'Content-Length: 12',
  '',
  'Please login',
].join('\r\n');

/** Servers that ask who is there in all the ways of their protocol, and give every occasion to say so. */
export const CONVERSATIONS: readonly (readonly [protocol: string, Script])[] = [
  [
    'ftp',
    answering(
      '220 ftp.example, anonymous FTP welcome\r\n',
      [/^FEAT/, '211-x\r\n AUTH TLS\r\n211 x\r\n'],
      [/^/, '530 Please login with USER and PASS.\r\n'],
    ),
  ],
  [
    'smtp',
    answering(
      '220 mx ESMTP\r\n',
      [/^EHLO/, '250-mx\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN CRAM-MD5\r\n'],
      [/^/, '530 5.7.0 Authentication required\r\n'],
    ),
  ],
  [
    'pop3',
    answering(
      '+OK ready <1.2@x>\r\n',
      [/^CAPA/, '+OK\r\nUSER\r\nSASL PLAIN LOGIN\r\nSTLS\r\n.\r\n'],
      [/^/, '-ERR\r\n'],
    ),
  ],
  [
    'imap',
    answering(
      '* OK ready\r\n',
      [/^hm1 CAPABILITY/, '* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\nhm1 OK\r\n'],
      [/^/, '* BAD\r\n'],
    ),
  ],
  ['telnet', answering(bytes(255, 253, 24, 'login: '), [/^/, 'Password: '])],
  ['mysql', answering(mysqlGreeting(), [/^/, bytes(5, 0, 0, 2, 255, 0x15, 4, '#2')])],
  ['redis', answering(undefined, [/^/, '-NOAUTH Authentication required.\r\n-NOAUTH Authentication required.\r\n'])],
  ['memcached', answering(undefined, [/^/, 'CLIENT_ERROR unauthenticated\r\nCLIENT_ERROR unauthenticated\r\n'])],
  ['mongodb', mongodb],
  [
    'postgresql',
    // SSLRequest, then the startup message: AuthenticationCleartextPassword.
    answering(undefined, [bytes(0, 0, 0, 8, 4, 0xd2), 'N'], [bytes(0, 0, 0), bytes('R', 0, 0, 0, 8, 0, 0, 0, 3)]),
  ],
  ['zookeeper', [{ on: '', send: 'srvr is not executed because it is not in the whitelist.\n' }, { close: 'end' }]],
  ['mqtt', answering(undefined, [bytes(0x10), bytes(0x20, 2, 0, 5)])],
  ['vnc', answering('RFB 003.008\n', [/^RFB/, bytes(1, 2)], [bytes(2), Buffer.alloc(16, 7)])],
  ['x11', answering(undefined, [bytes('l'), bytes(2, 0, 0, 0, 0, 0, 2, 0, 'who now?')])],
  ['ssh', answering(Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), kexInit(['curve25519-sha256', 'ssh-ed25519'])]))],
  ['http', answering(undefined, [/ HTTP\/1\.1\r\n/, UNAUTHORIZED], [/^/, 'HTTP/1.1 400 Bad Request\r\n\r\n'])],
];
