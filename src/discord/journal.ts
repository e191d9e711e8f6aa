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

/** @param receivedMs when the interaction arrived, epoch milliseconds */
export function entryOf(interaction: AnswerableInteraction, receivedMs: number, journal: Journal, log: Logger): Entry {
  const { id, applicationId, token, user } = interaction;
  const guildId = interaction.guildId ?? '';
  let isOpen = false;

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      log.error({ err, interaction: id }, 'the journal of replies cannot be written');
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
      if (isOpen) await attempt(() => journal.close(guildId, id));
    },
  };
}
