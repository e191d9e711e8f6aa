import type { Logger } from '../log.ts';
import type { Metrics } from './metrics.ts';
import type { RecentErrors } from './recentErrors.ts';

/** How one interaction ended. */
export interface EndedInteraction {
  readonly interactionId: string;
  readonly guildId: string | null;
  readonly userId: string;
  /** The command, or `<command>:<action>` of a button: a made-up id may put anything there. */
  readonly name: string;
  readonly outcome: 'done' | 'refused' | 'failed';
  /** Which rule refused it, or the code or class of the error. */
  readonly code?: string | undefined;
  /** The one that the person sees when it failed. */
  readonly reference: string;
  /** By the time in its id, when it was received. */
  readonly ageMs: number;
  /** From the receipt to the answered first response; undefined when there was none. */
  readonly acknowledgedMs: number | undefined;
  /** From the receipt to the last word. */
  readonly durationMs: number;
}

/** Hears of every command and button once, when it has ended. */
export interface InteractionObserver {
  finished(ended: EndedInteraction): void;
}

export interface InteractionObserverDeps {
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'interaction'>;
  readonly recentErrors: Pick<RecentErrors, 'add'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Discord waits 3 seconds; an acknowledgement that takes longer than this in our hands is close to being lost. */
const SLOW_MS = 1_500;

/** One log line for each interaction, its metrics, and its error for /status. */
export function createInteractionObserver(deps: InteractionObserverDeps): InteractionObserver {
  const { log, metrics, recentErrors, now } = deps;
  return {
    finished(ended) {
      const { interactionId, guildId, userId, acknowledgedMs, durationMs, ageMs, ...decision } = ended;
      const line = {
        interaction: interactionId,
        guild: guildId,
        user: userId,
        ...decision,
        ageMs,
        acknowledgedMs: acknowledgedMs === undefined ? null : round(acknowledgedMs),
        durationMs: round(durationMs),
      };
      if (acknowledgedMs !== undefined && acknowledgedMs > SLOW_MS) log.warn(line, 'interaction, acknowledged late');
      else log.info(line, 'interaction');
      metrics.interaction(ended);
      const { name, outcome, reference, code = 'Error' } = ended;
      if (outcome === 'failed' && guildId !== null) recentErrors.add(guildId, { reference, at: now(), name, code });
    },
  };
}

/** Tenths are enough to read. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
