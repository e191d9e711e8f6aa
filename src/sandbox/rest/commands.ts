import { asJson } from '../json.ts';
import { checkCommand, checkCommandList } from '../validate/commands.ts';
import { findGuild } from '../world.ts';
import { missingAccess, notFound, unknownCommand, validated } from './errors.ts';
import type { RestReply, RestRequest, Route } from './route.ts';

/** The scope of the request: a guild's id, or null for global commands. */
function scopeOf(request: RestRequest): string | null {
  const { params, state } = request;
  if (params.application !== state.world.application.id) throw notFound();
  if (params.guild === undefined) return null;
  if (!findGuild(state.world, params.guild)) throw missingAccess();
  return params.guild;
}

function list(request: RestRequest): RestReply {
  return { status: 200, body: request.state.commands.list(scopeOf(request)) };
}

function overwrite(request: RestRequest): RestReply {
  const scope = scopeOf(request);
  const commands = validated((spot) => checkCommandList(spot, request.body));
  return { status: 200, body: request.state.commands.overwrite(scope, commands) };
}

/** Creates one command, or replaces the one of the same name. */
function create(request: RestRequest): RestReply {
  const { state, body } = request;
  const scope = scopeOf(request);
  validated((spot) => checkCommand(spot, body));
  const name = asJson(body).name;
  const existing = state.commands.list(scope);
  const others = existing.filter((command) => command.name !== name);
  const stored = state.commands.overwrite(scope, [...others.map(asJson), asJson(body)]);
  return { status: others.length < existing.length ? 200 : 201, body: stored.at(-1) };
}

function find(request: RestRequest): RestReply {
  const found = request.state.commands.list(scopeOf(request)).find((command) => command.id === request.params.command);
  if (!found) throw unknownCommand();
  return { status: 200, body: found };
}

function remove(request: RestRequest): RestReply {
  const { state, params } = request;
  if (!state.commands.remove(scopeOf(request), params.command ?? '')) throw unknownCommand();
  return { status: 204 };
}

const SCOPES = ['/applications/:application/commands', '/applications/:application/guilds/:guild/commands'];

export const commandRoutes: readonly Route[] = SCOPES.flatMap((pattern) => [
  { method: 'GET', pattern, authorized: true, handle: list },
  { method: 'PUT', pattern, authorized: true, handle: overwrite },
  { method: 'POST', pattern, authorized: true, handle: create },
  { method: 'GET', pattern: `${pattern}/:command`, authorized: true, handle: find },
  { method: 'DELETE', pattern: `${pattern}/:command`, authorized: true, handle: remove },
]);
