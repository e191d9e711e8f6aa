import { Client, Events, GatewayIntentBits, Options } from 'discord.js';
import type { Logger } from '../log.ts';

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
      MessageManager: 0,
      GuildMemberManager: { maxSize: 0, keepOverLimit: (member) => member.id === member.client.user.id },
      UserManager: { maxSize: 0, keepOverLimit: (user) => user.id === user.client.user.id },
      PresenceManager: 0,
      ReactionManager: 0,
      ThreadManager: 0,
      VoiceStateManager: 0,
    }),
  });
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
