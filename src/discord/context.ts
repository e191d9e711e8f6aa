import type { AutocompleteInteraction } from 'discord.js';
import type { CommandContext } from './command.ts';
import { type AnswerableInteraction, fetchMember, isManager, rolesOf } from './interaction.ts';

type Offered = Pick<CommandContext, 'signal'> & Partial<Pick<CommandContext, 'progress' | 'about'>>;

/** Who asks and where, from the interaction's own payload, and what the router offers. */
export function contextOf(
  interaction: AnswerableInteraction | AutocompleteInteraction,
  { signal, progress = () => {}, about = async () => {} }: Offered,
): CommandContext {
  return {
    guildId: interaction.guildId ?? '',
    userId: interaction.user.id,
    channelId: interaction.channelId ?? '',
    roleIds: rolesOf(interaction),
    isManager: isManager(interaction),
    member: () => fetchMember(interaction),
    signal,
    progress,
    about,
  };
}
