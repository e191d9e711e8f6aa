import { type Client, Events, RESTEvents } from 'discord.js';
import type { DiscordRoute, Metrics } from './metrics.ts';

type DiscordMetrics = Pick<Metrics, 'discordResponse' | 'discordRateLimited' | 'discordInvalidRequests' | 'gateway'>;

const SCOPES = ['global', 'user', 'shared'] as const;

/** Counts what Discord answers, and how its connection fares. */
export function observeDiscord(client: Client, metrics: DiscordMetrics): void {
  const { rest } = client;
  rest.on(RESTEvents.Response, ({ route }, { status }) =>
    metrics.discordResponse({ route: routeOf(route), status: status >= 100 && status < 600 ? status : 0 }),
  );
  rest.on(RESTEvents.RateLimited, ({ global, scope }) =>
    metrics.discordRateLimited(global ? 'global' : (SCOPES.find((known) => known === scope) ?? 'user')),
  );
  rest.on(RESTEvents.InvalidRequestWarning, () => metrics.discordInvalidRequests());
  client.on(Events.ShardReconnecting, () => metrics.gateway('reconnecting'));
  client.on(Events.ShardResume, () => metrics.gateway('resumed'));
  client.on(Events.ShardReady, () => metrics.gateway('ready'));
  client.on(Events.ShardDisconnect, () => metrics.gateway('closed'));
}

function routeOf(route: string): DiscordRoute {
  if (route.startsWith('/interactions/')) return 'callback';
  return route.startsWith('/webhooks/') ? 'webhook' : 'other';
}
