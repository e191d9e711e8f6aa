import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The program under test. */
export const CLI = join(import.meta.dirname, '../../../src/engine/cli.ts');
/** Where there is no resolver, a name that does not exist should not take resolv.conf(5)'s ten seconds. */
const ENVIRONMENT = { ...process.env, RES_OPTIONS: 'timeout:1 attempts:1' };

export type Running = ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> };

/** Starts a program with its output in pipes. */
export function launch(command: string, args: readonly string[]): Running {
  return spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT });
}

/** Starts the command line. */
export function start(args: readonly string[]): Running {
  return launch(process.execPath, [CLI, ...args]);
}

/** How a process ended, and everything it wrote. */
export async function outcome(child: ChildProcess) {
  const [[code, signal], stdout, stderr] = await Promise.all([
    once(child, 'exit'),
    child.stdout === null ? '' : text(child.stdout),
    child.stderr === null ? '' : text(child.stderr),
  ]);
  return { code, signal, stdout, stderr };
}

/** Runs the command line to its end. */
export function run(...args: string[]) {
  return outcome(start(args));
}
