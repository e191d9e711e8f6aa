import { PermissionFlagsBits } from 'discord.js';
import { snowflakeAt } from './snowflake.ts';

export type PersonKey = 'owner' | 'admin' | 'member' | 'outsider' | 'secondOwner';

/** Somebody who can type commands. */
export interface Person {
  readonly key: string;
  readonly id: string;
  readonly username: string;
  /** What others read, such as `Ada (admin)`. */
  readonly displayName: string;
  readonly bot: boolean;
  /** Where this person and the bot write to each other alone. */
  readonly dmChannelId: string;
  /** The language of their client, as Discord names it. */
  locale: string;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  readonly permissions: bigint;
}

export interface Channel {
  readonly id: string;
  /** Null for a direct message. */
  readonly guildId: string | null;
  readonly name: string;
  /** Permissions taken from the bot in this channel, as a channel overwrite does. */
  deniedToBot: bigint;
}

export interface Guild {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly roles: Role[];
  readonly channels: Channel[];
  /** Role ids by user id; everyone also has the role whose id is the guild's. */
  readonly members: Map<string, readonly string[]>;
  /** Whether the bot is in the server, and whether it hears from it. */
  bot: 'present' | 'removed' | 'outage';
  /** The language of the server, as Discord names it. */
  locale: string;
}

export interface World {
  readonly application: { readonly id: string; readonly name: string };
  readonly bot: Person;
  readonly token: string;
  readonly people: Readonly<Record<PersonKey, Person>>;
  /** Harbor Ops first, Second Harbor second. */
  readonly guilds: readonly Guild[];
}

export const EVERYONE_PERMISSIONS =
  PermissionFlagsBits.ViewChannel |
  PermissionFlagsBits.SendMessages |
  PermissionFlagsBits.EmbedLinks |
  PermissionFlagsBits.AttachFiles |
  PermissionFlagsBits.ReadMessageHistory |
  PermissionFlagsBits.AddReactions |
  PermissionFlagsBits.UseExternalEmojis |
  PermissionFlagsBits.UseApplicationCommands;

const ADMIN_PERMISSIONS = PermissionFlagsBits.ManageGuild;

export const ALL_PERMISSIONS = Object.values(PermissionFlagsBits).reduce((all, bit) => all | bit, 0n);

const CREATED_AT_MS = Date.UTC(2026, 0, 1);

/** Ids are constants, so that a test can compare whole payloads from run to run. */
function idNumber(sequence: number): string {
  return snowflakeAt(CREATED_AT_MS, sequence);
}

const DEFAULT_LOCALE = 'en-US';

function person(key: string, sequence: number, name: string, bot = false): Person {
  return {
    key,
    id: idNumber(sequence),
    username: name.toLowerCase(),
    displayName: bot ? name : `${name} (${key === 'secondOwner' ? 'owner of Second Harbor' : key})`,
    bot,
    dmChannelId: idNumber(sequence + 5_000),
    locale: DEFAULT_LOCALE,
  };
}

interface GuildPlan {
  readonly sequence: number;
  readonly name: string;
  readonly owner: Person;
  readonly admins: readonly Person[];
  readonly members: readonly Person[];
  readonly bot: Person;
  /** Channels and roles besides the usual. */
  readonly more?: number;
}

function createGuild(plan: GuildPlan): Guild {
  const id = idNumber(plan.sequence);
  const admins: Role = { id: idNumber(plan.sequence + 1), name: 'Admins', permissions: ADMIN_PERMISSIONS };
  const botRole: Role = {
    id: idNumber(plan.sequence + 2),
    name: plan.bot.displayName,
    permissions: EVERYONE_PERMISSIONS,
  };
  const members = new Map<string, readonly string[]>([[plan.bot.id, [botRole.id]]]);
  for (const member of [plan.owner, ...plan.members]) members.set(member.id, []);
  for (const admin of plan.admins) members.set(admin.id, [admins.id]);
  const more = Array.from({ length: plan.more ?? 0 }, (_, index) => index + 1);
  const names = ['ops', 'general', ...more.map((number) => `channel-${number}`)];
  const channels = names.map((name, index) => ({
    id: idNumber(plan.sequence + 10 + index),
    guildId: id,
    name,
    deniedToBot: 0n,
  }));
  const everyone: Role = { id, name: '@everyone', permissions: EVERYONE_PERMISSIONS };
  const others = more.map((number) => ({
    id: idNumber(plan.sequence + 500 + number),
    name: `Role ${number}`,
    permissions: 0n,
  }));
  const roles = [everyone, admins, botRole, ...others];
  return {
    id,
    name: plan.name,
    ownerId: plan.owner.id,
    roles,
    channels,
    members,
    bot: 'present',
    locale: DEFAULT_LOCALE,
  };
}

export interface WorldOptions {
  /** Servers besides the two, up to 4,000, each with as many channels and as many roles (up to 400). Default: none. */
  readonly more?: { readonly guilds: number; readonly channelsAndRolesEach: number };
}

/** Where the ids of further servers begin, and how many each has for itself. */
const MORE_FROM = 100_000;
const IDS_EACH = 1_000;

/**
 * Two servers, so that a mix-up between servers shows: Harbor Ops (owner, admin, member) and Second Harbor (an owner of
 * its own, admin, member, outsider). Fresh objects on each call; the ids are always the same.
 */
export function createWorld({ more }: WorldOptions = {}): World {
  const people = {
    owner: person('owner', 101, 'Olga'),
    admin: person('admin', 102, 'Ada'),
    member: person('member', 103, 'Mel'),
    outsider: person('outsider', 104, 'Otto'),
    secondOwner: person('secondOwner', 105, 'Sam'),
  };
  const application = { id: idNumber(1), name: 'Sandbox Bot' };
  const bot: Person = { ...person('bot', 1, application.name, true), id: application.id };
  const { owner, admin, member, outsider, secondOwner } = people;
  const first = { sequence: 1000, name: 'Harbor Ops', owner, admins: [admin], members: [member], bot };
  const second = {
    sequence: 2000,
    name: 'Second Harbor',
    owner: secondOwner,
    admins: [admin],
    members: [member, outsider],
    bot,
  };
  const others = Array.from({ length: more?.guilds ?? 0 }, (_, index) =>
    createGuild({
      sequence: MORE_FROM + index * IDS_EACH,
      name: `Harbor ${index + 3}`,
      owner,
      admins: [admin],
      members: [member],
      bot,
      more: more?.channelsAndRolesEach ?? 0,
    }),
  );
  const prefix = Buffer.from(application.id).toString('base64url');
  return {
    application,
    bot,
    token: `${prefix}.SANDBX.not-a-real-token-works-on-this-machine-only`,
    people,
    guilds: [createGuild(first), createGuild(second), ...others],
  };
}

/**
 * Effective permissions of a member ("Permissions" in Discord's reference): the owner has all, an administrator has
 * all, everyone else the union of their roles. In a channel, what was denied to the bot is taken off the bot.
 */
export function permissionsOf(world: World, guild: Guild, userId: string, channel?: Channel): bigint {
  if (guild.ownerId === userId) return ALL_PERMISSIONS;
  const roleIds = [guild.id, ...(guild.members.get(userId) ?? [])];
  const union = guild.roles.reduce((bits, role) => (roleIds.includes(role.id) ? bits | role.permissions : bits), 0n);
  if (userId === world.bot.id && channel) return union & ~channel.deniedToBot;
  return union & PermissionFlagsBits.Administrator ? ALL_PERMISSIONS : union;
}

/** A server that the bot is in, also during an outage. */
export function findGuild(world: World, guildId: string): Guild | undefined {
  return world.guilds.find((guild) => guild.id === guildId && guild.bot !== 'removed');
}

export function findChannel(world: World, channelId: string): { guild: Guild; channel: Channel } | undefined {
  for (const guild of world.guilds) {
    const channel = guild.channels.find((candidate) => candidate.id === channelId);
    if (channel) return { guild, channel };
  }
  return undefined;
}

/** The direct messages between a person and the bot. */
export function dmChannelOf(person: Person): Channel {
  return { id: person.dmChannelId, guildId: null, name: person.username, deniedToBot: 0n };
}

/** The person to whom a channel of direct messages belongs. */
export function findDmPerson(world: World, channelId: string): Person | undefined {
  return Object.values(world.people).find((candidate) => candidate.dmChannelId === channelId);
}

export function findUser(world: World, userId: string): Person | undefined {
  return [...Object.values(world.people), world.bot].find((candidate) => candidate.id === userId);
}

/** The name of a person, role or channel as a mention shows it, such as `@Ada (admin)` or `#ops`. */
export function nameIn(world: World, id: string): string | undefined {
  const person = findUser(world, id);
  if (person) return `@${person.displayName}`;
  const channel = findChannel(world, id)?.channel;
  if (channel) return `#${channel.name}`;
  const role = world.guilds.flatMap((guild) => guild.roles).find((candidate) => candidate.id === id);
  return role && `@${role.name.replace(/^@/, '')}`;
}
