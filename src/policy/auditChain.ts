import { createHash } from 'node:crypto';
import { z } from 'zod';

/** How a decision or a change ended. `allowed` and `refused` are what the policy said, `done` and `failed` what came of it. */
export const AUDIT_DECISIONS = ['allowed', 'refused', 'done', 'failed'] as const;

/** Longest texts of a record, in UTF-16 units after escaping. Ports may be a folded list of thousands. */
const MAX = { action: 64, command: 300, target: 300, address: 64, ports: 2_000, rule: 300, scanId: 64, detail: 500 };
const MAX_ADDRESSES = 64;
const CUT = '…';
/** Looked at beyond the longest text: what shows that a password goes across the cut, its `@`, stands behind it. */
const LOOKAHEAD = 1_000;

/**
 * Controls, separators other than the space, and whatever is invisible or changes the reading direction (UTS #36); the
 * backslash too, so that an escape sequence in a record is never somebody's own text.
 */
const ESCAPED = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\\]|(?! )\p{Zs}/u;
const CLEAN = /^(?:[^\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}])*$/u;

const text = (max: number) => z.string().max(max).regex(CLEAN);
const HASH = z.string().regex(/^[0-9a-f]{64}$/);
const RECORD = z.strictObject({
  v: z.literal(1),
  guildId: text(32).min(1),
  /** Counts from 1 in every server; this alone is the order. */
  seq: z.int().min(1),
  /** What the clock said; a clock that goes backwards changes nothing. */
  at: z.iso.datetime(),
  /** A pseudonym, never an id of a person; `system` when the bot acted by itself. */
  actor: text(32).min(1),
  action: text(MAX.action).min(1),
  command: text(MAX.command),
  target: text(MAX.target).optional(),
  addresses: z.array(text(MAX.address)).max(MAX_ADDRESSES).optional(),
  ports: text(MAX.ports).optional(),
  decision: z.enum(AUDIT_DECISIONS),
  rule: text(MAX.rule),
  scanId: text(MAX.scanId).optional(),
  detail: text(MAX.detail).optional(),
  previous: HASH,
  hash: HASH,
});

/** One line of a server's audit log, sealed: its hash covers every other field and the hash before it. */
export type AuditRecord = z.infer<typeof RECORD>;

/** What a record says, before it has a place in a chain. Texts may be anything: they are bounded and escaped. */
export interface AuditEvent {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly actor: string;
  /** What was asked or done, such as `scan` or `targets.add`. */
  readonly action: string;
  /** The command as the person gave it, such as `/scan`. */
  readonly command: string;
  readonly target?: string | undefined;
  readonly addresses?: readonly string[] | undefined;
  readonly ports?: string | undefined;
  readonly decision: (typeof AUDIT_DECISIONS)[number];
  /** The id of the rule that decided. */
  readonly rule: string;
  readonly scanId?: string | undefined;
  readonly detail?: string | undefined;
}

/** Where a chain ends: the number and the hash of its last record. */
export interface ChainHead {
  readonly guildId: string;
  /** 0: no record yet. */
  readonly seq: number;
  readonly hash: string;
}

/**
 * - `missing`: no record has this number, also when the chain was cut off at its end.
 * - `changed`: it is not what was sealed, or not what its successor (or the head) was sealed upon.
 * - `reordered`: another record stands in its place.
 * - `foreign`: it belongs to another server.
 * - `extra`: it lies beyond the head.
 */
export type ChainProblem = 'missing' | 'changed' | 'reordered' | 'foreign' | 'extra';

export interface BrokenChain {
  readonly ok: false;
  /** The first number at which the chain is broken. */
  readonly seq: number;
  readonly problem: ChainProblem;
}

export type ChainVerdict = { readonly ok: true; readonly head: ChainHead } | BrokenChain;

/** The head of a server's empty chain; its hash binds the first record to the server. */
export function genesis(guildId: string): ChainHead {
  return { guildId, seq: 0, hash: sha256(`harbormaster audit v1\n${guildId}`) };
}

/** The record that continues the chain after `previous`. Pure: the same event on the same head gives the same record. */
export function seal(previous: ChainHead, event: AuditEvent): AuditRecord {
  const { target, addresses, ports, scanId, detail } = event;
  const content = {
    v: 1 as const,
    guildId: previous.guildId,
    seq: previous.seq + 1,
    at: event.at,
    actor: event.actor,
    action: bounded(event.action, MAX.action),
    command: bounded(event.command, MAX.command),
    ...(target === undefined ? {} : { target: bounded(target, MAX.target) }),
    ...(addresses === undefined
      ? {}
      : { addresses: addresses.slice(0, MAX_ADDRESSES).map((address) => bounded(address, MAX.address)) }),
    ...(ports === undefined ? {} : { ports: bounded(ports, MAX.ports) }),
    decision: event.decision,
    rule: bounded(event.rule, MAX.rule),
    ...(scanId === undefined ? {} : { scanId: bounded(scanId, MAX.scanId) }),
    ...(detail === undefined ? {} : { detail: bounded(detail, MAX.detail) }),
    previous: previous.hash,
  };
  return RECORD.parse({ ...content, hash: sha256(canonicalJson(content)) });
}

export function headOf({ guildId, seq, hash }: AuditRecord): ChainHead {
  return { guildId, seq, hash };
}

/** A stored value as a record, or undefined when it is none. Says nothing about its place in a chain. */
export function readRecord(stored: unknown): AuditRecord | undefined {
  const { success, data } = RECORD.safeParse(stored);
  return success ? data : undefined;
}

/** Does the stored value continue the chain after `previous`? Returns the new head, or what is wrong and at which number. */
export function follow(previous: ChainHead, stored: unknown): ChainVerdict {
  const seq = previous.seq + 1;
  const broken = (problem: ChainProblem, at = seq): BrokenChain => ({ ok: false, seq: at, problem });
  if (stored === undefined) return broken('missing');
  const record = readRecord(stored);
  if (!record) return broken('changed');
  const { hash, ...content } = record;
  if (sha256(canonicalJson(content)) !== hash) return broken('changed');
  if (record.guildId !== previous.guildId) return broken('foreign');
  if (record.seq !== seq) return broken('reordered');
  // A sealed record vouches for the one before it: that one was sealed anew after a change.
  if (record.previous !== previous.hash) return broken('changed', Math.max(1, previous.seq));
  return { ok: true, head: headOf(record) };
}

/** {@link follow} along many records. */
export function followAll(previous: ChainHead, records: readonly unknown[]): ChainVerdict {
  let head = previous;
  for (const stored of records) {
    const next = follow(head, stored);
    if (!next.ok) return next;
    head = next.head;
  }
  return { ok: true, head };
}

/**
 * Checks a server's whole chain, in its order, against its head. Finds every change, removal, exchange, insertion and
 * truncation that does not also rewrite everything behind it and the head: against that, compare the head with a copy
 * that is kept elsewhere.
 */
export function verifyChain(records: readonly unknown[], head: ChainHead): ChainVerdict {
  const kept = records.slice(0, head.seq);
  const walked = followAll(genesis(head.guildId), kept);
  if (!walked.ok) {
    const elsewhere = records.some((stored) => readRecord(stored)?.seq === walked.seq);
    return walked.problem === 'reordered' && !elsewhere ? { ...walked, problem: 'missing' } : walked;
  }
  const ended = agree(walked.head, head);
  if (ended.ok && records.length > head.seq) return { ok: false, seq: head.seq + 1, problem: 'extra' };
  return ended;
}

/** Is the end that was reached the one that the head names? */
export function agree(reached: ChainHead, head: ChainHead): ChainVerdict {
  if (reached.seq < head.seq) return { ok: false, seq: reached.seq + 1, problem: 'missing' };
  if (reached.hash !== head.hash) return { ok: false, seq: Math.max(1, head.seq), problem: 'changed' };
  return { ok: true, head };
}

/**
 * JSON with sorted keys and no blanks, so that the same value is always the same text (RFC 8785 for what stands in
 * records: well-formed strings, safe integers, lists, objects). Undefined members are left out; throws for anything else.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Number.isSafeInteger(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) throw new TypeError(`a record holds no ${typeof value}`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

function sha256(content: string): string {
  return createHash('sha256').update(content, 'utf8').digest('hex');
}

/** On one line, at most `max` UTF-16 units, everything that is not plainly visible as `\u{…}`, no credentials. */
function bounded(raw: string, max: number): string {
  let line = '';
  for (const character of withoutCredentials(raw.slice(0, max + LOOKAHEAD))) {
    const shown = ESCAPED.test(character) ? `\\u{${character.codePointAt(0)?.toString(16)}}` : character;
    if (line.length + shown.length > max - CUT.length) return line + CUT;
    line += shown;
  }
  return raw.length > max + LOOKAHEAD ? line + CUT : line;
}

/** People paste whole URLs; their passwords, and tokens of the shape of Discord's, are no business of an audit log. */
function withoutCredentials(raw: string): string {
  return (
    raw
      .replace(/:\/\/\S*@/g, '://[redacted]@')
      // Without a scheme; but `ports:22,@web` is none.
      .replace(/[^\s/@:]*:(?!\/\/)[^\s@]*[^\s@,]@/g, '[redacted]@')
      .replace(/[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g, '[redacted]')
  );
}
