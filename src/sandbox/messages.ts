import { type APIMessage, MessageFlags } from 'discord.js';

/** A message with what only the server knows of it. */
export interface StoredMessage {
  /** Replaced, never changed in place, so that earlier readers keep what they read. */
  api: APIMessage;
  /** The one person who sees an ephemeral message; null when everyone in the channel does. */
  readonly visibleTo: string | null;
  /** The interaction whose token made the message; null for one sent as the bot. */
  readonly interactionId: string | null;
  deleted: boolean;
}

export interface MessageStore {
  add(message: StoredMessage): void;
  /** A message that exists and was not deleted. */
  find(messageId: string): StoredMessage | undefined;
  inChannel(channelId: string): readonly StoredMessage[];
  ids(): readonly string[];
}

export function createMessageStore(): MessageStore {
  const messages = new Map<string, StoredMessage>();
  const live = (message: StoredMessage | undefined) => (message && !message.deleted ? message : undefined);
  return {
    add: (message) => {
      messages.set(message.api.id, message);
    },
    find: (messageId) => live(messages.get(messageId)),
    ids: () => [...messages.keys()],
    inChannel: (channelId) =>
      [...messages.values()].filter((message) => !message.deleted && message.api.channel_id === channelId),
  };
}

export function hasFlag(message: Pick<APIMessage, 'flags'>, flag: MessageFlags): boolean {
  return ((message.flags ?? 0) & flag) !== 0;
}

/** True while the message is the "thinking…" placeholder of a deferred reply. */
export function isLoading(message: Pick<APIMessage, 'flags'>): boolean {
  return hasFlag(message, MessageFlags.Loading);
}

export function isEphemeral(message: Pick<APIMessage, 'flags'>): boolean {
  return hasFlag(message, MessageFlags.Ephemeral);
}

export function isVisibleTo(message: StoredMessage, userId: string): boolean {
  return message.visibleTo === null || message.visibleTo === userId;
}
