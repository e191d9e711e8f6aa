import { type APIMessage, InteractionResponseType } from 'discord.js';
import type { InteractionHandle } from '../client/handle.ts';
import { ClientRefusal } from '../client/refusal.ts';
import { asText } from '../json.ts';
import { isLoading } from '../messages.ts';
import type { Sandbox } from '../sandbox.ts';
import { PLAIN_STYLE, renderMessage, safeText, type TextStyle } from '../text.ts';
import { nameIn } from '../world.ts';
import type { Outcome } from './finished.ts';

export interface SessionOptions {
  readonly sandbox: Sandbox;
  readonly outcomeOf: (interactionId: string, signal: AbortSignal) => Promise<Outcome>;
  /** Prints text and a line feed. */
  readonly print: (text: string) => void;
  /** Shows one line while a reply is still changing; absent where only the end is wanted. */
  readonly progress?: (line: string) => void;
  readonly style?: TextStyle;
  /** How long the bot may take for its first response. Default: 3000, as in Discord. */
  readonly respondWithinMs?: number;
  readonly as: string;
  readonly server: string;
}

export type LineResult = 'done' | 'failed' | 'quit';

/** One person typing in one server, line after line. */
export interface Session {
  readonly as: string;
  readonly server: string;
  /** Who types where, as a sentence. */
  whereabouts(): string;
  /** Runs a line and prints what comes back. Resolves when the reply is finished, or when the signal aborts. */
  run(line: string, signal: AbortSignal): Promise<LineResult>;
}

/** As long as Discord lets a reply be edited. */
const FINISH_WITHIN_MS = 15 * 60_000;
/** As long as Discord waits for the first response. */
const RESPOND_WITHIN_MS = 3_000;

export const HELP = `/command option:value   run a slash command; Tab completes
:click LABEL            press a button of the last reply
:as NAME                become somebody else: owner, admin, member, outsider, secondOwner
:server N               go to server 1 (Harbor Ops) or 2 (Second Harbor)
:help                   this text
:quit                   leave (so do Ctrl-D and Ctrl-C on an empty line)`;

const UPDATES: readonly number[] = [InteractionResponseType.DeferredMessageUpdate];

/** The messages that an interaction made or changed, as they are now. */
function repliesOf(handle: InteractionHandle, responseType: number): readonly APIMessage[] {
  const original = handle.message();
  const untouched = UPDATES.includes(responseType) && handle.edits === 0;
  return [...(original && !untouched ? [original] : []), ...handle.followUps()];
}

/** The first line of a reply that is still changing. */
function headline(handle: InteractionHandle, nameOf: (id: string) => string | undefined): string {
  const message = handle.message();
  if (!message || isLoading(message)) return 'thinking…';
  const lines = renderMessage(message, { nameOf }).split('\n');
  const telling = lines.filter((line) => line !== '' && !line.startsWith('('));
  return telling.slice(0, 2).join(': ');
}

interface Finished {
  readonly result: LineResult;
  readonly replies: readonly APIMessage[];
}

/** Waits until the bot is done with an interaction, showing progress, and prints what came back. */
async function finishReply(options: SessionOptions, handle: InteractionHandle, signal: AbortSignal): Promise<Finished> {
  const { sandbox, outcomeOf, print, progress, style = PLAIN_STYLE, respondWithinMs = RESPOND_WITHIN_MS } = options;
  const nameOf = (id: string): string | undefined => nameIn(sandbox.world, id);
  const response = await handle.acknowledged(respondWithinMs);
  if (response === 'timeout') {
    print('The application did not respond.');
    return { result: 'failed', replies: [] };
  }
  const showProgress = (): void => progress?.(headline(handle, nameOf));
  const off = handle.onChange(showProgress);
  showProgress();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(FINISH_WITHIN_MS)]);
  const outcome = await outcomeOf(handle.id, limit).finally(off);
  const replies = repliesOf(handle, response.type);
  const modal = handle.modal();
  if (modal) print(`A form opened: ${safeText(asText(modal.title))}. The prompt cannot fill in forms.`);
  if (replies.length > 0) print(replies.map((reply) => renderMessage(reply, { style, nameOf })).join('\n\n'));
  return { result: outcome === 'done' ? 'done' : 'failed', replies };
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

/** Presses a button of the newest message that has it. */
function pressButton(sandbox: Sandbox, replies: readonly APIMessage[], label: string, as: string): InteractionHandle {
  if (label === '') throw new ClientRefusal('Say which button: :click LABEL');
  let refusal: unknown;
  for (const reply of [...replies].reverse()) {
    try {
      return sandbox.click(reply.id, label, { as });
    } catch (error) {
      refusal ??= error;
    }
  }
  throw refusal ?? new ClientRefusal('There is no reply with a button yet.');
}

export function createSession(options: SessionOptions): Session {
  const { sandbox, print } = options;
  const { guilds, people } = sandbox.world;
  let { as, server } = options;
  let lastReplies: readonly APIMessage[] = [];

  const whereabouts = (): string => {
    const guild = guilds[Number(server) - 1];
    const person = Object.values(people).find((candidate) => candidate.key === as);
    return `You are ${person?.displayName ?? as} in ${guild?.name ?? server}, #${guild?.channels[0]?.name ?? ''}.`;
  };

  const finish = async (handle: InteractionHandle, signal: AbortSignal): Promise<LineResult> => {
    const { result, replies } = await finishReply(options, handle, signal);
    lastReplies = replies;
    return result;
  };

  const become = (value: string): LineResult => {
    if (!Object.hasOwn(people, value))
      throw new ClientRefusal(`Nobody is called "${value}". There are: ${Object.keys(people).join(', ')}.`);
    as = value;
    print(whereabouts());
    return 'done';
  };

  const goTo = (value: string): LineResult => {
    if (!guilds[Number(value) - 1]) throw new ClientRefusal('There are servers 1 and 2.');
    server = String(Number(value));
    print(whereabouts());
    return 'done';
  };

  const dispatch = async (line: string, signal: AbortSignal): Promise<LineResult> => {
    const [, name = '', value = ''] = /^(:\w*)\s*(.*)$/s.exec(line) ?? [];
    if (name === ':quit' || name === ':q') return 'quit';
    if (name === ':as') return become(value);
    if (name === ':server') return goTo(value);
    if (name === ':click') return await finish(pressButton(sandbox, lastReplies, value, as), signal);
    if (name === '') return await finish(await sandbox.slash(line, { as, guild: server }), signal);
    if (name !== ':help') throw new ClientRefusal(`There is no ${name}. Type :help.`);
    print(HELP);
    return 'done';
  };

  return {
    get as() {
      return as;
    },
    get server() {
      return server;
    },
    whereabouts,
    async run(line, signal) {
      try {
        return await dispatch(line.trim(), signal);
      } catch (error) {
        if (error instanceof ClientRefusal) print(safeText(error.message));
        else if (signal.aborted || isTimeout(error)) print('Not waiting any longer.');
        else throw error;
        return 'failed';
      }
    },
  };
}
