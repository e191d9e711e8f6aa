import { createRequire } from 'node:module';
import type { Backend } from './databaseAdapter.ts';
import type { ConnectionOptions, ServerConnection } from './databaseConnection.ts';
import { encodeNamespace, ignore } from './databaseConnection.ts';

const SCHEMA = 'public';
const TABLE = 'harbormaster';
/** The encoded namespace and its `:` share the column with the key; each of its units may take six characters. */
const KEY_COLUMN_LENGTH = 1024;
const MAX_CONNECTIONS = 5;
const PAGE_ROWS = 100;

type Row = Record<string, unknown>;
type Query = (sql: string, values?: unknown[]) => Promise<Row[]>;

/** The part of `pg.Pool` used here (https://node-postgres.com/apis/pool). */
interface Pool {
  query(sql: string, values?: unknown[]): Promise<{ rows: Row[] }>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  end(): Promise<void>;
}
type PoolConstructor = new (config: Record<string, unknown>) => Pool;

/**
 * Connects to PostgreSQL through @keyv/postgres; all namespaces share one table and one pool.
 *
 * The adapter gets a pool of ours: its own is one per process, has no listener for lost idle connections (which would
 * end the process) and no time-outs. It is used for what it does exactly; clearing and iterating are done here, as its
 * clear() takes `_` and `%` in a namespace for wildcards and its iterator ends quietly when a page fails.
 */
export async function openPostgres(url: string, options: ConnectionOptions): Promise<ServerConnection> {
  const { default: KeyvPostgres } = await import('@keyv/postgres');
  const pool = createPool(url, options);
  const query: Query = async (sql, values) => (await pool.query(sql, values)).rows;
  try {
    await createTable(query);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const Adapter = class extends KeyvPostgres {
    override async connect(): Promise<Query> {
      return query;
    }
  };
  const adapter = new Adapter({ schema: SCHEMA, table: TABLE, keySize: KEY_COLUMN_LENGTH });
  adapter.on('error', ignore);
  return {
    backend: createPostgresBackend(adapter, query),
    ping: async () => {
      await query(`SELECT 1 FROM ${SCHEMA}.${TABLE} LIMIT 1`);
    },
    close: () => pool.end(),
  };
}

function createPool(url: string, options: ConnectionOptions): Pool {
  // pg is the adapter's dependency, so it is looked up from there.
  const here = createRequire(import.meta.url);
  const { Pool } = createRequire(here.resolve('@keyv/postgres'))('pg') as { Pool: PoolConstructor };
  const pool = new Pool({
    connectionString: url,
    application_name: 'harbormaster',
    max: MAX_CONNECTIONS,
    keepAlive: true,
    connectionTimeoutMillis: options.connectTimeoutMs,
    query_timeout: options.commandTimeoutMs,
    statement_timeout: options.commandTimeoutMs,
  });
  pool.on('error', options.onError);
  return pool;
}

/** Collation "C" compares bytewise and lets the key's index serve ranges. Needs no right to create when it exists. */
async function createTable(query: Query): Promise<void> {
  const [row] = await query('SELECT to_regclass($1) AS found', [`${SCHEMA}.${TABLE}`]);
  if (row?.found != null) return;
  const sql = `CREATE TABLE IF NOT EXISTS ${SCHEMA}.${TABLE}
    (key VARCHAR(${KEY_COLUMN_LENGTH}) COLLATE "C" PRIMARY KEY, value TEXT NOT NULL)`;
  await query(sql).catch((error: { code?: string }) => {
    // Two processes at once: the other one has made it.
    if (error.code !== '23505' && error.code !== '42P07') throw error;
  });
}

interface KeyValueAdapter {
  getMany(keys: string[]): Promise<unknown[]>;
  setMany(entries: Array<{ key: string; value: string }>): Promise<void>;
  deleteMany(keys: string[]): Promise<boolean>;
}

function createPostgresBackend(adapter: KeyValueAdapter, query: Query): Backend {
  const table = `${SCHEMA}.${TABLE}`;
  const prefix = (namespace: string): string => `${encodeNamespace(namespace)}:`;
  // ";" is the character after ":", so this is the first key past the namespace.
  const end = (namespace: string): string => `${encodeNamespace(namespace)};`;
  const full = (namespace: string, keys: readonly string[]): string[] => keys.map((key) => prefix(namespace) + key);
  return {
    dialect: 'postgres',
    async read(namespace, keys) {
      const values = await adapter.getMany(full(namespace, keys));
      return values.map((value) => (typeof value === 'string' && !hasExpired(value) ? value : undefined));
    },
    write: async (namespace, entries) =>
      adapter.setMany(entries.map(({ key, value }) => ({ key: prefix(namespace) + key, value }))),
    remove: async (namespace, keys) => adapter.deleteMany(full(namespace, keys)),
    async removeAll(namespace) {
      await query(`DELETE FROM ${table} WHERE key >= $1 AND key < $2`, [prefix(namespace), end(namespace)]);
    },
    async *entries(namespace) {
      const page = `SELECT key, value FROM ${table} WHERE key > $1 AND key < $2 ORDER BY key LIMIT ${PAGE_ROWS}`;
      for (let after = prefix(namespace); ; ) {
        const rows = (await query(page, [after, end(namespace)])) as Array<{ key: string; value: string }>;
        // Expired ones too: Keyv deletes them when it meets them, which is what keeps the table from growing.
        for (const { key, value } of rows) yield [key.slice(prefix(namespace).length), value];
        const last = rows.at(-1);
        if (last === undefined || rows.length < PAGE_ROWS) return;
        after = last.key;
      }
    },
  };
}

/** PostgreSQL knows no expiry; Keyv's JSON carries it. */
function hasExpired(value: string): boolean {
  const { expires } = JSON.parse(value) as { expires?: unknown };
  return typeof expires === 'number' && Date.now() > expires;
}
