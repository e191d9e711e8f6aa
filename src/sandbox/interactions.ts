import type { APIMessage, InteractionResponseType, InteractionType } from 'discord.js';
import type { Json } from './json.ts';

/** The first response must come within this time ("Receiving and Responding" in Discord's reference). */
export const ACKNOWLEDGE_WITHIN_MS = 3_000;
/** An interaction token edits and follows up for this long after the interaction. */
export const TOKEN_LIFETIME_MS = 15 * 60_000;

export interface HistoryEntry {
  /** Milliseconds on the sandbox's clock. */
  readonly at: number;
  readonly kind: 'response' | 'edit' | 'followUp' | 'delete';
  /** What the message looked like after it; null for responses without a message (autocomplete, modal). */
  readonly message: APIMessage | null;
}

export interface FirstResponse {
  readonly type: InteractionResponseType;
  readonly at: number;
  /** Real time from dispatch to the response, whatever the sandbox's clock says. */
  readonly latencyMs: number;
  readonly data: Json;
}

export interface InteractionRecord {
  readonly id: string;
  readonly token: string;
  readonly type: InteractionType;
  readonly createdAt: number;
  readonly dispatchedAtMs: number;
  readonly userId: string;
  readonly channelId: string;
  readonly guildId: string | null;
  /** What was dispatched to the bot. */
  readonly payload: Json;
  /** The message whose button or select was used. */
  readonly sourceMessageId: string | null;
  response: FirstResponse | null;
  /** The message that `@original` means. */
  originalId: string | null;
  readonly followUpIds: string[];
  readonly history: HistoryEntry[];
  readonly listeners: Set<() => void>;
}

export interface InteractionStore {
  add(record: InteractionRecord): void;
  find(interactionId: string): InteractionRecord | undefined;
  byToken(token: string): InteractionRecord | undefined;
  /** Notes what happened and tells everyone who waits for a change. */
  note(record: InteractionRecord, kind: HistoryEntry['kind'], message: APIMessage | null): void;
}

export function createInteractionStore(now: () => number): InteractionStore {
  const byId = new Map<string, InteractionRecord>();
  const byToken = new Map<string, InteractionRecord>();
  return {
    add(record) {
      byId.set(record.id, record);
      byToken.set(record.token, record);
    },
    find: (interactionId) => byId.get(interactionId),
    byToken: (token) => byToken.get(token),
    note(record, kind, message) {
      record.history.push({ at: now(), kind, message });
      // In the next turn, when the request that caused it has been answered and recorded as well.
      setImmediate(() => {
        for (const listener of [...record.listeners]) listener();
      });
    },
  };
}
