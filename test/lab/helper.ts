import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process of the lab that answers in lines. */
export interface Helper {
  readonly pid: number;
  /** Writes a line to it. */
  write(line: string): void;
  signal(name: NodeJS.Signals): void;
  /** The next line it prints. Rejects when it ends first, or after a few seconds. */
  line(): Promise<string>;
  /** Ends it, by force if it does not listen. */
  stop(): Promise<void>;
}

const LINE_LIMIT_MS = 5_000;
const STOP_LIMIT_MS = 1_000;

/**
 * Starts a helper. It must end by itself when its standard input does, so that nothing is left behind by a crash, and
 * must not die of an interrupt, which the terminal sends to the whole group.
 */
export function startHelper(command: string, args: readonly string[]): Helper {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve()).once('error', () => resolve());
  });
  child.stdin.on('error', () => {});
  return {
    pid: child.pid ?? 0,
    write(line) {
      child.stdin.write(`${line}\n`);
    },
    signal(name) {
      child.kill(name);
    },
    async line() {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error(`${args.join(' ')}: no answer`)), LINE_LIMIT_MS);
      try {
        const { value, done } = await Promise.race([lines.next(), late.promise]);
        if (done) throw new Error(`${args.join(' ')}: ended`);
        return value;
      } finally {
        clearTimeout(timer);
      }
    },
    async stop() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
