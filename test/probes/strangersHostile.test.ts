import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { decodeBson, encodeBson } from '../../src/probes/bson.ts';
import { couchdbProbe } from '../../src/probes/couchdb.ts';
import { LinkError } from '../../src/probes/link.ts';
import { memcachedProbe } from '../../src/probes/memcached.ts';
import { mongodbProbe } from '../../src/probes/mongodb.ts';
import { mqttProbe } from '../../src/probes/mqtt.ts';
import { postgresqlProbe } from '../../src/probes/postgresql.ts';
import { backendMessages, errorFields } from '../../src/probes/postgresqlMessages.ts';
import type { ProbeContext } from '../../src/probes/probe.ts';
import { redisProbe } from '../../src/probes/redis.ts';
import { vncProbe } from '../../src/probes/vnc.ts';
import { x11Probe } from '../../src/probes/x11.ts';
import { zookeeperProbe } from '../../src/probes/zookeeper.ts';
import { contextFor, type Script, type Served, serve } from './serve.ts';

let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

/** One of the HTTP family stands for all: they share their way of asking. */
const PROBES = [
  redisProbe,
  memcachedProbe,
  zookeeperProbe,
  mqttProbe,
  mongodbProbe,
  postgresqlProbe,
  vncProbe,
  x11Probe,
  couchdbProbe,
];
const LIMITS = { timeoutMs: 250, maxBytes: 64 * 1_024 };

const every =
  (text: string, everyMs: number): Script =>
  (socket) => {
    const timer = setInterval(() => socket.writable && socket.write(text), everyMs);
    socket.on('close', () => clearInterval(timer));
  };

const HOSTILE: readonly (readonly [string, Script])[] = [
  ['silence', []],
  ['an immediate close', [{ close: 'end' }]],
  ['an immediate reset', [{ close: 'reset' }]],
  ['an endless banner', every('A'.repeat(4_096), 1)],
  ['endless zeros', every('\0'.repeat(4_096), 1)],
  ['a slow drip', every('+', 20)],
  ['an endless VERSION', every('VERSION ', 1)],
  ['garbage', [Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7_919) % 251))]],
  ['all ones', [Buffer.alloc(5_000, 0xff)]],
  ['an echo', (socket) => socket.pipe(socket)],
  ['another banner', ['SSH-2.0-OpenSSH_9.2\r\n']],
];

/** Facts, undefined, or a LinkError; nothing else, and in time. */
async function settle(run: (context: ProbeContext) => Promise<unknown>, port: number): Promise<unknown> {
  try {
    return await run(contextFor(port, { limits: LIMITS }));
  } catch (error) {
    expect(error).toBeInstanceOf(LinkError);
    return undefined;
  }
}

describe.each(HOSTILE)('%s', (_, script) => {
  test('is nobody, and costs no more than its time', async () => {
    const server = await serve(script);
    served = server;
    const started = performance.now();
    const results = await Promise.all(PROBES.map((probe) => settle(probe.run, server.port)));
    expect(results).toEqual(PROBES.map(() => undefined));
    // Twice: in the clear and over TLS.
    expect(performance.now() - started).toBeLessThan(2 * LIMITS.timeoutMs + 1_000);
  });
});

test('what they say is kept as visible text', async () => {
  const nasty = '\u202e@everyone\x1b[2J\0'.repeat(200);
  served = await serve([Buffer.from(`-NOAUTH ${nasty}\r\n-NOAUTH\r\n`), { close: 'end' }]);
  const facts = await redisProbe.run(contextFor(served.port, { limits: LIMITS }));
  expect(facts?.message?.length).toBeLessThanOrEqual(200);
  expect(facts?.message).not.toMatch(/\p{Cc}|\p{Cf}/u);
});

test('an abort ends each of them', async () => {
  const server = await serve([]);
  served = server;
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 50);
  const runs = PROBES.map((probe) =>
    probe.run(contextFor(server.port, { signal: abort.signal })).catch((error) => error),
  );
  expect((await Promise.all(runs)).map((error) => error?.failure)).toEqual(PROBES.map(() => 'aborted'));
});

describe('parsers take any bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array));

  test('BSON', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: -2, max: 700 }), (body, length) => {
        const document = Buffer.concat([Buffer.alloc(4), body]);
        document.writeInt32LE(length);
        expect(decodeBson(document)?.size ?? 0).toBeLessThanOrEqual(600);
      }),
    );
  });

  test('BSON comes back as it went', () => {
    const value = fc.oneof(fc.string(), fc.boolean(), fc.integer());
    const key = fc.stringMatching(/^[a-z$]{1,20}$/);
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 20 }), (fields) => {
        const wellFormed = fields.map(
          ([name, one]) => [name, typeof one === 'string' ? one.toWellFormed() : one] as const,
        );
        expect([...(decodeBson(encodeBson(Object.fromEntries(wellFormed))) ?? [])]).toEqual(
          Object.entries(Object.fromEntries(wellFormed)),
        );
      }),
    );
  });

  test('BSON that was damaged', () => {
    const sound = encodeBson({ ok: 1, version: '7.0', flag: true });
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(sound);
        damaged[at] = byte;
        expect(decodeBson(damaged)?.size ?? 0).toBeLessThanOrEqual(8);
      }),
    );
  });

  test("PostgreSQL's messages", () => {
    fc.assert(
      fc.property(bytes, (all) => {
        const { messages } = backendMessages(all);
        expect(messages.reduce((sum, { body }) => sum + body.length + 5, 0)).toBeLessThanOrEqual(all.length);
        expect(errorFields(all).size).toBeLessThanOrEqual(32);
      }),
    );
  });
});
