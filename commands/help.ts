import { ApplicationIntegrationType, InteractionContextType } from 'discord.js';
import { helpCard } from '../src/discord/cards/helpCard.ts';
import type { Command, Declaration } from '../src/discord/command.ts';

const data = {
  name: 'help',
  description: 'What this bot can do, and how',
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
} as const satisfies Declaration;

/** @param declarations called when help is asked for, so that /help can list itself */
export function helpCommand(declarations: () => readonly Declaration[]): Command<undefined> {
  return {
    data,
    parse: () => undefined,
    run: async ({ isManager }) => ({ outcome: 'done', card: helpCard(declarations(), isManager) }),
  };
}
