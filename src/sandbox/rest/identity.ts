import { channelObject, guildObject, memberObject, roleObject, userObject } from '../entities.ts';
import { findGuild, findUser, type Guild } from '../world.ts';
import { unknownGuild, unknownMember, unknownUser } from './errors.ts';
import type { RestRequest, Route } from './route.ts';

/** Who the bot is, where the gateway is, and what the servers look like. */

const SESSION_LIMIT = { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 };

function gatewayUrl(request: RestRequest): string {
  return `${request.origin.replace(/^http/, 'ws')}/gateway`;
}

function applicationObject(request: RestRequest): object {
  const { world } = request.state;
  return {
    id: world.application.id,
    name: world.application.name,
    icon: null,
    description: '',
    bot: userObject(world.bot),
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    owner: userObject(world.people.owner),
    team: null,
    flags: 0,
    approximate_guild_count: world.guilds.filter((guild) => guild.bot !== 'removed').length,
  };
}

function guildOf(request: RestRequest): Guild {
  const guild = findGuild(request.state.world, request.params.guild ?? '');
  if (!guild) throw unknownGuild();
  return guild;
}

function member(request: RestRequest, userId: string): object {
  const guild = guildOf(request);
  const person = findUser(request.state.world, userId);
  if (!person) throw unknownUser();
  if (!guild.members.has(userId)) throw unknownMember();
  return { ...memberObject(guild, userId), user: userObject(person) };
}

function get(pattern: string, body: (request: RestRequest) => unknown, authorized = true): Route {
  return { method: 'GET', pattern, authorized, handle: (request) => ({ status: 200, body: body(request) }) };
}

export const identityRoutes: readonly Route[] = [
  get('/gateway', (request) => ({ url: gatewayUrl(request) }), false),
  get('/gateway/bot', (request) => ({ url: gatewayUrl(request), shards: 1, session_start_limit: SESSION_LIMIT })),
  get('/applications/@me', applicationObject),
  get('/oauth2/applications/@me', applicationObject),
  get('/users/@me', (request) => userObject(request.state.world.bot)),
  get('/users/@me/guilds', ({ state }) =>
    state.world.guilds
      .filter((guild) => guild.bot !== 'removed')
      .map(({ id, name }) => ({ id, name, owner: false, permissions: '0', features: [] })),
  ),
  get('/users/:user', (request) => {
    const person = findUser(request.state.world, request.params.user ?? '');
    if (!person) throw unknownUser();
    return userObject(person);
  }),
  get('/guilds/:guild', (request) => guildObject(guildOf(request))),
  get('/guilds/:guild/channels', (request) =>
    guildOf(request).channels.map((channel) => channelObject(channel, request.state.world.bot.id)),
  ),
  get('/guilds/:guild/roles', (request) => guildOf(request).roles.map(roleObject)),
  get('/guilds/:guild/members/:user', (request) => member(request, request.params.user ?? '')),
];
