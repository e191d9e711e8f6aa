import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface BotProcess {
  readonly child: ChildProcess;
  /** Everything printed so far, both streams. */
  output(): string;
  /** Resolves when the bot logged that it is ready; rejects when it ended instead. */
  ready(): Promise<void>;
  /** Exit status, or the signal's name. */
  ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts `node src/main.ts` with exactly this environment, in a directory without a .env file. */
export function startProcess(env: Record<string, string>, cwd: string): BotProcess {
  const child = spawn(process.execPath, [MAIN], {
    cwd,
    // Starting is most of what such a test waits for.
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(tmpdir(), 'harbormaster-compile-cache'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(
    ([code, signal]) => (signal as NodeJS.Signals | null) ?? (code as number | null),
  );
  return {
    child,
    output: () => output,
    ended,
    ready: () =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (output.includes('"msg":"ready"')) resolve();
        };
        listeners.add(check);
        check();
        void ended.then((status) => reject(new Error(`ended with ${status}: ${output}`)));
      }),
  };
}
