import { type Channel, dmChannelOf, type Guild, type Person, type World } from '../world.ts';
import { listOf } from './line.ts';
import { ClientRefusal } from './refusal.ts';
import { findPerson } from './values.ts';

/**
 * How the application is reached ("Interaction Contexts" and "Installation Context" in Discord's reference): in a server
 * that has the bot, in direct messages with it, or as an app that the person installed for themselves, in any server.
 */
export type Place = 'guild' | 'dm' | 'user-install';

/** Who does something, and where. Everything may be left out. */
export interface Where {
  /** A person, or a key, id or name of one. Default: `admin`. */
  readonly as?: Person | string;
  /** A guild, its id or name, or 1 or 2 for the first and second. Default: 1 (Harbor Ops). */
  readonly guild?: Guild | string | number;
  /** A channel, its id or name. Default: the guild's first (`#ops`). */
  readonly channel?: Channel | string;
  /** Default: `guild`. For `dm`, guild and channel mean nothing. */
  readonly where?: Place;
}

export interface Actor {
  readonly person: Person;
  readonly where: Place;
  /** Null in direct messages. */
  readonly guild: Guild | null;
  readonly channel: Channel;
}

export function personOf(world: World, as: Person | string): Person {
  if (typeof as !== 'string') return as;
  const person = findPerson(world, as);
  if (person) return person;
  throw new ClientRefusal(`Nobody is called "${as}". There are: ${listOf(Object.keys(world.people))}.`);
}

export function guildOf(world: World, wanted: Guild | string | number): Guild {
  if (typeof wanted === 'object') return wanted;
  const guild = world.guilds.find(
    (item, index) => item.id === wanted || item.name === wanted || String(index + 1) === String(wanted),
  );
  if (guild) return guild;
  const names = world.guilds.map((item, index) => `${index + 1} (${item.name})`);
  throw new ClientRefusal(`There is no server ${wanted}. There are: ${listOf(names)}.`);
}

function channelOf(guild: Guild, wanted: Channel | string | undefined): Channel {
  if (typeof wanted === 'object') return wanted;
  const name = wanted?.replace(/^#/, '');
  const channel =
    name === undefined ? guild.channels[0] : guild.channels.find((item) => item.id === name || item.name === name);
  if (channel) return channel;
  throw new ClientRefusal(
    `There is no channel ${wanted} in ${guild.name}. There are: ${listOf(guild.channels.map((item) => `#${item.name}`))}.`,
  );
}

/** Finds who and where; throws ClientRefusal when there is no such person, server or channel, or no membership. */
export function resolveActor(world: World, options: Where): Actor {
  const { where = 'guild' } = options;
  const person = personOf(world, options.as ?? 'admin');
  if (where === 'dm') return { person, where, guild: null, channel: dmChannelOf(person) };
  const guild = guildOf(world, options.guild ?? 1);
  const channel = channelOf(guild, options.channel);
  if (!guild.members.has(person.id)) throw new ClientRefusal(`${person.displayName} is not a member of ${guild.name}.`);
  return { person, where, guild, channel };
}
