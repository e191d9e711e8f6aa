import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import proxyAddr from 'proxy-addr';
import type { Logger } from '../log.ts';
import { visitorAddress } from '../policy/ownershipVisit.ts';

export interface HttpRequest {
  readonly headers: IncomingHttpHeaders;
  /** The other end of the connection as the socket tells it, whatever a proxy reports. */
  readonly peer: string;
  /**
   * Who asks: the canonical address of the peer, or the one that a trusted proxy reports. Undefined when that is no
   * address, or when a trusted proxy reports none: its own address would say nothing about the visitor.
   */
  readonly visitor: string | undefined;
  readonly body: string;
}

export interface HttpReply {
  readonly status: number;
  readonly body: string;
  /** `text/plain; charset=utf-8` by default. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Anchored; tested against the path without query. */
  readonly path: RegExp;
  /** @param groups what the parts of `path` in parentheses matched */
  handle(request: HttpRequest, groups: readonly string[]): Promise<HttpReply>;
}

export interface HttpServerOptions {
  readonly host: string;
  /** 0 = one that is free. */
  readonly port: number;
  readonly routes: readonly Route[];
  /** Addresses and CIDRs whose X-Forwarded-For is believed; `loopback`, `linklocal` and `uniquelocal` name their ranges. */
  readonly trustedProxies: readonly string[];
  readonly log: Logger;
}

export interface HttpServer {
  readonly port: number;
  /** Lets running requests end, for a second at most. */
  close(): Promise<void>;
}

const LIMITS = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;
const MAX_CONNECTIONS = 200;
/** So that one peer cannot take all of them; a trusted proxy speaks for many. */
const MAX_CONNECTIONS_PER_PEER = 20;
const MAX_BODY_BYTES = 1_024;
const CLOSE_LIMIT_MS = 1_000;

/** Nothing here is for caches, search engines, frames or other sites. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
} as const;

/**
 * A small HTTP server for what the bot itself offers, bounded in headers, body, time and connections. Resolves when it listens; rejects when it cannot, or when a trusted proxy is no address.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { log, routes } = options;
  const trust = proxyAddr.compile([...options.trustedProxies]);
  const server = createServer(LIMITS, (request, response) => {
    answer(request, routes, trust)
      .catch((err: unknown): HttpReply => {
        // A peer that goes away in the middle is no fault of ours.
        if (request.complete) log.error({ err, method: request.method }, 'an HTTP request failed');
        return { status: 500, body: 'failed' };
      })
      .then((reply) => send(response, reply));
  });
  server.maxConnections = MAX_CONNECTIONS;
  limitPeers(server, trust);
  server.listen(options.port, options.host);
  await once(server, 'listening');
  server.on('error', (err) => log.error({ err }, 'the HTTP server failed'));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const limit = setTimeout(() => server.closeAllConnections(), CLOSE_LIMIT_MS);
      await closed;
      clearTimeout(limit);
    },
  };
}

type Trust = ReturnType<typeof proxyAddr.compile>;

function limitPeers(server: Server, trust: Trust): void {
  const open = new Map<string, number>();
  server.on('connection', (socket) => {
    const peer = socket.remoteAddress ?? '';
    if (trust(peer, 0)) return;
    const count = (open.get(peer) ?? 0) + 1;
    open.set(peer, count);
    socket.once('close', () => {
      const left = (open.get(peer) ?? 1) - 1;
      if (left > 0) open.set(peer, left);
      else open.delete(peer);
    });
    if (count > MAX_CONNECTIONS_PER_PEER) socket.destroy();
  });
}

async function answer(request: IncomingMessage, routes: readonly Route[], trust: Trust): Promise<HttpReply> {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  // A HEAD is a GET whose body Node leaves out.
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const fitting = routes.filter((route) => route.path.test(path));
  const route = fitting.find((each) => each.method === method);
  if (!route) {
    const allow = fitting.map((each) => each.method).join(', ');
    return allow ? { status: 405, body: 'method not allowed', headers: { allow } } : { status: 404, body: 'not found' };
  }
  const body = await readBody(request);
  if (body === undefined) return { status: 413, body: 'too large', headers: { connection: 'close' } };
  const groups = (route.path.exec(path) ?? []).slice(1);
  const peer = request.socket.remoteAddress ?? '';
  return route.handle({ headers: request.headers, peer, visitor: visitorOf(request, trust), body }, groups);
}

/** Undefined when it is longer than it may be. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function visitorOf(request: IncomingMessage, trust: Trust): string | undefined {
  const isReported = String(request.headers['x-forwarded-for'] ?? '').trim() !== '';
  if (!isReported && trust(request.socket.remoteAddress ?? '', 0)) return undefined;
  return visitorAddress(proxyAddr(request, trust));
}

function send(response: ServerResponse, reply: HttpReply): void {
  if (response.destroyed) return;
  response.writeHead(reply.status, {
    ...HEADERS,
    'content-type': reply.contentType ?? 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(reply.body),
    ...reply.headers,
  });
  response.end(reply.body);
}
