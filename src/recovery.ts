import type { Card } from './discord/card.ts';
import { interruptedCard, interruptedScanCard, type LateEnding, lateCard } from './discord/cards/scan/endedCards.ts';
import { scanCard } from './discord/cards/scan/scanCard.ts';
import type { Delivery } from './discord/delivery.ts';
import { LIMITS } from './discord/limits.ts';
import { renderCard } from './discord/render.ts';
import type { Languages } from './i18n/index.ts';
import type { Logger } from './log.ts';
import type { Audit } from './scans/audit.ts';
import type { InterruptedScans } from './storage/interruptedScans.ts';
import type { OpenReplies, OpenReply, OpenScan } from './storage/openReplies.ts';
import type { ScanRecords } from './storage/scanRecords.ts';

export interface RecoveryDeps {
  readonly openReplies: Pick<OpenReplies, 'close' | 'noteInterrupted'>;
  readonly records: Pick<ScanRecords, 'find'>;
  readonly interruptedScans: Pick<InterruptedScans, 'save'>;
  readonly audit: Pick<Audit, 'tryRecord'>;
  readonly delivery: Delivery;
  readonly languages: Languages;
  readonly log: Logger;
}

/**
 * Gives an ending to the replies that an earlier process left open: the result, where it was kept but not delivered, else
 * that it was interrupted. Nothing is run again. Never rejects.
 *
 * @param left what was open when this process started, before it took its first interaction
 */
export async function recoverReplies(
  left: readonly OpenReply[],
  deps: RecoveryDeps,
  signal: AbortSignal,
): Promise<void> {
  if (left.length > 0) deps.log.info({ replies: left.length }, 'replies were left open: they get an ending');
  await Promise.all(left.map((reply) => recover(reply, deps, signal)));
}

async function recover(reply: OpenReply, deps: RecoveryDeps, signal: AbortSignal): Promise<void> {
  const { guildId, interactionId, applicationId, token, channelId, userId } = reply;
  try {
    const { card, late } = await endingOf(reply, deps);
    const expiresAtMs = Date.parse(reply.openedAt) + LIMITS.tokenMs;
    const place = { interactionId, applicationId, token, channelId, expiresAtMs };
    const delivered = await deps.delivery.deliver(place, renderCard(card, deps.languages.of(reply.locale)), {
      late: late && renderCard(lateCard(userId, late), deps.languages.of(reply.guildLocale)),
      signal,
    });
    deps.log.info({ interaction: interactionId, delivered }, 'a reply that was left open');
    if (delivered === 'pending') return;
  } catch (err) {
    deps.log.error({ err, interaction: interactionId }, 'a reply that was left open cannot be ended');
  }
  await deps.openReplies.close(guildId, interactionId).catch((err: unknown) => {
    deps.log.error({ err, interaction: interactionId }, 'the journal of replies cannot be written');
  });
}

interface Ending {
  readonly card: Card;
  /** Undefined: nothing is said in the channel. */
  readonly late: LateEnding | undefined;
}

/** Never rejects: a reply gets an ending even when the database does not answer. */
async function endingOf(reply: OpenReply, deps: RecoveryDeps): Promise<Ending> {
  const { scan, guildId, interactionId } = reply;
  if (!scan) return { card: interruptedCard(reply.command.split(':', 1)[0] ?? ''), late: undefined };
  try {
    const record = await deps.records.find(guildId, scan.id);
    if (record) return { card: scanCard(record, 'mine'), late: 'kept' };
    await noteInterrupted(reply, scan, deps);
  } catch (err) {
    deps.log.error({ err, interaction: interactionId }, 'what became of a scan cannot be read or written');
  }
  return { card: interruptedScanCard(scan), late: 'interrupted' };
}

/** Once, however often the bot starts before Discord takes the ending. */
async function noteInterrupted(reply: OpenReply, scan: OpenScan, deps: RecoveryDeps): Promise<void> {
  if (reply.interrupted) return;
  const { guildId, interactionId, userId } = reply;
  const { id, host, display, ports } = scan;
  await deps.interruptedScans.save({ id, guildId, userId, host, display, requestedPorts: ports });
  const note = { action: 'scan', command: '/scan', target: host, ports, scanId: id, rule: 'interrupted' };
  await deps.audit.tryRecord({ guildId, userId }, { ...note, decision: 'failed' });
  await deps.openReplies.noteInterrupted(guildId, interactionId);
}
