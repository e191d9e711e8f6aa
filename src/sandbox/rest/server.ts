import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { UploadedFile } from '../files.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { State } from '../state.ts';
import type { Watch } from '../watch.ts';
import { isNoPage } from '../web/guard.ts';
import { type ParsedBody, parseBody, readBody } from './body.ts';
import { callbackRoutes } from './callback.ts';
import { channelRoutes } from './channels.ts';
import { commandRoutes } from './commands.ts';
import { methodNotAllowed, notFound, RestError, unauthorized } from './errors.ts';
import type { Fault, FaultPlan } from './faults.ts';
import { identityRoutes } from './identity.ts';
import { findRoute, isDecodable, type Match, type RestReply, type Route } from './route.ts';
import { webhookRoutes } from './webhooks.ts';

const API_PATH = /^\/api\/v10(\/.*)$/;
const ROUTES: readonly Route[] = [
  ...callbackRoutes,
  ...webhookRoutes,
  ...commandRoutes,
  ...channelRoutes,
  ...identityRoutes,
];

/** One request to the REST API, as it came and as it was answered. */
export interface RecordedRequest {
  /** Milliseconds on the sandbox's clock. */
  readonly at: number;
  readonly method: string;
  /** Path below `/api/v10`, with the query. */
  readonly path: string;
  /** `METHOD /pattern`, or `unknown` when no route matches. */
  readonly route: string;
  /** Lower-case names; the value of `authorization` is replaced. */
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON body or the `payload_json` part; null when there was none. */
  readonly body: unknown;
  readonly files: readonly UploadedFile[];
  /** HTTP status, 0 when the connection was dropped, null while the answer is under way. */
  readonly status: number | null;
  readonly response: unknown;
}

type Recording = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

export interface RestServerOptions {
  readonly state: State;
  readonly gateway: Pick<Gateway, 'handleUpgrade'>;
  readonly faults: FaultPlan;
  readonly requests: RecordedRequest[];
  readonly origin: () => string;
  readonly tell: Watch['tell'];
}

interface Outgoing extends RestReply {
  readonly headers?: Readonly<Record<string, string>>;
}

function redactedHeaders(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headers).map(([name, value]) => {
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
    return [name, name === 'authorization' ? text.replace(/\S+$/, '[redacted]') : text];
  });
  return Object.fromEntries(entries);
}

function rateLimited(retryAfterSeconds: number): Outgoing {
  return {
    status: 429,
    body: { message: 'You are being rate limited.', retry_after: retryAfterSeconds, global: false },
    headers: {
      'retry-after': String(Math.ceil(retryAfterSeconds)),
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset-after': String(retryAfterSeconds),
      'x-ratelimit-bucket': 'sandbox',
      'x-ratelimit-scope': 'user',
    },
  };
}

function requireMatch(match: Match | 'wrong-method' | null): Match {
  if (match === null) throw notFound();
  if (match === 'wrong-method') throw methodNotAllowed();
  return match;
}

interface Incoming {
  readonly found: ReturnType<typeof findRoute>;
  readonly authorization: string | undefined;
  readonly path: string;
  /** The body, or what is wrong with it. */
  readonly parsed: ParsedBody | RestError;
}

/** The answer to a request for which no fault is planned. */
function answer({ state, origin }: RestServerOptions, { found, authorization, path, parsed }: Incoming): RestReply {
  const { route, params } = requireMatch(found);
  if (route.authorized && authorization !== `Bot ${state.world.token}`) throw unauthorized();
  if (parsed instanceof RestError) throw parsed;
  const query = new URL(path, 'http://localhost').searchParams;
  return route.handle({ params, query, body: parsed.body, files: parsed.files, state, origin: origin() });
}

function answerOrRefuse(work: () => RestReply): Outgoing {
  try {
    return work();
  } catch (error) {
    if (error instanceof RestError) return { status: error.status, body: error.body };
    // A mistake of the sandbox itself: loud, so that nobody blames the bot for it.
    process.stderr.write(`sandbox: ${error instanceof Error ? error.stack : String(error)}\n`);
    return { status: 500, body: { message: '500: Internal Server Error', code: 0 } };
  }
}

function write(response: ServerResponse, outgoing: Outgoing): void {
  const text = outgoing.body === undefined ? '' : JSON.stringify(outgoing.body);
  const type = text === '' ? {} : { 'content-type': 'application/json' };
  response.writeHead(outgoing.status, { ...type, ...outgoing.headers });
  response.end(text);
}

function faultReply(fault: Fault): Outgoing | null {
  if (fault.kind === 'rate-limit') return rateLimited(fault.retryAfterSeconds);
  if (fault.kind === 'status') return { status: fault.status, body: { message: `${fault.status}: Fault`, code: 0 } };
  return null;
}

/** Reads the body to its end, whatever is in it: an answer before that would break the client's connection. */
async function readParsed(request: IncomingMessage): Promise<ParsedBody | RestError> {
  try {
    return await parseBody(await readBody(request), request.headers['content-type']);
  } catch (error) {
    if (error instanceof RestError) return error;
    throw error;
  }
}

async function handleApi(
  options: RestServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const method = request.method ?? 'GET';
  const bare = path.split('?', 1)[0] ?? path;
  // discord.js writes `%40original`; people who write a pattern mean `@original`.
  const readable = bare.replaceAll('%40', '@');
  const found = findRoute(ROUTES, method, bare);
  const route = found === null || found === 'wrong-method' ? 'unknown' : `${method} ${found.route.pattern}`;
  const headers = redactedHeaders(request);
  const at = options.state.now();
  const recording: Recording = {
    at,
    method,
    path,
    route,
    headers,
    body: null,
    files: [],
    status: null,
    response: null,
  };
  options.requests.push(recording);
  options.tell({ kind: 'request', request: recording });
  const parsed = await readParsed(request);
  if (!(parsed instanceof RestError)) Object.assign(recording, parsed);
  const fault = options.faults.take([route, `${method} ${readable}`]);
  if (fault?.kind === 'drop') {
    recording.status = 0;
    options.tell({ kind: 'request', request: recording });
    response.destroy();
    return;
  }
  const planned = fault ? faultReply(fault) : null;
  const { authorization } = request.headers;
  const outgoing = planned ?? answerOrRefuse(() => answer(options, { found, authorization, path, parsed }));
  recording.status = outgoing.status;
  recording.response = outgoing.body ?? null;
  options.tell({ kind: 'request', request: recording });
  if (fault?.kind === 'lose-answer') response.destroy();
  else if (fault?.kind === 'delay') setTimeout(() => write(response, outgoing), fault.delayMs).unref();
  else write(response, outgoing);
}

function serveFile(options: RestServerOptions, path: string, response: ServerResponse): void {
  const file = isDecodable(path) ? options.state.files.find(decodeURIComponent(path)) : undefined;
  if (!file) {
    write(response, { status: 404 });
    return;
  }
  response.writeHead(200, { 'content-type': file.contentType, 'content-length': file.data.byteLength });
  response.end(file.data);
}

/** The HTTP side of the sandbox: REST under `/api/v10`, files under `/attachments`, the gateway's upgrade. */
export function createRestServer(options: RestServerOptions): Server {
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    if (!isNoPage(request.headers)) {
      write(response, { status: 403, body: { message: 'The sandbox answers bots on this machine alone.', code: 0 } });
      return;
    }
    const path = API_PATH.exec(url)?.[1];
    if (path !== undefined) {
      // Reading fails only when the client goes away in the middle.
      handleApi(options, request, response, path).catch(() => response.destroy());
    } else if (/^\/(?:ephemeral-)?attachments\//.test(url)) serveFile(options, url.split('?', 1)[0] ?? url, response);
    else write(response, { status: 404, body: notFound().body });
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith('/gateway') && isNoPage(request.headers))
      options.gateway.handleUpgrade(request, socket, head);
    else socket.destroy();
  });
  return server;
}
