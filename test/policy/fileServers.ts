import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SELF_SIGNED } from './selfSigned.ts';

export interface WebServers {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Called for each request of either server; may be replaced at any time. */
  answer: RequestListener;
  /** Every request, as `https www.example.com /path`; the name is the Host header. */
  readonly requests: string[];
  /** Names that clients sent by SNI; `false` = none. */
  readonly serverNames: (string | false)[];
  close(): Promise<void>;
}

/** A real web server on one loopback address, by HTTP and by HTTPS. */
export async function startWebServers(host: string): Promise<WebServers> {
  const requests: string[] = [];
  const serverNames: (string | false)[] = [];
  const handle =
    (scheme: string): RequestListener =>
    (request, response) => {
      requests.push(`${scheme} ${request.headers.host} ${request.url}`);
      web.answer(request, response);
    };
  const plain = createServer(handle('http'));
  const secure = createTlsServer(SELF_SIGNED, handle('https'));
  secure.on('secureConnection', (socket) => serverNames.push(socket.servername ?? false));
  const web: WebServers = {
    httpPort: await listen(plain, host),
    httpsPort: await listen(secure, host),
    answer: (_request, response) => response.writeHead(404).end(),
    requests,
    serverNames,
    async close() {
      for (const server of [plain, secure]) {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      }
    },
  };
  return web;
}

async function listen(server: Server, host: string): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
