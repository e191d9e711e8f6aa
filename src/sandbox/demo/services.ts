import { createServer as createHttpServer, type OutgoingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:net';

/** Services that say what real ones say, and do nothing. Nothing that is sent to them is kept or obeyed. */

/** How long a conversation may stay without a word. */
const IDLE_MS = 10_000;

const TIDY_HEADERS: OutgoingHttpHeaders = {
  'content-security-policy': "default-src 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

const DEVELOPMENT_PAGE =
  '<!doctype html><html><head><script type="module" src="/@vite/client"></script><title>dashboard (dev)</title></head></html>';

/** Plain HTTP as it should be: it sends browsers on to HTTPS, and says nothing about itself. */
export function tidyWebServer(): Server {
  return createHttpServer((request, response) => {
    const host = (request.headers.host ?? 'localhost').replace(/:\d+$/, '');
    response.writeHead(308, { ...TIDY_HEADERS, location: `https://${host}/` }).end();
  });
}

/** A server that is made for its developer's own machine (Vite), where strangers can reach it. */
export function developmentServer(): Server {
  return createHttpServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(DEVELOPMENT_PAGE),
  );
}

function talking(first: string, answer: (heard: string) => string): Server {
  return createServer((socket) => {
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => socket.write(answer(data.toString('latin1'))));
    if (first !== '') socket.write(first);
  });
}

/** The banner of an SSH server that has had no update since 2016 (OpenSSH 6.6 as Ubuntu 14.04 had it). */
export function oldSshServer(): Server {
  return talking('SSH-2.0-OpenSSH_6.6.1p1 Ubuntu-2ubuntu2.13\r\n', () => '');
}

const REDIS_INFO = '# Server\r\nredis_version:5.0.3\r\nredis_mode:standalone\r\nos:Linux\r\ntcp_port:6379\r\n';

/** Answers PING and INFO as a Redis without a password does, and everything else with an error. */
export function openRedisServer(): Server {
  return talking('', (heard) => {
    const pong = /PING/i.test(heard) ? '+PONG\r\n' : '';
    const info = /INFO/i.test(heard) ? `$${REDIS_INFO.length}\r\n${REDIS_INFO}\r\n` : '';
    return pong + info || '-ERR unknown command\r\n';
  });
}
