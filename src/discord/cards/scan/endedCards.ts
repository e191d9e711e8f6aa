import { say } from '../../../engine/phrase.ts';
import type { Card } from '../../card.ts';
import { code, type Markdown, md, trusted } from '../../markdown.ts';

/** A scan that died with the bot before it had a result. */
export function interruptedScanCard({ id, display }: { readonly id: string; readonly display: string }): Card {
  return {
    tone: 'notice',
    title: md`Interrupted by a restart: ${display}`,
    lines: [md`The bot restarted before this scan had a result. It does not go on by itself.`],
    buttons: [{ label: say`Rescan`, style: 'primary', customId: `scan:rescan:${id}` }],
  };
}

/** Any other command whose answer died with the bot. */
export function interruptedCard(command: string): Card {
  return {
    tone: 'notice',
    title: md`Interrupted by a restart`,
    lines: [
      md`The bot restarted before it could answer ${code(`/${command}`)}.`,
      md`If it was to change something, look whether it did; then run it again if needed.`,
    ],
  };
}

/** Somebody called it off while it waited. */
export function cancelledCard(display: string): Card {
  return {
    tone: 'notice',
    title: md`Cancelled: ${display}`,
    lines: [md`The scan was cancelled before it began. Nothing was sent to the target.`],
  };
}

/** What became of a scan whose answer came too late. */
export type LateEnding = 'kept' | 'not-kept' | 'interrupted';

const LATE_ENDINGS: Readonly<Record<LateEnding, Markdown>> = {
  kept: md`The result is kept: see ${code('/history')}.`,
  'not-kept': md`The result could not be kept. Run ${code('/scan')} again.`,
  interrupted: md`A restart cut the scan off before it had a result. Run ${code('/scan')} again.`,
};

/** For the channel, when a private result came too late for its reply: without the target, which is not everybody's business. */
export function lateCard(userId: string, ending: LateEnding): Card {
  return {
    tone: 'info',
    title: md`A scan has ended`,
    lines: [
      md`${trusted(`<@${userId}>`)}, Discord did not take the answer to your scan in time.`,
      LATE_ENDINGS[ending],
    ],
  };
}
