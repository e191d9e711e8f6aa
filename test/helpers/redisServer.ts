import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, freePort, waitForPort } from './redisProcess.ts';

const program = findProgram('redis-server', ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']);

/** For `describe.skipIf`: what is missing, or undefined when a Redis server can be started. */
export const redisMissing: string | undefined = program === undefined ? 'redis-server is not installed' : undefined;

export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** Kills the server; `start` brings an empty one back on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** The server keeps its sockets and answers nothing, as behind a dead network. */
  freeze(): void;
  thaw(): void;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

/** A real Redis on a free port of 127.0.0.1, without persistence, with a password for its default user. */
export async function startRedis(password: string): Promise<TestRedis> {
  if (program === undefined) throw new Error('redis-server is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'harbormaster-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  let child: ReturnType<typeof spawn> | undefined;

  const server: TestRedis = {
    port,
    url: `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    async start() {
      child = spawn(program, [...args, '--requirepass', password], { stdio: 'ignore' });
      await waitForPort(port, child);
    },
    async stop() {
      const running = child;
      child = undefined;
      if (running === undefined || running.exitCode !== null) return;
      const exited = once(running, 'exit');
      running.kill('SIGKILL');
      await exited;
    },
    freeze() {
      child?.kill('SIGSTOP');
    },
    thaw() {
      child?.kill('SIGCONT');
    },
    async remove() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}
