import type { ImportRow } from './importFile.ts';

/** An import that was shown and waits for its button. */
export interface PendingImport {
  readonly guildId: string;
  readonly userId: string;
  readonly rows: readonly ImportRow[];
  readonly replace: boolean;
  /** What the preview said that it would do. */
  readonly fingerprint: string;
}

export interface PendingImports {
  /** Keeps it for ten minutes, instead of an earlier one of the same person in the same server. Returns its id. */
  put(pending: PendingImport): string;
  /** Gives it out once. `gone`: unknown, too old, done, or of another server; ids tell nothing else. */
  take(id: string, guildId: string, userId: string): PendingImport | 'gone' | 'not-yours';
  /** Under its old id, when what was to be done with it could not be done. */
  putBack(id: string, pending: PendingImport): void;
}

export const PENDING_MS = 10 * 60_000;
/** Each may hold the rows of a whole file. */
const MAX_PENDING = 64;

/** @param randomId an unguessable id of at most 30 letters, digits, `_` and `-`, of at least 96 random bits */
export function createPendingImports(now: () => number, randomId: () => string): PendingImports {
  const waiting = new Map<string, PendingImport & { readonly untilMs: number }>();

  function sweep(): void {
    for (const [id, { untilMs }] of waiting) if (untilMs <= now()) waiting.delete(id);
  }

  return {
    put(pending) {
      sweep();
      for (const [id, { guildId, userId }] of waiting) {
        if (guildId === pending.guildId && userId === pending.userId) waiting.delete(id);
      }
      const [oldest] = waiting.keys();
      if (waiting.size >= MAX_PENDING && oldest !== undefined) waiting.delete(oldest);
      const id = randomId();
      waiting.set(id, { ...pending, untilMs: now() + PENDING_MS });
      return id;
    },
    take(id, guildId, userId) {
      sweep();
      const found = waiting.get(id);
      if (found?.guildId !== guildId) return 'gone';
      if (found.userId !== userId) return 'not-yours';
      waiting.delete(id);
      return found;
    },
    putBack: (id, pending) => void waiting.set(id, { ...pending, untilMs: now() + PENDING_MS }),
  };
}
