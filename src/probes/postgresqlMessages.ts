/** Messages of the server in PostgreSQL's Frontend/Backend Protocol 3.0 ("Message Formats"). */

export interface BackendMessage {
  /** The type byte as a character. */
  readonly kind: string;
  readonly body: Buffer;
}

const MAX_MESSAGES = 100;
/** Longer ones do not come before the first query. */
const MAX_LENGTH = 16 * 1_024;

/** The whole messages at the start of these bytes; `broken` when what follows cannot be one. Never throws. */
export function backendMessages(bytes: Buffer): {
  readonly messages: readonly BackendMessage[];
  readonly broken: boolean;
} {
  const messages: BackendMessage[] = [];
  for (let at = 0; bytes.length > at; ) {
    const kind = bytes.toString('latin1', at, at + 1);
    if (!/[A-Za-z]/.test(kind) || messages.length === MAX_MESSAGES) return { messages, broken: true };
    if (bytes.length - at < 5) break;
    const length = bytes.readInt32BE(at + 1);
    if (length < 4 || length > MAX_LENGTH) return { messages, broken: true };
    const end = at + 1 + length;
    if (bytes.length < end) break;
    messages.push({ kind, body: bytes.subarray(at + 5, end) });
    at = end;
  }
  return { messages, broken: false };
}

/** A zero-terminated text, and where the next one begins. */
export function nextText(body: Buffer, at: number): { readonly text: string; readonly end: number } | undefined {
  const end = body.indexOf(0, at);
  return end < 0 ? undefined : { text: body.toString('utf8', at, end), end: end + 1 };
}

/** ErrorResponse by its field codes: C for SQLSTATE, M for the message ("Error and Notice Message Fields"). */
export function errorFields(body: Buffer): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; fields.size < 32 && at < body.length && body[at] !== 0; ) {
    const value = nextText(body, at + 1);
    if (!value) break;
    fields.set(body.toString('latin1', at, at + 1), value.text);
    at = value.end;
  }
  return fields;
}
