import { OptionType } from './commands.js';

/** @import { GuildView } from '../protocol.ts' */
/** @import { Option } from './commands.js' */

const MOST = 25;

/**
 * What the client itself offers for an option: its choices, true and false, people, roles, channels. Null where only the
 * bot could.
 *
 * @param {Option} option
 * @param {GuildView | undefined} guild
 * @returns {readonly { name: string, value: string }[] | null}
 */
function offered({ type, choices }, guild) {
  if (choices) return choices.map(({ name, value }) => ({ name, value: String(value) }));
  const people = (guild?.members ?? []).map(({ id, name }) => ({ name: `@${name}`, value: id }));
  const roles = (guild?.roles ?? []).map(({ id, name }) => ({ name: `@${name.replace(/^@/, '')}`, value: id }));
  switch (type) {
    case OptionType.Boolean:
      return [
        { name: 'True', value: 'true' },
        { name: 'False', value: 'false' },
      ];
    case OptionType.User:
      return people;
    case OptionType.Role:
      return roles;
    case OptionType.Mentionable:
      return [...people, ...roles];
    case OptionType.Channel:
      return (guild?.channels ?? []).map(({ id, name }) => ({ name: `#${name}`, value: id }));
    default:
      return null;
  }
}

/**
 * The offers that fit what is typed.
 *
 * @param {Option} option
 * @param {GuildView | undefined} guild
 * @param {string} typed
 */
export function offersFor(option, guild, typed) {
  const all = offered(option, guild);
  const wanted = typed.trim().toLowerCase();
  return all?.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, MOST) ?? null;
}
