import type { Link } from './link.ts';

/** Of one reply: beyond these it is cut, and taken for what it is so far. */
const MAX_LINES = 64;
const MAX_BYTES = 16 * 1024;

/** How long a greeting or an answer may take to begin, or to go on, in milliseconds. Mail servers like to look up who calls. */
export const REPLY_WAIT_MS = 4_000;

export interface Reply {
  /** 100 to 599. */
  readonly code: number;
  /** Without codes and line ends, as UTF-8 however broken; at most 64. */
  readonly lines: readonly string[];
  /** Where the next reply begins. */
  readonly end: number;
}

/** Lines from `from` on that have ended, at most 64 from at most 16 KiB, each with the place after it. */
function* linesFrom(bytes: Buffer, from: number): Generator<{ text: string; end: number }> {
  const limit = Math.min(bytes.length, from + MAX_BYTES);
  for (let at = from, count = 0; count < MAX_LINES; count += 1) {
    const feed = bytes.indexOf(10, at);
    if (feed < 0 || feed >= limit) return;
    yield { text: bytes.toString('utf8', at, bytes[feed - 1] === 13 && feed > at ? feed - 1 : feed), end: feed + 1 };
    at = feed + 1;
  }
}

const isTooLong = (bytes: Buffer, from: number, lines: number) =>
  bytes.length - from >= MAX_BYTES || lines >= MAX_LINES;

/**
 * The numbered reply at `from`, of one line or several (RFC 959 §4.2, RFC 5321 §4.2.1). Undefined: not all there yet. False: no
 * such reply. Takes continuation lines without a code, as FTP allows.
 */
export function parseReply(bytes: Buffer, from = 0): Reply | undefined | false {
  const lines: string[] = [];
  let code = '';
  let end = from;
  for (const line of linesFrom(bytes, from)) {
    const [, digits = '', mark = ''] = /^([1-5]\d\d)(?:([ -])|$)/.exec(line.text) ?? [];
    if (code === '' && digits === '') return false;
    if (code === '') code = digits;
    lines.push(digits === code ? line.text.slice(4) : line.text);
    end = line.end;
    if (digits === code && mark !== '-') return { code: Number(code), lines, end };
  }
  if (isTooLong(bytes, from, lines.length)) return code !== '' && { code: Number(code), lines, end: bytes.length };
  return undefined;
}

/** Waits for the next numbered reply; undefined when what comes is none, or nothing comes. Rejects with LinkError. */
export async function nextReply(link: Link, from = 0, waitMs = REPLY_WAIT_MS): Promise<Reply | undefined> {
  const received = await link.read((bytes) => parseReply(bytes, from) !== undefined, waitMs);
  return parseReply(received, from) || undefined;
}

export interface Listing {
  readonly lines: readonly string[];
  readonly end: number;
}

/** Lines from `from` on up to one that `isLast` (left in). Undefined: not all there yet; cut at 64 lines or 16 KiB. */
export function parseLines(bytes: Buffer, from: number, isLast: (line: string) => boolean): Listing | undefined {
  const lines: string[] = [];
  let end = from;
  for (const line of linesFrom(bytes, from)) {
    lines.push(line.text);
    end = line.end;
    if (isLast(line.text)) return { lines, end };
  }
  return isTooLong(bytes, from, lines.length) ? { lines, end: bytes.length } : undefined;
}

/** Waits for lines up to one that `isLast`; undefined when they do not come. Rejects with LinkError. */
export async function nextLines(
  link: Link,
  from: number,
  isLast: (line: string) => boolean,
  waitMs = REPLY_WAIT_MS,
): Promise<Listing | undefined> {
  const received = await link.read((bytes) => parseLines(bytes, from, isLast) !== undefined, waitMs);
  return parseLines(received, from, isLast);
}
