import {
  type APIApplicationCommand,
  ApplicationIntegrationType,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js';
import type { State } from '../state.ts';
import { permissionsOf } from '../world.ts';
import type { Actor } from './actor.ts';
import { listOf } from './line.ts';
import { ClientRefusal } from './refusal.ts';

/** `ManageGuild` as people know it: Manage Server. */
function permissionName(key: string): string {
  return key.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replace('Guild', 'Server');
}

/** The commands that Discord shows in this place at all. Throws ClientRefusal where the bot is not to be reached. */
export function commandsFor(state: State, { guild, where }: Actor): readonly APIApplicationCommand[] {
  if (where !== 'guild' || !guild) return state.commands.list(null);
  if (guild.bot === 'removed') throw new ClientRefusal(`The bot is not in ${guild.name}.`);
  if (guild.bot === 'outage') throw new ClientRefusal(`${guild.name} is not available at the moment.`);
  return state.commands.visibleIn(guild.id);
}

/** Where a command is offered, and to which kind of installation. Commands of one server are for that server alone. */
function checkPlace(command: APIApplicationCommand, where: Actor['where']): void {
  const context = where === 'dm' ? InteractionContextType.BotDM : InteractionContextType.Guild;
  const { contexts, integration_types: installs } = command;
  if (contexts && !contexts.includes(context))
    throw new ClientRefusal(`/${command.name} is not offered in ${where === 'dm' ? 'direct messages' : 'a server'}.`);
  const install =
    where === 'user-install' ? ApplicationIntegrationType.UserInstall : ApplicationIntegrationType.GuildInstall;
  if (installs && !installs.includes(install))
    throw new ClientRefusal(
      `/${command.name} is not offered to ${where === 'user-install' ? 'people who installed the app for themselves' : 'servers'}.`,
    );
}

/** The commands that Discord shows this person in this place; none where the bot is not to be reached. */
export function offeredTo(state: State, actor: Actor): readonly APIApplicationCommand[] {
  const isOffered = (check: () => void): boolean => {
    try {
      check();
      return true;
    } catch (error) {
      if (error instanceof ClientRefusal) return false;
      throw error;
    }
  };
  if (!isOffered(() => commandsFor(state, actor))) return [];
  return commandsFor(state, actor).filter((command) => isOffered(() => checkOffered(state, command, actor)));
}

/** Refuses a command that Discord would not offer this person in this place. */
export function checkOffered(state: State, command: APIApplicationCommand, actor: Actor): void {
  const { person, guild, channel, where } = actor;
  checkPlace(command, where);
  const needed = command.default_member_permissions;
  if (needed === null || needed === undefined || !guild) return;
  const permissions = permissionsOf(state.world, guild, person.id, channel);
  const allowed =
    needed === '0'
      ? (permissions & PermissionFlagsBits.Administrator) !== 0n
      : (permissions & BigInt(needed)) === BigInt(needed);
  if (allowed) return;
  const names = Object.entries(PermissionFlagsBits)
    .filter(([, bit]) => BigInt(needed) & bit)
    .map(([name]) => permissionName(name));
  const who = needed === '0' ? 'administrators' : `members with ${listOf([...new Set(names)])}`;
  throw new ClientRefusal(
    `/${command.name} is not offered to ${person.displayName}: it is for ${who}. Try it as owner or admin.`,
  );
}
