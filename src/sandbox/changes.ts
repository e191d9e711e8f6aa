import { guildOf, personOf } from './client/actor.ts';
import { channelObject, guildCreateObject, memberObject, roleObject, userObject } from './entities.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { State } from './state.ts';
import { EVERYONE_PERMISSIONS, findChannel, type Guild, type Person, type Role } from './world.ts';

type WhichPerson = Person | string;
type WhichGuild = Guild | string | number;

/**
 * What happens in servers while the bot runs. The bot is told what its intent (GUILDS) lets it hear: roles, channels and
 * whole servers, but of members only itself.
 */
export interface WorldChanges {
  /** Replaces a member's roles; takes ids or names. Throws for who is no member and for roles that do not exist. */
  setRoles(person: WhichPerson, guild: WhichGuild, roles: readonly string[]): void;
  addMember(person: WhichPerson, guild: WhichGuild, roles?: readonly string[]): void;
  /** Somebody leaves or is kicked. Throws for the owner, who cannot, and for the bot: see `removeBot`. */
  removeMember(person: WhichPerson, guild: WhichGuild): void;
  createRole(guild: WhichGuild, role: { readonly name: string; readonly permissions?: bigint }): Role;
  /** Members lose it. Throws for @everyone. */
  deleteRole(guild: WhichGuild, role: string): void;
  /** The bot is kicked: GUILD_DELETE without `unavailable`; the server's own commands and the bot's role are gone. */
  removeBot(guild: WhichGuild): void;
  /** The bot is invited again: GUILD_CREATE. */
  addBot(guild: WhichGuild): void;
  /** The server is out of order: GUILD_DELETE with `unavailable: true`. */
  beginOutage(guild: WhichGuild): void;
  /** GUILD_CREATE. */
  endOutage(guild: WhichGuild): void;
  /** Takes permissions from the bot in a channel (0n gives them back). */
  denyBot(channelId: string, permissions: bigint): void;
  /** Deletes a channel and tells the bot. */
  deleteChannel(channelId: string): void;
}

function roleOf(guild: Guild, wanted: string): Role {
  const role = guild.roles.find(({ id, name }) => id === wanted || name === wanted);
  if (role) return role;
  throw new Error(`There is no role ${wanted} in ${guild.name}.`);
}

function removeRole(guild: Guild, role: Role): void {
  guild.roles.splice(guild.roles.indexOf(role), 1);
  for (const [id, ids] of guild.members) {
    guild.members.set(
      id,
      ids.filter((other) => other !== role.id),
    );
  }
}

type Events = Pick<Gateway, 'dispatch'>;
type MemberChanges = Pick<WorldChanges, 'setRoles' | 'addMember' | 'removeMember' | 'createRole' | 'deleteRole'>;

function createMemberChanges({ world, nextId }: State, gateway: Events): MemberChanges {
  const tell = (guild: Guild, event: string, data: Parameters<Events['dispatch']>[1]) => {
    if (guild.bot === 'present') gateway.dispatch(event, { guild_id: guild.id, ...data });
  };
  const assign = (person: Person, guild: Guild, roles: readonly string[]) =>
    guild.members.set(person.id, [...new Set(roles.map((role) => roleOf(guild, role).id))]);

  return {
    setRoles(who, where, roles) {
      const [person, guild] = [personOf(world, who), guildOf(world, where)];
      if (!guild.members.has(person.id)) throw new Error(`${person.displayName} is not a member of ${guild.name}.`);
      assign(person, guild, roles);
      if (person.id !== world.bot.id) return;
      tell(guild, 'GUILD_MEMBER_UPDATE', { ...memberObject(guild, person.id), user: userObject(person) });
    },
    addMember(who, where, roles = []) {
      assign(personOf(world, who), guildOf(world, where), roles);
    },
    removeMember(who, where) {
      const [person, guild] = [personOf(world, who), guildOf(world, where)];
      if (person.id === guild.ownerId) throw new Error('The owner cannot leave.');
      if (person.id === world.bot.id) throw new Error('Use removeBot.');
      guild.members.delete(person.id);
    },
    createRole(where, { name, permissions = 0n }) {
      const guild = guildOf(world, where);
      const role = { id: nextId(), name, permissions };
      guild.roles.push(role);
      tell(guild, 'GUILD_ROLE_CREATE', { role: roleObject(role, guild.roles.length - 1) });
      return role;
    },
    deleteRole(where, wanted) {
      const guild = guildOf(world, where);
      const role = roleOf(guild, wanted);
      if (role.id === guild.id) throw new Error('@everyone cannot be deleted.');
      removeRole(guild, role);
      tell(guild, 'GUILD_ROLE_DELETE', { role_id: role.id });
    },
  };
}

type BotChanges = Pick<WorldChanges, 'removeBot' | 'addBot' | 'beginOutage' | 'endOutage'>;

function createBotChanges({ world, commands, nextId }: State, gateway: Events): BotChanges {
  function move(where: WhichGuild, from: Guild['bot'], to: Guild['bot']): Guild {
    const guild = guildOf(world, where);
    if (guild.bot !== from) throw new Error(`In ${guild.name} the bot's state is "${guild.bot}", not "${from}".`);
    guild.bot = to;
    return guild;
  }
  return {
    removeBot(where) {
      const guild = move(where, 'present', 'removed');
      // The role that came with the bot goes with it.
      const managed = guild.roles.filter(({ id }) => guild.members.get(world.bot.id)?.includes(id));
      for (const role of managed) removeRole(guild, role);
      guild.members.delete(world.bot.id);
      commands.overwrite(guild.id, []);
      gateway.dispatch('GUILD_DELETE', { id: guild.id });
    },
    addBot(where) {
      const guild = move(where, 'removed', 'present');
      const role = { id: nextId(), name: world.bot.displayName, permissions: EVERYONE_PERMISSIONS };
      guild.roles.push(role);
      guild.members.set(world.bot.id, [role.id]);
      gateway.dispatch('GUILD_CREATE', guildCreateObject(world, guild));
    },
    beginOutage(where) {
      const guild = move(where, 'present', 'outage');
      gateway.dispatch('GUILD_DELETE', { id: guild.id, unavailable: true });
    },
    endOutage(where) {
      const guild = move(where, 'outage', 'present');
      gateway.dispatch('GUILD_CREATE', guildCreateObject(world, guild));
    },
  };
}

export function createWorldChanges(state: State, gateway: Events): WorldChanges {
  const { world } = state;
  return {
    ...createMemberChanges(state, gateway),
    ...createBotChanges(state, gateway),
    denyBot(channelId, permissions) {
      const found = findChannel(world, channelId);
      if (!found) return;
      const { guild, channel } = found;
      channel.deniedToBot = permissions;
      if (guild.bot === 'present') gateway.dispatch('CHANNEL_UPDATE', channelObject(channel, world.bot.id));
    },
    deleteChannel(channelId) {
      const found = findChannel(world, channelId);
      if (!found) return;
      const { guild, channel } = found;
      guild.channels.splice(guild.channels.indexOf(channel), 1);
      if (guild.bot === 'present') gateway.dispatch('CHANNEL_DELETE', channelObject(channel, world.bot.id));
    },
  };
}
