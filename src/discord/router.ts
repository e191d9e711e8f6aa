import type { Interaction } from 'discord.js';
import { say } from '../engine/phrase.ts';
import { UserError } from '../errors.ts';
import type { Languages } from '../i18n/index.ts';
import type { Logger } from '../log.ts';
import type { InteractionObserver } from '../observability/interactions.ts';
import { type Account, openAccount } from './account.ts';
import type { Card } from './card.ts';
import { failureCard, mistakeCard } from './cards/notices.ts';
import type { Answer, Command, Declaration } from './command.ts';
import { contextOf } from './context.ts';
import type { Delivered, Delivery, ReplyPlace } from './delivery.ts';
import { type AnswerableInteraction, isGone, nameOf, respond } from './interaction.ts';
import { type Entry, entryOf, type Journal } from './journal.ts';
import { LIMITS } from './limits.ts';
import { originProblem } from './origin.ts';
import { createProgress, type Progress } from './progress.ts';
import { renderCard } from './render.ts';
import { acknowledge, placeOf, report, stoppedError } from './reply.ts';
import { type Step, stepOf } from './steps.ts';
import { suggest } from './suggest.ts';
import { createTurns } from './turns.ts';
import { untilStopped } from './untilStopped.ts';

/** How one interaction ended. */
export interface InteractionReport {
  readonly interactionId: string;
  readonly outcome: 'done' | 'refused' | 'failed';
}

/** Somebody was refused before a command saw it. `code` is that of the UserError. */
export interface RouterRefusal {
  readonly guildId: string;
  readonly userId: string;
  readonly name: string;
  readonly code: string;
}

interface Ended {
  readonly outcome: InteractionReport['outcome'];
  readonly delivered: Delivered;
}

export interface Router {
  readonly declarations: readonly Declaration[];
  /** Takes every interaction; never rejects. */
  handle(interaction: Interaction): Promise<void>;
  /** No new work from now on; running work is told to stop and its replies get an ending. Resolves when all have ended. */
  stop(): Promise<void>;
}

export interface RouterOptions {
  readonly commands: readonly Command[];
  readonly delivery: Delivery;
  /** What has no ending yet, for the case that the bot dies. */
  readonly journal: Journal;
  /** Private replies are in the person's language, public ones in the server's. */
  readonly languages: Languages;
  readonly log: Logger;
  readonly observer?: InteractionObserver;
  readonly onFinished?: (report: InteractionReport) => void;
  /** Hears of each mistake and each missing permission, which never reached a command. */
  readonly onRefused?: (refusal: RouterRefusal) => void;
  /** The one server that is served; undefined = all. */
  readonly onlyGuildId?: string | undefined;
  /** Time between progress edits in milliseconds. */
  readonly progressEveryMs?: number;
}

/** Time kept for the last edit before the reply's token expires. */
const LAST_EDIT_MS = 60_000;
const REMEMBERED_INTERACTIONS = 1_000;
/** For an edit under way when the bot stops. */
const STOP_GRACE_MS = 2_000;

/**
 * The one way of every interaction: find → guard → parse → acknowledge → run → report. Commands never touch the
 * interaction, and this holds the only try/catch around them.
 */
export function createRouter({
  commands,
  delivery,
  journal,
  languages,
  log,
  observer,
  onFinished,
  onRefused,
  onlyGuildId,
  progressEveryMs = 2_000,
}: RouterOptions): Router {
  const byName = new Map(commands.map((command) => [command.data.name, command]));
  const active = new Map<Promise<void>, AbortController>();
  const seen = new Set<string>();
  const stopped = new AbortController();
  const turn = createTurns();
  let unknownButtons = 0;

  /** Discord may deliver an interaction again after a resume. */
  function isRepeat(id: string): boolean {
    if (seen.has(id)) return true;
    seen.add(id);
    const [oldest] = seen;
    if (seen.size > REMEMBERED_INTERACTIONS && oldest !== undefined) seen.delete(oldest);
    return false;
  }

  /** Discord may let an edit wait for minutes; nobody who stops the bot waits for that. */
  const lastEdit = (progress: Progress<Card>) => untilStopped(progress.finish(), stopped.signal, STOP_GRACE_MS);

  async function handle(interaction: Interaction): Promise<void> {
    if (isRepeat(interaction.id)) return;
    if (interaction.isAutocomplete()) {
      if (!stopped.signal.aborted) await suggest(interaction, { commands: byName, onlyGuildId, languages, log });
      return;
    }
    if (!interaction.isChatInputCommand() && !interaction.isButton() && !interaction.isStringSelectMenu()) return;
    const controller = new AbortController();
    const work = answer(interaction, controller);
    active.set(work, controller);
    await work.finally(() => active.delete(work));
  }

  async function answer(interaction: AnswerableInteraction, controller: AbortController): Promise<void> {
    const deadline = setTimeout(() => controller.abort('deadline'), LIMITS.tokenMs - LAST_EDIT_MS);
    const receivedMs = Date.now();
    const account = openAccount(interaction, observer);
    const entry = entryOf(interaction, receivedMs, journal, log);
    const { outcome, delivered } = await converse(interaction, controller, placeOf(interaction, receivedMs), {
      entry,
      account,
    });
    clearTimeout(deadline);
    // What could not be said yet is said after the next start.
    if (delivered !== 'pending') await entry.close();
    account.close(outcome);
    onFinished?.({ interactionId: interaction.id, outcome });
  }

  /** Never rejects. */
  async function converse(
    interaction: AnswerableInteraction,
    controller: AbortController,
    place: ReplyPlace,
    { entry, account }: { entry: Entry; account: Account },
  ): Promise<Ended> {
    const progress = createProgress<Card>({
      edit: (card) => delivery.edit(place, renderCard(card, languages.of(interaction.locale))),
      everyMs: progressEveryMs,
      onError: (error) => {
        log.info({ interaction: interaction.id, err: error }, 'progress edit failed');
        // Nobody can see or cancel it any more.
        if (isGone(error)) controller.abort('cancelled');
      },
    });
    let acknowledged: Step | undefined;
    try {
      if (stopped.signal.aborted) throw new UserError('stopping', say`The bot is restarting. Try again in a minute.`);
      const step = stepOf(interaction, { commands: byName, onlyGuildId, onUnknown: countUnknown });
      const acknowledging = acknowledge(interaction, step);
      await Promise.all([
        acknowledging.then(account.acknowledged),
        step.acknowledge === 'reply' && afterSending().then(entry.open),
      ]);
      acknowledged = step;
      await turn();
      const { signal } = controller;
      const said = await step.run(contextOf(interaction, { signal, progress: progress.show, about: entry.about }));
      await lastEdit(progress);
      account.refusedBy(said?.code);
      return await tell(interaction, step, said, place);
    } catch (error) {
      await lastEdit(progress);
      const isStopped = controller.signal.aborted && error === controller.signal.reason;
      const reason = isStopped ? stoppedError(controller.signal) : error;
      account.because(reason);
      const delivered = await explain(interaction, reason, { step: acknowledged, place, account });
      if (!(reason instanceof UserError)) return { outcome: 'failed', delivered };
      tellRefused(interaction, reason.code);
      return { outcome: 'refused', delivered };
    }
  }

  async function tell(
    interaction: AnswerableInteraction,
    step: Step,
    said: Answer | undefined,
    place: ReplyPlace,
  ): Promise<Ended> {
    if (!said) return { outcome: 'done', delivered: 'edited' };
    const delivered = await report(interaction, step, said, place, {
      delivery,
      languages,
      log,
      signal: stopped.signal,
    });
    if (said.unknownId) {
      countUnknown(interaction);
      tellRefused(interaction, 'unknown-id');
    }
    return { outcome: said.outcome, delivered };
  }

  /** Our own buttons seldom get here, old ones aside: somebody makes ids up. */
  function countUnknown(interaction: AnswerableInteraction): void {
    unknownButtons += 1;
    log.warn({ interaction: interaction.id, user: interaction.user.id, unknownButtons }, 'unknown button');
  }

  function tellRefused(interaction: AnswerableInteraction, code: string): void {
    const { guildId, user } = interaction;
    if (guildId && !originProblem(interaction, onlyGuildId))
      onRefused?.({ guildId, userId: user.id, name: nameOf(interaction), code });
  }

  /** @param step undefined when the interaction could not be acknowledged: this is then its first response */
  async function explain(
    interaction: AnswerableInteraction,
    error: unknown,
    { step, place, account }: { step: Step | undefined; place: ReplyPlace; account: Account },
  ): Promise<Delivered> {
    if (isGone(error)) {
      log.info({ interaction: interaction.id, err: error }, 'nobody left to answer');
      return 'undelivered';
    }
    let card = error instanceof UserError ? mistakeCard(error) : undefined;
    if (!card) {
      const { reference } = account;
      log.error({ reference, interaction: interaction.id, err: error }, 'command failed');
      card = failureCard(reference);
    }
    try {
      const message = renderCard(card, languages.of(interaction.locale));
      if (!step) await respond(interaction, message).then(account.acknowledged);
      // Otherwise the reply is the message with the button, which stays as it is.
      else if (step.acknowledge !== 'reply')
        await delivery.followUp(place, message, { isPublic: false, signal: stopped.signal });
      else return await delivery.deliver(place, message, { signal: stopped.signal });
      return 'edited';
    } catch (failure) {
      log.warn({ interaction: interaction.id, err: failure }, 'the answer did not arrive');
      return 'undelivered';
    }
  }

  async function stop(): Promise<void> {
    stopped.abort();
    for (const controller of active.values()) controller.abort('shutdown');
    while (active.size > 0) await Promise.allSettled(active.keys());
  }

  return { declarations: commands.map(({ data }) => data), handle, stop };
}

/** The request of this turn is on its way first: Discord waits three seconds, and a database may be slow. */
function afterSending(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
