import type { Sandbox } from '../sandbox.ts';
import { findUser, nameIn, type Person, type World } from '../world.ts';
import type { GuildView, PersonView, TourStep, Welcome } from './protocol.ts';

/** Who may be acted as, and what to know of them. */
const ABOUT: Readonly<Record<string, string>> = {
  owner: 'owns Harbor Ops',
  admin: 'has Manage Server in both servers',
  member: 'has the role that may scan in Harbor Ops',
  outsider: 'is in Second Harbor only, without a role',
};

function personView(world: World, person: Person): PersonView {
  return {
    key: person.key,
    id: person.id,
    name: person.displayName,
    about: ABOUT[person.key] ?? '',
    guilds: world.guilds.filter((guild) => guild.members.has(person.id)).map((guild) => guild.id),
    dmChannel: person.dmChannelId,
  };
}

function guildView(world: World, guild: World['guilds'][number]): GuildView {
  const members = [...guild.members.keys()].flatMap((id) => findUser(world, id) ?? []);
  return {
    id: guild.id,
    name: guild.name,
    channels: guild.channels.map(({ id, name }) => ({ id, name })),
    roles: guild.roles.map(({ id, name }) => ({ id, name })),
    members: members.map(({ id, displayName }) => ({ id, name: displayName })),
  };
}

/** The person, when the page offers to act as them. */
export function findActor(world: World, key: string): PersonView | undefined {
  const person = Object.hasOwn(ABOUT, key) ? Object.values(world.people).find((known) => known.key === key) : undefined;
  return person && personView(world, person);
}

export function welcome({ world }: Pick<Sandbox, 'world'>, tour: readonly TourStep[]): Welcome {
  const ids = [
    ...Object.values(world.people).map(({ id }) => id),
    world.bot.id,
    ...world.guilds.flatMap((guild) => [...guild.channels, ...guild.roles].map(({ id }) => id)),
  ];
  return {
    bot: { id: world.bot.id, name: world.bot.displayName },
    people: Object.keys(ABOUT).flatMap((key) => findActor(world, key) ?? []),
    guilds: world.guilds.map((guild) => guildView(world, guild)),
    names: Object.fromEntries(ids.map((id) => [id, nameIn(world, id) ?? ''])),
    tour,
  };
}
