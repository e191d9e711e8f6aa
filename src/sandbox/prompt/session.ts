import { type APIMessage, InteractionResponseType } from 'discord.js';
import type { InteractionHandle } from '../client/handle.ts';
import { ClientRefusal } from '../client/refusal.ts';
import { asText } from '../json.ts';
import { isLoading } from '../messages.ts';
import type { Sandbox } from '../sandbox.ts';
import { PLAIN_STYLE, renderMessage, safeText, type TextStyle } from '../text.ts';
import type { Outcome } from './finished.ts';

export interface SessionOptions {
  readonly sandbox: Sandbox;
  readonly outcomeOf: (interactionId: string, signal: AbortSignal) => Promise<Outcome>;
  /** Prints text and a line feed. */
  readonly print: (text: string) => void;
  /** Shows one line while a reply is still changing; absent where only the end is wanted. */
  readonly progress?: (line: string) => void;
  readonly style?: TextStyle;
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
function headline(handle: InteractionHandle): string {
  const message = handle.message();
  if (!message || isLoading(message)) return 'thinking…';
  const lines = renderMessage(message).split('\n');
  const telling = lines.filter((line) => line !== '' && !line.startsWith('('));
  return telling.slice(0, 2).join(': ');
}

export function createSession(options: SessionOptions): Session {
  const { sandbox, print, progress } = options;
  const style = options.style ?? PLAIN_STYLE;
  let { as, server } = options;
  let lastReplies: readonly APIMessage[] = [];

  const whereabouts = (): string => {
    const guild = sandbox.world.guilds[Number(server) - 1];
    const person = Object.values(sandbox.world.people).find((candidate) => candidate.key === as);
    return `You are ${person?.displayName ?? as} in ${guild?.name ?? server}, #${guild?.channels[0]?.name ?? ''}.`;
  };

  const finish = async (handle: InteractionHandle, signal: AbortSignal): Promise<LineResult> => {
    const response = await handle.acknowledged(RESPOND_WITHIN_MS);
    if (response === 'timeout') {
      print('The application did not respond.');
      return 'failed';
    }
    const off = handle.onChange(() => progress?.(headline(handle)));
    progress?.(headline(handle));
    const limit = AbortSignal.any([signal, AbortSignal.timeout(FINISH_WITHIN_MS)]);
    const outcome = await options.outcomeOf(handle.id, limit).finally(off);
    lastReplies = repliesOf(handle, response.type);
    const modal = handle.modal();
    if (modal) print(`A form opened: ${safeText(asText(modal.title))}. The prompt cannot fill in forms.`);
    for (const reply of lastReplies) print(renderMessage(reply, style));
    return outcome === 'done' ? 'done' : 'failed';
  };

  const click = (label: string, signal: AbortSignal): Promise<LineResult> => {
    if (label === '') throw new ClientRefusal('Say which button: :click LABEL');
    let refusal: unknown;
    for (const reply of [...lastReplies].reverse()) {
      try {
        return finish(sandbox.click(reply.id, label, { as }), signal);
      } catch (error) {
        refusal ??= error;
      }
    }
    throw refusal ?? new ClientRefusal('There is no reply with a button yet.');
  };

  const change = (name: string, value: string): LineResult => {
    if (name === ':as') {
      if (!Object.keys(sandbox.world.people).includes(value))
        throw new ClientRefusal(
          `Nobody is called "${value}". There are: ${Object.keys(sandbox.world.people).join(', ')}.`,
        );
      as = value;
    } else {
      if (!sandbox.world.guilds[Number(value) - 1]) throw new ClientRefusal('There are servers 1 and 2.');
      server = String(Number(value));
    }
    print(whereabouts());
    return 'done';
  };

  const dispatch = async (line: string, signal: AbortSignal): Promise<LineResult> => {
    const [, name = '', value = ''] = /^(:\w*)\s*(.*)$/s.exec(line) ?? [];
    if (name === ':quit' || name === ':q') return 'quit';
    if (name === ':as' || name === ':server') return change(name, value);
    if (name === ':click') return await click(value, signal);
    if (name === ':help') print(HELP);
    else if (name !== '') throw new ClientRefusal(`There is no ${name}. Type :help.`);
    else return await finish(await sandbox.slash(line, { as, guild: server }), signal);
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
        else if (signal.aborted) print('Not waiting any longer.');
        else throw error;
        return 'failed';
      }
    },
  };
}
