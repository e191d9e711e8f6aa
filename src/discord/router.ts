import { randomBytes } from 'node:crypto';
import type { AutocompleteInteraction, ButtonInteraction, ChatInputCommandInteraction, Interaction } from 'discord.js';
import { UserError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Card } from './card.ts';
import { failureCard, mistakeCard } from './cards/notices.ts';
import type { Command, Declaration } from './command.ts';
import { contextOf } from './context.ts';
import { type AnswerableInteraction, followUp, isGone, isManager, respond } from './interaction.ts';
import { LIMITS } from './limits.ts';
import { readOptions } from './options.ts';
import { checkOrigin, originProblem } from './origin.ts';
import { createProgress } from './progress.ts';
import { renderCard } from './render.ts';
import { acknowledge, report, type Step, stoppedError } from './reply.ts';

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

export interface Router {
  readonly declarations: readonly Declaration[];
  /** Takes every interaction; never rejects. */
  handle(interaction: Interaction): Promise<void>;
  /** No new work from now on; running work is told to stop and its replies get an ending. Resolves when all have ended. */
  stop(): Promise<void>;
}

export interface RouterOptions {
  readonly commands: readonly Command[];
  readonly log: Logger;
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
const CUSTOM_ID = /^([a-z]{1,32}):([a-z]{1,32}):([\w-]{1,30})$/;

/**
 * The one way of every interaction: find → guard → parse → acknowledge → run → report. Commands never touch the
 * interaction, and this holds the only try/catch around them.
 */
export function createRouter({
  commands,
  log,
  onFinished,
  onRefused,
  onlyGuildId,
  progressEveryMs = 2_000,
}: RouterOptions): Router {
  const byName = new Map(commands.map((command) => [command.data.name, command]));
  const active = new Map<Promise<void>, AbortController>();
  const seen = new Set<string>();
  let stopping = false;
  let unknownButtons = 0;

  /** Discord may deliver an interaction again after a resume. */
  function isRepeat(id: string): boolean {
    if (seen.has(id)) return true;
    seen.add(id);
    const [oldest] = seen;
    if (seen.size > REMEMBERED_INTERACTIONS && oldest !== undefined) seen.delete(oldest);
    return false;
  }

  async function handle(interaction: Interaction): Promise<void> {
    if (isRepeat(interaction.id)) return;
    if (interaction.isAutocomplete()) return suggest(interaction);
    if (!interaction.isChatInputCommand() && !interaction.isButton()) return;
    const controller = new AbortController();
    const work = answer(interaction, controller);
    active.set(work, controller);
    await work.finally(() => active.delete(work));
  }

  async function answer(interaction: AnswerableInteraction, controller: AbortController): Promise<void> {
    const deadline = setTimeout(() => controller.abort('deadline'), LIMITS.tokenMs - LAST_EDIT_MS);
    const { id } = interaction;
    const progress = createProgress<Card>({
      edit: (card) => respond(interaction, renderCard(card)),
      everyMs: progressEveryMs,
      onError: (error) => {
        log.info({ interaction: id, err: error }, 'progress edit failed');
        // Nobody can see or cancel it any more.
        if (isGone(error)) controller.abort('cancelled');
      },
    });
    let outcome: InteractionReport['outcome'] = 'failed';
    let silently = false;
    try {
      const step = prepare(interaction);
      await acknowledge(interaction, step);
      silently = step.acknowledge === 'silent';
      const said = await step.run(contextOf(interaction, controller.signal, progress.show));
      await progress.finish();
      if (said) await report(interaction, step, said, log);
      if (said?.unknownId) {
        countUnknown(interaction);
        tellRefused(interaction, 'unknown-id');
      }
      outcome = said?.outcome ?? 'done';
    } catch (error) {
      await progress.finish();
      const stopped = controller.signal.aborted && error === controller.signal.reason;
      const reason = stopped ? stoppedError(controller.signal) : error;
      outcome = reason instanceof UserError ? 'refused' : 'failed';
      if (reason instanceof UserError) tellRefused(interaction, reason.code);
      await explain(interaction, reason, silently);
    } finally {
      clearTimeout(deadline);
      log.info(
        { interaction: id, guild: interaction.guildId, user: interaction.user.id, name: nameOf(interaction), outcome },
        'interaction',
      );
      onFinished?.({ interactionId: id, outcome });
    }
  }

  /** Find, guard, parse: synchronous, from the payload alone, so that the acknowledgement follows at once. */
  function prepare(interaction: AnswerableInteraction): Step {
    if (stopping) throw new UserError('stopping', 'The bot is restarting. Try again in a minute.');
    checkOrigin(interaction, onlyGuildId);
    return interaction.isButton() ? prepareButton(interaction) : prepareCommand(interaction);
  }

  function prepareCommand(interaction: ChatInputCommandInteraction): Step {
    const command = byName.get(interaction.commandName);
    if (!command) throw new UserError('unknown-command', 'This command does not exist any more. Try /help.');
    guard(command, interaction);
    const request = command.parse(readOptions(interaction.options.data));
    return { acknowledge: 'reply', run: (context) => command.run(context, request) };
  }

  /** Our own buttons seldom get here, old ones aside: somebody makes ids up. */
  function countUnknown(interaction: AnswerableInteraction): void {
    unknownButtons += 1;
    log.warn({ interaction: interaction.id, user: interaction.user.id, unknownButtons }, 'unknown button');
  }

  function prepareButton(interaction: ButtonInteraction): Step {
    const [, name = '', action = '', id = ''] = CUSTOM_ID.exec(interaction.customId) ?? [];
    const command = byName.get(name);
    const button = Object.entries(command?.buttons ?? {}).find(([key]) => key === action)?.[1];
    if (!command || !button) {
      countUnknown(interaction);
      throw new UserError('unknown-button', 'This button does not work any more.');
    }
    guard(command, interaction);
    return { acknowledge: button.acknowledge, run: (context) => button.run(context, id) };
  }

  function guard(command: Command, interaction: AnswerableInteraction): void {
    if (command.requires === 'manage-guild' && !isManager(interaction)) {
      throw new UserError(
        'not-a-manager',
        `/${command.data.name} is for members with the Manage Server permission. Ask one of them.`,
      );
    }
  }

  function tellRefused(interaction: AnswerableInteraction, code: string): void {
    const { guildId, user } = interaction;
    if (guildId && !originProblem(interaction, onlyGuildId))
      onRefused?.({ guildId, userId: user.id, name: nameOf(interaction), code });
  }

  async function explain(interaction: AnswerableInteraction, error: unknown, silently: boolean): Promise<void> {
    if (isGone(error)) {
      log.info({ interaction: interaction.id, err: error }, 'nobody left to answer');
      return;
    }
    let card = error instanceof UserError ? mistakeCard(error) : undefined;
    if (!card) {
      const reference = randomBytes(4).toString('hex');
      log.error({ reference, interaction: interaction.id, err: error }, 'command failed');
      card = failureCard(reference);
    }
    try {
      const message = renderCard(card);
      // After a silent acknowledgement the reply is the message with the button, which stays as it is.
      if (silently) await followUp(interaction, message, false);
      else await respond(interaction, message);
    } catch (failure) {
      log.warn({ interaction: interaction.id, err: failure }, 'the answer did not arrive');
    }
  }

  async function suggest(interaction: AutocompleteInteraction): Promise<void> {
    try {
      const command = byName.get(interaction.commandName);
      const { name, value } = interaction.options.getFocused(true);
      checkOrigin(interaction, onlyGuildId);
      const allowed = !stopping && (command?.requires !== 'manage-guild' || isManager(interaction));
      const context = contextOf(interaction, AbortSignal.timeout(LIMITS.acknowledgeMs), () => {});
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

  async function stop(): Promise<void> {
    stopping = true;
    for (const controller of active.values()) controller.abort('shutdown');
    while (active.size > 0) await Promise.allSettled(active.keys());
  }

  return { declarations: commands.map(({ data }) => data), handle, stop };
}

function nameOf(interaction: AnswerableInteraction): string {
  return interaction.isButton() ? interaction.customId.split(':', 2).join(':').slice(0, 65) : interaction.commandName;
}
