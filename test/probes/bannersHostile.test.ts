import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { FTP_FACTS, ftpProbe } from '../../src/probes/ftp.ts';
import { IMAP_FACTS, imapProbe } from '../../src/probes/imap.ts';
import { LinkError } from '../../src/probes/link.ts';
import { MYSQL_FACTS, mysqlProbe, parseMysqlGreeting } from '../../src/probes/mysql.ts';
import { POP3_FACTS, pop3Probe } from '../../src/probes/pop3.ts';
import type { Probe } from '../../src/probes/probe.ts';
import { parseLines, parseReply } from '../../src/probes/replies.ts';
import { SMTP_FACTS, smtpProbe } from '../../src/probes/smtp.ts';
import { parseTelnet, TELNET_FACTS, telnetProbe } from '../../src/probes/telnet.ts';
import { contextFor, type Script, serve } from './serve.ts';

type AnyProbe = Probe<{ protocol: string }>;
type Tested = readonly [probe: AnyProbe, schema: z.ZodType];
const FTP: Tested = [ftpProbe, FTP_FACTS];
const SMTP: Tested = [smtpProbe, SMTP_FACTS];
const POP3: Tested = [pop3Probe, POP3_FACTS];
const IMAP: Tested = [imapProbe, IMAP_FACTS];
const TELNET: Tested = [telnetProbe, TELNET_FACTS];
const MYSQL: Tested = [mysqlProbe, MYSQL_FACTS];
const ALL = [FTP, SMTP, POP3, IMAP, TELNET, MYSQL];

describe('hostile servers', () => {
  const limits = { timeoutMs: 500, maxBytes: 64 * 1024 };
  const flood =
    (chunk: string): Script =>
    (socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', more);
      more();
    };
  const SCRIPTS: [string, Script][] = [
    ['silence', []],
    ['an immediate close', [{ close: 'end' }]],
    ['a reset', [{ close: 'reset' }]],
    ['garbage', [Buffer.from(Array.from({ length: 3_000 }, (_, at) => (at * 7919) % 256)), { close: 'end' }]],
    ['an endless line', flood('x'.repeat(60_000))],
    ['an endless greeting', flood('220-more and more\r\n'.repeat(3_000))],
    ['endless negotiation', flood('\xff\xfd\x01'.repeat(20_000))],
    ['empty lines', flood('\n'.repeat(60_000))],
    [
      'a slow drip',
      (socket) =>
        void socket.on(
          'close',
          clearInterval.bind(
            null,
            setInterval(() => socket.write('2'), 40),
          ),
        ),
    ],
    ['a length that lies', [Buffer.from([0xff, 0xff, 0xff, 0, 10, 56]), { waitMs: 300 }, { close: 'end' }]],
  ];
  const CASES = SCRIPTS.flatMap(([name, script]) =>
    ALL.map((tested) => [name, tested[0].protocol, tested, script] as const),
  );

  test.concurrent.each(CASES)('%s: %s stays within its limits', async (_, _protocol, [probe, schema], script) => {
    const server = await serve(script);
    const startedAt = performance.now();
    const facts = await probe.run(contextFor(server.port, { limits })).catch((error: unknown) => {
      if (!(error instanceof LinkError)) throw error;
    });
    await server.close();
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    if (facts) expect(schema.safeParse(facts).error).toBeUndefined();
  });
});

describe('parsers take any bytes', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc
      .array(
        fc.oneof(
          fc.constantFrom(
            '220',
            '220-',
            '220 ',
            '\r\n',
            '\n',
            '+OK',
            '.',
            '\xff\xfd',
            '\xff\xfa',
            '\xff\xf0',
            '\xff',
            '\0',
            '\x0a8.0\0',
          ),
          fc.string({ maxLength: 8 }),
        ),
        { maxLength: 60 },
      )
      .map((parts) => new Uint8Array(Buffer.from(parts.join(''), 'latin1'))),
  );

  test('numbered replies and listings', () => {
    fc.assert(
      fc.property(bytes, fc.nat(20), (any, from) => {
        const reply = parseReply(Buffer.from(any), from);
        if (reply) {
          expect(reply.end).toBeLessThanOrEqual(Math.max(any.length, from));
          expect(reply.lines.length).toBeLessThanOrEqual(64);
        }
        const listing = parseLines(Buffer.from(any), from, (line) => line === '.');
        expect(listing?.lines.length ?? 0).toBeLessThanOrEqual(64);
      }),
    );
  });

  test('telnet: text and commands never grow', () => {
    fc.assert(
      fc.property(bytes, (any) => {
        const { text, negotiation, refusals } = parseTelnet(Buffer.from(any));
        expect(text.length + 3 * negotiation.length).toBeLessThanOrEqual(any.length);
        expect(refusals.length).toBeLessThanOrEqual(3 * negotiation.length);
      }),
    );
  });

  test('MySQL, also with a plausible head', () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom(9, 10, 255), (any, kind) => {
        const head = Buffer.from([any.length + 1, (any.length + 1) >> 8, 0, 0, kind]);
        for (const packet of [Buffer.from(any), Buffer.concat([head, any])]) {
          const facts = parseMysqlGreeting(packet);
          if (facts) expect(MYSQL_FACTS.safeParse(facts).error).toBeUndefined();
        }
      }),
    );
  });
});
