import type KeyvRedis from '@keyv/redis';
import type { Backend } from './databaseAdapter.ts';
import type { ConnectionOptions, ServerConnection } from './databaseConnection.ts';
import { encodeNamespace, ignore, within } from './databaseConnection.ts';

/** A silent connection is pinged this often, so that a dead one is noticed before somebody needs it. */
const PING_INTERVAL_MS = 10_000;
/** Commands that may wait for the server at one time; more are refused at once. */
const MAX_WAITING_COMMANDS = 1000;
const CLEAR_BATCH_KEYS = 500;
const MAX_RECONNECT_DELAY_MS = 2000;

/**
 * Connects to Redis (6 or later: SCAN with TYPE) through @keyv/redis, one adapter for each namespace on one client.
 * Sharing it is safe: only plain commands and MULTI blocks are sent, which the client writes in one piece.
 *
 * While the server is away commands reject at once instead of queueing, and the client keeps trying to come back.
 * A command that gets no answer rejects after `commandTimeoutMs`; whether it was carried out is then unknown.
 */
export async function openRedis(url: string, options: ConnectionOptions): Promise<ServerConnection> {
  const { default: Adapter, createClient } = await import('@keyv/redis');
  let wasReady = false;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_WAITING_COMMANDS,
    pingInterval: PING_INTERVAL_MS,
    socket: {
      connectTimeout: options.connectTimeoutMs,
      socketTimeout: PING_INTERVAL_MS + options.commandTimeoutMs,
      reconnectStrategy: (attempts: number, cause: Error) =>
        wasReady ? Math.min(100 * 2 ** Math.min(attempts, 10), MAX_RECONNECT_DELAY_MS) : cause,
    },
  });
  // Every adapter adds a listener of its own.
  client.setMaxListeners(0);
  client.on('error', (error: Error) => options.onError(error));
  client.on('ready', () => {
    wasReady = true;
  });
  try {
    await within(options.connectTimeoutMs, 'the connection', client.connect());
  } catch (error) {
    if (client.isOpen) client.destroy();
    throw error;
  }

  const adapters = new Map<string, KeyvRedis<string>>();
  const adapterFor = (namespace: string): KeyvRedis<string> => {
    let adapter = adapters.get(namespace);
    if (adapter === undefined) {
      adapter = new Adapter<string>(client, {
        namespace: `harbormaster:${encodeNamespace(namespace)}`,
        throwOnErrors: true,
        throwOnConnectError: true,
      });
      // It emits what it also throws.
      adapter.on('error', ignore);
      adapters.set(namespace, adapter);
    }
    return adapter;
  };
  return {
    backend: createRedisBackend(adapterFor, options.commandTimeoutMs),
    ping: async () => {
      await within(options.commandTimeoutMs, 'PING', client.ping());
    },
    close: async () => {
      // Answers come in order, so this one means that nothing is under way. The client's own close() would wait for ever.
      await within(options.commandTimeoutMs, 'PING', client.ping()).catch(ignore);
      if (client.isOpen) client.destroy();
    },
  };
}

function createRedisBackend(adapterFor: (namespace: string) => KeyvRedis<string>, timeoutMs: number): Backend {
  const answer = <T>(command: Promise<T>): Promise<T> => within(timeoutMs, 'a command', command);
  const entries: Backend['entries'] = async function* (namespace) {
    // SCAN may give a key twice (https://redis.io/docs/latest/commands/scan/#scan-guarantees).
    const seen = new Set<string>();
    const pages = adapterFor(namespace).iterator<string>(`harbormaster:${encodeNamespace(namespace)}`);
    for (;;) {
      const next = await answer(pages.next());
      if (next.done === true) return;
      const [key, value] = next.value;
      // Undefined: it went away between SCAN and MGET.
      if (value === undefined || seen.has(key)) continue;
      seen.add(key);
      yield [key, value];
    }
  };
  return {
    dialect: 'redis',
    read: async (namespace, keys) => answer(adapterFor(namespace).getMany<string>([...keys])),
    write: async (namespace, records) =>
      answer(
        adapterFor(namespace).setMany(
          records.map(({ key, value, ttlMs }) => ({
            key,
            value,
            // PX takes whole milliseconds, and none that end past the last moment Redis can hold.
            ...(ttlMs === undefined || ttlMs > Number.MAX_SAFE_INTEGER / 2 ? {} : { ttl: Math.ceil(ttlMs) }),
          })),
        ),
      ),
    remove: async (namespace, keys) => answer(adapterFor(namespace).deleteMany([...keys])),
    // Not the adapter's own clear(): it swallows every error.
    removeAll: async (namespace) => {
      let batch: string[] = [];
      for await (const [key] of entries(namespace)) {
        if (batch.push(key) < CLEAR_BATCH_KEYS) continue;
        await answer(adapterFor(namespace).deleteMany(batch));
        batch = [];
      }
      if (batch.length > 0) await answer(adapterFor(namespace).deleteMany(batch));
    },
    entries,
  };
}
