import { ApplicationIntegrationType, InteractionContextType, PermissionFlagsBits } from 'discord.js';
import { type BotStatus, statusCard } from '../src/discord/cards/statusCard.ts';
import type { Command, Declaration } from '../src/discord/command.ts';

const data = {
  name: 'status',
  description: 'How the bot is doing: version, scans that run and wait, last errors of this server',
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
  default_member_permissions: String(PermissionFlagsBits.ManageGuild),
} as const satisfies Declaration;

export interface StatusDeps {
  /** As it is now, with what belongs to this server. */
  readonly botStatus: (guildId: string) => BotStatus;
}

export function statusCommand({ botStatus }: StatusDeps): Command<undefined> {
  return {
    data,
    requires: 'manage-guild',
    parse: () => undefined,
    run: async ({ guildId }) => ({ outcome: 'done', card: statusCard(botStatus(guildId)) }),
  };
}
