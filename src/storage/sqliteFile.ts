import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Goes up with every change of the tables; kept in the file's `PRAGMA user_version`. */
export const SCHEMA_VERSION = 1;
/** "HMdb", in the file's `PRAGMA application_id`: another program's database is told from ours. */
const APPLICATION_ID = 0x484d6462;
/** How long to wait for another process's lock before giving up. */
const BUSY_TIMEOUT_MS = 5000;

const CREATE_SCHEMA = `
  BEGIN IMMEDIATE;
  CREATE TABLE records (
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    expires_at_ms INTEGER,
    PRIMARY KEY (namespace, key)
  ) STRICT;
  CREATE INDEX records_by_expiry ON records (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
  COMMIT;`;

/** A database in memory with our schema. */
export function openSqliteMemory(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec(CREATE_SCHEMA);
  database.exec('PRAGMA temp_store = MEMORY');
  return database;
}

/**
 * Opens the file, checks it, and makes it when there is none. An existing file is never made anew: whatever is wrong
 * with it, the data may still be saved by someone. Waits `busyTimeoutMs` for another process's lock. Throws an `Error` that names the path and the way out.
 */
export function openSqliteFile(path: string, busyTimeoutMs = BUSY_TIMEOUT_MS): DatabaseSync {
  const file = resolve(path);
  let database: DatabaseSync | undefined;
  let isNew = false;
  try {
    isNew = claimFile(file);
    database = new DatabaseSync(file, { timeout: busyTimeoutMs });
    if (isNew) database.exec(CREATE_SCHEMA);
    else checkFile(database);
    // FULL: an answer "saved" survives a power cut (https://sqlite.org/pragma.html#pragma_synchronous).
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    return database;
  } catch (error) {
    if (database?.isOpen) database.close();
    // A start that failed half-way must not leave an empty file, which the next one would refuse.
    if (isNew) rmSync(file, { force: true });
    throw new Error(`cannot open the database ${file}: ${explain(error)}`, { cause: error });
  }
}

/** Makes the empty file with its rights before SQLite sees it. False when a file was there already. */
function claimFile(file: string): boolean {
  if (existsSync(file)) {
    const stats = statSync(file);
    if (!stats.isFile()) throw new Refusal('it is not a file. Name a file in DATABASE_URL.');
    if (stats.size === 0) {
      throw new Refusal(
        'the file is empty, which a database of ours never is. Restore it from a backup, or delete it to start anew.',
      );
    }
    return false;
  }
  if (existsSync(`${file}-wal`)) {
    throw new Refusal(
      'the file is missing, but its log (-wal) is there. Restore both from a backup, or delete the log.',
    );
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'wx', 0o600));
  return true;
}

function checkFile(database: DatabaseSync): void {
  const pragma = (name: string): unknown => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  if (pragma('application_id') !== APPLICATION_ID) {
    throw new Refusal('it is an SQLite database of another program. Name another file in DATABASE_URL.');
  }
  const version = Number(pragma('user_version'));
  if (version > SCHEMA_VERSION) {
    throw new Refusal(
      `it was written by a newer Harbormaster (schema ${version}, this one knows ${SCHEMA_VERSION}). ` +
        'Run that version, or restore a backup made before the upgrade.',
    );
  }
  const health = pragma('quick_check(1)');
  if (health !== 'ok') throw new Refusal(`it is damaged (${String(health)}). Restore it from a backup.`);
  const table = database.prepare('SELECT name FROM pragma_table_info(?) ORDER BY cid').all('records');
  if (table.map(({ name }) => name).join() !== 'namespace,key,value,expires_at_ms') {
    throw new Refusal('its table is gone or altered. Restore it from a backup.');
  }
  // Readable is not enough: find out now, not when an admin saves the first change.
  database.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${version}; COMMIT;`);
}

/** A finding of our own, already worded for the operator. */
class Refusal extends Error {}

/** SQLite's primary result codes (https://sqlite.org/rescode.html) in words for the operator. */
const SQLITE_ADVICE: Readonly<Record<number, string>> = {
  3: 'permission denied. Let the user who runs the bot read and write it and its folder.',
  5: 'another process has locked it. Stop that process: the bot must be the only one.',
  8: 'it is read-only. Let the user who runs the bot write to it and its folder.',
  10: 'the disk reported an error. Check the disk and the free space.',
  11: 'it is damaged. Restore it from a backup.',
  13: 'the disk is full. Free some space.',
  14: 'it cannot be opened. Let the user who runs the bot read and write it and its folder.',
  26: 'it is not an SQLite database. Name another file in DATABASE_URL, or restore it from a backup.',
};

const FILE_ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'permission denied. Let the user who runs the bot read and write it and its folder.',
  EPERM: 'permission denied. Let the user who runs the bot read and write it and its folder.',
  EROFS: 'the file system is read-only. Mount it writable, or name another place in DATABASE_URL.',
  ENOSPC: 'the disk is full. Free some space.',
  ENOTDIR: 'a part of the path is a file, not a folder. Name another place in DATABASE_URL.',
  EEXIST: 'another process made it at the same moment. Start only one bot on a file.',
};

function explain(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const { code, syscall, errcode, message } = error as NodeJS.ErrnoException & { errcode?: number };
  // mkdir says EEXIST where the last folder of the path is a file.
  const fileCode = code === 'EEXIST' && syscall === 'mkdir' ? 'ENOTDIR' : code;
  const advice = errcode === undefined ? FILE_ADVICE[fileCode ?? ''] : SQLITE_ADVICE[errcode & 0xff];
  return advice === undefined ? message : `${advice} (${message})`;
}
