import { type Phrase, say } from '../engine/phrase.ts';
import { UserError } from '../errors.ts';
import { judgeScannerRole, MAX_SCANNER_ROLES } from '../policy/mayScan.ts';
import type { GuildSettings } from '../storage/settings.ts';
import type { ServerFacts } from './serverFacts.ts';

/** The settings with one more role whose members may scan. Throws UserError when it cannot be one. */
export function withRole(guildId: string, settings: GuildSettings, roleId: string, facts: ServerFacts): GuildSettings {
  // Roles that are gone cannot be chosen any more, so nobody could take them off; with a new role the list stays closed.
  const known = settings.scannerRoles.filter((id) => facts.hasRole(guildId, id) !== false);
  const refuse = (code: string, message: Phrase) => new UserError(code, message, { option: 'role' });
  switch (judgeScannerRole(guildId, roleId, known)) {
    case 'everyone':
      throw refuse('everyone-role', say`Everybody has @everyone, so it would shut nobody out. Choose another role.`);
    case 'already':
      throw refuse('duplicate', say`This role is on the list already. /settings show has the whole list.`);
    case 'too-many':
      throw refuse(
        'too-many-roles',
        say`At most ${MAX_SCANNER_ROLES} roles. Take one off, or make a role for all of them.`,
      );
    case undefined:
      break;
  }
  if (facts.hasRole(guildId, roleId) === false) throw refuse('unknown-role', say`This server has no such role.`);
  return { ...settings, scannerRoles: [...known, roleId] };
}

/** The settings without this role. Throws UserError when it is not on the list. */
export function withoutRole(settings: GuildSettings, roleId: string): GuildSettings {
  if (!settings.scannerRoles.includes(roleId)) {
    const message = say`This role is not on the list. /settings show has the whole list.`;
    throw new UserError('not-on-list', message, { option: 'role' });
  }
  return { ...settings, scannerRoles: settings.scannerRoles.filter((id) => id !== roleId) };
}
