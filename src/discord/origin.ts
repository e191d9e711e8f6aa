import type { Interaction } from 'discord.js';
import { say } from '../engine/phrase.ts';
import { UserError } from '../errors.ts';

/**
 * What is wrong with where an interaction came from, if anything. Refused is what did not come from a server that installed
 * this bot: direct messages, the bot as somebody's user app in a server that never invited it, servers other than the
 * configured one, and other programs. From the payload alone; what Discord did not say counts as no.
 *
 * @param onlyGuildId the one server that is served; undefined = all
 */
export function originProblem(interaction: Interaction, onlyGuildId: string | undefined): UserError | undefined {
  const { guildId, authorizingIntegrationOwners, user, member } = interaction;
  if (!guildId) return new UserError('guild-only', say`This works only in a server, not in direct messages.`);
  if (authorizingIntegrationOwners?.guildId !== guildId) {
    const message = say`This works only in a server that has added the bot itself. Ask its managers.`;
    return new UserError('not-installed', message);
  }
  if (onlyGuildId !== undefined && guildId !== onlyGuildId) {
    return new UserError('foreign-server', say`This bot serves one other server only.`);
  }
  // Discord sends one with everything from a server; without it nothing is known of what they may.
  if (!member) return new UserError('not-a-member', say`Only members of this server can use the bot here.`);
  return user.bot ? new UserError('bots', say`Commands are for people, not for bots.`) : undefined;
}

/** Throws the {@link originProblem}. */
export function checkOrigin(interaction: Interaction, onlyGuildId: string | undefined): void {
  const problem = originProblem(interaction, onlyGuildId);
  if (problem) throw problem;
}
