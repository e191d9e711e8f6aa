import type { KeyvStoreAdapter, StoredData } from 'keyv';

/** One record to write: the text to keep, and for how many milliseconds (undefined: until it is deleted). */
export interface BackendEntry {
  readonly key: string;
  readonly value: string;
  readonly ttlMs: number | undefined;
}

/**
 * What a database must do for us. Every function takes the namespace first and touches no other; every failure
 * rejects, and never shows as "nothing there".
 */
export interface Backend {
  readonly dialect: 'sqlite' | 'redis' | 'postgres';
  /** The values in the order of the keys; undefined where there is none, or where it has expired. */
  read(namespace: string, keys: readonly string[]): Promise<Array<string | undefined>>;
  /** Writes all entries or none. Keys are distinct. */
  write(namespace: string, entries: readonly BackendEntry[]): Promise<void>;
  /** True when at least one of the keys was there. */
  remove(namespace: string, keys: readonly string[]): Promise<boolean>;
  removeAll(namespace: string): Promise<void>;
  /** Every live record once, also while others are deleted. */
  entries(namespace: string): AsyncGenerator<[key: string, value: string], void>;
}

/** Longest key in UTF-16 units: what the narrowest backend (PostgreSQL's key column) holds. */
export const MAX_KEY_LENGTH = 512;

/**
 * A Keyv 5.6 storage adapter on a backend. Keyv assigns `namespace` when it takes the adapter, so one adapter belongs
 * to one Keyv. Bad keys and ttls reject here, the same for every backend:
 * - a key is 1 to 512 characters of well-formed Unicode (a lone surrogate would be stored as U+FFFD and so collide);
 * - a ttl is a finite number; a negative one is a record that has already expired, so it removes.
 *
 * `disconnect` closes this adapter only; the connection below is shared and belongs to whoever opened it.
 */
export function createStoreAdapter(backend: Backend, isClosed: () => boolean = () => false): KeyvStoreAdapter {
  let disconnected = false;
  const checkOpen = (): void => {
    if (disconnected || isClosed()) throw new Error('the database is closed');
  };
  const checkKeys = (keys: readonly string[]): void => {
    checkOpen();
    for (const key of keys) checkKey(key);
  };
  const write = async (entries: ReadonlyArray<{ key: string; value: unknown; ttl?: number }>): Promise<void> => {
    checkKeys(entries.map(({ key }) => key));
    const last = new Map(entries.map(({ key, value, ttl }) => [key, checkEntry(key, value, ttl)]));
    const expired = [...last.values()].filter(({ ttlMs }) => ttlMs !== undefined && ttlMs <= 0);
    const live = [...last.values()].filter(({ ttlMs }) => ttlMs === undefined || ttlMs > 0);
    if (live.length > 0) await backend.write(namespaceOf(adapter), live);
    if (expired.length > 0)
      await backend.remove(
        namespaceOf(adapter),
        expired.map(({ key }) => key),
      );
  };
  const read = async (keys: readonly string[]): Promise<Array<string | undefined>> => {
    checkKeys(keys);
    return keys.length === 0 ? [] : backend.read(namespaceOf(adapter), keys);
  };
  const remove = async (keys: readonly string[]): Promise<boolean> => {
    checkKeys(keys);
    return keys.length > 0 && backend.remove(namespaceOf(adapter), keys);
  };

  const adapter: KeyvStoreAdapter = {
    opts: { dialect: backend.dialect },
    namespace: undefined,
    get: async <Value>(key: string) => (await read([key]))[0] as StoredData<Value>,
    getMany: async <Value>(keys: string[]) => (await read(keys)) as Array<StoredData<Value | undefined>>,
    has: async (key: string) => (await read([key]))[0] !== undefined,
    hasMany: async (keys: string[]) => (await read(keys)).map((value) => value !== undefined),
    async set(key: string, value: unknown, ttl?: number) {
      await write([{ key, value, ...(ttl === undefined ? {} : { ttl }) }]);
      return true;
    },
    // Keyv declares void here and yet hands the answer on as the boolean[] of its own setMany.
    setMany: (async (entries: Array<{ key: string; value: unknown; ttl?: number }>) => {
      await write(entries);
      return entries.map(() => true);
    }) as unknown as (entries: Array<{ key: string; value: unknown; ttl?: number }>) => Promise<void>,
    delete: (key: string) => remove([key]),
    deleteMany: (keys: string[]) => remove(keys),
    async clear() {
      checkOpen();
      await backend.removeAll(namespaceOf(adapter));
    },
    async *iterator<Value>(): AsyncGenerator<Array<string | Awaited<Value> | undefined>, void> {
      checkOpen();
      yield* backend.entries(namespaceOf(adapter));
    },
    async disconnect() {
      disconnected = true;
    },
    // Nothing is emitted: every failure rejects the call that met it.
    on: () => adapter,
  };
  return adapter;
}

function namespaceOf(adapter: KeyvStoreAdapter): string {
  return adapter.namespace ?? '';
}

function checkKey(key: string): void {
  if (key.length === 0 || key.length > MAX_KEY_LENGTH) {
    throw new RangeError(`a key must have 1 to ${MAX_KEY_LENGTH} characters, this has ${key.length}`);
  }
  if (!key.isWellFormed() || key.includes('\0')) {
    throw new RangeError('a key must be well-formed Unicode without NUL');
  }
}

function checkEntry(key: string, value: unknown, ttlMs: number | undefined): BackendEntry {
  if (typeof value !== 'string') throw new TypeError('a value must be serialised to a string before it is stored');
  if (ttlMs !== undefined && !Number.isFinite(ttlMs)) throw new RangeError('a ttl must be a finite number');
  return { key, value, ttlMs };
}
