import type { Json } from './json.ts';
import type { RecordedRequest } from './rest/server.ts';

/** Something that went over a wire between the bot and the sandbox. */
export type Happening =
  /** A REST request: told when it has arrived (`status` null) and again, the same object, when it is answered. */
  | { readonly kind: 'request'; readonly request: RecordedRequest }
  /** A gateway frame; `sent` by the sandbox to the bot, or received from it. Tokens are not in it. */
  | {
      readonly kind: 'frame';
      readonly sent: boolean;
      readonly op: number;
      readonly event: string | null;
      readonly data: unknown;
    }
  /** A gateway connection began or ended. */
  | { readonly kind: 'connection'; readonly open: boolean };

export interface Watch {
  tell(happening: Happening): void;
  /** Calls the listener for everything that happens from now on; returns what takes it off again. */
  subscribe(listener: (happening: Happening) => void): () => void;
}

export function createWatch(): Watch {
  const listeners = new Set<(happening: Happening) => void>();
  return {
    tell: (happening) => {
      for (const listener of [...listeners]) listener(happening);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A frame's data without the token of Identify and Resume. */
export function withoutToken(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || !('token' in data)) return data;
  return { ...(data as Json), token: '[redacted]' };
}
