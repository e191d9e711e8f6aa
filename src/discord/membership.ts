import { type Client, Events } from 'discord.js';
import type { Logger } from '../log.ts';
import type { ScanService } from '../scans/types.ts';
import type { Purges } from '../storage/purges.ts';

/**
 * Ends the scans and marks the data of servers that remove the bot, and takes the mark off when they add it again. An outage of Discord is
 * no removal: discord.js then tells `guildUnavailable`, not `guildDelete`.
 */
export function followMembership(
  client: Client,
  { purges, scans }: { purges: Pick<Purges, 'mark' | 'unmark'>; scans: Pick<ScanService, 'cancelAll'> },
  log: Logger,
): void {
  client.on(Events.GuildDelete, ({ id }) => {
    log.info({ guild: id }, 'removed from a server: its data is deleted in seven days');
    scans.cancelAll(id).catch((err: unknown) => log.error({ err, guild: id }, 'cannot end the scans of a server'));
    purges.mark(id, Date.now()).catch((err: unknown) => log.error({ err, guild: id }, 'cannot mark for deletion'));
  });
  client.on(Events.GuildCreate, ({ id }) => {
    purges.unmark(id).catch((err: unknown) => log.error({ err, guild: id }, 'cannot take off the mark for deletion'));
  });
}
