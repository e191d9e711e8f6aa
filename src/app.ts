import { type Client, Events, Status } from 'discord.js';
import type { DestinationStream } from 'pino';
import { type Config, secretsOf } from './config.ts';
import { createClient } from './discord/client.ts';
import { createDelivery } from './discord/delivery.ts';
import { localised } from './discord/localised.ts';
import { followMembership } from './discord/membership.ts';
import { registerCommands } from './discord/registration.ts';
import { createRouter, type InteractionReport } from './discord/router.ts';
import { createServerFacts } from './discord/serverFacts.ts';
import { createEnvironment, PROCESS_RATE } from './engine/environment.ts';
import { scan } from './engine/scan.ts';
import { createHttpServer } from './http/server.ts';
import { LANGUAGES } from './i18n/languages.ts';
import { createLogger, type Logger } from './log.ts';
import { observeDiscord } from './observability/discord.ts';
import { createDial } from './probes/link.ts';
import { createProber, type Prober } from './probes/run.ts';
import { recoverReplies } from './recovery.ts';
import { createServices, type Surroundings } from './services.ts';
import { type Database, openDatabase } from './storage/database.ts';

export interface App {
  readonly log: Logger;
  /** Opens the database, logs in, registers the commands. Rejects when one of them cannot be done. */
  start(): Promise<void>;
  /** No new work, open replies get an ending, connections close. Safe to call at any time, more than once. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly logDestination?: DestinationStream;
  /** Hears of every answered command and button; the sandbox and the tests wait for it. */
  readonly onFinished?: (report: InteractionReport) => void;
  /** Instead of the engine; a test counts what reaches it. */
  readonly engine?: Surroundings['engine'];
  /** Instead of the prober with its usual patience. */
  readonly prober?: Prober;
  /** Discord closed the connection for good: the bot is deaf and should be ended. */
  readonly onFatal?: (message: string) => void;
}

/** The composition root: builds every service from the configuration and hands it to those who need it. */
export function createApp(
  config: Config,
  { logDestination, onFinished, onFatal, engine, prober }: AppOptions = {},
): App {
  const log = createLogger({
    level: config.logLevel,
    secrets: secretsOf(config),
    ...(logDestination ? { destination: logDestination } : {}),
  });
  const client = createClient(config.discordApiUrl, log, (message) => onFatal?.(message));
  let database: Database | undefined;
  let stopServices: () => Promise<void> = async () => {};
  let stopped: Promise<void> | undefined;

  async function start(): Promise<void> {
    const rate = Math.max(PROCESS_RATE, config.scanPacketsPerSecond ?? 0);
    const environment = await createEnvironment({ packetsPerSecond: rate, networkPacketsPerSecond: rate });
    database = await openDatabase(config.databaseUrl);
    await endIfStopped();
    const services = createServices({
      config,
      database,
      engine: engine ?? ((request, options) => scan(request, options, environment)),
      prober:
        prober ??
        createProber({
          dial: createDial(),
          now: Date.now,
          onDefect: (err, protocol) => log.error({ err, protocol }, 'a probe failed'),
        }),
      log,
      serverFacts: createServerFacts(client),
      isMember: (guildId) => client.guilds.cache.has(guildId),
      gateway: {
        isConnected: () => client.ws.shards.size > 0 && client.ws.shards.every(({ status }) => status === Status.Ready),
        pingMs: () => (client.ws.ping < 0 ? undefined : client.ws.ping),
      },
      transport: environment.transport.name,
      languageOf: (channelId) => {
        const channel = client.channels.cache.get(channelId);
        return LANGUAGES.of(channel && 'guild' in channel ? channel.guild.preferredLocale : undefined);
      },
      send: async (channelId, message) => {
        const channel = await client.channels.fetch(channelId);
        if (!channel?.isSendable()) throw new Error('the audit channel takes no messages');
        await channel.send({ ...message, embeds: [...message.embeds], components: [], files: [] });
      },
    });
    const { audit, auditChannel, purger } = services;
    observeDiscord(client, services.metrics);
    const { openReplies } = services;
    // Before the first interaction: everything in there was left behind.
    const left = await openReplies.list();
    const delivery = createDelivery({ client: client as Client<true>, log, now: Date.now });
    const router = createRouter({
      commands: services.commands,
      observer: services.observer,
      delivery,
      journal: openReplies,
      languages: LANGUAGES,
      log,
      onlyGuildId: config.discordGuildId,
      onRefused: ({ name, code, ...actor }) =>
        void audit.tryRecord(actor, { action: name, command: name, decision: 'refused', rule: code }),
      ...(onFinished ? { onFinished } : {}),
    });
    const http = config.http && (await createHttpServer({ ...config.http, routes: services.routes, log }));
    const stopping = new AbortController();
    let recovering = Promise.resolve();
    stopServices = async () => {
      stopping.abort();
      await Promise.all([router.stop(), recovering]);
      await Promise.all([http?.close(), auditChannel.stop(), purger.stop()]);
    };
    await endIfStopped();
    client.on(Events.InteractionCreate, (interaction) => void router.handle(interaction));
    followMembership(client, services, log);
    const ready = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
    await client.login(config.discordToken);
    await endIfStopped();
    await ready;
    purger.start();
    recovering = recoverReplies(left, { ...services, delivery, languages: LANGUAGES, log }, stopping.signal);
    const declarations = router.declarations.map((declaration) => localised(declaration, LANGUAGES));
    const written = await registerCommands(
      client.rest,
      client.application?.id ?? '',
      config.discordGuildId,
      declarations,
    );
    log.info(
      {
        guilds: client.guilds.cache.size,
        commands: declarations.length,
        registered: written,
        transport: environment.transport.name,
      },
      'ready',
    );
  }

  /** Whoever stops what is still starting wants nothing left running. */
  async function endIfStopped(): Promise<void> {
    if (!stopped) return;
    await shutDown();
    throw new Error('stopped while it started');
  }

  async function shutDown(): Promise<void> {
    const stopThem = stopServices;
    stopServices = async () => {};
    await stopThem();
    await client.destroy();
    await database?.close();
    log.info('stopped');
  }

  return {
    log,
    start,
    stop: () => {
      stopped ??= shutDown();
      return stopped;
    },
  };
}
