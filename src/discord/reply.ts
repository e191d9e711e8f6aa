import { MessageFlags } from 'discord.js';
import { say } from '../engine/phrase.ts';
import { UserError } from '../errors.ts';
import type { Languages, Translator } from '../i18n/index.ts';
import type { Logger } from '../log.ts';
import { notice } from './cards/notices.ts';
import type { Answer } from './command.ts';
import type { Delivered, Delivery, ReplyPlace } from './delivery.ts';
import { type AnswerableInteraction, isAcknowledgedAlready, isGone } from './interaction.ts';
import { LIMITS } from './limits.ts';
import { renderCard } from './render.ts';
import type { Step } from './steps.ts';

/** Where the reply to an interaction stands. @param receivedMs when it arrived, epoch milliseconds */
export function placeOf(interaction: AnswerableInteraction, receivedMs: number): ReplyPlace {
  const { id, applicationId, token, channelId } = interaction;
  return {
    interactionId: id,
    applicationId,
    token,
    channelId: channelId ?? '',
    expiresAtMs: receivedMs + LIMITS.tokenMs,
  };
}

/**
 * Tells Discord that an answer will come. When the connection broke on the way, nobody knows whether Discord heard it: the
 * second attempt finds out, for "already acknowledged" can only be the first one's work.
 */
export async function acknowledge(interaction: AnswerableInteraction, step: Step): Promise<void> {
  try {
    await send(interaction, step);
  } catch (error) {
    if (isAcknowledgedAlready(error)) return;
    if (isGone(error) || hasStatus(error)) throw error;
    await send(interaction, step).catch((again: unknown) => {
      if (!isAcknowledgedAlready(again)) throw again;
    });
  }
}

async function send(interaction: AnswerableInteraction, step: Step): Promise<void> {
  if (step.acknowledge !== 'reply' && interaction.isMessageComponent()) await interaction.deferUpdate();
  else await interaction.deferReply({ flags: MessageFlags.Ephemeral });
}

function hasStatus(error: unknown): boolean {
  return typeof (error as { status?: unknown } | null)?.status === 'number';
}

/** Work that had not begun, or cannot be half done, rejects with the signal's reason. */
export function stoppedError({ reason }: AbortSignal): UserError {
  if (reason === 'shutdown')
    return new UserError('stopped', say`Stopped before it began: the bot is restarting. Try again in a minute.`);
  if (reason === 'cancelled') return new UserError('stopped', say`Cancelled before it began. Nothing was sent.`);
  return new UserError('stopped', say`Stopped: it waited longer than Discord allows a reply. Try again later.`);
}

export interface ReportDeps {
  readonly delivery: Delivery;
  readonly languages: Languages;
  readonly log: Logger;
  /** The bot stops. */
  readonly signal: AbortSignal;
}

/** Says the answer where the step wants it. */
export async function report(
  interaction: AnswerableInteraction,
  { acknowledge }: Step,
  said: Answer,
  place: ReplyPlace,
  { delivery, languages, log, signal }: ReportDeps,
): Promise<Delivered> {
  const own = languages.of(interaction.locale);
  const shared = languages.of(interaction.guildLocale);
  let delivered: Delivered = 'edited';
  if (acknowledge !== 'silent') {
    const late = said.lateCard && renderCard(said.lateCard, shared);
    delivered = await delivery.deliver(place, renderCard(said.card, own), { late, signal });
  } else if (!said.publicCard) await delivery.followUp(place, renderCard(said.card, own), { isPublic: false, signal });
  if (!said.publicCard || delivered !== 'edited') return delivered;
  try {
    await delivery.followUp(place, renderCard(said.publicCard, shared), { isPublic: true, signal });
  } catch (err) {
    log.warn({ interaction: interaction.id, err }, 'a public post failed');
    await sayNotPosted(place, own, { delivery, log, signal });
  }
  return delivered;
}

/** The private answer stands in any case: nothing here may put a failure over it. */
async function sayNotPosted(
  place: ReplyPlace,
  words: Translator,
  { delivery, log, signal }: Pick<ReportDeps, 'delivery' | 'log' | 'signal'>,
): Promise<void> {
  const card = notice(say`Not posted`, say`Discord did not take the public message. You still have the private one.`);
  try {
    await delivery.followUp(place, renderCard(card, words), { isPublic: false, signal });
  } catch (err) {
    log.warn({ interaction: place.interactionId, err }, 'that a public post failed could not be said');
  }
}
