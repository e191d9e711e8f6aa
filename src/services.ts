import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { createCommands } from '../commands/index.ts';
import type { Config } from './config.ts';
import { createAnnouncer } from './discord/announcer.ts';
import { type AuditChannel, type AuditChannelDeps, createAuditChannel } from './discord/auditChannel.ts';
import { type Command, namesOf } from './discord/command.ts';
import { attachmentOrigins, createDownload } from './discord/download.ts';
import type { ServerFacts } from './discord/serverFacts.ts';
import type { Scan, ScanOptions, ScanRequest } from './engine/types.ts';
import { operatorRoutes } from './http/operatorRoutes.ts';
import type { Route } from './http/server.ts';
import { verifyRoutes } from './http/verifyRoute.ts';
import type { Logger } from './log.ts';
import { createInteractionObserver, type InteractionObserver } from './observability/interactions.ts';
import { createMetrics, type Metrics } from './observability/metrics.ts';
import { createRecentErrors } from './observability/recentErrors.ts';
import { observeProber, observeScans } from './observability/scans.ts';
import { createBotStatus } from './observability/status.ts';
import { createNeedsProof, createOwnershipCheck } from './policy/ownershipCheck.ts';
import { createOwnership } from './policy/ownershipService.ts';
import { createOwnershipVisits } from './policy/ownershipVisit.ts';
import { createLookup } from './policy/resolve.ts';
import { createServerResolver } from './policy/serverResolver.ts';
import { vantageOf } from './policy/vantage.ts';
import type { Prober } from './probes/run.ts';
import { createRepositories, type Repositories } from './repositories.ts';
import { type Audit, auditedVisits, createAudit, createScanRecorder } from './scans/audit.ts';
import { createGate } from './scans/gate.ts';
import { createScanPermission } from './scans/permission.ts';
import { createJobQueue } from './scans/queue.ts';
import { createScanService } from './scans/scanService.ts';
import type { ScanService } from './scans/types.ts';
import type { Database } from './storage/database.ts';
import type { GuildData } from './storage/guildData.ts';
import { createPurger, type Purger, type Purges } from './storage/purges.ts';
import { historyDaysOf, type Settings } from './storage/settings.ts';

/** What the services need from outside of the process. */
export interface Surroundings {
  readonly config: Config;
  readonly database: Database;
  readonly engine: (request: ScanRequest, options: ScanOptions) => Scan;
  readonly prober: Prober;
  readonly log: Logger;
  readonly serverFacts: ServerFacts;
  /** Is the bot in this server now? */
  readonly isMember: (guildId: string) => boolean;
  readonly send: AuditChannelDeps['send'];
  /** Of the server that a channel belongs to. */
  readonly languageOf: AuditChannelDeps['languageOf'];
  readonly gateway: {
    isConnected(): boolean;
    /** Of the last heartbeat; undefined before the first. */
    pingMs(): number | undefined;
  };
  /** How the engine sends. */
  readonly transport: string;
}

export interface Services extends Pick<Repositories, 'openReplies' | 'interruptedScans' | 'records'> {
  readonly commands: readonly Command[];
  readonly audit: Audit;
  readonly auditChannel: AuditChannel;
  readonly scans: Pick<ScanService, 'cancelAll'>;
  readonly purges: Purges;
  readonly purger: Purger;
  readonly routes: readonly Route[];
  readonly metrics: Metrics;
  readonly observer: InteractionObserver;
}

const MAX_WAITING_SCANS_PER_GUILD = 20;
const MAX_WAITING_SCANS_PER_USER = 10;
const PURGE_EVERY_MS = 60 * 60_000;
const ID_BYTES = 12;

/** Builds everything that knows nothing of Discord's connection, each from what it needs, and the commands on top. */
export function createServices(surroundings: Surroundings): Services {
  const { config, log } = surroundings;
  const now = () => Date.now();
  const randomId = () => randomBytes(ID_BYTES).toString('base64url');
  const repositories = createRepositories(surroundings.database, config.quotas, now);
  const { allowlists, records, sightings, auditLog, proofs, purges } = repositories;
  const operator = { privateRanges: config.privateRanges, blocklist: config.blocklist };
  const lookup = createLookup(config.dnsServers);

  const auditChannel = createAuditChannel({
    send: surroundings.send,
    languageOf: surroundings.languageOf,
    now,
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    onError: (channel, err) => log.warn({ channel, err }, 'an audit line did not arrive in its channel'),
  });
  /** What is too old is not shown any more, deleted or not. */
  const forgetOld = (guildId: string) =>
    Promise.all([records.prune(guildId), sightings.prune(guildId)]).catch((err: unknown) =>
      log.error({ err, guild: guildId }, 'cannot delete old scans'),
    );
  const settings: Settings = {
    ...repositories.settings,
    update: async (guildId, change) => {
      const changed = await repositories.settings.update(guildId, change);
      // What was hopeless may work now.
      if (changed.after.auditChannelId !== undefined) auditChannel.reset(changed.after.auditChannelId);
      if (historyDaysOf(changed.after) < historyDaysOf(changed.before)) await forgetOld(guildId);
      return changed;
    },
  };
  const audit = createAudit({ auditLog, announce: createAnnouncer({ settings, auditChannel, log }), log });
  const publicUrl = config.http?.publicUrl;
  const resolve = createServerResolver({ allowlists, operator, lookup, now });
  const ownership = createOwnership({
    proofs,
    publicUrl,
    now,
    lookup,
    resolve,
  });
  const checkOwnership = createOwnershipCheck(config.targetVerification, ownership);
  const { quotas } = repositories;
  const gate = createGate({ allowlists, operator, resolve, checkOwnership, quotas, now });
  const queue = createJobQueue({
    concurrency: config.scanConcurrency,
    concurrencyPerGuild: config.scanConcurrencyPerGuild,
    maxWaitingPerGuild: MAX_WAITING_SCANS_PER_GUILD,
    maxWaitingPerUser: MAX_WAITING_SCANS_PER_USER,
  });
  const recentErrors = createRecentErrors();
  const gatewayPingMs = () => surroundings.gateway.pingMs();
  const metrics = createMetrics({
    names: () => commands.flatMap(namesOf),
    queue: () => queue.load(),
    gatewayPingMs,
    process: config.http !== undefined,
  });
  const scanService = createScanService({
    gate,
    records,
    sightings,
    recordDecision: createScanRecorder(audit),
    engine: surroundings.engine,
    prober: observeProber(surroundings.prober, metrics),
    vantageOf: (address) =>
      vantageOf(address, { interfaces: networkInterfaces(), publicAddresses: config.publicAddresses }),
    queue,
    packetsPerSecond: config.scanPacketsPerSecond,
    now,
    log,
  });
  const scans = observeScans(scanService, metrics);
  const guildData: GuildData = {
    ...repositories.guildData,
    deleteGuild: async (guildId) => {
      // Or they would keep their results after everything else was deleted.
      await scans.cancelAll(guildId);
      await repositories.guildData.deleteGuild(guildId);
    },
  };
  const commands = createCommands({
    ...repositories,
    scans,
    gate,
    permission: createScanPermission(settings),
    audit,
    settings,
    guildData,
    ownership,
    checkOwnership,
    needsProof: createNeedsProof(config.targetVerification, ownership, now),
    resolve,
    operator,
    maxPorts: config.maxPortsPerScan,
    download: createDownload(attachmentOrigins(config.discordApiUrl)),
    serverFacts: surroundings.serverFacts,
    now,
    randomId,
    log,
    botStatus: createBotStatus({
      databaseUrl: config.databaseUrl,
      transport: surroundings.transport,
      queue,
      recentErrors,
      gatewayPingMs,
      interfaces: networkInterfaces,
      uptimeMs: () => process.uptime() * 1_000,
    }),
  });
  const { isMember } = surroundings;
  const purger = createPurger({ purges, guildData, now, everyMs: PURGE_EVERY_MS, log, isMember });
  const visits = auditedVisits(createOwnershipVisits(proofs, now), audit);
  const routes = [
    ...operatorRoutes({
      publicUrl,
      metrics,
      isConnected: () => surroundings.gateway.isConnected(),
      readStore: () => surroundings.database.ping(),
    }),
    ...(publicUrl === undefined ? [] : verifyRoutes({ visits, publicUrl })),
  ];
  const observer = createInteractionObserver({ log, metrics, recentErrors, now });
  const { openReplies, interruptedScans } = repositories;
  return {
    commands,
    audit,
    auditChannel,
    scans,
    purges,
    purger,
    routes,
    metrics,
    observer,
    openReplies,
    interruptedScans,
    records,
  };
}
