import type Keyv from 'keyv';
import { z } from 'zod';
import type { Logger } from '../log.ts';
import type { GuildData } from './guildData.ts';

const RECORD = z.strictObject({ v: z.literal(1), removedAt: z.iso.datetime() });

/** How long the data of a server that removed the bot is kept, for the case that it comes back, in milliseconds. */
export const PURGE_AFTER_MS = 7 * 24 * 60 * 60_000;

/** The servers that removed the bot and whose data waits for its deletion. */
export interface Purges {
  /** The server removed the bot at this time. An earlier mark stays. */
  mark(guildId: string, atMs: number): Promise<void>;
  /** The bot is in the server again, or its data is gone. */
  unmark(guildId: string): Promise<void>;
  /** The servers that removed the bot at least {@link PURGE_AFTER_MS} ago. */
  due(nowMs: number): Promise<readonly string[]>;
}

/** @param store a Keyv of its own namespace that throws on errors; keys are server ids */
export function createPurges(store: Keyv): Purges {
  return {
    async mark(guildId, atMs) {
      const stored: unknown = await store.get(guildId);
      const before = RECORD.safeParse(stored).data;
      if (before && Date.parse(before.removedAt) <= atMs) return;
      const record = RECORD.parse({ v: 1, removedAt: new Date(atMs).toISOString() });
      if (!(await store.set(guildId, record))) throw new Error('the store did not accept the mark');
    },
    async unmark(guildId) {
      await store.delete(guildId);
    },
    async due(nowMs) {
      if (!store.iterator) throw new Error('this store cannot list its keys');
      const guildIds: string[] = [];
      for await (const [guildId, value] of store.iterator(undefined)) {
        const mark = RECORD.safeParse(value).data;
        // A mark that cannot be read deletes nothing.
        if (mark && nowMs - Date.parse(mark.removedAt) >= PURGE_AFTER_MS) guildIds.push(guildId);
      }
      return guildIds;
    },
  };
}

export interface PurgerOptions {
  readonly purges: Purges;
  readonly guildData: GuildData;
  readonly now: () => number;
  /** Time from one look to the next, in milliseconds; at most 24 days, as timers go. */
  readonly everyMs: number;
  readonly log: Logger;
  /** Is the bot in this server now? Then its mark is a mistake (it came back while nobody listened), and nothing is deleted. */
  readonly isMember: (guildId: string) => boolean;
}

/** Deletes the data of servers whose time has come. */
export interface Purger {
  /** Looks at once, and then again and again. */
  start(): void;
  /** Resolves when the deletion that is under way has ended. */
  stop(): Promise<void>;
}

/** A deletion that fails stays marked and is tried again at the next look; nothing is ever thrown. */
export function createPurger({ purges, guildData, now, everyMs, log, isMember }: PurgerOptions): Purger {
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> | undefined;
  let stopped = false;

  async function purge(guildId: string): Promise<void> {
    try {
      if (isMember(guildId)) {
        log.info({ guild: guildId }, 'the bot is in the server again: its data stays');
      } else {
        await guildData.deleteGuild(guildId);
        log.info({ guild: guildId }, 'the data of a server that removed the bot was deleted');
      }
      await purges.unmark(guildId);
    } catch (err) {
      log.error({ err, guild: guildId }, 'cannot delete the data of a server that removed the bot');
    }
  }

  async function sweep(): Promise<void> {
    try {
      for (const guildId of await purges.due(now())) {
        if (stopped) return;
        await purge(guildId);
      }
    } catch (err) {
      log.error({ err }, 'cannot read which servers removed the bot');
    }
  }

  function look(): void {
    sweeping ??= sweep().finally(() => {
      sweeping = undefined;
    });
  }

  return {
    start() {
      if (timer || stopped) return;
      look();
      timer = setInterval(look, everyMs);
      timer.unref();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await sweeping;
    },
  };
}
