import type { APIApplicationCommand, APIMessage } from 'discord.js';
import type { Choice } from '../client/handle.ts';
import type { TypedCommand } from '../client/line.ts';
import type { Json } from '../json.ts';

/** What the page and the sandbox say to each other: JSON, one message a frame. */

/** Where something is done: a channel of a server, or with `guild: null` the direct messages with the bot. */
export interface Place {
  readonly guild: string | null;
  readonly channel: string;
}

/** A file for an attachment option; `data` is Base64. */
export interface SentFile {
  readonly name: string;
  readonly contentType: string;
  readonly data: string;
}

export type FaultName = 'drop' | 'reconnect' | 'slow' | 'rate-limit' | 'restart';

/** What the page asks for. Every request is answered by its `id`. */
export type PageRequest =
  | { readonly do: 'act'; readonly as: string }
  | { readonly do: 'commands'; readonly place: Place }
  | {
      readonly do: 'slash';
      readonly place: Place;
      readonly typed: TypedCommand;
      readonly files: Readonly<Record<string, SentFile>>;
    }
  | { readonly do: 'choices'; readonly place: Place; readonly typed: TypedCommand }
  | { readonly do: 'click'; readonly message: string; readonly button: string }
  | { readonly do: 'select'; readonly message: string; readonly menu: string; readonly values: readonly string[] }
  | {
      readonly do: 'submit';
      readonly interaction: string;
      readonly fields: Readonly<Record<string, string | readonly string[]>>;
    }
  | { readonly do: 'fault'; readonly name: FaultName };

/** What a request resolves with. */
export interface Answers {
  readonly act: { readonly person: PersonView };
  readonly commands: { readonly commands: readonly APIApplicationCommand[] };
  readonly slash: { readonly interaction: string };
  readonly choices: { readonly choices: readonly Choice[] };
  readonly click: { readonly interaction: string };
  readonly select: { readonly interaction: string };
  readonly submit: { readonly interaction: string };
  readonly fault: { readonly said: string };
}

export interface PersonView {
  readonly key: string;
  readonly id: string;
  readonly name: string;
  /** What this person may do, in a few words. */
  readonly about: string;
  /** Ids of the servers that the person is in. */
  readonly guilds: readonly string[];
  readonly dmChannel: string;
}

export interface GuildView {
  readonly id: string;
  readonly name: string;
  readonly channels: readonly { readonly id: string; readonly name: string }[];
  readonly roles: readonly { readonly id: string; readonly name: string }[];
  readonly members: readonly { readonly id: string; readonly name: string }[];
}

export interface TourStep {
  readonly title: string;
  readonly text: string;
  readonly typed: TypedCommand;
}

/** The first thing that the page hears. */
export interface Welcome {
  readonly bot: { readonly id: string; readonly name: string };
  readonly people: readonly PersonView[];
  readonly guilds: readonly GuildView[];
  /** Names of people, roles and channels by id, as a mention shows them. */
  readonly names: Readonly<Record<string, string>>;
  readonly tour: readonly TourStep[];
}

/** One line of what went over the wire. */
export interface LogEntry {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: 'request' | 'sent' | 'received' | 'notice';
  readonly title: string;
  /** Status and time of a request, and what was refused, in words. */
  readonly outcome: string;
  readonly refused: boolean;
  readonly detail: unknown;
}

/** How the bot first responded to an interaction, or that it did not in time. */
export interface Responded {
  readonly interaction: string;
  readonly response: 'message' | 'modal' | 'timeout';
  /** The modal's `custom_id`, `title` and `components`. */
  readonly modal: Json | null;
}

/** What the page is told. */
export type PageNews =
  | { readonly type: 'welcome'; readonly welcome: Welcome }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  /** What Discord's client would not send, as a sentence. */
  | { readonly type: 'refusal'; readonly id: number; readonly text: string }
  /** Messages that are new or changed, in order, and ids of those that are gone. With `reset` nothing earlier counts. */
  | {
      readonly type: 'messages';
      readonly reset: boolean;
      readonly changed: readonly APIMessage[];
      readonly removed: readonly string[];
    }
  | { readonly type: 'responded'; readonly responded: Responded }
  | { readonly type: 'online'; readonly online: boolean }
  | { readonly type: 'log'; readonly entries: readonly LogEntry[] };
