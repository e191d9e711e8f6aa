import { Keyv } from 'keyv';
import type { Backend } from './databaseAdapter.ts';
import { createStoreAdapter } from './databaseAdapter.ts';
import type { ConnectionOptions, ServerConnection } from './databaseConnection.ts';
import { ignore } from './databaseConnection.ts';
import type { DatabaseTarget } from './databaseUrl.ts';
import { parseDatabaseUrl, redactUrl, secretsInUrl } from './databaseUrl.ts';

export type { DatabaseTarget, ParsedDatabaseUrl } from './databaseUrl.ts';
export { parseDatabaseUrl, redactUrl } from './databaseUrl.ts';

/** An open database. */
export interface Database {
  /**
   * The Keyv of a namespace (1 to 64 characters), the same object each time. Values are JSON. Every operation rejects
   * when it fails: undefined means that nothing is stored, never that nothing could be read.
   */
  store(namespace: string): Keyv;
  /** Rejects, within seconds, when the database cannot be read. */
  ping(): Promise<void>;
  /** Idempotent. Afterwards every operation of every store rejects. */
  close(): Promise<void>;
}

const DEFAULT_OPTIONS: ConnectionOptions = { connectTimeoutMs: 5000, commandTimeoutMs: 5000, onError: ignore };
const MAX_NAMESPACE_LENGTH = 64;

/**
 * Opens what the URL names (see {@link parseDatabaseUrl}) and checks that it answers. Rejects with an `Error` whose
 * text is fit for the operator: which database, what is wrong, no password.
 */
export async function openDatabase(url: string, options: Partial<ConnectionOptions> = {}): Promise<Database> {
  const parsed = parseDatabaseUrl(url);
  if (!parsed.ok) throw new Error(`the database URL cannot be used: ${parsed.problem}`);
  const connection = await connect(parsed.target, { ...DEFAULT_OPTIONS, ...options });
  const stores = new Map<string, Keyv>();
  let closing: Promise<void> | undefined;
  return {
    store(namespace) {
      if (closing !== undefined) throw new Error('the database is closed');
      const known = stores.get(namespace);
      if (known !== undefined) return known;
      const store = createStore(namespace, connection.backend, () => closing !== undefined);
      stores.set(namespace, store);
      return store;
    },
    async ping() {
      if (closing !== undefined) throw new Error('the database is closed');
      await connection.ping();
    },
    close() {
      closing ??= connection.close();
      return closing;
    },
  };
}

/**
 * Keyv 5.6 answers undefined for a failed read unless told to throw. Its own key prefix stays off: it leaves out the
 * prefix of a key that happens to begin with it, so that two keys become one; the backend keeps namespaces apart.
 */
function createStore(namespace: string, backend: Backend, isClosed: () => boolean): Keyv {
  if (namespace.length < 1 || namespace.length > MAX_NAMESPACE_LENGTH || !namespace.isWellFormed()) {
    throw new RangeError(`a namespace must have 1 to ${MAX_NAMESPACE_LENGTH} well-formed characters`);
  }
  const store = createStoreAdapter(backend, isClosed);
  const keyv = new Keyv({ store, namespace, useKeyPrefix: false, throwOnErrors: true });
  // What is emitted here has rejected the operation as well.
  keyv.on('error', ignore);
  return keyv;
}

/** The drivers are loaded only when they are asked for. */
async function connect(target: DatabaseTarget, options: ConnectionOptions): Promise<ServerConnection> {
  if (target.kind === 'memory' || target.kind === 'sqlite') {
    const { openSqlite, openSqliteInMemory } = await import('./sqliteStore.ts');
    const sqlite = target.kind === 'memory' ? openSqliteInMemory() : openSqlite(target.path);
    return { backend: sqlite, ping: async () => sqlite.ping(), close: async () => sqlite.close() };
  }
  try {
    if (target.kind === 'redis') return await (await import('./databaseRedis.ts')).openRedis(target.url, options);
    return await (await import('./databasePostgres.ts')).openPostgres(target.url, options);
  } catch (error) {
    // Without the cause: a driver's error may carry the whole URL.
    throw new Error(
      `cannot connect to the database ${redactUrl(target.url)}: ${describe(error, target.url)}. ` +
        'Check DATABASE_URL, and that the server runs and can be reached from here.',
    );
  }
}

/** The driver's words without a password. Node gives one error for each address tried, and then no message of its own. */
function describe(error: unknown, url: string): string {
  const errors = error instanceof AggregateError ? error.errors : [error];
  let text = errors.map((each: unknown) => (each instanceof Error ? each.message : String(each))).join('; ');
  for (const secret of secretsInUrl(url)) text = text.replaceAll(secret, '***');
  return text;
}
