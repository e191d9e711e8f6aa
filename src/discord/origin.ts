import type { Interaction } from 'discord.js';
import { UserError } from '../errors.ts';

/**
 * Refuses what did not come from a server that installed this bot: direct messages, the bot as somebody's user app in a
 * server that never invited it, servers other than the configured one, and other programs. From the payload alone;
 * what Discord did not say counts as no.
 *
 * @param onlyGuildId the one server that is served; undefined = all
 */
export function checkOrigin(interaction: Interaction, onlyGuildId: string | undefined): void {
  const { guildId, authorizingIntegrationOwners, user } = interaction;
  if (!guildId) throw new UserError('guild-only', 'This works only in a server, not in direct messages.');
  if (authorizingIntegrationOwners?.guildId !== guildId) {
    throw new UserError(
      'not-installed',
      'This works only in a server that has added the bot itself. Ask its managers.',
    );
  }
  if (onlyGuildId !== undefined && guildId !== onlyGuildId) {
    throw new UserError('foreign-server', 'This bot serves one other server only.');
  }
  if (user.bot) throw new UserError('bots', 'Commands are for people, not for bots.');
}
