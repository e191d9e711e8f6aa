import type { NetworkInterfaceInfo } from 'node:os';
import packageJson from '../../package.json' with { type: 'json' };
import type { BotStatus } from '../discord/cards/statusCard.ts';
import type { JobQueue } from '../scans/queue.ts';
import { parseDatabaseUrl } from '../storage/databaseUrl.ts';
import type { RecentErrors } from './recentErrors.ts';

export interface StatusOptions {
  readonly databaseUrl: string;
  readonly transport: string;
  readonly queue: Pick<JobQueue, 'load'>;
  readonly recentErrors: Pick<RecentErrors, 'ofGuild'>;
  readonly gatewayPingMs: () => number | undefined;
  /** As `os.networkInterfaces()` gives them. */
  readonly interfaces: () => Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;
  readonly uptimeMs: () => number;
}

/** What /status shows, without any address or URL of the bot's machine. */
export function createBotStatus(options: StatusOptions): (guildId: string) => BotStatus {
  const { databaseUrl, transport, queue, recentErrors, gatewayPingMs, interfaces, uptimeMs } = options;
  const parsed = parseDatabaseUrl(databaseUrl);
  const store = parsed.ok ? parsed.target.kind : 'memory';
  return (guildId) => {
    const addresses = Object.values(interfaces()).flatMap((infos) => infos ?? []);
    return {
      version: packageJson.version,
      uptimeMs: uptimeMs(),
      transport,
      ipv4: addresses.some((info) => info.family === 'IPv4' && reachesOut(info)),
      ipv6: addresses.some((info) => info.family === 'IPv6' && reachesOut(info)),
      queue: { here: queue.load(guildId), all: queue.load() },
      gatewayPingMs: gatewayPingMs(),
      store,
      errors: recentErrors.ofGuild(guildId),
    };
  };
}

/** Neither loopback nor link-local, which ends at the next router. */
function reachesOut({ internal, address }: NetworkInterfaceInfo): boolean {
  return !internal && !/^(?:fe[89ab]|169\.254\.)/i.test(address);
}
