import { Client, Events, GatewayIntentBits, Options } from 'discord.js';
import type { Logger } from '../log.ts';
import { DiscordRest } from './rest.ts';

/**
 * What is never read, and so not kept: with thousands of servers it would be most of the memory. Roles, channels and the
 * bot's own member stay, because permissions are told from them.
 */
const NOT_KEPT = {
  ApplicationEmojiManager: 0,
  AutoModerationRuleManager: 0,
  DMMessageManager: 0,
  EntitlementManager: 0,
  GuildBanManager: 0,
  GuildEmojiManager: 0,
  GuildForumThreadManager: 0,
  GuildInviteManager: 0,
  GuildMessageManager: 0,
  GuildScheduledEventManager: 0,
  GuildSoundboardSoundManager: 0,
  GuildStickerManager: 0,
  GuildTextThreadManager: 0,
  MessageManager: 0,
  PresenceManager: 0,
  ReactionManager: 0,
  ReactionUserManager: 0,
  StageInstanceManager: 0,
  SubscriptionManager: 0,
  ThreadManager: 0,
  ThreadMemberManager: 0,
  VoiceStateManager: 0,
} as const;

/**
 * The discord.js client of this bot: interactions need no privileged intent and hardly any cache. No message of ours can
 * ping anybody, whatever text gets into it.
 *
 * @param apiUrl base of the REST API; the gateway's address comes from there too
 * @param onFatal hears when the gateway closed for good (a revoked token, a wrong intent): discord.js does not come back
 */
export function createClient(apiUrl: string, log: Logger, onFatal: (message: string) => void): Client {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [], repliedUser: false },
    rest: { api: apiUrl, invalidRequestWarningInterval: 500 },
    makeCache: Options.cacheWithLimits({
      ...NOT_KEPT,
      GuildMemberManager: { maxSize: 0, keepOverLimit: (member) => member.id === member.client.user.id },
      UserManager: { maxSize: 0, keepOverLimit: (user) => user.id === user.client.user.id },
    }),
  });
  const { rest } = client;
  client.rest = new DiscordRest(client.options.rest ?? {});
  // Its timers; nothing has been asked of it.
  rest.clearHashSweeper();
  rest.clearHandlerSweeper();
  client.on(Events.Error, (err) => log.error({ err }, 'discord client'));
  client.on(Events.Warn, (message) => log.warn({ message }, 'discord client'));
  client.on(Events.ShardError, (err, shard) => log.warn({ err, shard }, 'gateway connection failed'));
  client.on(Events.ShardDisconnect, ({ code }, shard) => {
    log.error({ code, shard }, 'gateway closed for good');
    onFatal(`Discord closed the connection for good (gateway close code ${code}).`);
  });
  client.on(Events.ShardReconnecting, (shard) => log.info({ shard }, 'gateway reconnecting'));
  client.on(Events.ShardResume, (shard, replayed) => log.info({ shard, replayed }, 'gateway resumed'));
  client.rest.on('rateLimited', ({ route, timeToReset }) =>
    log.info({ route, retryAfterMs: timeToReset }, 'rate limited'),
  );
  client.rest.on('invalidRequestWarning', (data) => log.warn(data, 'many invalid requests'));
  return client;
}
