import type { APIEmbed } from 'discord.js';
import { type App, type AppOptions, createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import type { InteractionReport } from '../../src/discord/router.ts';
import type { InteractionHandle } from '../../src/sandbox/client/handle.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { quickProber } from '../helpers/quickProber.ts';

type Outcome = InteractionReport['outcome'];

export interface Reply {
  readonly outcome: Outcome;
  readonly handle: InteractionHandle;
  readonly embed: APIEmbed;
  /** Title, description, fields and footer in one text, for searching. */
  readonly text: string;
  readonly isPrivate: boolean;
}

export interface Bot {
  readonly sandbox: Sandbox;
  readonly app: App;
  /** Types a line and waits until the bot has said its last word. */
  run(line: string, by?: { as?: string; guild?: 1 | 2 }): Promise<Reply>;
  finished(handle: InteractionHandle): Promise<Reply>;
  stop(): Promise<void>;
}

const EPHEMERAL = 64;

/** The real bot, logged in to a local Discord by the real discord.js client. Loopback may be allowlisted. */
export async function startBot(
  env: Record<string, string> = {},
  { sandbox: given, engine }: { sandbox?: Sandbox; engine?: NonNullable<AppOptions['engine']> } = {},
): Promise<Bot> {
  const sandbox = given ?? (await startSandbox());
  const loaded = loadConfig({
    DISCORD_TOKEN: sandbox.token,
    DISCORD_API_URL: sandbox.apiUrl,
    DATABASE_URL: 'memory://',
    SCAN_PRIVATE_RANGES: '127.0.0.0/8,::1/128',
    LOG_LEVEL: 'silent',
    ...env,
  });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));

  const outcomes = new Map<string, Outcome>();
  const waiting = new Map<string, (outcome: Outcome) => void>();
  const app = createApp(loaded.config, {
    prober: quickProber(),
    ...(engine ? { engine } : {}),
    onFinished: ({ interactionId, outcome }) => {
      outcomes.set(interactionId, outcome);
      waiting.get(interactionId)?.(outcome);
    },
  });
  await app.start();

  async function finished(handle: InteractionHandle): Promise<Reply> {
    const outcome =
      outcomes.get(handle.id) ?? (await new Promise<Outcome>((resolve) => waiting.set(handle.id, resolve)));
    const message = handle.message();
    const embed = message?.embeds[0] ?? {};
    const fields = (embed.fields ?? []).flatMap(({ name, value }) => [name, value]);
    const text = [embed.title, embed.description, ...fields, embed.footer?.text].filter(Boolean).join('\n');
    return { outcome, handle, embed, text, isPrivate: ((message?.flags ?? 0) & EPHEMERAL) !== 0 };
  }

  return {
    sandbox,
    app,
    finished,
    run: async (line, by = {}) => finished(await sandbox.slash(line, by)),
    stop: async () => {
      await app.stop();
      if (!given) await sandbox.stop();
    },
  };
}
