import type { RESTPostAPIChatInputApplicationCommandsJSONBody } from 'discord.js';
import type { OpenScan } from '../storage/openReplies.ts';
import type { Card, Words } from './card.ts';
import type { OptionValues } from './options.ts';

/** A slash command's declaration: plain data that registration, /help, the router and the tests read. */
export type Declaration = RESTPostAPIChatInputApplicationCommandsJSONBody;

/** Who asks, where, and what the router offers to a running command. Taken from the interaction's own payload. */
export interface CommandContext {
  readonly guildId: string;
  readonly userId: string;
  readonly channelId: string;
  /** The member's roles; empty when Discord did not say. */
  readonly roleIds: readonly string[];
  /** The member has Manage Server (or Administrator). False when Discord did not say. */
  readonly isManager: boolean;
  /** What Discord says of the member now; undefined when they left. Rejects when Discord does not answer. */
  member(): Promise<{ readonly roleIds: readonly string[]; readonly isManager: boolean } | undefined>;
  /** Aborted with `'shutdown'` when the bot stops and with `'deadline'` shortly before the reply can no longer be edited. */
  readonly signal: AbortSignal;
  /**
   * Says which scan the reply will be about, so that it gets an ending even if the bot dies before the answer. Resolves
   * when that is durable; never rejects.
   */
  about(scan: OpenScan): Promise<void>;
  /** Shows `source()` while the command works: first after 2 s, then at most every 2 s, never after the answer. */
  progress(source: () => Card): void;
}

/** What a command has to say. Refused is an expected outcome, not an error. */
export interface Answer {
  readonly outcome: 'done' | 'refused';
  readonly card: Card;
  /** Of the rule that refused, for the log. */
  readonly code?: string;
  /** Posted for the whole channel besides the private answer. */
  readonly publicCard?: Card;
  /** Said in the channel, for everybody, when the answer comes too late for its reply; nothing private belongs there. */
  readonly lateCard?: Card;
  /** A button's id meant nothing here: made up, of another server or person, or too old. The router counts these. */
  readonly unknownId?: true;
}

export interface Choice {
  readonly name: Words;
  readonly value: string;
}

/**
 * A button or menu of a command's reply. `acknowledge`: with a new private reply; by changing the message that it stands
 * on; or silently, the answer being a further private message.
 */
export interface ButtonAction {
  readonly acknowledge: 'reply' | 'update' | 'silent';
  /**
   * `id` is the opaque id from the custom id, perhaps with `.<page>` behind; `values` what was chosen in a menu. Undefined
   * answers nothing.
   */
  run(context: CommandContext, id: string, values: readonly string[]): Promise<Answer | undefined>;
}

/** One slash command. `parse` and `guard` are synchronous and do no I/O: they run before the acknowledgement. */
export interface Command<Request = unknown> {
  readonly data: Declaration;
  /** Checked by the router from the payload, whatever Discord's own settings say. */
  readonly requires?: 'manage-guild';
  /** Turns options into a request; throws UserError for a mistake. */
  parse(options: OptionValues): Request;
  run(context: CommandContext, request: Request): Promise<Answer>;
  /** Suggestions for what is being typed; at most 25 are sent. */
  autocomplete?(
    focused: { readonly name: string; readonly value: string },
    context: CommandContext,
  ): Promise<readonly Choice[]>;
  readonly buttons?: Readonly<Record<string, ButtonAction>>;
}

/** What a command is called where interactions are counted: itself, and each of its buttons as `<command>:<action>`. */
export function namesOf({ data, buttons = {} }: Command): readonly string[] {
  return [data.name, ...Object.keys(buttons).map((action) => `${data.name}:${action}`)];
}
