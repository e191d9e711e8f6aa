import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/storage/database.ts';
import { openSqliteFile } from '../../src/storage/sqliteFile.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'harbormaster-sqlite-'));
  file = join(folder, 'bot.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (path = file) => openDatabase(`sqlite://${path}`);

/** A healthy database with one record, closed, so that its bytes are all in the one file. */
async function makeDatabase(records = 1): Promise<void> {
  const database = await open();
  const store = database.store('test');
  await store.setMany(Array.from({ length: records }, (_, index) => ({ key: `key-${index}`, value: 'x'.repeat(200) })));
  await database.close();
}

async function refusal(path = file): Promise<string> {
  const error = await open(path).then(
    async (database) => {
      await database.close();
      return undefined;
    },
    (reason: Error) => reason,
  );
  expect(error, 'it opened').toBeInstanceOf(Error);
  expect(error?.message).toContain(path);
  return error?.message ?? '';
}

describe('a new file', () => {
  it('is made private, in a private folder, with durable settings', async () => {
    const path = join(folder, 'a', 'b', 'bot.sqlite');
    const database = await open(path);
    await database.store('test').set('key', 'value');
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'a', 'b')).mode & 0o777).toBe(0o700);
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(path + suffix).mode & 0o777, suffix).toBe(0o600);
    await database.close();
    const raw = new DatabaseSync(path);
    expect(raw.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    raw.close();
  });

  it('keeps its records over a restart', async () => {
    await makeDatabase();
    const database = await open();
    expect(await database.store('test').get('key-0')).toBe('x'.repeat(200));
    await database.close();
  });
});

describe('a file that must not be used', () => {
  it('is refused, and left as it was, when it is not a database', async () => {
    writeFileSync(file, 'host: example.com\n'.repeat(100));
    expect(await refusal()).toContain('not an SQLite database');
    expect(readFileSync(file, 'utf8')).toBe('host: example.com\n'.repeat(100));
  });

  it('is refused when it is empty: a truncated database is not a new one', async () => {
    await makeDatabase();
    truncateSync(file, 0);
    expect(await refusal()).toContain('empty');
    expect(statSync(file).size).toBe(0);
  });

  it('is refused when it is cut short', async () => {
    await makeDatabase(500);
    truncateSync(file, 8192);
    expect(await refusal()).toContain('damaged');
  });

  it('is refused when a page is overwritten', async () => {
    await makeDatabase(500);
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 3 * 4096, 8 * 4096);
    writeFileSync(file, bytes);
    expect(await refusal()).toContain('damaged');
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it('is refused when it belongs to another program', async () => {
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE records (a)');
    other.close();
    expect(await refusal()).toContain('another program');
  });

  it('is refused when a newer version wrote it', async () => {
    await makeDatabase();
    const raw = new DatabaseSync(file);
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    expect(await refusal()).toMatch(/newer Harbormaster \(schema 99/);
  });

  it('is refused when its table is gone', async () => {
    await makeDatabase();
    const raw = new DatabaseSync(file);
    raw.exec('DROP TABLE records');
    raw.close();
    expect(await refusal()).toContain('table is gone');
  });

  it('is refused when only its log is left', async () => {
    writeFileSync(`${file}-wal`, 'x');
    expect(await refusal()).toContain('missing');
    expect(existsSync(file)).toBe(false);
  });

  it('is refused when it is a folder, or lies below a file', async () => {
    mkdirSync(file);
    expect(await refusal()).toContain('not a file');
    writeFileSync(join(folder, 'plain'), '');
    expect(await refusal(join(folder, 'plain', 'bot.sqlite'))).toContain('not a folder');
  });

  it('is refused, after waiting, while another process holds it', async () => {
    await makeDatabase();
    const holder = new DatabaseSync(file);
    holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; PRAGMA user_version = 1;');
    const startMs = performance.now();
    expect(() => openSqliteFile(file, 300)).toThrow(/bot\.sqlite: another process/);
    expect(performance.now() - startMs).toBeGreaterThan(250);
    holder.close();
    const free = openSqliteFile(file);
    expect(free.prepare('PRAGMA busy_timeout').get()).toEqual({ timeout: 5000 });
    free.close();
  });

  it.runIf(process.getuid !== undefined)('is refused when it may not be written', async () => {
    await makeDatabase();
    chmodSync(folder, 0o755);
    chmodSync(file, 0o444);
    await asOrdinaryUser(async () => {
      expect(await refusal()).toMatch(/read-only|permission denied/);
      expect(await refusal(join(folder, 'new.sqlite'))).toContain('permission denied');
    });
    chmodSync(file, 0o000);
    await asOrdinaryUser(async () => {
      expect(await refusal()).toContain('the user who runs the bot');
    });
  });
});

it('holds the old or the new value when the process is killed while writing', async () => {
  const script = `
    const { openDatabase } = await import(${JSON.stringify(new URL('../../src/storage/database.ts', import.meta.url))});
    const database = await openDatabase(${JSON.stringify(`sqlite://${file}`)});
    const store = database.store('test');
    for (let n = 1; ; n++) {
      await store.set('key', { n, text: String(n).repeat(5000) });
      process.stdout.write(n + '\\n');
    }`;
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    while (output.split('\n').length < 20) await delay(5);
    child.kill('SIGKILL');
    await once(child, 'close');
    const confirmed = Number(output.trim().split('\n').at(-1));

    const database = await open();
    const value = await database.store('test').get<{ n: number; text: string }>('key');
    await database.close();
    expect(value?.n).toBeGreaterThanOrEqual(confirmed);
    expect(value?.text).toBe(String(value?.n).repeat(5000));
  }
});

/** Root may write everything, so drop to another user for a moment. */
async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}
