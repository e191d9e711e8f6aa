import type { APIMessage } from 'discord.js';
import type { WebSocket } from 'ws';
import { ClientRefusal } from '../client/refusal.ts';
import { asJson } from '../json.ts';
import type { Sandbox } from '../sandbox.ts';
import type { PageNews, PersonView, TourStep } from './protocol.ts';
import { createRequests, type RequestContext } from './requests.ts';
import { findActor, welcome } from './world.ts';

export interface VisitorOptions {
  readonly sandbox: Sandbox;
  readonly socket: WebSocket;
  readonly tour: readonly TourStep[];
  /** Ids of messages that are not shown: those of the preparations. */
  readonly unshown: ReadonlySet<string>;
  /** Stops the bot and starts it again. */
  readonly restartBot: () => Promise<void>;
}

/** One open page: it acts as one person and is told what that person sees. */
export interface Visitor {
  tell(news: PageNews): void;
  /** Tells what has changed of the messages that this page's person sees. */
  refresh(): void;
}

/** Every message that a person sees, in servers and in direct messages. */
function visibleTo(sandbox: Sandbox, person: PersonView): readonly APIMessage[] {
  const guilds = sandbox.world.guilds.filter((guild) => person.guilds.includes(guild.id));
  const inServers = guilds.flatMap((guild) =>
    guild.channels.flatMap((channel) => sandbox.channelMessages(channel.id, { as: person.key })),
  );
  return [...inServers, ...sandbox.channelMessages(person.dmChannel, { as: person.key, where: 'dm' })];
}

/** Tells apart what is new or changed. Messages are replaced, never changed in place, so identity says it. */
function createDifference() {
  let known = new Map<string, APIMessage>();
  return {
    reset: () => {
      known = new Map();
    },
    to(messages: readonly APIMessage[]) {
      const changed = messages.filter((message) => known.get(message.id) !== message);
      const next = new Map(messages.map((message) => [message.id, message]));
      const removed = [...known.keys()].filter((id) => !next.has(id));
      known = next;
      return { changed, removed };
    },
  };
}

async function answer(handle: (request: unknown) => Promise<unknown>, raw: string): Promise<PageNews | null> {
  let id = 0;
  try {
    const frame = asJson(JSON.parse(raw));
    id = Number(frame.id);
    return { type: 'answer', id, value: await handle(frame.request) };
  } catch (error) {
    if (error instanceof ClientRefusal) return { type: 'refusal', id, text: error.message };
    const text = error instanceof Error ? error.message : String(error);
    return { type: 'refusal', id, text: `The sandbox could not do that: ${text}` };
  }
}

/** Serves one page until its socket closes. */
export function createVisitor({ sandbox, socket, tour, unshown, restartBot }: VisitorOptions): Visitor {
  let person = findActor(sandbox.world, 'admin');
  const difference = createDifference();
  const tell = (news: PageNews): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(news));
  };
  const sendMessages = (reset: boolean): void => {
    if (!person) return;
    if (reset) difference.reset();
    const { changed, removed } = difference.to(visibleTo(sandbox, person).filter(({ id }) => !unshown.has(id)));
    if (reset || changed.length > 0 || removed.length > 0) tell({ type: 'messages', reset, changed, removed });
  };
  const context: RequestContext = {
    sandbox,
    restartBot,
    person: () => person?.key ?? '',
    become: (key) => {
      const next = findActor(sandbox.world, key);
      if (!next) throw new ClientRefusal(`Nobody is called "${key}".`);
      person = next;
      sendMessages(true);
      return next;
    },
    responded: (responded) => tell({ type: 'responded', responded }),
  };
  const handle = createRequests(context);
  socket.on('message', (raw) => {
    void answer(handle, String(raw)).then((news) => news && tell(news));
  });
  tell({ type: 'welcome', welcome: welcome(sandbox, tour) });
  sendMessages(true);
  return { tell, refresh: () => sendMessages(false) };
}
