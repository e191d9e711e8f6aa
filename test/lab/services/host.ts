import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Account, server } from './programs.ts';
import type { Place } from './service.ts';

const START_LIMIT_MS = 20_000;
/** From the polite signal to SIGKILL. */
const STOP_LIMIT_MS = 2_000;
const SETUP_LIMIT_MS = 20_000;
const MAX_WORDS = 2_000;

export interface RunOptions {
  readonly account?: Account | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** What ends it at once, without waiting for clients. */
  readonly stopSignal?: NodeJS.Signals;
  /** It has started when all of these take connections. */
  readonly places: readonly Place[];
}

/** Where one service runs: its folders, its places, its processes. */
export interface Host {
  /** Of a case, by its name. */
  placeOf(name: string): Place;
  /** `address:port` of a case. */
  endpointOf(name: string): string;
  /** A new folder that belongs to the account. */
  folder(account?: Account): string;
  /** Writes a file into a folder of this host; its path. */
  file(folder: string, name: string, text: string | Uint8Array, account?: Account): string;
  /** Runs a program to its end. Rejects with its words when it fails. */
  setUp(program: string, args: readonly string[], account?: Account): Promise<void>;
  /** Starts a server in the foreground and waits for its places. */
  run(program: string, args: readonly string[], options: RunOptions): Promise<void>;
  /** Ends every process and removes every folder; idempotent. */
  close(): Promise<void>;
}

const execute = promisify(execFile);

/** What must not outlive this process, however it ends. */
const leftovers = { groups: new Set<number>(), folders: new Set<string>() };
process.on('exit', () => {
  for (const group of leftovers.groups) signalGroup(group, 'SIGKILL');
  for (const folder of leftovers.folders) removeFolder(folder);
});
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => process.exit(status));
}

/** The server with all that it has started. */
function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Never throws. A process that is just ending may still write. */
function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch {
    process.stderr.write(`could not remove ${folder}\n`);
  }
}

/** A host whose cases listen at these places. */
export function createHost(places: ReadonlyMap<string, Place>): Host {
  const children: { child: ChildProcess; stopSignal: NodeJS.Signals }[] = [];
  const folders: string[] = [];

  function placeOf(name: string): Place {
    const place = places.get(name);
    if (!place) throw new Error(`no place for ${name}`);
    return place;
  }

  function folder(account: Account = {}): string {
    const made = mkdtempSync(join(tmpdir(), 'harbormaster-service-'));
    folders.push(made);
    leftovers.folders.add(made);
    chmodSync(made, 0o755);
    own(made, account);
    return made;
  }

  async function run(program: string, args: readonly string[], options: RunOptions): Promise<void> {
    const { account = {}, env = {}, stopSignal = 'SIGTERM' } = options;
    const child = spawn(server(program), args, {
      ...account,
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', ...env },
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    children.push({ child, stopSignal });
    let words = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        words = (words + chunk.toString()).slice(-MAX_WORDS);
      });
    }
    await once(child, 'spawn');
    if (child.pid !== undefined) leftovers.groups.add(child.pid);
    for (const place of options.places) {
      await listening(place, child).catch((error: unknown) => {
        throw new Error(`${program}: ${String(error)}\n${words}`);
      });
    }
  }

  async function close(): Promise<void> {
    await Promise.all(children.splice(0).map(({ child, stopSignal }) => end(child, stopSignal)));
    for (const made of folders.splice(0)) {
      removeFolder(made);
      leftovers.folders.delete(made);
    }
  }

  return {
    placeOf,
    endpointOf: (name) => endpoint(placeOf(name)),
    folder,
    file(place, name, text, account = {}) {
      const path = join(place, name);
      writeFileSync(path, text, { mode: 0o600 });
      own(path, account);
      return path;
    },
    async setUp(program, args, account = {}) {
      await execute(server(program), args, { ...account, cwd: tmpdir(), timeout: SETUP_LIMIT_MS });
    },
    run,
    close,
  };
}

export const endpoint = ({ address, port }: Place): string => `${address}:${port}`;

function own(path: string, { uid, gid }: Account): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

async function end(child: ChildProcess, stopSignal: NodeJS.Signals): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill(stopSignal);
    const limit = new AbortController();
    await Promise.race([exited, delay(STOP_LIMIT_MS, undefined, { signal: limit.signal }).catch(() => undefined)]);
    limit.abort();
    // Children too, also those that the server has left behind.
    signalGroup(pid, 'SIGKILL');
    await exited;
  }
  signalGroup(pid, 'SIGKILL');
  leftovers.groups.delete(pid);
}

async function listening(place: Place, child: ChildProcess): Promise<void> {
  for (const endMs = Date.now() + START_LIMIT_MS; Date.now() < endMs; await delay(20)) {
    if (child.exitCode !== null) throw new Error(`ended with status ${child.exitCode}`);
    if (child.signalCode !== null) throw new Error(`ended by ${child.signalCode}`);
    if (await accepts(place)) return;
  }
  throw new Error(`did not listen on ${endpoint(place)} within ${START_LIMIT_MS} ms`);
}

function accepts({ address, port }: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: address });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
