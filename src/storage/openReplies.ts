import type Keyv from 'keyv';
import { z } from 'zod';
import { say } from '../engine/phrase.ts';
import { deleteEntries, type GuildRepository, guildEntries, type PersonalRepository } from './guildData.ts';

const SCAN = z.strictObject({
  id: z.string().max(30),
  /** Canonical, and as it is shown. */
  host: z.string().max(300),
  display: z.string().max(300),
  /** As `formatPorts` writes them. */
  ports: z.string(),
});

const OPEN_REPLY = z.strictObject({
  v: z.literal(1),
  interactionId: z.string().max(32),
  applicationId: z.string().max(32),
  /** Good for this one reply, for fifteen minutes. */
  token: z.string().max(500),
  guildId: z.string().max(32),
  channelId: z.string().max(32),
  userId: z.string().max(32),
  /** Name of the command. */
  command: z.string().max(65),
  openedAt: z.iso.datetime(),
  /** As Discord names them: of the person, and of the server. */
  locale: z.string().max(10),
  guildLocale: z.string().max(10).optional(),
  /** The scan that the reply is about. */
  scan: SCAN.optional(),
  /** That the scan was cut off stands in the audit log already. */
  interrupted: z.literal(true).optional(),
});

/** A reply that has been acknowledged and has no ending yet. */
export type OpenReply = Omit<z.infer<typeof OPEN_REPLY>, 'v'>;
export type OpenScan = z.infer<typeof SCAN>;

/** The journal of replies: what is in it when the bot starts was left behind by a bot that died. */
export interface OpenReplies extends GuildRepository, PersonalRepository {
  open(reply: OpenReply): Promise<void>;
  /** Says which scan an open reply is about. Does nothing for a reply that is not open. */
  about(guildId: string, interactionId: string, scan: OpenScan): Promise<void>;
  /** Says that its scan was cut off, and that this is written down. Does nothing for a reply that is not open. */
  noteInterrupted(guildId: string, interactionId: string): Promise<void>;
  close(guildId: string, interactionId: string): Promise<void>;
  /** Of all servers. What cannot be read is left out. */
  list(): Promise<readonly OpenReply[]>;
}

/** Nothing is open for longer; a bot that is gone for a day has nobody waiting. */
const KEPT_MS = 24 * 60 * 60_000;

/** @param store a Keyv of its own namespace that throws on errors; keys are `<server id>:<interaction id>` */
export function createOpenReplies(store: Keyv): OpenReplies {
  async function save(reply: OpenReply): Promise<void> {
    const value = OPEN_REPLY.parse({ v: 1, ...reply });
    const saved = await store.set(`${reply.guildId}:${reply.interactionId}`, value, KEPT_MS);
    if (!saved) throw new Error('the store did not accept the open reply');
  }

  async function add(guildId: string, interactionId: string, more: Partial<OpenReply>): Promise<void> {
    const { data } = OPEN_REPLY.safeParse(await store.get(`${guildId}:${interactionId}`));
    if (!data) return;
    const { v: _version, ...reply } = data;
    await save({ ...reply, ...more });
  }

  async function exported(guildId: string, wanted: (reply: OpenReply) => boolean): Promise<readonly unknown[]> {
    const replies: unknown[] = [];
    for await (const [, value] of guildEntries(store, guildId)) {
      const { data } = OPEN_REPLY.safeParse(value);
      // Whoever has the token can write into the reply.
      if (data && wanted(data)) replies.push({ ...data, token: undefined });
    }
    return replies;
  }

  return {
    name: 'openReplies',
    open: save,
    about: (guildId, interactionId, scan) => add(guildId, interactionId, { scan }),
    noteInterrupted: (guildId, interactionId) => add(guildId, interactionId, { interrupted: true }),
    close: async (guildId, interactionId) => void (await store.delete(`${guildId}:${interactionId}`)),
    async list() {
      if (!store.iterator) throw new Error('this store cannot list its keys');
      const replies: OpenReply[] = [];
      for await (const [, value] of store.iterator(undefined)) {
        const { data } = OPEN_REPLY.safeParse(value);
        if (!data) continue;
        const { v: _version, ...reply } = data;
        replies.push(reply);
      }
      return replies.sort((a, b) => (a.openedAt < b.openedAt ? -1 : Number(a.openedAt > b.openedAt)));
    },
    exportGuild: (guildId) => exported(guildId, () => true),
    deleteGuild: async (guildId) => void (await deleteEntries(store, guildId)),
    exportUser: (guildId, userId) => exported(guildId, (reply) => reply.userId === userId),
    deleteUser: async () =>
      say`Replies that you still wait for are forgotten once they have their answer, within a day at the latest.`,
  };
}
