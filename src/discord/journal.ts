import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import type { OpenReplies, OpenScan } from '../storage/openReplies.ts';
import { type AnswerableInteraction, nameOf } from './interaction.ts';

/** The journal entry of one reply. Nothing here rejects: an answer matters more than its entry. */
export interface Entry {
  open(): Promise<void>;
  about(scan: OpenScan): Promise<void>;
  close(): Promise<void>;
}

export type Journal = Pick<OpenReplies, 'open' | 'about' | 'close'>;

const CLOSE_TRIES = 3;
const AGAIN_AFTER_MS = 500;

/** @param receivedMs when the interaction arrived, epoch milliseconds */
export function entryOf(interaction: AnswerableInteraction, receivedMs: number, journal: Journal, log: Logger): Entry {
  const { id, applicationId, token, user } = interaction;
  const guildId = interaction.guildId ?? '';
  let isOpen = false;

  async function attempt(work: () => Promise<void>, tries = 1): Promise<void> {
    for (let left = tries; left > 0; left -= 1) {
      try {
        return await work();
      } catch (err) {
        log.error({ err, interaction: id }, 'the journal of replies cannot be written');
        if (left > 1) await delay(AGAIN_AFTER_MS);
      }
    }
  }

  return {
    open: () => {
      isOpen = true;
      const openedAt = new Date(receivedMs).toISOString();
      const channelId = interaction.channelId ?? '';
      const command = nameOf(interaction);
      const { locale, guildLocale } = interaction;
      const where = { interactionId: id, applicationId, token, guildId, channelId, userId: user.id };
      const reply = { ...where, command, openedAt, locale, ...(guildLocale && { guildLocale }) };
      return attempt(() => journal.open(reply));
    },
    about: (scan) => attempt(() => journal.about(guildId, id, scan)),
    close: async () => {
      // What stays open is answered again after the next start, over the answer that stands there.
      if (isOpen) await attempt(() => journal.close(guildId, id), CLOSE_TRIES);
    },
  };
}
