import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import { Keyv } from 'keyv';
import * as vitest from 'vitest';
import { afterAll, beforeAll, describe } from 'vitest';
import { createStoreAdapter } from '../../src/storage/databaseAdapter.ts';
import type { ServerConnection } from '../../src/storage/databaseConnection.ts';
import { ignore } from '../../src/storage/databaseConnection.ts';
import { openPostgres } from '../../src/storage/databasePostgres.ts';
import { openRedis } from '../../src/storage/databaseRedis.ts';
import type { SqliteConnection } from '../../src/storage/sqliteStore.ts';
import { openSqlite, openSqliteInMemory } from '../../src/storage/sqliteStore.ts';
import { postgresMissing, startPostgres } from '../helpers/postgresServer.ts';
import { redisMissing, startRedis } from '../helpers/redisServer.ts';

/** The suite makes its own Keyv on each store; Keyv's own key prefix is on in it. */
function runContract(store: () => unknown): void {
  keyvTestSuite(vitest, Keyv, store);
  keyvIteratorTests(vitest, Keyv, store);
}

/**
 * The suite against Keyv's own reference. "value can be BigInt" writes to `store().opts`, which a bare Map does not
 * have: the suite's own slip, and the one test of it that a bare Map fails. So the Map gets an `opts`.
 */
describe('a plain Map', () => {
  runContract(() => Object.assign(new Map(), { opts: {} }));
});

describe('memory://', () => {
  const connection = openSqliteInMemory();
  afterAll(() => connection.close());
  runContract(() => createStoreAdapter(connection));
});

describe('sqlite://', () => {
  const folder = mkdtempSync(join(tmpdir(), 'harbormaster-contract-'));
  let connection: SqliteConnection;
  beforeAll(() => {
    connection = openSqlite(join(folder, 'contract.sqlite'));
  });
  afterAll(() => {
    connection.close();
    rmSync(folder, { recursive: true });
  });
  runContract(() => createStoreAdapter(connection));
});

const options = { connectTimeoutMs: 5000, commandTimeoutMs: 5000, onError: ignore };

describe.skipIf(redisMissing)(`redis:// ${redisMissing ?? ''}`, () => {
  runServerContract(async () => {
    const server = await startRedis('contract-password');
    return { connection: await openRedis(server.url, options), remove: server.remove };
  });
});

describe.skipIf(postgresMissing)(`postgres:// ${postgresMissing ?? ''}`, () => {
  runServerContract(async () => {
    const server = await startPostgres('contract-password');
    return { connection: await openPostgres(server.url, options), remove: server.remove };
  });
});

function runServerContract(start: () => Promise<{ connection: ServerConnection; remove: () => Promise<void> }>): void {
  let running: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    running = await start();
  });
  afterAll(async () => {
    await running.connection.close();
    await running.remove();
  });
  runContract(() => createStoreAdapter(running.connection.backend));
}
