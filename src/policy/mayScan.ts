import { type Phrase, say } from '../engine/phrase.ts';

/** Who asks, as Discord's payload says. */
export interface Asker {
  readonly guildId: string;
  readonly roleIds: readonly string[];
  /** Manage Server, Administrator, or the server's owner. */
  readonly isManager: boolean;
  /** A bot, or a webhook. */
  readonly isBot: boolean;
}

/** Why somebody may not scan here; of the shape of a policy refusal. */
export interface AskerRefusal {
  readonly code: 'not-a-person' | 'no-scanner-role';
  readonly message: Phrase;
  readonly remedy: Phrase;
}

/** How many roles a server may name. */
export const MAX_SCANNER_ROLES = 20;

/**
 * May this member scan at all, whatever the target? Members with Manage Server always may, so that nobody locks themselves
 * out; the others need one of the scanner roles, when there are any. Discord's own restrictions of /scan come before this
 * and cannot be widened by it. Undefined = yes.
 */
export function judgeAsker(asker: Asker, scannerRoles: readonly string[]): AskerRefusal | undefined {
  if (asker.isBot) {
    return { code: 'not-a-person', message: say`Bots and webhooks cannot scan.`, remedy: say`Nobody can change that.` };
  }
  if (asker.isManager || scannerRoles.length === 0) return undefined;
  // Everybody has the role whose id is the server's: were it on the list, it would make the list worthless.
  const counts = (roleId: string) => roleId !== asker.guildId && scannerRoles.includes(roleId);
  if (asker.roleIds.some(counts)) return undefined;
  return {
    code: 'no-scanner-role',
    message: say`Scanning here is for members with a scanner role, and you have none of them.`,
    remedy: say`A member with Manage Server can give you one, or change the list with /settings scanner-role.`,
  };
}

export type ScannerRoleProblem = 'everyone' | 'too-many' | 'already';

/** Can this role be added to the scanner roles? Undefined = yes. */
export function judgeScannerRole(
  guildId: string,
  roleId: string,
  scannerRoles: readonly string[],
): ScannerRoleProblem | undefined {
  // The role whose id is the server's is @everyone ("Permissions" in Discord's reference).
  if (roleId === guildId) return 'everyone';
  if (scannerRoles.includes(roleId)) return 'already';
  return scannerRoles.length >= MAX_SCANNER_ROLES ? 'too-many' : undefined;
}
