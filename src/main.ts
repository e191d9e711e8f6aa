import { config as loadDotenv } from 'dotenv';
import { type App, createApp } from './app.ts';
import { loadConfig } from './config.ts';

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);
/** Discord's JSON error codes. */
const UNKNOWN_GUILD = 10_004;
const MISSING_ACCESS = 50_001;

/** Stopping takes at most this long, whatever hangs. */
const STOP_WITHIN_MS = 4_500;

async function main(): Promise<void> {
  loadDotenv({ quiet: true });
  const loaded = loadConfig(process.env);
  if (!loaded.ok) return complain(loaded.problems);

  let stopping = false;
  const stop = (status: number) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(status || 1), STOP_WITHIN_MS).unref();
    app.stop().then(
      () => process.exit(status),
      () => process.exit(1),
    );
  };
  const app: App = createApp(loaded.config, {
    onFatal: (message) => {
      if (stopping) return;
      process.stderr.write(`Harbormaster ends: ${message}\n`);
      stop(1);
    },
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(0));
  // The message only: Node's own report would print the source line, and with it whatever the line holds.
  process.on('uncaughtException', (err) => crash(app, err, stop));
  process.on('unhandledRejection', (err) => crash(app, err, stop));

  try {
    await app.start();
  } catch (err) {
    if (stopping) return;
    app.log.fatal({ err }, 'could not start');
    process.stderr.write(`Harbormaster could not start: ${explainStart(err)}\n`);
    stop(1);
  }
}

function crash(app: App, err: unknown, stop: (status: number) => void): void {
  app.log.fatal({ err }, 'crashed');
  stop(1);
}

function complain(problems: readonly string[]): void {
  const lines = [
    'Harbormaster cannot start:',
    ...problems.map((problem) => `  - ${problem}`),
    '',
    'Set these in the environment or in a file named .env (.env.example lists everything).',
    'To try the bot without a Discord account: npm run sandbox',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exitCode = 1;
}

/** The one sentence an operator needs; the log has the rest. */
function explainStart(err: unknown): string {
  const code = typeof err === 'object' && err !== null && 'code' in err ? err.code : undefined;
  if (code === 'TokenInvalid') return 'Discord does not accept DISCORD_TOKEN.';
  if (code === UNKNOWN_GUILD || code === MISSING_ACCESS) return 'The bot is not in the server DISCORD_GUILD_ID.';
  if (UNREACHABLE.has(String(code))) return 'Discord cannot be reached (DISCORD_API_URL).';
  if (typeof err === 'object' && err !== null && 'status' in err) {
    return `Discord answered with HTTP status ${err.status} (DISCORD_API_URL).`;
  }
  return err instanceof Error ? err.message : 'unknown error';
}

await main();
