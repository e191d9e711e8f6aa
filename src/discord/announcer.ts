import type { Logger } from '../log.ts';
import type { AuditDeps } from '../scans/audit.ts';
import type { Settings } from '../storage/settings.ts';
import type { AuditChannel } from './auditChannel.ts';
import { auditLine } from './cards/auditCards.ts';

export interface AnnouncerDeps {
  readonly settings: Pick<Settings, 'read'>;
  readonly auditChannel: Pick<AuditChannel, 'post'>;
  readonly log: Logger;
}

/** Tells each audit record in the server's audit channel, where there is one. Never throws, never waits. */
export function createAnnouncer({ settings, auditChannel, log }: AnnouncerDeps): AuditDeps['announce'] {
  return (record, { guildId, userId }) => {
    const post = async () => {
      const { auditChannelId } = await settings.read(guildId);
      if (auditChannelId !== undefined) auditChannel.post(auditChannelId, auditLine(record, userId), record);
    };
    post().catch((err: unknown) => log.error({ err, guild: guildId }, 'cannot tell the audit channel'));
  };
}
