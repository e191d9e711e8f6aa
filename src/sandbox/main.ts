import { parseArguments, USAGE } from './prompt/arguments.ts';
import { createFinishedReports, type FinishedReports } from './prompt/finished.ts';
import { runPrompt } from './prompt/prompt.ts';
import { createSession } from './prompt/session.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { PLAIN_STYLE, TERMINAL_STYLE } from './text.ts';

/** What this machine's own addresses are: the only ones the sandbox lets be scanned from the start. */
const LOOPBACK_RANGES = '127.0.0.0/8,::1/128';
const ALLOWED_AT_FIRST = ['127.0.0.1', '127.0.0.0/24', '::1'];
/** The process ends this long after the work, whatever still holds it. */
const END_WITHIN_MS = 3_000;

/** The bot's environment: this process's own, turned to the sandbox, with nothing kept and nothing said. */
function botEnvironment(sandbox: Sandbox, env: Record<string, string | undefined>): Record<string, string | undefined> {
  const { DISCORD_GUILD_ID: _guild, ...rest } = env;
  return {
    ...rest,
    DISCORD_TOKEN: sandbox.token,
    DISCORD_API_URL: sandbox.apiUrl,
    DATABASE_URL: env.DATABASE_URL ?? 'memory://',
    SCAN_PRIVATE_RANGES: [env.SCAN_PRIVATE_RANGES, LOOPBACK_RANGES].filter(Boolean).join(','),
    // Who runs the sandbox is its operator, and the only one who can type in it.
    TARGET_VERIFICATION: env.TARGET_VERIFICATION ?? 'off',
    LOG_LEVEL: env.LOG_LEVEL ?? 'silent',
  };
}

/** Starts the real bot in this process, logged in to the sandbox. Returns what stops it, or what is wrong. */
async function startBot(
  sandbox: Sandbox,
  finished: FinishedReports,
  signal: AbortSignal,
): Promise<{ stop: () => Promise<void> } | { problems: readonly string[] }> {
  const [{ loadConfig }, { createApp }] = await Promise.all([import('../config.ts'), import('../app.ts')]);
  const loaded = loadConfig(botEnvironment(sandbox, process.env));
  if (!loaded.ok) return { problems: loaded.problems };
  const logDestination = { write: (line: string) => void process.stderr.write(line) };
  const app = createApp(loaded.config, { logDestination, onFinished: finished.report });
  try {
    await app.start();
    for (const target of ALLOWED_AT_FIRST) {
      // By the bot's own command, as anybody would. Refused when a kept database has the entry already.
      const { id } = await sandbox.slash(`/targets add target:${target}`, { as: 'admin', guild: 1 });
      await finished.outcomeOf(id, signal);
    }
  } catch (error) {
    await app.stop();
    throw error;
  }
  return { stop: () => app.stop() };
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

interface Run {
  readonly sandbox: Sandbox;
  readonly finished: FinishedReports;
  readonly as: string;
  readonly server: string;
  readonly line: string | undefined;
  readonly signal: AbortSignal;
}

/** Runs the one command, or the prompt. Resolves with the exit status. */
async function runLines({ sandbox, finished, as, server, line, signal }: Run): Promise<number> {
  const { outcomeOf } = finished;
  if (line === undefined) {
    await runPrompt({ sandbox, outcomeOf, as, server, signal, input: process.stdin, output: process.stdout });
    return 0;
  }
  const style = process.stdout.isTTY && !process.env.NO_COLOR ? TERMINAL_STYLE : PLAIN_STYLE;
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  const session = createSession({ sandbox, outcomeOf, as, server, print, style });
  return (await session.run(line, signal)) === 'failed' ? 1 : 0;
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === '--help' || argv[0] === '-h') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const parsed = parseArguments(argv);
  if (!parsed.ok) {
    complain(`${parsed.problem}\n\n${USAGE}`);
    return 2;
  }
  const leaving = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => leaving.abort());
  const sandbox = await startSandbox();
  const { as, server, line } = parsed.arguments;
  const finished = createFinishedReports();
  try {
    if (!Object.hasOwn(sandbox.world.people, as)) {
      complain(`Nobody is called "${as}".\n\n${USAGE}`);
      return 2;
    }
    const bot = await startBot(sandbox, finished, leaving.signal);
    if ('problems' in bot) {
      complain(['The bot cannot start:', ...bot.problems.map((problem) => `  - ${problem}`)].join('\n'));
      return 1;
    }
    try {
      return await runLines({ sandbox, finished, as, server, line, signal: leaving.signal });
    } finally {
      await bot.stop();
    }
  } finally {
    await sandbox.stop();
  }
}

// A reader that goes away early, such as `head`, is no failure.
process.stdout.on('error', () => {});
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  complain(`The sandbox failed: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});
setTimeout(() => process.exit(), END_WITHIN_MS).unref();
