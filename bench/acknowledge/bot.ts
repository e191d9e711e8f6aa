import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts';
import { NODE_FLAGS } from '../../test/lab/engines.ts';
import type { Report } from './child.ts';

export type Kind = 'harbor' | 'bare';

/** A bot in a process of its own, logged in to a local Discord in this one. */
export interface Bot {
  readonly sandbox: Sandbox;
  readonly atStart: Report;
  ask(): Promise<Report>;
  stop(): Promise<void>;
}

const SCRIPTS: Readonly<Record<Kind, string>> = { harbor: 'harborBot.ts', bare: 'bareBot.ts' };
const PACKETS_PER_SECOND_TO_A_TARGET = 25;

async function hear(child: ChildProcess): Promise<Report> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the bot ended with exit code ${code}`);
  });
  const [report] = await Promise.race([once(child, 'message'), ended]);
  return report as Report;
}

export async function startBot(kind: Kind, options: SandboxOptions = {}): Promise<Bot> {
  const sandbox = await startSandbox(options);
  const child = fork(join(import.meta.dirname, SCRIPTS[kind]), {
    execArgv: [...NODE_FLAGS, '--expose-gc'],
    env: {
      PATH: process.env.PATH,
      ...(process.env.PROFILE ? { PROFILE: `${process.env.PROFILE}-${kind}.cpuprofile` } : {}),
      DISCORD_TOKEN: sandbox.token,
      DISCORD_API_URL: sandbox.apiUrl,
      DATABASE_URL: 'memory://',
      SCAN_PRIVATE_RANGES: '127.0.0.0/8',
      SCAN_PACKETS_PER_SECOND: String(PACKETS_PER_SECOND_TO_A_TARGET),
      LOG_LEVEL: 'info',
    },
    // Its log lines are made and written, as in earnest.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    sandbox,
    atStart: await hear(child),
    ask: async () => {
      child.send('report');
      return hear(child);
    },
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await sandbox.stop();
    },
  };
}
