import type { AutocompleteInteraction } from 'discord.js';
import type { Logger } from '../log.ts';
import type { Command } from './command.ts';
import { contextOf } from './context.ts';
import { isManager } from './interaction.ts';
import { LIMITS } from './limits.ts';
import { checkOrigin } from './origin.ts';

export interface SuggestDeps {
  readonly commands: ReadonlyMap<string, Command>;
  readonly onlyGuildId: string | undefined;
  readonly log: Logger;
}

/** Answers while somebody types; whatever fails is an empty list, for there is nowhere to say more. Never rejects. */
export async function suggest(interaction: AutocompleteInteraction, { commands, onlyGuildId, log }: SuggestDeps) {
  try {
    const command = commands.get(interaction.commandName);
    const { name, value } = interaction.options.getFocused(true);
    checkOrigin(interaction, onlyGuildId);
    const allowed = command?.requires !== 'manage-guild' || isManager(interaction);
    const context = contextOf(interaction, { signal: AbortSignal.timeout(LIMITS.acknowledgeMs) });
    const choices = allowed ? await command?.autocomplete?.({ name, value: String(value) }, context) : [];
    const fitting = (choices ?? []).filter((choice) => choice.value.length <= LIMITS.choiceValue);
    await interaction.respond(
      fitting
        .slice(0, LIMITS.choices)
        .map((choice) => ({ name: choice.name.slice(0, LIMITS.choiceName), value: choice.value })),
    );
  } catch (error) {
    log.debug({ interaction: interaction.id, err: error }, 'autocomplete failed');
    if (!interaction.responded) await interaction.respond([]).catch(() => {});
  }
}
