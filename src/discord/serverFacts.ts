import { ChannelType, type Client, PermissionFlagsBits } from 'discord.js';

export interface ChannelFacts {
  /** An ordinary text channel. */
  readonly isText: boolean;
  /** The bot may view it, send messages there and embed links. */
  readonly canPost: boolean;
}

/** What the bot knows of its servers from the gateway. */
export interface ServerFacts {
  /** Undefined when this server has no such channel, or none is known. */
  channel(guildId: string, channelId: string): ChannelFacts | undefined;
  /** Undefined when nothing is known of the server. */
  hasRole(guildId: string, roleId: string): boolean | undefined;
}

const NEEDED = [PermissionFlagsBits.ViewChannel, PermissionFlagsBits.SendMessages, PermissionFlagsBits.EmbedLinks];

/** What Discord told of the servers' roles and channels. */
export function createServerFacts(client: Client): ServerFacts {
  return {
    channel(guildId, channelId) {
      const channel = client.guilds.cache.get(guildId)?.channels.cache.get(channelId);
      if (!channel) return undefined;
      const me = channel.guild.members.me;
      // Not announcement channels: other servers can follow those.
      return {
        isText: channel.type === ChannelType.GuildText,
        canPost: me !== null && channel.permissionsFor(me).has(NEEDED),
      };
    },
    hasRole: (guildId, roleId) => client.guilds.cache.get(guildId)?.roles.cache.has(roleId),
  };
}
