import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import type { Backend, BackendEntry } from './databaseAdapter.ts';
import { openSqliteFile, openSqliteMemory } from './sqliteFile.ts';

/** An open SQLite database: the backend for Keyv adapters, and what its owner may do with the connection. */
export interface SqliteConnection extends Backend {
  /** Throws when the connection is closed or the table is gone. */
  ping(): void;
  /** Idempotent. Later calls on the backend reject. */
  close(): void;
}

/** Rows an iterator takes at a time: a page is in memory, the rest is not, and no read lock is held between pages. */
const PAGE_ROWS = 100;
/** Expired rows that each written entry may remove: more than the one it adds, so they never pile up. */
const PURGE_PER_ENTRY = 2;

/**
 * Opens the SQLite file at `path`, or makes it (the folder 0700, the file 0600). Throws an `Error` for the operator,
 * naming the path and what to do, when the file is anything else than a healthy database of ours.
 */
export function openSqlite(path: string, now: () => number = () => Date.now()): SqliteConnection {
  return createConnection(openSqliteFile(path), now);
}

/** The same store without a file: gone when the connection closes. */
export function openSqliteInMemory(now: () => number = () => Date.now()): SqliteConnection {
  return createConnection(openSqliteMemory(), now);
}

/** A backend on an open database that has our schema. Every function is one statement or one transaction. */
export function createConnection(database: DatabaseSync, now: () => number): SqliteConnection {
  const statements = prepareStatements(database);
  const { select, upsert, purge, removeOne, removeAll, page } = statements;

  return {
    dialect: 'sqlite',
    async read(namespace, keys) {
      // SQLite answers at once, so that whoever reads thousands would let nobody else have a turn.
      if (keys.length >= PAGE_ROWS) await turn();
      const nowMs = now();
      return keys.map((key) => select.get(namespace, key, nowMs)?.value as string | undefined);
    },
    async write(namespace, entries) {
      const nowMs = now();
      transaction(database, () => {
        purge.run(nowMs, entries.length * PURGE_PER_ENTRY);
        for (const entry of entries) upsert.run(namespace, entry.key, entry.value, expiresAt(entry, nowMs));
      });
    },
    async remove(namespace, keys) {
      const nowMs = now();
      let removed = 0;
      transaction(database, () => {
        for (const key of keys) {
          if (select.get(namespace, key, nowMs) !== undefined) removed += 1;
          removeOne.run(namespace, key);
        }
      });
      return removed > 0;
    },
    async removeAll(namespace) {
      removeAll.run(namespace);
    },
    async *entries(namespace) {
      for (let after = ''; ; ) {
        const rows = page.all(namespace, after, now(), PAGE_ROWS) as Array<{ key: string; value: string }>;
        for (const row of rows) yield [row.key, row.value];
        const last = rows.at(-1);
        if (last === undefined || rows.length < PAGE_ROWS) return;
        after = last.key;
        await turn();
      }
    },
    ping() {
      statements.ping.get();
    },
    close() {
      if (database.isOpen) database.close();
    },
  };
}

/** Text compares bytewise (SQLite's BINARY collation), so namespaces and keys match exactly or not at all. */
function prepareStatements(database: DatabaseSync) {
  const live = '(expires_at_ms IS NULL OR expires_at_ms > ?)';
  return {
    select: database.prepare(`SELECT value FROM records WHERE namespace = ? AND key = ? AND ${live}`),
    upsert: database.prepare(
      `INSERT INTO records (namespace, key, value, expires_at_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (namespace, key) DO UPDATE SET value = excluded.value, expires_at_ms = excluded.expires_at_ms`,
    ),
    purge: database.prepare(
      'DELETE FROM records WHERE rowid IN (SELECT rowid FROM records WHERE expires_at_ms <= ? LIMIT ?)',
    ),
    removeOne: database.prepare('DELETE FROM records WHERE namespace = ? AND key = ?'),
    removeAll: database.prepare('DELETE FROM records WHERE namespace = ?'),
    page: database.prepare(
      `SELECT key, value FROM records WHERE namespace = ? AND key > ? AND ${live} ORDER BY key LIMIT ?`,
    ),
    ping: database.prepare('SELECT 1 FROM records LIMIT 1'),
  };
}

/** The moment an entry ends, in milliseconds since 1970; null when it never does or lies past what a number can say. */
function expiresAt(entry: BackendEntry, nowMs: number): SQLInputValue {
  if (entry.ttlMs === undefined) return null;
  const atMs = Math.ceil(nowMs + entry.ttlMs);
  return Number.isSafeInteger(atMs) ? atMs : null;
}

function transaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    // A full disk makes SQLite roll back by itself; a second ROLLBACK would hide the first error.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
