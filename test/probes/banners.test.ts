import { afterEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { FTP_FACTS, ftpProbe } from '../../src/probes/ftp.ts';
import { IMAP_FACTS, imapProbe } from '../../src/probes/imap.ts';
import { MYSQL_FACTS, mysqlProbe } from '../../src/probes/mysql.ts';
import { POP3_FACTS, pop3Probe } from '../../src/probes/pop3.ts';
import type { Probe } from '../../src/probes/probe.ts';
import { SMTP_FACTS, smtpProbe } from '../../src/probes/smtp.ts';
import { TELNET_FACTS, telnetProbe } from '../../src/probes/telnet.ts';
import { contextFor, type Script, serve } from './serve.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type AnyProbe = Probe<{ protocol: string }>;
type Tested = readonly [probe: AnyProbe, schema: z.ZodType];
const FTP: Tested = [ftpProbe, FTP_FACTS];
const SMTP: Tested = [smtpProbe, SMTP_FACTS];
const POP3: Tested = [pop3Probe, POP3_FACTS];
const IMAP: Tested = [imapProbe, IMAP_FACTS];
const TELNET: Tested = [telnetProbe, TELNET_FACTS];
const MYSQL: Tested = [mysqlProbe, MYSQL_FACTS];

async function ask(
  [probe, schema]: Tested,
  script: Script,
  options: Parameters<typeof contextFor>[1] & { tls?: boolean } = {},
) {
  const server = await serve(script);
  cleanups.push(server.close);
  const facts = await probe.run({ ...contextFor(server.port, options), tls: options.tls ?? false });
  if (facts !== undefined) expect(schema.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
  return { facts, heard: server.heard() };
}

/** The first packet of a server: version, capabilities and plugin as given. */
function handshake(version: string, capabilities: number, plugin: string, { error }: { error?: number } = {}): Buffer {
  const body =
    error === undefined
      ? Buffer.concat([
          Buffer.from([10]),
          Buffer.from(`${version}\0`),
          Buffer.alloc(4),
          Buffer.from('12345678\0'),
          Buffer.from([capabilities & 0xff, capabilities >> 8, 45, 2, 0, 0xff, 0xc1, 21]),
          Buffer.alloc(10),
          Buffer.from('123456789012\0'),
          Buffer.from(`${plugin}\0`),
        ])
      : Buffer.concat([Buffer.from([255, error & 0xff, error >> 8]), Buffer.from(version)]);
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  return Buffer.concat([head, body]);
}

const EHLO = { on: 'EHLO harbormaster.invalid\r\n' };

describe('recorded exchanges', () => {
  test.each<[string, Tested, Script, object]>([
    [
      'FTP with features',
      FTP,
      [
        '220-Welcome\r\n free text\r\n220 (vsFTPd 3.0.3) anonymous logins only\r\n',
        { on: 'FEAT\r\n', send: '211-Features:\r\n AUTH SSL\r\n AUTH TLS\r\n PBSZ\r\n211 End\r\n' },
      ],
      {
        code: 220,
        banner: 'Welcome free text (vsFTPd 3.0.3) anonymous logins only',
        features: ['AUTH SSL', 'AUTH TLS', 'PBSZ'],
        startTls: true,
        anonymousOffered: true,
      },
    ],
    [
      'FTP that wants a login before FEAT',
      FTP,
      ['220 ProFTPD Server ready\r\n', { on: 'FEAT', send: '530 Please login\r\n' }],
      { banner: 'ProFTPD Server ready', anonymousOffered: false },
    ],
    [
      'SMTP with AUTH in the clear',
      SMTP,
      [
        '220 mx.example.com ESMTP Postfix (Debian)\r\n',
        {
          ...EHLO,
          send: '250-mx.example.com\r\n250-SIZE 10\r\n250-STARTTLS\r\n250-AUTH PLAIN login\r\n250-AUTH=PLAIN\r\n250 8BITMIME\r\n',
        },
      ],
      {
        code: 220,
        banner: 'mx.example.com ESMTP Postfix (Debian)',
        extensions: ['SIZE 10', 'STARTTLS', 'AUTH PLAIN login', 'AUTH=PLAIN', '8BITMIME'],
        startTls: true,
        auth: ['PLAIN', 'LOGIN'],
        authBeforeTls: true,
      },
    ],
    [
      'SMTP without anything',
      SMTP,
      ['220 mail SMTP\r\n', { ...EHLO, send: '250 mail\r\n' }],
      { extensions: [], startTls: false, auth: [], authBeforeTls: false },
    ],
    ['SMTP that sends strangers away', SMTP, ['554 No SMTP service here\r\n', { close: 'end' }], { code: 554 }],
    [
      'SMTP that closes at EHLO',
      SMTP,
      ['220 x ESMTP\r\n', { on: 'EHLO', send: '' }, { close: 'reset' }],
      { banner: 'x ESMTP' },
    ],
    [
      'POP3',
      POP3,
      ['+OK Dovecot ready.\r\n', { on: 'CAPA\r\n', send: '+OK\r\nCAPA\r\nSTLS\r\nUSER\r\nSASL PLAIN\r\n.\r\n' }],
      {
        banner: 'Dovecot ready.',
        capabilities: ['CAPA', 'STLS', 'USER', 'SASL PLAIN'],
        startTls: true,
        authBeforeTls: true,
      },
    ],
    ['POP3 without CAPA', POP3, ['+OK\r\n', { on: 'CAPA', send: '-ERR what?\r\n' }], { banner: '' }],
    [
      'IMAP',
      IMAP,
      [
        '* OK [CAPABILITY IMAP4rev1 LITERAL+] Dovecot ready.\r\n',
        { on: 'hm1 CAPABILITY\r\n', send: '* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\nhm1 OK done\r\n' },
      ],
      {
        greeting: 'OK',
        capabilities: ['IMAP4REV1', 'STARTTLS', 'LOGINDISABLED'],
        startTls: true,
        authBeforeTls: false,
      },
    ],
    [
      'IMAP that says it in the greeting alone',
      IMAP,
      ['* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n', { on: 'CAPABILITY', send: 'hm1 BAD no\r\n' }],
      { greeting: 'PREAUTH', capabilities: ['IMAP4REV1'], openToStrangers: true, authBeforeTls: true },
    ],
    ['IMAP that says goodbye', IMAP, ['* BYE too many\r\n', { close: 'end' }], { greeting: 'BYE' }],
    [
      'telnet that asks after its negotiation',
      TELNET,
      [
        Buffer.from([255, 253, 24, 255, 251, 3, 255, 250, 24, 1, 255, 240]),
        { on: '\xff\xfc\x18\xff\xfe\x03', send: 'Debian 13\r\nbox login: ' },
      ],
      {
        negotiation: [
          { command: 'DO', option: 24 },
          { command: 'WILL', option: 3 },
        ],
        text: 'Debian 13 box login:',
        asksForLogin: true,
      },
    ],
    [
      'MySQL',
      MYSQL,
      [handshake('8.4.3', 0xffff, 'caching_sha2_password')],
      {
        version: '8.4.3',
        product: { name: 'MySQL', version: '8.4.3' },
        authPlugin: 'caching_sha2_password',
        startTls: true,
      },
    ],
    [
      'MariaDB without TLS',
      MYSQL,
      [handshake('5.5.5-10.11.6-MariaDB-0+deb12u1', 0xf7ff, 'mysql_native_password')],
      { product: { name: 'MariaDB', version: '10.11.6' }, startTls: false, authPlugin: 'mysql_native_password' },
    ],
    [
      'Percona Server',
      MYSQL,
      [handshake('8.0.36-28', 0xffff, 'caching_sha2_password')],
      { product: { name: 'Percona Server', version: '8.0.36' } },
    ],
    [
      'MySQL of a distribution is not Percona',
      MYSQL,
      [handshake('8.0.36-0ubuntu0.22.04.1', 0xffff, 'caching_sha2_password')],
      { product: { name: 'MySQL', version: '8.0.36' } },
    ],
    [
      'MariaDB for others only',
      MYSQL,
      [
        handshake("Host '192.0.2.1' is not allowed to connect to this MariaDB server", 0, '', { error: 1130 }),
        { close: 'end' },
      ],
      {
        product: { name: 'MariaDB' },
        error: { code: 1130, message: "Host '192.0.2.1' is not allowed to connect to this MariaDB server" },
      },
    ],
  ])('%s', async (_, tested, script, expected) => {
    const { facts } = await ask(tested, script);
    expect(facts).toMatchObject(expected);
  });

  test('inside TLS no password is in the clear', async () => {
    const script = ['220 x ESMTP\r\n', { on: 'EHLO', send: '250-x\r\n250 AUTH PLAIN\r\n' }];
    expect((await ask(SMTP, script, { tls: true })).facts).toMatchObject({
      tls: true,
      auth: ['PLAIN'],
      authBeforeTls: false,
    });
  });

  test('what only speaks like MySQL is not called so', async () => {
    const { facts } = await ask(MYSQL, [handshake('5.7.25-TiDB-v7.1.0', 0xffff, 'mysql_native_password')]);
    expect(facts).toMatchObject({ version: '5.7.25-TiDB-v7.1.0' });
    expect(facts).not.toHaveProperty('product');
  });

  test('MySQL is asked nothing', async () => {
    expect((await ask(MYSQL, [handshake('8.4.3', 0, '')])).heard).toEqual(['']);
  });

  test('an FTP server is no mail server, and the other way round', async () => {
    expect((await ask(SMTP, ['220 FTP ready\r\n', { on: 'EHLO', send: '500 what\r\n' }])).facts).toBeUndefined();
    expect((await ask(FTP, ['220 x ESMTP Exim\r\n'])).facts).toBeUndefined();
  });
});
