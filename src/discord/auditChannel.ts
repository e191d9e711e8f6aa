import { MessageFlags } from 'discord.js';
import type { Translator } from '../i18n/index.ts';
import type { Card } from './card.ts';
import { type Markdown, md } from './markdown.ts';
import { type RenderedMessage, renderCard } from './render.ts';

/** A message that alerts nobody: no mention in it is one, and it makes no sound. */
export type SilentMessage = RenderedMessage & {
  readonly allowedMentions: { readonly parse: readonly [] };
  readonly flags: MessageFlags.SuppressNotifications;
};

/** The end of a server's audit log when a line was written. */
export interface Witness {
  readonly seq: number;
  readonly hash: string;
}

/**
 * Repeats the audit log in a channel of the server. With every message goes the hash of the log's end: who keeps the
 * channel has a witness outside of the database, against which the log can be compared.
 */
export interface AuditChannel {
  /** Never throws, never waits. `head` is the record that the line tells of. */
  post(channelId: string, line: Markdown, head: Witness): void;
  /** The channel was set (again): what stopped before may work now. */
  reset(channelId: string): void;
  /** Sends what waits, at once and for the last time; resolves when the messages that are under way have ended. */
  stop(): Promise<void>;
}

export interface AuditChannelDeps {
  /** Rejects with an error whose `status` is the HTTP status when Discord refused. */
  readonly send: (channelId: string, message: SilentMessage) => Promise<unknown>;
  /** The language of the server that a channel belongs to. */
  readonly languageOf: (channelId: string) => Translator;
  readonly now: () => number;
  /** Calls back once after so many milliseconds; returns what calls it off. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
  /** Hears when a message did not arrive. */
  readonly onError: (channelId: string, error: unknown) => void;
}

export const MESSAGE_EVERY_MS = 5_000;
export const LINES_PER_MESSAGE = 20;

/** Missing permissions and a deleted channel: asking again would only count as abuse (10,000 invalid requests in 10 min). */
const HOPELESS: ReadonlySet<unknown> = new Set([401, 403, 404]);

interface Pending {
  readonly lines: Markdown[];
  /** Lines that were not, or could not be, told. */
  missed: number;
  head: Witness | undefined;
  sentAtMs: number | undefined;
  sending: boolean;
  cancel: (() => void) | undefined;
}

/** Collects lines: at most one message in five seconds for each channel, with at most twenty lines. */
export function createAuditChannel({ send, languageOf, now, after, onError }: AuditChannelDeps): AuditChannel {
  const channels = new Map<string, Pending>();
  const silenced = new Set<string>();
  const underWay = new Set<Promise<void>>();
  let stopped = false;

  function schedule(channelId: string, pending: Pending): void {
    if (stopped || pending.cancel || pending.sending) return;
    const sinceMs = pending.sentAtMs === undefined ? MESSAGE_EVERY_MS : now() - pending.sentAtMs;
    // A clock that was put back must not silence the channel.
    const delayMs = Math.min(MESSAGE_EVERY_MS, Math.max(0, MESSAGE_EVERY_MS - sinceMs));
    pending.cancel = after(delayMs, () => begin(channelId, pending));
  }

  function begin(channelId: string, pending: Pending): void {
    pending.cancel = undefined;
    const work = flush(channelId, pending);
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  }

  async function flush(channelId: string, pending: Pending): Promise<void> {
    const lines = pending.lines.splice(0);
    const { missed, head } = pending;
    pending.missed = 0;
    pending.head = undefined;
    pending.sending = true;
    pending.sentAtMs = now();
    try {
      await send(channelId, render(lines, missed, head, languageOf(channelId)));
    } catch (error) {
      pending.missed += lines.length + missed;
      if (channels.get(channelId) === pending) fail(channelId, error);
    } finally {
      pending.sending = false;
      if (pending.lines.length > 0 && channels.get(channelId) === pending) {
        if (stopped) begin(channelId, pending);
        else schedule(channelId, pending);
      }
    }
  }

  function fail(channelId: string, error: unknown): void {
    if (HOPELESS.has((error as { status?: unknown } | null)?.status)) {
      silenced.add(channelId);
      channels.delete(channelId);
    }
    try {
      onError(channelId, error);
    } catch {
      // Nothing is left to tell it to.
    }
  }

  return {
    post(channelId, line, head) {
      if (stopped || silenced.has(channelId)) return;
      const pending = channels.get(channelId) ?? newPending();
      channels.set(channelId, pending);
      if (pending.lines.length < LINES_PER_MESSAGE) pending.lines.push(line);
      else pending.missed += 1;
      // Events of a server end in the order of their numbers, but their posts may not.
      if (!pending.head || head.seq >= pending.head.seq) pending.head = head;
      schedule(channelId, pending);
    },
    reset(channelId) {
      channels.get(channelId)?.cancel?.();
      channels.delete(channelId);
      silenced.delete(channelId);
    },
    async stop() {
      stopped = true;
      for (const [channelId, pending] of channels) {
        pending.cancel?.();
        if (pending.lines.length > 0 && !pending.sending) begin(channelId, pending);
      }
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function newPending(): Pending {
  return { lines: [], missed: 0, head: undefined, sentAtMs: undefined, sending: false, cancel: undefined };
}

function render(
  lines: readonly Markdown[],
  missed: number,
  head: Witness | undefined,
  language: Translator,
): SilentMessage {
  const card: Card = {
    tone: 'info',
    title: md`Audit log`,
    lines: [...lines, ...(missed > 0 ? [md`…and ${missed} more in /audit list`] : [])],
    ...(head ? { footer: md`Record ${head.seq}, chain ${head.hash}` } : {}),
  };
  const message = renderCard(card, language);
  return { ...message, allowedMentions: { parse: [] }, flags: MessageFlags.SuppressNotifications };
}
