import { MessageFlags } from 'discord.js';
import { UserError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { notice } from './cards/notices.ts';
import type { Answer, CommandContext } from './command.ts';
import { type AnswerableInteraction, followUp, respond } from './interaction.ts';
import { renderCard } from './render.ts';

/** What is left to do with an interaction once it is parsed, and how it is acknowledged. */
export type Step = {
  readonly acknowledge: 'reply' | 'silent';
  run(context: CommandContext): Promise<Answer | undefined>;
};

export async function acknowledge(interaction: AnswerableInteraction, step: Step): Promise<void> {
  if (step.acknowledge === 'silent' && interaction.isButton()) await interaction.deferUpdate();
  else await interaction.deferReply({ flags: MessageFlags.Ephemeral });
}

/** Work that had not begun, or cannot be half done, rejects with the signal's reason. */
export function stoppedError({ reason }: AbortSignal): UserError {
  if (reason === 'shutdown')
    return new UserError('stopped', 'Stopped before it began: the bot is restarting. Try again in a minute.');
  return new UserError('stopped', 'Stopped: it waited longer than Discord allows a reply. Try again later.');
}

export async function report(interaction: AnswerableInteraction, step: Step, said: Answer, log: Logger): Promise<void> {
  if (step.acknowledge === 'reply') await respond(interaction, renderCard(said.card));
  else if (!said.publicCard) await followUp(interaction, renderCard(said.card), false);
  if (!said.publicCard) return;
  try {
    await followUp(interaction, renderCard(said.publicCard), true);
  } catch (err) {
    log.warn({ interaction: interaction.id, err }, 'a public post failed');
    const card = notice('Not posted', 'Discord did not take the public message. You still have the private one.');
    await followUp(interaction, renderCard(card), false);
  }
}
