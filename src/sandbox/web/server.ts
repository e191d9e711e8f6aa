import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Sandbox } from '../sandbox.ts';
import { FILE_HEADERS, isOwn, PAGE_HEADERS } from './guard.ts';
import { PACKAGES } from './modules.ts';
import type { TourStep } from './protocol.ts';
import { readStaticFiles, type StaticFile } from './staticFiles.ts';
import { createVisitor, type Visitor } from './visitor.ts';
import { createWireLog } from './wireLog.ts';

/** A file of 10 MiB in Base64, and what stands around it. */
const MAX_FRAME_BYTES = 15 * 1024 * 1024;
/** What a browser may show in a tab of its own; everything else is saved. */
const SHOWN = /^(?:image\/(?:png|jpeg|gif|webp)|text\/plain)(?:;|$)/;

export interface WebOptions {
  readonly sandbox: Sandbox;
  readonly tour: readonly TourStep[];
  /** Stops the bot and starts it again; for the button of that name. */
  readonly restartBot: () => Promise<void>;
  /** Default: any free port. */
  readonly port?: number;
}

export interface WebPage {
  /** Where the page is, such as `http://127.0.0.1:4000/`. */
  readonly url: string;
  stop(): Promise<void>;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...PAGE_HEADERS, 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

function serveAttachment({ file }: Sandbox, path: string, response: ServerResponse): void {
  const found = file(path);
  if (!found) {
    refuse(response, 404, 'There is no such file.');
    return;
  }
  const shown = SHOWN.test(found.contentType);
  response.writeHead(200, {
    ...FILE_HEADERS,
    'content-type': shown ? found.contentType : 'application/octet-stream',
    'content-disposition': shown ? 'inline' : `attachment; filename="${found.name}"`,
    'content-length': found.data.byteLength,
  });
  response.end(found.data);
}

function serve(
  sandbox: Sandbox,
  files: ReadonlyMap<string, StaticFile>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const found = files.get(path);
  if (!isOwn(request.headers, false)) refuse(response, 403, 'Only pages of this address may ask.');
  else if (request.method !== 'GET' && request.method !== 'HEAD') refuse(response, 405, 'Only GET.');
  else if (/^\/(?:ephemeral-)?attachments\//.test(path)) serveAttachment(sandbox, path, response);
  else if (found) servePage(found, path.startsWith(PACKAGES), response);
  else refuse(response, 404, 'There is no such page.');
}

/** What belongs to one version of a package stays as it is. */
function servePage(found: StaticFile, forever: boolean, response: ServerResponse): void {
  const cache = forever ? { 'cache-control': 'max-age=31536000, immutable' } : {};
  response.writeHead(200, {
    ...PAGE_HEADERS,
    ...cache,
    'content-type': found.type,
    'content-length': found.body.byteLength,
  });
  response.end(found.body);
}

/** Tells every open page what happens in the sandbox. */
function connectPages({ sandbox, tour, restartBot }: WebOptions) {
  const visitors = new Set<Visitor>();
  let refreshing = false;
  let noticesSeen = sandbox.notices.length;
  const unshown = new Set(sandbox.messageIds());
  const log = createWireLog(Date.now, (entry) => {
    for (const visitor of visitors) visitor.tell({ type: 'log', entries: [entry] });
  });
  const refresh = (): void => {
    refreshing = false;
    for (const notice of sandbox.notices.slice(noticesSeen)) log.notice(notice);
    noticesSeen = sandbox.notices.length;
    for (const visitor of visitors) visitor.refresh();
  };
  const unwatch = sandbox.watch((happening) => {
    log.hear(happening);
    if (happening.kind === 'frame' && happening.event !== 'READY' && happening.event !== 'RESUMED') return;
    const online = sandbox.gateway.connected > 0;
    if (happening.kind !== 'request') for (const visitor of visitors) visitor.tell({ type: 'online', online });
    // In the next turn, when what was asked has been done.
    if (!refreshing) setImmediate(refresh);
    refreshing = true;
  });
  return {
    accept(socket: WebSocket): void {
      const visitor = createVisitor({ sandbox, socket, tour, unshown, restartBot });
      visitor.tell({ type: 'online', online: sandbox.gateway.connected > 0 });
      visitor.tell({ type: 'log', entries: log.entries() });
      visitors.add(visitor);
      socket.on('error', () => socket.terminate());
      socket.on('close', () => visitors.delete(visitor));
    },
    stop: unwatch,
  };
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
  });
}

/** Serves the page on loopback. Rejects when the port is taken. */
export async function startWeb(options: WebOptions): Promise<WebPage> {
  const files = readStaticFiles();
  const pages = connectPages(options);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  const server = createServer((request, response) => serve(options.sandbox, files, request, response));
  server.on('upgrade', (request, socket, head) => {
    if (request.url === '/live' && isOwn(request.headers, true))
      sockets.handleUpgrade(request, socket, head, pages.accept);
    else socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  const url = await listen(server, options.port ?? 0);
  return {
    url,
    stop: async () => {
      pages.stop();
      for (const client of sockets.clients) client.terminate();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
