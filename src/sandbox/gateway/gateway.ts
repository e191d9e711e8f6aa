import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Json } from '../json.ts';
import { acceptConnection, type ConnectionContext } from './connection.ts';
import { CloseCode, Opcode, refuse } from './protocol.ts';
import { createSessions } from './sessions.ts';

export type GatewayOptions = Pick<ConnectionContext, 'world' | 'url' | 'heartbeatIntervalMs' | 'tell'>;

/** The WebSocket side: what the bot is told, and what a test can do to the connection. */
export interface Gateway {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sends an event to every session; sessions without a connection get it when they resume. */
  dispatch(event: string, data: Json): void;
  /** Opcode 7: asks clients to reconnect and resume. */
  reconnect(): void;
  /** Opcode 9: the session is invalid; `resumable` says whether the client may try to resume it. */
  invalidate(resumable: boolean): void;
  /** Cuts every connection without a closing handshake. Sessions survive and may be resumed. */
  drop(): void;
  /** Forgets every session without telling anyone: a later resume gets opcode 9. */
  forget(): void;
  /** When false, heartbeats stay unanswered, as on a connection that is half dead. */
  answerHeartbeats(answer: boolean): void;
  /** Sessions with a connection at this moment. */
  readonly connected: number;
  /** How often clients identified and resumed. */
  readonly counts: { readonly identified: number; readonly resumed: number };
  stop(): void;
}

/** A gateway of version 10 that speaks uncompressed JSON. It listens on nothing itself: see `handleUpgrade`. */
export function createGateway(options: GatewayOptions): Gateway {
  const server = new WebSocketServer({ noServer: true });
  const sessions = createSessions(options.tell);
  const counts = { identified: 0, resumed: 0 };
  let heartbeatsAnswered = true;
  const context = { ...options, sessions, counts, heartbeatsAnswered: () => heartbeatsAnswered };
  const terminateAll = (): void => {
    for (const client of server.clients) client.terminate();
  };
  return {
    handleUpgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, (client) => {
        const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
        if (query.get('v') !== '10') refuse(client, CloseCode.InvalidVersion, 'Invalid API version.');
        else if (query.get('encoding') !== 'json' || query.has('compress'))
          refuse(client, CloseCode.DecodeError, 'The sandbox speaks uncompressed JSON only.');
        else acceptConnection(context, client);
      });
    },
    dispatch: (event, data) => {
      for (const session of sessions.all()) session.dispatch(event, data);
    },
    reconnect: () => sessions.broadcast({ op: Opcode.Reconnect, d: null, s: null, t: null }),
    invalidate: (resumable) => {
      sessions.broadcast({ op: Opcode.InvalidSession, d: resumable, s: null, t: null });
      if (!resumable) sessions.forget();
    },
    drop: terminateAll,
    forget: () => sessions.forget(),
    answerHeartbeats: (answer) => {
      heartbeatsAnswered = answer;
    },
    get connected() {
      return sessions.all().filter((session) => session.connected).length;
    },
    counts,
    stop: () => {
      terminateAll();
      server.close();
    },
  };
}
