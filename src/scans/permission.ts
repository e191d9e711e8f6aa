import { say } from '../engine/phrase.ts';
import { judgeAsker } from '../policy/mayScan.ts';
import type { Refusal } from '../policy/refusal.ts';
import type { Settings } from '../storage/settings.ts';

/** Somebody who wants to scan, as Discord's payload said when they asked. */
export interface Requester {
  readonly guildId: string;
  readonly roleIds: readonly string[];
  readonly isManager: boolean;
  /** The same as Discord says now; undefined when they have left the server. Rejects when Discord does not answer. */
  member(): Promise<{ readonly roleIds: readonly string[]; readonly isManager: boolean } | undefined>;
}

/** Who may scan in a server, whatever the target. Rejects when the settings cannot be read: nobody may then. */
export interface ScanPermission {
  judge(requester: Requester): Promise<Refusal | undefined>;
  /** After a wait: roles may have been taken away since. */
  judgeAgain(requester: Requester): Promise<Refusal | undefined>;
}

const LEFT: Refusal = {
  code: 'left-server',
  message: say`You are not a member of this server any more.`,
  remedy: say`Only members of a server can scan for it.`,
};

export function createScanPermission(settings: Pick<Settings, 'read'>): ScanPermission {
  async function judge({ guildId, roleIds, isManager }: Pick<Requester, 'guildId' | 'roleIds' | 'isManager'>) {
    const { scannerRoles } = await settings.read(guildId);
    return judgeAsker({ guildId, roleIds, isManager, isBot: false }, scannerRoles);
  }
  return {
    judge,
    async judgeAgain(requester) {
      const member = await requester.member();
      return member ? judge({ guildId: requester.guildId, ...member }) : LEFT;
    },
  };
}
