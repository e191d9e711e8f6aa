import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Json } from '../json.ts';
import type { Watch } from '../watch.ts';

interface SentEvent {
  readonly op: 0;
  readonly s: number;
  readonly t: string;
  readonly d: Json;
}

/** One gateway session: outlives its connection, so that it can be resumed. */
export interface Session {
  readonly id: string;
  /** Sequence number of the latest event. */
  readonly seq: number;
  readonly connected: boolean;
  dispatch(event: string, data: Json): void;
  /** Takes over a new connection and replays every event after `seq`, then says RESUMED. */
  resume(socket: WebSocket, seq: number): void;
  detach(socket: WebSocket): void;
  /** A frame that is not an event; it is not replayed. */
  tell(frame: Json): void;
}

export interface Sessions {
  open(socket: WebSocket): Session;
  find(sessionId: unknown): Session | undefined;
  all(): readonly Session[];
  broadcast(frame: Json): void;
  forget(): void;
}

function createSession(firstSocket: WebSocket, tellWatch: Watch['tell']): Session {
  const events: SentEvent[] = [];
  let socket: WebSocket | null = firstSocket;
  const tell = (frame: object): void => {
    if (!socket || socket.readyState !== socket.OPEN) return;
    socket.send(JSON.stringify(frame));
    const { op, t, d } = frame as Json;
    tellWatch({ kind: 'frame', sent: true, op: Number(op), event: typeof t === 'string' ? t : null, data: d });
  };
  const dispatch = (event: string, data: Json): void => {
    const sent: SentEvent = { op: 0, s: events.length + 1, t: event, d: data };
    events.push(sent);
    tell(sent);
  };
  return {
    id: randomBytes(16).toString('hex'),
    get seq() {
      return events.length;
    },
    get connected() {
      return socket !== null && socket.readyState === socket.OPEN;
    },
    dispatch,
    resume(next, seq) {
      socket = next;
      for (const event of events.slice(seq)) tell(event);
      dispatch('RESUMED', { _trace: [] });
    },
    detach(closed) {
      if (socket === closed) socket = null;
    },
    tell,
  };
}

export function createSessions(tellWatch: Watch['tell']): Sessions {
  const sessions = new Map<string, Session>();
  return {
    open(socket) {
      const session = createSession(socket, tellWatch);
      sessions.set(session.id, session);
      return session;
    },
    find: (sessionId) => (typeof sessionId === 'string' ? sessions.get(sessionId) : undefined),
    all: () => [...sessions.values()],
    broadcast(frame) {
      for (const session of sessions.values()) session.tell(frame);
    },
    forget: () => sessions.clear(),
  };
}
