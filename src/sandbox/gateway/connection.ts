import type { WebSocket } from 'ws';
import { guildCreateObject, userObject } from '../entities.ts';
import { asJson, type Json } from '../json.ts';
import { type Watch, withoutToken } from '../watch.ts';
import type { World } from '../world.ts';
import { CloseCode, decode, Opcode, refuse, send } from './protocol.ts';
import type { Session, Sessions } from './sessions.ts';

const GUILDS_INTENT = 1;
const HIGHEST_INTENTS = 2 ** 26 - 1;
/** Taken without an answer: nothing the sandbox shows depends on them. */
const IGNORED_OPCODES: ReadonlySet<unknown> = new Set([
  Opcode.PresenceUpdate,
  Opcode.VoiceStateUpdate,
  Opcode.RequestGuildMembers,
  Opcode.RequestSoundboardSounds,
]);

/** What a connection needs of the gateway it belongs to. */
export interface ConnectionContext {
  readonly world: World;
  /** Where READY tells the client to resume. */
  readonly url: () => string;
  readonly heartbeatIntervalMs: number;
  readonly sessions: Sessions;
  readonly heartbeatsAnswered: () => boolean;
  readonly counts: { identified: number; resumed: number };
  readonly tell: Watch['tell'];
}

function readyObject(context: ConnectionContext, sessionId: string, shard: unknown): Json {
  const { world, url } = context;
  return {
    v: 10,
    user: { ...userObject(world.bot), mfa_enabled: false, verified: true, email: null, flags: 0 },
    guilds: world.guilds.filter(({ bot }) => bot !== 'removed').map(({ id }) => ({ id, unavailable: true })),
    session_id: sessionId,
    session_type: 'normal',
    resume_gateway_url: url(),
    application: { id: world.application.id, flags: 0 },
    ...(Array.isArray(shard) ? { shard } : {}),
    private_channels: [],
    relationships: [],
    presences: [],
    user_settings: {},
    geo_ordered_rtc_regions: [],
    auth: {},
    _trace: [],
  };
}

function identify(context: ConnectionContext, socket: WebSocket, data: Json): Session | null {
  const { world, sessions, counts } = context;
  if (data.token !== world.token) return refuse(socket, CloseCode.AuthenticationFailed, 'Authentication failed.');
  const intents = data.intents;
  if (typeof intents !== 'number' || intents < 0 || intents > HIGHEST_INTENTS)
    return refuse(socket, CloseCode.InvalidIntents, 'Invalid intent(s).');
  counts.identified += 1;
  const session = sessions.open(socket);
  session.dispatch('READY', readyObject(context, session.id, data.shard));
  if (intents & GUILDS_INTENT)
    for (const guild of world.guilds.filter(({ bot }) => bot === 'present'))
      session.dispatch('GUILD_CREATE', guildCreateObject(world, guild));
  return session;
}

function resume(context: ConnectionContext, socket: WebSocket, data: Json): Session | null {
  const { world, sessions, counts } = context;
  if (data.token !== world.token) return refuse(socket, CloseCode.AuthenticationFailed, 'Authentication failed.');
  const session = sessions.find(data.session_id);
  if (!session) {
    send(socket, { op: Opcode.InvalidSession, d: false, s: null, t: null });
    return null;
  }
  const seq = Number(data.seq);
  if (!(seq <= session.seq)) return refuse(socket, CloseCode.InvalidSeq, 'Invalid seq.');
  counts.resumed += 1;
  session.resume(socket, seq);
  return session;
}

/** Speaks the gateway protocol on one socket, from Hello to its end. */
export function acceptConnection(context: ConnectionContext, socket: WebSocket): void {
  let session: Session | null = null;
  const hello = { heartbeat_interval: context.heartbeatIntervalMs, _trace: [] };
  send(socket, { op: Opcode.Hello, d: hello, s: null, t: null });

  const authenticate = (frame: Json): void => {
    if (session) {
      refuse(socket, CloseCode.AlreadyAuthenticated, 'Already authenticated.');
      return;
    }
    const start = frame.op === Opcode.Identify ? identify : resume;
    session = start(context, socket, asJson(frame.d));
  };

  socket.on('error', () => socket.terminate());
  context.tell({ kind: 'connection', open: true });
  socket.on('close', () => {
    session?.detach(socket);
    context.tell({ kind: 'connection', open: false });
  });
  socket.on('message', (raw) => {
    const frame = decode(String(raw));
    if (frame)
      context.tell({ kind: 'frame', sent: false, op: Number(frame.op), event: null, data: withoutToken(frame.d) });
    if (!frame) refuse(socket, CloseCode.DecodeError, 'Error while decoding payload.');
    else if (frame.op === Opcode.Heartbeat) {
      if (context.heartbeatsAnswered()) send(socket, { op: Opcode.HeartbeatAck });
    } else if (frame.op === Opcode.Identify || frame.op === Opcode.Resume) authenticate(frame);
    else if (!session) refuse(socket, CloseCode.NotAuthenticated, 'Not authenticated.');
    else if (!IGNORED_OPCODES.has(frame.op)) refuse(socket, CloseCode.UnknownOpcode, 'Unknown opcode.');
  });
}
