import { createInterface } from 'node:readline/promises';
import type { Sandbox } from '../sandbox.ts';
import { PLAIN_STYLE, safeText, TERMINAL_STYLE } from '../text.ts';
import { complete } from './complete.ts';
import type { Outcome } from './finished.ts';
import { createSession, type Session } from './session.ts';

export interface PromptOptions {
  readonly sandbox: Sandbox;
  readonly outcomeOf: (interactionId: string, signal: AbortSignal) => Promise<Outcome>;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly as: string;
  readonly server: string;
  /** Aborting leaves the prompt. */
  readonly signal: AbortSignal;
}

/** Back to the first column and erase the line (ECMA-48). */
const CLEAR_LINE = '\r\u001B[2K';

function banner(sandbox: Sandbox, session: Session): string {
  const servers = sandbox.world.guilds.map((guild, index) => {
    const names = Object.values(sandbox.world.people).filter((person) => guild.members.has(person.id));
    return `  ${index + 1}  ${guild.name}: ${names.map((person) => person.displayName).join(', ')}`;
  });
  const lines = [
    'A local Discord: no account, no token. Only scans and DNS questions about public targets that you allow leave this machine.',
    ...servers,
    `${session.whereabouts()} Type / and press Tab, :help for more, :quit to leave.`,
  ];
  return lines.join('\n');
}

/** Lines from a pipe: each is run, its reply printed, and nothing else. */
async function runPiped(options: PromptOptions): Promise<number> {
  const { sandbox, outcomeOf, input, output, as, server, signal } = options;
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let separator = '';
  const print = (text: string): void => {
    output.write(`${separator}${text}\n`);
    separator = '\n';
  };
  const session = createSession({ sandbox, outcomeOf, as, server, print });
  signal.addEventListener('abort', () => lines.close(), { once: true });
  let ran = 0;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    ran += 1;
    if ((await session.run(line, signal)) === 'quit' || signal.aborted) break;
  }
  lines.close();
  return ran;
}

/** A one-line display that each call rewrites; `clear` takes it away. */
function createProgressLine(output: NodeJS.WriteStream) {
  let shown = false;
  return {
    show(line: string): void {
      const width = Math.max(20, output.columns - 1);
      output.write(`${CLEAR_LINE}${[...safeText(line)].slice(0, width).join('')}`);
      shown = true;
    },
    clear(): void {
      if (shown) output.write(CLEAR_LINE);
      shown = false;
    },
  };
}

async function runTerminal(options: PromptOptions): Promise<number> {
  const { sandbox, outcomeOf, input, output, as, server, signal } = options;
  const progress = createProgressLine(output);
  const print = (text: string): void => {
    progress.clear();
    output.write(`${text}\n`);
  };
  const style = process.env.NO_COLOR ? PLAIN_STYLE : TERMINAL_STYLE;
  const session = createSession({ sandbox, outcomeOf, as, server, print, style, progress: progress.show });
  const completer = (line: string) => complete({ sandbox, as: session.as, server: session.server }, line);
  const lines = createInterface({ input, output, completer, terminal: true, historySize: 500 });
  let running: AbortController | null = null;
  const ask = (): void => {
    lines.setPrompt(`${session.as}> `);
    lines.prompt();
  };
  lines.on('SIGINT', () => {
    if (running) running.abort();
    else if (lines.line === '') lines.close();
    else {
      lines.write(null, { ctrl: true, name: 'e' });
      lines.write(null, { ctrl: true, name: 'u' });
    }
  });
  signal.addEventListener('abort', () => lines.close(), { once: true });
  print(banner(sandbox, session));
  ask();
  let ran = 0;
  for await (const line of lines) {
    ran += 1;
    running = new AbortController();
    const result = line.trim() === '' ? 'done' : await session.run(line, AbortSignal.any([running.signal, signal]));
    running = null;
    if (result === 'quit') {
      lines.close();
      return ran;
    }
    if (signal.aborted) break;
    ask();
  }
  lines.close();
  // Nobody pressed Enter: the shell's prompt gets a line of its own.
  output.write('\n');
  return ran;
}

/**
 * Reads lines until the end of the input or `:quit`: with a prompt on a terminal, silently from a pipe. Resolves with
 * how many there were.
 */
export async function runPrompt(options: PromptOptions): Promise<number> {
  return options.input.isTTY && options.output.isTTY ? await runTerminal(options) : await runPiped(options);
}
