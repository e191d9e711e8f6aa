import { randomBytes } from 'node:crypto';
import { UserError } from '../errors.ts';
import type { EndedInteraction, InteractionObserver } from '../observability/interactions.ts';
import { errorCode } from '../observability/recentErrors.ts';
import { type AnswerableInteraction, nameOf } from './interaction.ts';

/** What is noted of one interaction for whoever runs the bot. */
export interface Account {
  /** In the log, and in the reply when it failed. */
  readonly reference: string;
  /** The first response has arrived; only the first call counts. */
  acknowledged(): void;
  /** Why it was refused or failed. */
  because(reason: unknown): void;
  /** The rule that refused it, where a command said which. */
  refusedBy(code: string | undefined): void;
  close(outcome: EndedInteraction['outcome']): void;
}

const REFERENCE_BYTES = 4;

/** Opened when an interaction is received. */
export function openAccount(interaction: AnswerableInteraction, observer: InteractionObserver | undefined): Account {
  const receivedAt = performance.now();
  const ageMs = Date.now() - interaction.createdTimestamp;
  const reference = randomBytes(REFERENCE_BYTES).toString('hex');
  const sinceReceipt = () => performance.now() - receivedAt;
  let acknowledgedMs: number | undefined;
  let code: string | undefined;
  return {
    reference,
    acknowledged: () => {
      acknowledgedMs ??= sinceReceipt();
    },
    because: (reason) => {
      code = reason instanceof UserError ? reason.code : errorCode(reason);
    },
    refusedBy: (rule) => {
      code = rule;
    },
    close: (outcome) => {
      const { id, guildId, user } = interaction;
      const who = { interactionId: id, guildId, userId: user.id, name: nameOf(interaction) };
      observer?.finished({ ...who, outcome, code, reference, ageMs, acknowledgedMs, durationMs: sinceReceipt() });
    },
  };
}
