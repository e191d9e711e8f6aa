import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInBrowser } from './openInBrowser.ts';
import { startPage } from './page.ts';
import { type Arguments, parseArguments, USAGE } from './prompt/arguments.ts';
import { createFinishedReports, type FinishedReports } from './prompt/finished.ts';
import { runPrompt } from './prompt/prompt.ts';
import { createSession } from './prompt/session.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { PLAIN_STYLE, TERMINAL_STYLE } from './text.ts';

/** What this machine's own addresses are: the only ones the sandbox lets be scanned from the start. */
const LOOPBACK_RANGES = '127.0.0.0/8,::1/128';
const ALLOWED_AT_FIRST = ['127.0.0.1', '127.0.0.0/24', '::1'];
/** The role that lets the member scan in the first server. */
const SCANNER_ROLE = 'Scanners';
/** The process ends this long after the work, whatever still holds it. */
const END_WITHIN_MS = 3_000;

/** The bot's environment: this process's own, turned to the sandbox, with nothing kept and nothing said. */
function botEnvironment(
  sandbox: Sandbox,
  env: Record<string, string | undefined>,
  databaseUrl: string,
): Record<string, string | undefined> {
  const { DISCORD_GUILD_ID: _guild, ...rest } = env;
  return {
    ...rest,
    DISCORD_TOKEN: sandbox.token,
    DISCORD_API_URL: sandbox.apiUrl,
    DATABASE_URL: env.DATABASE_URL ?? databaseUrl,
    SCAN_PRIVATE_RANGES: [env.SCAN_PRIVATE_RANGES, LOOPBACK_RANGES].filter(Boolean).join(','),
    // Who runs the sandbox is its operator, and the only one who can type in it.
    TARGET_VERIFICATION: env.TARGET_VERIFICATION ?? 'off',
    LOG_LEVEL: env.LOG_LEVEL ?? 'silent',
  };
}

/** What is wrong with the bot's configuration. */
class ConfigurationError extends Error {}

interface Bot {
  stop(): Promise<void>;
}

/** Starts the real bot in this process, logged in to the sandbox. Throws ConfigurationError. */
async function startBot({ sandbox, finished }: Stage, databaseUrl: string): Promise<Bot> {
  const [{ loadConfig }, { createApp }] = await Promise.all([import('../config.ts'), import('../app.ts')]);
  const loaded = loadConfig(botEnvironment(sandbox, process.env, databaseUrl));
  if (!loaded.ok)
    throw new ConfigurationError(
      ['The bot cannot start:', ...loaded.problems.map((problem) => `  - ${problem}`)].join('\n'),
    );
  const logDestination = { write: (line: string) => void process.stderr.write(line) };
  const app = createApp(loaded.config, { logDestination, onFinished: finished.report });
  try {
    await app.start();
  } catch (error) {
    await app.stop();
    throw error;
  }
  return { stop: () => app.stop() };
}

/** What one run of the sandbox has. */
interface Stage {
  readonly sandbox: Sandbox;
  readonly finished: FinishedReports;
  readonly signal: AbortSignal;
}

/** Types commands as the admin of the first server, as anybody would, and waits for each. */
async function prepare({ sandbox, finished, signal }: Stage, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    // Refused when a kept database has it already.
    const { id } = await sandbox.slash(line, { as: 'admin', guild: 1 });
    await finished.outcomeOf(id, signal);
  }
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Runs the one command. Resolves with the exit status. */
async function runLine(stage: Stage, { as, server }: Arguments, line: string): Promise<number> {
  const { sandbox, finished, signal } = stage;
  const bot = await startBot(stage, 'memory://');
  try {
    await prepare(
      stage,
      ALLOWED_AT_FIRST.map((target) => `/targets add target:${target}`),
    );
    const style = process.stdout.isTTY && !process.env.NO_COLOR ? TERMINAL_STYLE : PLAIN_STYLE;
    const print = (text: string): void => void process.stdout.write(`${text}\n`);
    const session = createSession({ sandbox, outcomeOf: finished.outcomeOf, as, server, print, style });
    return (await session.run(line, signal)) === 'failed' ? 1 : 0;
  } finally {
    await bot.stop();
  }
}

/** Serves the page and the prompt. What the bot keeps outlives its restarts, and ends with this run. */
async function runPageAndPrompt(stage: Stage, { as, server, port, open }: Arguments): Promise<void> {
  const { sandbox, finished, signal } = stage;
  const folder = await mkdtemp(join(tmpdir(), 'harbormaster-sandbox-'));
  const databaseUrl = `sqlite://${join(folder, 'harbormaster.sqlite')}`;
  let bot = await startBot(stage, databaseUrl);
  const restartBot = async (): Promise<void> => {
    await bot.stop();
    bot = await startBot(stage, databaseUrl);
  };
  try {
    sandbox.createRole(1, { name: SCANNER_ROLE });
    sandbox.setRoles('member', 1, [SCANNER_ROLE]);
    await prepare(stage, [
      ...ALLOWED_AT_FIRST.map((target) => `/targets add target:${target}`),
      `/settings scanner-role action:add role:${SCANNER_ROLE}`,
    ]);
    const page = await startPage({ sandbox, restartBot, ...(port === undefined ? {} : { port }) });
    process.stdout.write(`Open ${page.url} in a browser${open ? '' : ' (--open does it)'}.\n`);
    if (open && !(await openInBrowser(page.url))) complain('No browser could be opened.');
    const { stdin: input, stdout: output } = process;
    const { outcomeOf } = finished;
    try {
      const lines = await runPrompt({ sandbox, outcomeOf, as, server, signal, input, output });
      // Started without anything to read from, as services are: the page is all there is.
      if (lines === 0 && !input.isTTY) await aborted(signal);
    } finally {
      await page.stop();
    }
  } finally {
    await bot.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
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
  const { arguments: given } = parsed;
  const leaving = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => leaving.abort());
  const sandbox = await startSandbox();
  const stage = { sandbox, finished: createFinishedReports(), signal: leaving.signal };
  try {
    if (!Object.hasOwn(sandbox.world.people, given.as)) {
      complain(`Nobody is called "${given.as}".\n\n${USAGE}`);
      return 2;
    }
    if (given.line !== undefined) return await runLine(stage, given, given.line);
    await runPageAndPrompt(stage, given);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    complain(error.message);
    return 1;
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
