import type { Link, ProbeTarget } from './link.ts';
import { plainOrTls } from './plainOrTls.ts';
import type { ProbeContext } from './probe.ts';

/** Of one answer, in bytes: status line with headers, and body. What comes after is not read. */
export const HTTP_LIMITS = { headBytes: 32 * 1024, bodyBytes: 64 * 1024, headers: 100 } as const;

/** Waiting for the next byte of an answer, in milliseconds. */
const QUIET_MS = 2_000;

export interface HttpRequest {
  /** Origin form: `/path?query`, of ours alone. */
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  /** JSON, of ours alone. */
  readonly body?: string;
}

/** An answer as it came: nothing decompressed, decoded or followed. */
export interface HttpAnswer {
  /** 100 to 599. */
  readonly status: number;
  readonly reason: string;
  /** Names in lower case, one entry for each line, in order; bytes as Latin-1. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** At most {@link HTTP_LIMITS}.bodyBytes, chunks joined. */
  readonly body: Buffer;
  /** False when the body was cut: by our limit, by silence, or by a close before its end. */
  readonly complete: boolean;
}

/** The first value of a header, by its name in lower case. */
export function headerOf(answer: HttpAnswer, name: string): string | undefined {
  return answer.headers.find(([key]) => key === name)?.[1];
}

/** What goes into Host (RFC 9110 §7.2): the name asked for, else the address; the port when it is not the default. */
export function hostHeader({ address, port, name }: ProbeTarget, secure: boolean): string {
  const host = name ?? (address.includes(':') ? `[${address}]` : address);
  return port === (secure ? 443 : 80) ? host : `${host}:${port}`;
}

interface Head extends Pick<HttpAnswer, 'status' | 'reason' | 'headers'> {
  /** Where the body begins. */
  readonly end: number;
  readonly framing: { readonly kind: 'chunked' | 'close' } | { readonly kind: 'length'; readonly bytes: number };
}

const EMPTY_LINE = /\r?\n\r?\n/;

/** Undefined: not all there yet. False: this is no HTTP. */
function headFrom(bytes: Buffer, start: number): Head | undefined | false {
  const text = bytes.toString('latin1', start, start + HTTP_LIMITS.headBytes);
  if (!text.startsWith('HTTP/'.slice(0, text.length))) return false;
  const blank = EMPTY_LINE.exec(text);
  if (!blank) return text.length === HTTP_LIMITS.headBytes ? false : undefined;
  const [first = '', ...lines] = text.slice(0, blank.index).split('\n', HTTP_LIMITS.headers + 1);
  const status = /^HTTP\/\d\.\d ([1-5]\d\d)(?: ([^\r]*))?\r?$/.exec(first);
  if (!status) return false;
  const headers = lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon > 0 ? [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]] : [];
  });
  const code = Number(status[1]);
  return {
    status: code,
    reason: status[2] ?? '',
    headers,
    end: start + blank.index + blank[0].length,
    framing: framingOf(code, headers),
  };
}

/** RFC 9112 §6.3; a length that is no number, or a lie, means reading until the close or the limit. */
function framingOf(status: number, headers: HttpAnswer['headers']): Head['framing'] {
  const of = (name: string) => headers.find(([key]) => key === name)?.[1];
  if (status < 200 || status === 204 || status === 304) return { kind: 'length', bytes: 0 };
  if (of('transfer-encoding')?.toLowerCase().endsWith('chunked')) return { kind: 'chunked' };
  const length = of('content-length') ?? '';
  return /^\d{1,15}$/.test(length) ? { kind: 'length', bytes: Number(length) } : { kind: 'close' };
}

/** Joins chunks (RFC 9112 §7.1) while they arrive; keeps its place, so that every byte is looked at once. */
function createChunks(start: number) {
  const parts: Buffer[] = [];
  let at = start;
  let size = 0;
  let state: 'more' | 'complete' | 'broken' = 'more';

  function step(bytes: Buffer): boolean {
    const lineEnd = bytes.subarray(at, at + 1_024).indexOf('\n');
    if (lineEnd < 0) {
      if (bytes.length - at >= 1_024) state = 'broken';
      return false;
    }
    const length = /^[\da-f]{1,8}(?=[;\s])/i.exec(bytes.toString('latin1', at, at + lineEnd + 1))?.[0];
    if (length === undefined) {
      state = 'broken';
      return false;
    }
    const bytesInChunk = Number.parseInt(length, 16);
    const from = at + lineEnd + 1;
    if (bytesInChunk === 0) state = 'complete';
    const room = HTTP_LIMITS.bodyBytes - size;
    if (bytesInChunk > room) {
      if (bytes.length - from < room) return false;
      parts.push(bytes.subarray(from, from + room));
      size += room;
      state = 'broken';
    }
    if (state !== 'more' || bytes.length < from + bytesInChunk + 2) return false;
    parts.push(bytes.subarray(from, from + bytesInChunk));
    size += bytesInChunk;
    at = from + bytesInChunk + 2;
    return true;
  }

  return {
    /** True when nothing more is wanted. */
    advance(bytes: Buffer): boolean {
      while (state === 'more' && step(bytes));
      return state !== 'more';
    },
    body: () => Buffer.concat(parts),
    complete: () => state === 'complete',
  };
}

/** Reads one answer as it arrives: `feed` takes everything received so far and says when nothing more is wanted. */
function createReader() {
  let head: Head | undefined | false;
  let chunks: ReturnType<typeof createChunks> | undefined;
  let start = 0;

  function feed(bytes: Buffer): boolean {
    while (head === undefined) {
      head = headFrom(bytes, start);
      if (head === undefined) return false;
      // Interim answers (RFC 9110 §15.2) come before the real one.
      if (head !== false && head.status < 200 && head.status !== 101) {
        start = head.end;
        head = undefined;
        if (start > HTTP_LIMITS.headBytes) head = false;
      }
    }
    if (head === false) return true;
    if (head.framing.kind === 'chunked') {
      chunks ??= createChunks(head.end);
      return chunks.advance(bytes);
    }
    const wanted = head.framing.kind === 'length' ? head.framing.bytes : Number.POSITIVE_INFINITY;
    return bytes.length - head.end >= Math.min(wanted, HTTP_LIMITS.bodyBytes);
  }

  function answer(bytes: Buffer, ended: boolean): HttpAnswer | undefined {
    feed(bytes);
    if (!head) return undefined;
    const { status, reason, headers, end, framing } = head;
    if (chunks) return { status, reason, headers, body: chunks.body(), complete: chunks.complete() };
    const wanted = framing.kind === 'length' ? framing.bytes : HTTP_LIMITS.bodyBytes;
    const body = bytes.subarray(end, end + Math.min(wanted, HTTP_LIMITS.bodyBytes));
    const complete = framing.kind === 'length' ? body.length === wanted : ended && bytes.length - end === body.length;
    return { status, reason, headers, body, complete };
  }

  return { feed, answer };
}

/** The answer at the start of these bytes (RFC 9112), or undefined when they hold no whole head of one. Never throws. */
export function parseHttp(bytes: Buffer, ended = true): HttpAnswer | undefined {
  return createReader().answer(bytes, ended);
}

/**
 * One request and its answer over an open link (secured before, where wanted); one for each link, `Connection: close`.
 * Undefined when the other side does not speak HTTP. Rejects with LinkError.
 */
export async function httpGet(
  link: Link,
  target: ProbeTarget,
  { path, method = 'GET', body }: HttpRequest,
  secure = false,
): Promise<HttpAnswer | undefined> {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${hostHeader(target, secure)}`,
    'User-Agent: harbormaster',
    'Accept: */*',
    'Accept-Encoding: identity',
    'Connection: close',
    ...(body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  await link.write(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
  const reader = createReader();
  const received = await link.read(reader.feed, QUIET_MS);
  return reader.answer(received, link.ended());
}

export type HttpAsk = (request: HttpRequest) => Promise<(HttpAnswer & { readonly secure: boolean }) | undefined>;

/**
 * Asks the target, each time over a new link: first in the clear, and over TLS where that is not understood. Remembers which
 * of the two it was. Rejects with LinkError.
 */
export function createHttpAsk(context: ProbeContext): HttpAsk {
  let known: boolean | undefined;
  return async (request) => {
    const answer = await plainOrTls(
      context,
      async (link, secure) => {
        const got = await httpGet(link, context.target, request, secure);
        return got && { ...got, secure };
      },
      { alpn: 'http/1.1', secure: known },
    );
    if (answer) known = answer.secure;
    return answer;
  };
}
