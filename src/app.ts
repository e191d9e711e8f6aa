import { Events } from 'discord.js';
import type { DestinationStream } from 'pino';
import { createCommands } from '../commands/index.ts';
import { type Config, secretsOf } from './config.ts';
import { createClient } from './discord/client.ts';
import { registerCommands } from './discord/registration.ts';
import { createRouter, type InteractionReport } from './discord/router.ts';
import { createEnvironment, PROCESS_RATE } from './engine/environment.ts';
import { type ScanEnvironment, scan } from './engine/scan.ts';
import { createLogger, type Logger } from './log.ts';
import { createLookup } from './policy/resolve.ts';
import { createJobQueue } from './scans/queue.ts';
import { createScanService } from './scans/scanService.ts';
import { createAllowlists } from './storage/allowlists.ts';
import { type Database, openDatabase } from './storage/database.ts';
import { createScanRecords } from './storage/scanRecords.ts';

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
  /** Discord closed the connection for good: the bot is deaf and should be ended. */
  readonly onFatal?: (message: string) => void;
}

const MAX_WAITING_SCANS_PER_GUILD = 20;

/** The composition root: builds every service from the configuration and hands it to those who need it. */
export function createApp(config: Config, { logDestination, onFinished, onFatal }: AppOptions = {}): App {
  const log = createLogger({
    level: config.logLevel,
    secrets: secretsOf(config),
    ...(logDestination ? { destination: logDestination } : {}),
  });
  const client = createClient(config.discordApiUrl, log, (message) => onFatal?.(message));
  let database: Database | undefined;
  let stopRouter: () => Promise<void> = async () => {};
  let stopped: Promise<void> | undefined;

  async function start(): Promise<void> {
    const rate = Math.max(PROCESS_RATE, config.scanPacketsPerSecond ?? 0);
    const environment = await createEnvironment({ packetsPerSecond: rate, networkPacketsPerSecond: rate });
    database = await openDatabase(config.databaseUrl);
    const router = createRouter({
      commands: buildCommands(config, database, environment, log),
      log,
      ...(onFinished ? { onFinished } : {}),
    });
    stopRouter = router.stop;
    client.on(Events.InteractionCreate, (interaction) => void router.handle(interaction));
    const ready = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
    await client.login(config.discordToken);
    await ready;
    const declarations = router.declarations;
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

  async function shutDown(): Promise<void> {
    await stopRouter();
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

function buildCommands(config: Config, database: Database, environment: ScanEnvironment, log: Logger) {
  const allowlists = createAllowlists(database.store('allowlists'));
  const records = createScanRecords(database.store('scans'));
  const operator = { privateRanges: config.privateRanges, blocklist: config.blocklist };
  const lookup = createLookup(config.dnsServers);
  const now = () => Date.now();
  const queue = createJobQueue({
    concurrency: config.scanConcurrency,
    maxWaitingPerGuild: MAX_WAITING_SCANS_PER_GUILD,
  });
  const { scanPacketsPerSecond: packetsPerSecond, maxPortsPerScan: maxPorts } = config;
  const scans = createScanService({
    allowlists,
    records,
    operator,
    lookup,
    engine: (request, options) => scan(request, options, environment),
    queue,
    packetsPerSecond,
    now,
    log,
  });
  return createCommands({ scans, records, allowlists, operator, lookup, maxPorts, now });
}
