import { ApplicationCommandOptionType as Type } from 'discord.js';
import { channelObject, memberObject, roleObject, userObject } from '../entities.ts';
import { asArray, asJson } from '../json.ts';
import { type Guild, type Person, permissionsOf, type World } from '../world.ts';
import type { Actor } from './actor.ts';
import { listOf, nameOf, type TypedOption } from './line.ts';
import { ClientRefusal } from './refusal.ts';

/** An option's value for the payload, and what `resolved` must say about it. */
export interface ResolvedValue {
  readonly value: string | number | boolean;
  readonly resolved?: { readonly kind: string; readonly id: string; readonly object: unknown }[];
}

const MAX_STRING = 6000;

function refuse(option: TypedOption, problem: string): never {
  throw new ClientRefusal(`${option.name}: ${problem}`);
}

function fromChoices(option: TypedOption): string | number | null {
  const choices = asArray(option.declaration.choices).map(asJson);
  if (choices.length === 0) return null;
  const chosen = choices.find((choice) => choice.name === option.text || String(choice.value) === option.text);
  if (!chosen) refuse(option, `"${option.text}" is no choice. Choose one of: ${listOf(choices.map(nameOf))}.`);
  return chosen.value as string | number;
}

function text(option: TypedOption): ResolvedValue {
  const chosen = fromChoices(option);
  if (chosen !== null) return { value: chosen };
  const { min_length: min, max_length: max } = option.declaration;
  const length = option.text.length;
  if (length === 0) refuse(option, 'needs a value.');
  const least = typeof min === 'number' ? min : 0;
  const most = typeof max === 'number' ? max : MAX_STRING;
  if (length < least) refuse(option, `must have at least ${least} characters, this has ${length}.`);
  if (length > most) refuse(option, `must have at most ${most} characters, this has ${length}.`);
  return { value: option.text };
}

function number(option: TypedOption, whole: boolean): ResolvedValue {
  const chosen = fromChoices(option);
  if (chosen !== null) return { value: chosen };
  const pattern = whole ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/;
  if (!pattern.test(option.text)) refuse(option, `must be a ${whole ? 'whole ' : ''}number, "${option.text}" is none.`);
  const value = Number(option.text);
  const { min_value: min, max_value: max } = option.declaration;
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) refuse(option, 'is too large a number.');
  if (typeof min === 'number' && value < min) refuse(option, `must be ${min} or more.`);
  if (typeof max === 'number' && value > max) refuse(option, `must be ${max} or less.`);
  return { value };
}

function boolean(option: TypedOption): ResolvedValue {
  const value = option.text.toLowerCase();
  if (value !== 'true' && value !== 'false') refuse(option, `must be true or false, not "${option.text}".`);
  return { value: value === 'true' };
}

/** The text without what Discord wraps mentions in. */
function bare(value: string): string {
  return value.replace(/^<(?:@!?|@&|#)(\d+)>$/, '$1').replace(/^[@#]/, '');
}

/** Finds a person by id, key (`admin`), user name or the name that others read. */
export function findPerson(world: World, name: string): Person | undefined {
  const wanted = bare(name).toLowerCase();
  const people = [...Object.values(world.people), world.bot];
  return people.find((person) =>
    [person.id, person.key, person.username, person.displayName].some((known) => known.toLowerCase() === wanted),
  );
}

function user(option: TypedOption, world: World, guild: Guild | null): ResolvedValue {
  const person = findPerson(world, option.text);
  if (!person) {
    const names = Object.values(world.people).map((known) => `@${known.username}`);
    refuse(option, `nobody is called "${option.text}". There are: ${listOf(names)}.`);
  }
  const resolved = [{ kind: 'users', id: person.id, object: userObject(person) as unknown }];
  if (guild?.members.has(person.id)) {
    const permissions = permissionsOf(world, guild, person.id).toString();
    resolved.push({ kind: 'members', id: person.id, object: { ...memberObject(guild, person.id), permissions } });
  }
  return { value: person.id, resolved };
}

function channel(option: TypedOption, world: World, guild: Guild, person: Person): ResolvedValue {
  const wanted = bare(option.text);
  const found = guild.channels.find((candidate) => candidate.id === wanted || candidate.name === wanted);
  if (!found)
    refuse(
      option,
      `there is no channel "${option.text}". There are: ${listOf(guild.channels.map((c) => `#${c.name}`))}.`,
    );
  const types = asArray(option.declaration.channel_types);
  if (types.length > 0 && !types.includes(0)) refuse(option, 'takes another kind of channel than text channels.');
  // In resolved data `permissions` are those of who asks, `app_permissions` those of the bot.
  const object = {
    ...channelObject(found, world.bot.id),
    permissions: permissionsOf(world, guild, person.id, found).toString(),
    app_permissions: permissionsOf(world, guild, world.bot.id, found).toString(),
  };
  return { value: found.id, resolved: [{ kind: 'channels', id: found.id, object }] };
}

function role(option: TypedOption, guild: Guild): ResolvedValue {
  const wanted = bare(option.text).toLowerCase();
  const index = guild.roles.findIndex((item) => item.id === wanted || bare(item.name).toLowerCase() === wanted);
  const found = guild.roles[index];
  if (!found)
    refuse(option, `there is no role "${option.text}". There are: ${listOf(guild.roles.map((item) => item.name))}.`);
  return { value: found.id, resolved: [{ kind: 'roles', id: found.id, object: roleObject(found, index) }] };
}

function mentionable(option: TypedOption, world: World, guild: Guild | null): ResolvedValue {
  return findPerson(world, option.text) ? user(option, world, guild) : role(option, inServer(option, guild));
}

function inServer(option: TypedOption, guild: Guild | null): Guild {
  return guild ?? refuse(option, 'direct messages have no channels and no roles.');
}

/** Checks one typed value as Discord's client does, and turns it into the payload's value. Attachments are not for it. */
export function resolveValue(option: TypedOption, world: World, { guild, person }: Actor): ResolvedValue {
  switch (option.declaration.type) {
    case Type.String:
      return text(option);
    case Type.Integer:
      return number(option, true);
    case Type.Number:
      return number(option, false);
    case Type.Boolean:
      return boolean(option);
    case Type.User:
      return user(option, world, guild);
    case Type.Channel:
      return channel(option, world, inServer(option, guild), person);
    case Type.Role:
      return role(option, inServer(option, guild));
    default:
      return mentionable(option, world, guild);
  }
}
