import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIApplicationCommand, APIMessage } from 'discord.js';
import { createWorldChanges, type WorldChanges } from './changes.ts';
import { resolveActor, type Where } from './client/actor.ts';
import { type ComponentOptions, chooseValues, clickButton, type ModalFields, sendModal } from './client/components.ts';
import { dispatchRaw } from './client/dispatch.ts';
import type { Choice, InteractionHandle } from './client/handle.ts';
import type { TypedCommand } from './client/line.ts';
import { offeredTo } from './client/offer.ts';
import { askChoices, type SlashOptions, sendSlash } from './client/slash.ts';
import type { StoredFile } from './files.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import type { Json } from './json.ts';
import { isVisibleTo } from './messages.ts';
import { createFaultPlan, type FaultPlan } from './rest/faults.ts';
import { createRestServer, type RecordedRequest } from './rest/server.ts';
import { createState, type Notice, type State } from './state.ts';
import { createWatch, type Watch } from './watch.ts';
import { findChannel, type World, type WorldOptions } from './world.ts';

/** What Discord asks for in Hello. */
const HEARTBEAT_INTERVAL_MS = 41_250;

export interface SandboxOptions {
  /** Default: any free port. */
  readonly port?: number;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** The clock of ids, timestamps and the 3 seconds and 15 minutes, in epoch milliseconds. Default: Date.now. */
  readonly now?: () => number;
  /** What the gateway's Hello asks for. Default: 41250, as Discord does. */
  readonly heartbeatIntervalMs?: number;
  /** Which servers there are. Default: the two. */
  readonly world?: WorldOptions;
}

export interface FaultOptions {
  /** Answer with this status and without doing anything. */
  readonly status?: number;
  /** Cut the connection without doing anything. */
  readonly drop?: boolean;
  /** Do what was asked, and cut the connection instead of answering. */
  readonly loseAnswer?: boolean;
  /** Do what was asked, and answer this much later. */
  readonly delayMs?: number;
  /** For how many matching requests. Default: 1. */
  readonly times?: number;
}

/** A local Discord. Everything about it is in memory, and gone with `stop()`. */
export interface Sandbox extends WorldChanges {
  /** For `new Client({ rest: { api } })`. */
  readonly apiUrl: string;
  readonly token: string;
  /** Application, bot, people, servers, channels and their ids. */
  readonly world: World;
  /** The WebSocket side, to reconnect, invalidate and drop. */
  readonly gateway: Omit<Gateway, 'handleUpgrade' | 'stop'>;
  /** Every REST request, in the order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** What Discord would have passed over in silence, but should not happen. */
  readonly notices: readonly Notice[];
  /** The commands offered in a server: its own, then the global ones. */
  commands(guildId: string): readonly APIApplicationCommand[];
  /** The commands that a person is offered in a place. Throws ClientRefusal where that person is not. */
  offered(where?: Where): readonly APIApplicationCommand[];
  /** Calls the listener for everything that goes over the wire; returns what takes it off again. */
  watch: Watch['subscribe'];
  /** A file by the path of its attachment's URL. */
  file(path: string): StoredFile | undefined;
  /** Types a slash command, as a line or with the options apart. Rejects with ClientRefusal for what Discord's client would not send. */
  slash(line: string | TypedCommand, options?: SlashOptions): Promise<InteractionHandle>;
  /** What the bot offers for the option that was typed last. */
  autocomplete(
    line: string | TypedCommand,
    options?: Where & { readonly timeoutMs?: number },
  ): Promise<readonly Choice[]>;
  /**
   * Dispatches any interaction, with no check at all: `overrides` replace members of a realistic payload, which `where`
   * makes that of a server, of direct messages, or of an app that the person installed for themselves. A component (type
   * 3) without a message is given one of the bot's.
   */
  interact(overrides: Json, where?: Where): InteractionHandle;
  /** Presses a button by custom id or label. Default person: whoever the message answers. */
  click(message: APIMessage | string, button: string, options?: ComponentOptions): InteractionHandle;
  /** Chooses values (of options, or ids and names of people, roles, channels) in a select. */
  select(
    message: APIMessage | string,
    customId: string,
    values: readonly string[],
    options?: ComponentOptions,
  ): InteractionHandle;
  /** Fills in and sends the modal that `handle` opened: values by custom id. */
  submitModal(handle: InteractionHandle, fields: ModalFields, options?: ComponentOptions): InteractionHandle;
  /** The messages in a channel that a person sees, oldest first. */
  channelMessages(channelId: string, options?: Where): readonly APIMessage[];
  /** Of every message that exists, whoever sees it, in no order. */
  messageIds(): readonly string[];
  /** The next requests that match are answered with 429. Pattern: `METHOD /path` or `METHOD /:route`, `*` for anything. */
  rateLimit(pattern: string | RegExp, options: { readonly retryAfterSeconds: number; readonly times?: number }): void;
  /** The next requests that match go wrong. */
  fault(pattern: string | RegExp, options: FaultOptions): void;
  /** Closes every connection and the listener. */
  stop(): Promise<void>;
}

type PersonSide = Pick<
  Sandbox,
  'offered' | 'slash' | 'autocomplete' | 'interact' | 'click' | 'select' | 'submitModal' | 'channelMessages'
>;

/** What people do: everything that a Discord client would send. */
function createPersonSide(state: State, gateway: Gateway): PersonSide {
  return {
    offered: (where = {}) => offeredTo(state, resolveActor(state.world, where)),
    slash: (line, where = {}) => sendSlash(state, gateway, line, where),
    autocomplete: (line, where = {}) => askChoices(state, gateway, line, where),
    interact: (overrides, where = {}) => dispatchRaw(state, gateway, overrides, where),
    click: (message, button, where = {}) => clickButton(state, gateway, message, button, where),
    select: (message, customId, values, where = {}) => chooseValues(state, gateway, message, customId, values, where),
    submitModal: (handle, fields, where = {}) => sendModal(state, gateway, handle, fields, where),
    channelMessages: (channelId, where = {}) => {
      const guild = findChannel(state.world, channelId)?.guild;
      const { person } = resolveActor(state.world, guild ? { ...where, guild } : where);
      const visible = state.messages.inChannel(channelId).filter((message) => isVisibleTo(message, person.id));
      return visible.map((message) => message.api);
    },
  };
}

type TroubleSide = Pick<Sandbox, 'rateLimit' | 'fault'>;

/** What goes wrong. */
function createTroubleSide(faults: FaultPlan): TroubleSide {
  return {
    rateLimit: (pattern, { retryAfterSeconds, times = 1 }) =>
      faults.add(pattern, { kind: 'rate-limit', retryAfterSeconds }, times),
    fault: (pattern, { status, drop, loseAnswer, delayMs = 0, times = 1 }) => {
      if (drop) faults.add(pattern, { kind: 'drop' }, times);
      else if (loseAnswer) faults.add(pattern, { kind: 'lose-answer' }, times);
      else if (status !== undefined) faults.add(pattern, { kind: 'status', status }, times);
      else faults.add(pattern, { kind: 'delay', delayMs }, times);
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const { port: bound } = server.address() as AddressInfo;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${bound}`);
    });
  });
}

/** Starts a local Discord. Rejects when the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  let origin = '';
  const state = createState(options.now ?? Date.now, () => origin, options.world);
  const faults = createFaultPlan();
  const requests: RecordedRequest[] = [];
  const { tell, subscribe } = createWatch();
  const gateway = createGateway({
    world: state.world,
    url: () => `${origin.replace(/^http/, 'ws')}/gateway`,
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS,
    tell,
  });
  const server = createRestServer({ state, gateway, faults, requests, origin: () => origin, tell });
  origin = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  return {
    apiUrl: `${origin}/api`,
    token: state.world.token,
    world: state.world,
    gateway,
    requests,
    notices: state.notices,
    commands: (guildId) => state.commands.visibleIn(guildId),
    watch: subscribe,
    file: state.files.find,
    messageIds: state.messages.ids,
    ...createPersonSide(state, gateway),
    ...createWorldChanges(state, gateway),
    ...createTroubleSide(faults),
    stop: async () => {
      gateway.stop();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
