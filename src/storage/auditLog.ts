import type Keyv from 'keyv';
import { z } from 'zod';
import { say } from '../engine/phrase.ts';
import {
  type AuditEvent,
  type AuditRecord,
  agree,
  type BrokenChain,
  type ChainHead,
  follow,
  followAll,
  genesis,
  headOf,
  readRecord,
  seal,
} from '../policy/auditChain.ts';
import { createGuildLock, deleteEntries, type GuildRepository, type PersonalRepository } from './guildData.ts';
import type { People } from './people.ts';

const HEAD = z.strictObject({
  v: z.literal(1),
  guildId: z.string().min(1),
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The actor of what the bot does by itself. */
export const SYSTEM_ACTOR = 'system';

/** What an export says of a place without a record. */
export const NOT_READABLE = 'missing or unreadable';

/** What happened. No text may name a person: the log cannot be changed afterwards. */
export interface AuditEntryRequest extends Omit<AuditEvent, 'at' | 'actor'> {
  /** The person's id, of which only a pseudonym is kept in the log; undefined = the bot itself. */
  readonly userId: string | undefined;
}

/** One place in the log; `record` is undefined when what belongs there is missing or cannot be read. */
export interface AuditEntry {
  readonly seq: number;
  readonly record: AuditRecord | undefined;
}

export type AuditVerdict =
  | { readonly ok: true; readonly count: number; readonly headHash: string }
  | BrokenChain
  /** What names the end of the log cannot be read. */
  | { readonly ok: false; readonly seq: 0; readonly problem: 'head' };

/** The audit logs of all servers: each a chain of hashes that is only ever added to. After a deletion it begins anew. */
export interface AuditLog extends GuildRepository {
  /**
   * Resolves with the record when it is durable. Rejects when it cannot be written, or when the end of the log is not as
   * it was left: then the caller must not do what was to be recorded. A rejected event may yet turn up in the log, when
   * only its confirmation was lost.
   */
  append(guildId: string, event: AuditEntryRequest): Promise<AuditRecord>;
  /** The end of the log; seq 0 when it is empty. */
  head(guildId: string): Promise<ChainHead>;
  /** At most `limit` places below number `before` (default: from the end), newest first. */
  list(guildId: string, range: { readonly before?: number; readonly limit: number }): Promise<readonly AuditEntry[]>;
  /** Every place, oldest first, up to the end at the time of the call. */
  all(guildId: string): AsyncGenerator<AuditEntry, void>;
  /** Reads the whole chain. What is appended meanwhile waits. */
  verify(guildId: string): Promise<AuditVerdict>;
}

export interface AuditLogDeps {
  /** A Keyv of its own namespace that throws on errors; keys are `<server id>:<number>` and `<server id>:head`. */
  readonly store: Keyv;
  readonly people: People;
  readonly now: () => number;
}

/** Places read at a time. */
const BATCH = 200;
/** A head that was altered may name any number: whoever reads up to it must come to an end. */
const MAX_EMPTY_BATCHES = 50;

export function createAuditLog({ store, people, now }: AuditLogDeps): AuditLog {
  const exclusively = createGuildLock();
  const headKey = (guildId: string) => `${guildId}:head`;

  async function read(guildId: string, seqs: readonly number[]): Promise<readonly unknown[]> {
    const values: unknown[] = await store.get(seqs.map((seq) => `${guildId}:${seq}`));
    if (values.length !== seqs.length) throw new Error('the store did not answer for every audit record');
    return values;
  }

  /** Undefined when what is stored names no end of this server's log; a store that fails rejects. */
  async function findHead(guildId: string): Promise<ChainHead | undefined> {
    const stored: unknown = await store.get(headKey(guildId));
    if (stored === undefined) return genesis(guildId);
    const { success, data } = HEAD.safeParse(stored);
    return success && data.guildId === guildId ? { guildId, seq: data.seq, hash: data.hash } : undefined;
  }

  async function readHead(guildId: string): Promise<ChainHead> {
    const head = await findHead(guildId);
    if (!head) throw new Error('the end of the audit log cannot be read: nothing is added to it');
    return head;
  }

  async function write(key: string, value: unknown): Promise<void> {
    if (!(await store.set(key, value))) throw new Error('the store did not accept the audit record');
  }

  const writeHead = (head: ChainHead) => write(headKey(head.guildId), HEAD.parse({ v: 1, ...head }));

  /**
   * The end to go on from. A process that ended between writing a record and the head leaves one record beyond the head:
   * it is taken in when it fits. Anything else is not our doing, and nothing may be added to it.
   */
  async function settledHead(guildId: string): Promise<ChainHead> {
    const head = await readHead(guildId);
    const places = await read(guildId, [Math.max(1, head.seq), head.seq + 1, head.seq + 2]);
    const [last, next, afterNext] = places;
    if (head.seq > 0 && readRecord(last)?.hash !== head.hash) throw damaged(head.seq);
    if (afterNext !== undefined) throw damaged(head.seq + 2);
    if (next === undefined) return head;
    const adopted = follow(head, next);
    if (!adopted.ok) throw damaged(head.seq + 1);
    await writeHead(adopted.head);
    return adopted.head;
  }

  async function append(guildId: string, { userId, ...event }: AuditEntryRequest): Promise<AuditRecord> {
    const actor = userId === undefined ? SYSTEM_ACTOR : await people.pseudonymFor(guildId, userId);
    return exclusively(guildId, async () => {
      const head = await settledHead(guildId);
      const record = seal(head, { ...event, at: new Date(now()).toISOString(), actor });
      await write(`${guildId}:${record.seq}`, record);
      await writeHead(headOf(record));
      return record;
    });
  }

  async function readEntries(guildId: string, seqs: readonly number[]): Promise<AuditEntry[]> {
    const values = await read(guildId, seqs);
    return seqs.map((seq, i) => {
      const record = readRecord(values[i]);
      // A record at another's place is not shown as if it were the one that belongs there, another server's not at all.
      return { seq, record: record?.seq === seq && record.guildId === guildId ? record : undefined };
    });
  }

  async function* all(guildId: string): AsyncGenerator<AuditEntry, void> {
    const { seq: last } = await readHead(guildId);
    let empty = 0;
    for (let first = 1; first <= last && empty < MAX_EMPTY_BATCHES; first += BATCH) {
      const entries = await readEntries(guildId, upTo(first, last));
      empty = entries.some(({ record }) => record) ? 0 : empty + 1;
      yield* entries;
    }
  }

  async function verify(guildId: string): Promise<AuditVerdict> {
    const head = await findHead(guildId);
    if (!head) return { ok: false, seq: 0, problem: 'head' };
    let reached = genesis(guildId);
    while (reached.seq < head.seq) {
      const walked = followAll(reached, await read(guildId, upTo(reached.seq + 1, head.seq)));
      if (!walked.ok) return walked;
      reached = walked.head;
    }
    const ended = agree(reached, head);
    if (!ended.ok) return ended;
    return judgeBeyond(head, await read(guildId, upTo(head.seq + 1, head.seq + BATCH)));
  }

  return {
    name: 'audit',
    append,
    head: readHead,
    all,
    async list(guildId, { before, limit }) {
      const { seq } = await readHead(guildId);
      const newest = Math.min(seq, (before ?? seq + 1) - 1);
      const count = Math.max(0, Math.min(limit, newest));
      return readEntries(
        guildId,
        Array.from({ length: count }, (_, i) => newest - i),
      );
    },
    verify: (guildId) => exclusively(guildId, () => verify(guildId)),
    async exportGuild(guildId) {
      const records: unknown[] = [];
      for await (const { seq, record } of all(guildId)) records.push(record ?? { seq, problem: NOT_READABLE });
      return records;
    },
    deleteGuild: (guildId) => exclusively(guildId, async () => void (await deleteEntries(store, guildId))),
  };
}

/** Beyond the head one record may stand, as a crash leaves it; the next append takes it in. */
function judgeBeyond(head: ChainHead, beyond: readonly unknown[]): AuditVerdict {
  const first = beyond.findIndex((stored) => stored !== undefined);
  if (first === -1) return { ok: true, count: head.seq, headHash: head.hash };
  const next = follow(head, beyond[0]);
  const only = beyond.slice(1).every((stored) => stored === undefined);
  if (next.ok && only) return { ok: true, count: next.head.seq, headHash: next.head.hash };
  return { ok: false, seq: head.seq + 1 + first, problem: 'extra' };
}

/** The person's part of the audit log. Their records stay, as the chain needs them; what goes is who they are of. */
export function personalAudit(auditLog: AuditLog, people: People): PersonalRepository {
  return {
    name: 'audit',
    async exportUser(guildId, userId) {
      const pseudonym = await people.findPseudonym(guildId, userId);
      const mine: AuditRecord[] = [];
      if (pseudonym === undefined) return mine;
      for await (const { record } of auditLog.all(guildId)) if (record?.actor === pseudonym) mine.push(record);
      return mine;
    },
    async deleteUser(guildId, userId) {
      await people.forget(guildId, userId);
      return say`The audit log no longer says who you are. Its records stay: each is sealed upon the one before.`;
    },
  };
}

function damaged(seq: number): Error {
  return new Error(`the audit log is damaged at record ${seq}: nothing is added to it`);
}

/** The numbers from `first` to `last`, at most a batch. */
function upTo(first: number, last: number): number[] {
  return Array.from({ length: Math.min(BATCH, last - first + 1) }, (_, i) => first + i);
}
