import type { ButtonInteraction, ChatInputCommandInteraction, StringSelectMenuInteraction } from 'discord.js';
import { say } from '../engine/phrase.ts';
import { UserError } from '../errors.ts';
import type { Answer, Command, CommandContext } from './command.ts';
import { type AnswerableInteraction, isManager } from './interaction.ts';
import { readOptions } from './options.ts';
import { checkOrigin } from './origin.ts';

/** What is left to do with an interaction once it is parsed, and how it is acknowledged. */
export interface Step {
  readonly acknowledge: 'reply' | 'update' | 'silent';
  run(context: CommandContext): Promise<Answer | undefined>;
}

export interface StepDeps {
  readonly commands: ReadonlyMap<string, Command>;
  /** The one server that is served; undefined = all. */
  readonly onlyGuildId: string | undefined;
  /** Hears of a component that no command knows. */
  readonly onUnknown: (interaction: AnswerableInteraction) => void;
}

/** `<command>:<action>:<opaque id>`, the id perhaps with a page behind a dot. */
const CUSTOM_ID = /^([a-z]{1,32}):([a-z]{1,32}):([\w-]{1,30}(?:\.\d{1,4})?)$/;

/**
 * Find, guard, parse: synchronous, from the payload alone, so that the acknowledgement follows at once. Throws a UserError
 * for what does not get further.
 */
export function stepOf(interaction: AnswerableInteraction, deps: StepDeps): Step {
  checkOrigin(interaction, deps.onlyGuildId);
  return interaction.isChatInputCommand() ? commandStep(interaction, deps) : componentStep(interaction, deps);
}

function commandStep(interaction: ChatInputCommandInteraction, { commands }: StepDeps): Step {
  const command = commands.get(interaction.commandName);
  if (!command) throw new UserError('unknown-command', say`This command does not exist any more. Try /help.`);
  guard(command, interaction);
  const request = command.parse(readOptions(interaction.options.data));
  return { acknowledge: 'reply', run: (context) => command.run(context, request) };
}

function componentStep(
  interaction: ButtonInteraction | StringSelectMenuInteraction,
  { commands, onUnknown }: StepDeps,
): Step {
  const [, name = '', action = '', id = ''] = CUSTOM_ID.exec(interaction.customId) ?? [];
  const command = commands.get(name);
  const component = Object.entries(command?.buttons ?? {}).find(([key]) => key === action)?.[1];
  if (!command || !component) {
    onUnknown(interaction);
    throw new UserError('unknown-button', say`This button does not work any more.`);
  }
  guard(command, interaction);
  const values = interaction.isStringSelectMenu() ? interaction.values : [];
  return { acknowledge: component.acknowledge, run: (context) => component.run(context, id, values) };
}

/** Also for buttons: Discord's own restrictions of a command do not cover those. */
function guard(command: Command, interaction: AnswerableInteraction): void {
  if (command.requires === 'manage-guild' && !isManager(interaction)) {
    throw new UserError(
      'not-a-manager',
      say`/${command.data.name} is for members with the Manage Server permission. Ask one of them.`,
    );
  }
}
