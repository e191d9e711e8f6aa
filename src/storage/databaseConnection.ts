import type { Backend } from './databaseAdapter.ts';

export interface ConnectionOptions {
  /** Longest time for opening a connection, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Longest time for one command, in milliseconds. */
  readonly commandTimeoutMs: number;
  /** Told of trouble that no call reports, such as a lost connection. Must not throw. */
  readonly onError: (error: Error) => void;
}

/** A connected database server. */
export interface ServerConnection {
  readonly backend: Backend;
  /** Rejects when the server does not answer in time. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** For an 'error' event whose error also rejects the call that met it. */
export function ignore(): void {}

/** The promise, or a rejection after `timeoutMs`. The work itself cannot be called back. */
export async function within<T>(timeoutMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A namespace in an alphabet without the separators and wildcards of LIKE and of Redis' MATCH: letters, digits and `-`
 * stay, any other UTF-16 unit becomes `.hex.`. Different namespaces stay different, and none is another's prefix once
 * a `:` follows.
 */
export function encodeNamespace(namespace: string): string {
  return namespace.replace(/[^A-Za-z0-9-]/g, (unit) => `.${unit.charCodeAt(0).toString(16)}.`);
}
