import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram, freePort, waitForPort } from './redisProcess.ts';

/** Debian keeps each version's programs in a folder of its own, outside PATH. */
const DEBIAN_ROOT = '/usr/lib/postgresql';
const debianFolders = existsSync(DEBIAN_ROOT)
  ? readdirSync(DEBIAN_ROOT).map((version) => join(DEBIAN_ROOT, version, 'bin'))
  : [];
const initdb = findProgram('initdb', debianFolders);
const postgres = findProgram('postgres', debianFolders);
const account = findAccount();

/** For `describe.skipIf`: what is missing, or undefined when a PostgreSQL server can be started. */
export const postgresMissing: string | undefined =
  initdb === undefined || postgres === undefined
    ? 'PostgreSQL is not installed'
    : account === undefined
      ? 'PostgreSQL refuses to run as root and there is no user postgres'
      : undefined;

export interface TestPostgres {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Every process of the server stops answering, with its sockets open. */
  freeze(): void;
  thaw(): void;
  remove(): Promise<void>;
}

/** A real PostgreSQL on a free port of 127.0.0.1 in a folder of its own; user `harbormaster` with the password. */
export async function startPostgres(password: string): Promise<TestPostgres> {
  if (initdb === undefined || postgres === undefined || account === undefined) throw new Error(postgresMissing);
  const folder = mkdtempSync(join(tmpdir(), 'harbormaster-postgres-'));
  const passwordFile = join(folder, 'password');
  const data = join(folder, 'data');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    for (const file of [folder, passwordFile]) chownSync(file, account.uid, account.gid);
  }
  const options = { ...account, cwd: folder, stdio: 'ignore' } as const;
  const authentication = ['--auth=scram-sha-256', '-U', 'harbormaster', `--pwfile=${passwordFile}`];
  execFileSync(initdb, ['-D', data, '--no-sync', '-E', 'UTF8', '--locale=C', ...authentication], options);

  const port = await freePort();
  const url = `postgres://harbormaster:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'shared_buffers=16MB'];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  let child: ReturnType<typeof spawn> | undefined;
  const signalAll = (signal: NodeJS.Signals): void => {
    for (const pid of child?.pid === undefined ? [] : [child.pid, ...childrenOf(child.pid)]) {
      try {
        process.kill(pid, signal);
      } catch {
        // A worker may end between listing and signalling.
      }
    }
  };

  const server: TestPostgres = {
    port,
    url,
    async start() {
      child = spawn(postgres, args, options);
      await waitForPort(port, child);
      // It listens a little before it lets anybody in.
      await delay(300);
    },
    async stop() {
      const running = child;
      if (running === undefined || running.exitCode !== null) return;
      const exited = once(running, 'exit');
      signalAll('SIGCONT');
      // SIGQUIT: at once, without waiting for clients.
      running.kill('SIGQUIT');
      await exited;
      child = undefined;
    },
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async remove() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** The user to run as: ourselves, or `postgres` when we are root. Undefined when there is none. */
function findAccount(): { uid?: number; gid?: number } | undefined {
  if (process.getuid?.() !== 0) return {};
  const entry = readFileSync('/etc/passwd', 'utf8').match(/^postgres:[^:]*:(\d+):(\d+):/m);
  return entry === null ? undefined : { uid: Number(entry[1]), gid: Number(entry[2]) };
}

/** The server's own processes, which are all direct children of the one started (Linux; none elsewhere). */
function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
}
