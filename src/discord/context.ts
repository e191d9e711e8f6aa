import type { AutocompleteInteraction } from 'discord.js';
import type { CommandContext } from './command.ts';
import { type AnswerableInteraction, fetchMember, isManager, rolesOf } from './interaction.ts';

/** Who asks and where, from the interaction's own payload. */
export function contextOf(
  interaction: AnswerableInteraction | AutocompleteInteraction,
  signal: AbortSignal,
  progress: CommandContext['progress'],
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
  };
}
