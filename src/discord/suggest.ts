import type { AutocompleteInteraction } from 'discord.js';
import type { Languages } from '../i18n/index.ts';
import { type Translator, translate } from '../i18n/translator.ts';
import type { Logger } from '../log.ts';
import type { Words } from './card.ts';
import type { Command } from './command.ts';
import { contextOf } from './context.ts';
import { isManager } from './interaction.ts';
import { LIMITS } from './limits.ts';
import { checkOrigin } from './origin.ts';

export interface SuggestDeps {
  readonly commands: ReadonlyMap<string, Command>;
  readonly onlyGuildId: string | undefined;
  /** What is suggested is in the person's language. */
  readonly languages: Languages;
  readonly log: Logger;
}

/** Answers while somebody types; whatever fails is an empty list, for there is nowhere to say more. Never rejects. */
export async function suggest(
  interaction: AutocompleteInteraction,
  { commands, onlyGuildId, languages, log }: SuggestDeps,
) {
  try {
    const translator = languages.of(interaction.locale);
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
        .map(({ name, value }) => ({ name: nameIn(name, translator).slice(0, LIMITS.choiceName), value })),
    );
  } catch (error) {
    log.debug({ interaction: interaction.id, err: error }, 'autocomplete failed');
    if (!interaction.responded) await interaction.respond([]).catch(() => {});
  }
}

function nameIn(name: Words, translator: Translator): string {
  return typeof name === 'string' ? name : translate(name, translator);
}
