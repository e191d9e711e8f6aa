import { ChannelType, type Client, PermissionFlagsBits } from 'discord.js';
import type { ServerFacts } from '../../commands/settings.ts';

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
