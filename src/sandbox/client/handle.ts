import { type APIMessage, InteractionResponseType } from 'discord.js';
import type { HistoryEntry, InteractionRecord } from '../interactions.ts';
import { asArray, type Json } from '../json.ts';
import type { State } from '../state.ts';

export interface Acknowledgement {
  /** Interaction callback type: 4 message, 5 deferred, 6 deferred update, 7 update, 8 choices, 9 modal. */
  readonly type: number;
  /** Real milliseconds from dispatch to the first response. */
  readonly latencyMs: number;
}

/** A choice that the bot offers while somebody types. */
export interface Choice {
  readonly name: string;
  readonly value: string | number;
}

/** One interaction as the person sees it: what came back, so far. */
export interface InteractionHandle {
  readonly id: string;
  readonly token: string;
  /** The payload that the bot got. */
  readonly payload: Json;
  /** Resolves at the first response, or with `timeout` after `timeoutMs` (default 5000) of real time. */
  acknowledged(timeoutMs?: number): Promise<Acknowledgement | 'timeout'>;
  /** The original response as it is now; null before there is one and after it was deleted. */
  message(): APIMessage | null;
  followUps(): readonly APIMessage[];
  /** How often messages of this interaction were edited. */
  readonly edits: number;
  /** Everything that happened to its messages, oldest first. */
  readonly history: readonly HistoryEntry[];
  /** The choices of an autocomplete response. */
  choices(): readonly Choice[];
  /** The modal that the bot opened (`custom_id`, `title`, `components`). */
  modal(): Json | null;
  /** Calls the listener after every change; returns what takes it off again. */
  onChange(listener: () => void): () => void;
  /** Resolves with the handle once the predicate holds; rejects after `timeoutMs` (default 5000) of real time. */
  waitFor(predicate: (handle: InteractionHandle) => boolean, timeoutMs?: number): Promise<InteractionHandle>;
}

const DEFAULT_TIMEOUT_MS = 5000;

/** Waits for the predicate on every change. Resolves with whether it came to hold in time. */
function waitUntil(record: InteractionRecord, predicate: () => boolean, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const finish = (held: boolean): void => {
      clearTimeout(timer);
      record.listeners.delete(check);
      resolve(held);
    };
    const check = (): void => {
      try {
        if (predicate()) finish(true);
      } catch (error) {
        clearTimeout(timer);
        record.listeners.delete(check);
        reject(error);
      }
    };
    const timer = setTimeout(() => finish(false), timeoutMs);
    record.listeners.add(check);
    check();
  });
}

export function createHandle(state: State, record: InteractionRecord): InteractionHandle {
  const message = (id: string | null): APIMessage | null =>
    id === null ? null : (state.messages.find(id)?.api ?? null);
  const responseData = (type: InteractionResponseType): Json | null =>
    record.response?.type === type ? record.response.data : null;
  const handle: InteractionHandle = {
    id: record.id,
    token: record.token,
    payload: record.payload,
    async acknowledged(timeoutMs = DEFAULT_TIMEOUT_MS) {
      await waitUntil(record, () => record.response !== null, timeoutMs);
      if (!record.response) return 'timeout';
      return { type: record.response.type, latencyMs: record.response.latencyMs };
    },
    message: () => message(record.originalId),
    followUps: () => record.followUpIds.map(message).filter((found) => found !== null),
    get edits() {
      return record.history.filter((entry) => entry.kind === 'edit').length;
    },
    history: record.history,
    choices: () => {
      const data = responseData(InteractionResponseType.ApplicationCommandAutocompleteResult);
      return asArray(data?.choices) as readonly Choice[];
    },
    modal: () => responseData(InteractionResponseType.Modal),
    onChange(listener) {
      record.listeners.add(listener);
      return () => record.listeners.delete(listener);
    },
    async waitFor(predicate, timeoutMs = DEFAULT_TIMEOUT_MS) {
      if (await waitUntil(record, () => predicate(handle), timeoutMs)) return handle;
      const state = record.response ? `response type ${record.response.type}` : 'no response';
      throw new Error(`Nothing fitted within ${timeoutMs} ms (${state}, ${record.history.length} changes).`);
    },
  };
  return handle;
}
