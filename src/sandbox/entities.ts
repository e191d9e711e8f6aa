import type { APIUser } from 'discord.js';
import type { Json } from './json.ts';
import { type Channel, type Guild, type Person, permissionsOf, type Role, type World } from './world.ts';

const JOINED_AT = '2026-01-02T00:00:00.000000+00:00';

/** The user object of Discord's "User" resource. */
export function userObject(person: Person): APIUser {
  return {
    id: person.id,
    username: person.username,
    discriminator: person.bot ? '0001' : '0',
    global_name: person.bot ? null : person.displayName,
    avatar: null,
    bot: person.bot,
    system: false,
  };
}

/** The guild member object, without `user` and without the computed `permissions`. */
export function memberObject(guild: Guild, userId: string): Json {
  return {
    nick: null,
    avatar: null,
    banner: null,
    roles: guild.members.get(userId) ?? [],
    joined_at: JOINED_AT,
    premium_since: null,
    communication_disabled_until: null,
    deaf: false,
    mute: false,
    flags: 0,
    pending: false,
    unusual_dm_activity_until: null,
  };
}

export function roleObject(role: Role, position: number): Json {
  return {
    id: role.id,
    name: role.name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position,
    permissions: role.permissions.toString(),
    managed: false,
    mentionable: false,
    flags: 0,
  };
}

/** The channel object of direct messages between a person and the bot. */
export function dmChannelObject(person: Person): Json {
  return { id: person.dmChannelId, type: 1, last_message_id: null, flags: 0, recipients: [userObject(person)] };
}

export function channelObject(channel: Channel, botId: string): Json {
  const overwrite = { id: botId, type: 1, allow: '0', deny: channel.deniedToBot.toString() };
  return {
    id: channel.id,
    type: 0,
    guild_id: channel.guildId,
    name: channel.name,
    topic: null,
    position: 0,
    nsfw: false,
    parent_id: null,
    last_message_id: null,
    rate_limit_per_user: 0,
    permission_overwrites: channel.deniedToBot === 0n ? [] : [overwrite],
    flags: 0,
  };
}

/** The guild object of `GET /guilds/{id}`. */
export function guildObject(guild: Guild): Json {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    owner_id: guild.ownerId,
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: 1,
    default_message_notifications: 1,
    explicit_content_filter: 0,
    roles: guild.roles.map(roleObject),
    emojis: [],
    stickers: [],
    features: [],
    mfa_level: 0,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    vanity_url_code: null,
    description: null,
    banner: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: guild.locale,
    public_updates_channel_id: null,
    nsfw_level: 0,
    premium_progress_bar_enabled: false,
    safety_alerts_channel_id: null,
  };
}

/** The body of `GUILD_CREATE`: the guild with what only the gateway tells. The bot sees only its own member entry. */
export function guildCreateObject(world: World, guild: Guild): Json {
  return {
    ...guildObject(guild),
    joined_at: JOINED_AT,
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    members: [{ ...memberObject(guild, world.bot.id), user: userObject(world.bot) }],
    channels: guild.channels.map((channel) => channelObject(channel, world.bot.id)),
    threads: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

/** The `member` of an interaction: with user and the permissions in the channel as a decimal string. */
export function interactionMember(world: World, guild: Guild, person: Person, channel: Channel): Json {
  return {
    ...memberObject(guild, person.id),
    user: userObject(person),
    permissions: permissionsOf(world, guild, person.id, channel).toString(),
  };
}
