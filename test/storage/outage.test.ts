import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/storage/database.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { postgresMissing, startPostgres } from '../helpers/postgresServer.ts';
import { collect, expectEveryOperationToReject } from '../helpers/redisAssertions.ts';
import { redisMissing, startRedis } from '../helpers/redisServer.ts';

const PASSWORD = 'canary:pass/w@rd';
const TIMEOUTS = { connectTimeoutMs: 700, commandTimeoutMs: 400 };
/** Both time-outs one after the other, and room for a busy machine. */
const SECONDS_MS = 4000;

const kinds = [
  { name: 'redis', missing: redisMissing, start: () => startRedis(PASSWORD) },
  { name: 'postgres', missing: postgresMissing, start: () => startPostgres(PASSWORD) },
];

describe.each(kinds)('$name', ({ name, missing, start }) => {
  describe.skipIf(missing)(missing ?? 'away', () => {
    let server: Awaited<ReturnType<typeof start>>;
    let database: Database | undefined;
    let background: Error[];
    const open = async (url = server.url): Promise<Database> => {
      background = [];
      database = await openDatabase(url, { ...TIMEOUTS, onError: (error) => background.push(error) });
      return database;
    };
    beforeAll(async () => {
      server = await start();
    });
    afterEach(async () => {
      await database?.close();
      database = undefined;
    });
    afterAll(() => server.remove());

    it('rejects every operation while the server is stopped, and comes back with it', async () => {
      const { store, ping } = await open();
      await store('1').set('key', 'value');
      await server.stop();
      await inSeconds(() => expectEveryOperationToReject(store('1')));
      await inSeconds(() => expect(ping()).rejects.toThrow());
      expect(background.length).toBeGreaterThan(0);
      await server.start();
      await expect.poll(() => ping().then(() => 'back', String), { timeout: 8000 }).toBe('back');
      await store('1').set('key', 'again');
      expect(await store('1').get('key')).toBe('again');
    });

    it('rejects within seconds while the server takes commands and answers none', async () => {
      const { store, ping, close } = await open();
      await store('1').set('key', 'value');
      server.freeze();
      try {
        await inSeconds(() => expectEveryOperationToReject(store('1')));
        await inSeconds(() => expect(ping()).rejects.toThrow());
        await inSeconds(() => close());
      } finally {
        server.thaw();
      }
    });

    it('goes on after a pause', async () => {
      const { store, ping } = await open();
      await store('1').set('key', 'value');
      server.freeze();
      await expect(store('1').get('key')).rejects.toThrow();
      server.thaw();
      await expect.poll(() => ping().then(() => 'back', String), { timeout: 8000 }).toBe('back');
      expect(await store('1').get('key')).toBe('value');
    });

    if (name === 'postgres') {
      it('rejects every operation when the table was dropped', async () => {
        const { store, ping } = await open();
        await store('1').set('key', 'value');
        const { default: KeyvPostgres } = await import('@keyv/postgres');
        const admin = new KeyvPostgres({ uri: server.url, table: 'other' });
        await admin.query('DROP TABLE public.harbormaster');
        await admin.disconnect();
        await expectEveryOperationToReject(store('1'));
        await expect(ping()).rejects.toThrow('harbormaster');
      });
    }

    it('refuses a wrong password without telling any', async () => {
      const wrong = new URL(server.url);
      wrong.password = encodeURIComponent(`wrong-${PASSWORD}`);
      const message = await failure(() => open(wrong.href));
      expect(message).toContain(`:***@127.0.0.1:${server.port}`);
      expect(message).not.toContain('canary');
      expect(message).toMatch(/password/i);
    });

    it('refuses within seconds when nobody listens', async () => {
      await server.stop();
      try {
        const message = await inSeconds(() => failure(() => open()));
        expect(message).toContain('ECONNREFUSED');
        expect(message).toContain('***');
        expect(message).not.toContain('canary');
      } finally {
        await server.start();
      }
    });
  });

  it('refuses within seconds when something listens and never speaks', async () => {
    const sockets: Socket[] = [];
    const listener = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as { port: number };
    const message = await inSeconds(() =>
      failure(() => openDatabase(`${name}://u:canary@127.0.0.1:${port}`, TIMEOUTS)),
    );
    expect(message).toContain(`${name}://u:***@127.0.0.1:${port}`);
    expect(message).not.toContain('canary');
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
});

describe.skipIf(redisMissing)(`redis limits ${redisMissing ?? ''}`, () => {
  it('rejects writes to a full server and keeps what is there', async () => {
    const server = await startRedis(PASSWORD);
    const database = await openDatabase(server.url, TIMEOUTS);
    try {
      const store = database.store('1');
      await store.set('key', 'value');
      const { createClient } = await import('@keyv/redis');
      const admin = await createClient({ url: server.url }).connect();
      await admin.configSet('maxmemory', '1');
      await admin.close();
      await expect(store.set('key', 'new')).rejects.toThrow();
      await expect(store.setMany([{ key: 'other', value: 1 }])).rejects.toThrow();
      expect(await collect(store)).toEqual(new Map([['key', 'value']]));
    } finally {
      await database.close();
      await server.remove();
    }
  });
});

/** Runs the work, which must end before it feels like hanging. */
async function inSeconds<T>(work: () => Promise<T>): Promise<T> {
  const late = delay(SECONDS_MS, 'late' as const, { ref: false });
  const outcome = await Promise.race([work().then((value) => ({ value })), late]);
  if (outcome === 'late') throw new Error(`it took longer than ${SECONDS_MS} ms`);
  return outcome.value;
}

async function failure(work: () => Promise<unknown>): Promise<string> {
  return work().then(
    () => {
      throw new Error('it opened');
    },
    (error: Error) => `${error.message} ${JSON.stringify(error)} ${String(error.cause)}`,
  );
}
