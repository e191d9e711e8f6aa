import { pino } from 'pino';

export type Logger = pino.Logger;

export interface LoggerOptions {
  /** A pino level (`trace` to `fatal`), or `silent`. Throws on any other. */
  readonly level: string;
  /** Values that must never be printed. Those under 8 characters are left out: they would redact ordinary text. */
  readonly secrets: readonly string[];
  /** Where the lines go; standard output, written at once, by default. */
  readonly destination?: pino.DestinationStream;
}

const REDACTED = '[redacted]';
const MIN_SECRET_LENGTH = 8;
const MAX_DEPTH = 12;
const MAX_TEXT_LENGTH = 16_384;
const MAX_CAUSES = 5;

/**
 * A pino logger that writes one JSON object a line and cannot be made to print a secret or to forge a line.
 *
 * Redaction works on the finished line, so it holds for messages, fields, keys, stacks and child bindings alike; and
 * on its parsed form, so that JSON's own escapes hide nothing.
 */
export function createLogger({ level, secrets, destination }: LoggerOptions): Logger {
  const clean = createCleaner(secrets);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: serializeError, error: serializeError },
      formatters: { level: (label) => ({ level: label }), log: serializeErrors },
      hooks: {
        streamWrite: (line) => cleanLine(line, clean),
        logMethod(args, method) {
          try {
            method.apply(this, args);
          } catch {
            // A getter or toJSON that throws: a log line is never worth the caller's life.
            method.call(this, 'a log entry could not be written: its fields could not be read');
          }
        },
      },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

/** Name, code, message, stack and cause. Nothing else: errors of HTTP clients carry whole requests. */
function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const { code, status } = error as { code?: unknown; status?: unknown };
  return {
    name,
    ...(isScalar(code) ? { code } : {}),
    ...(isScalar(status) ? { status } : {}),
    message,
    stack,
    ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: serializeError(cause, depth + 1) }),
    ...(error instanceof AggregateError && depth < MAX_CAUSES
      ? { errors: error.errors.slice(0, MAX_CAUSES).map((each: unknown) => serializeError(each, depth + 1)) }
      : {}),
  };
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

/** JSON shows an Error as `{}`, whatever field it stands in. */
function serializeErrors(fields: Record<string, unknown>): Record<string, unknown> {
  if (!Object.values(fields).some((value) => value instanceof Error)) return fields;
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, serializeError(value)]));
}

type Clean = (text: string) => string;

function cleanLine(line: string, clean: Clean): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    // Only a toJSON or a serializer that returns broken JSON text gets here; its text is not worth a guess.
    parsed = { level: 'error', time: new Date().toISOString(), msg: 'a log entry was dropped: it was not valid JSON' };
  }
  return `${escapeInvisible(JSON.stringify(cleanValue(parsed, clean, 0)))}\n`;
}

/** Field names whose value is a secret whatever it looks like. */
const SECRET_KEY = /(?:token|authorization|password|secret)$/i;

function cleanValue(value: unknown, clean: Clean, depth: number): unknown {
  if (typeof value === 'string') return clean(value);
  if (typeof value === 'number') return clean(String(value)) === String(value) ? value : REDACTED;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.map((each) => cleanValue(each, clean, depth + 1));
  const cleaned: Record<string, unknown> = Object.create(null);
  for (const [key, each] of Object.entries(value)) {
    cleaned[clean(key)] = SECRET_KEY.test(key) && each !== null ? REDACTED : cleanValue(each, clean, depth + 1);
  }
  return cleaned;
}

/**
 * Shapes of secrets that nobody told us: the token in Discord's webhook and interaction routes (its REST errors carry
 * them), a bot token (`<user id in base64>.<time>.<HMAC>`), and the password in a URL.
 */
const SECRET_SHAPES: ReadonlyArray<readonly [RegExp, string]> = [
  [/(\/(?:webhooks|interactions)\/\d{1,20}\/)[^/\s?#"'\\]+/g, `$1${REDACTED}`],
  [/[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g, REDACTED],
  [/(:\/\/[^\s:@/]{0,128}:)[^\s/]{1,512}@/g, `$1${REDACTED}@`],
];

/** Replaces every secret in a text and shortens what is longer than a log line should be. */
function createCleaner(secrets: readonly string[]): Clean {
  const spellings = [...new Set(secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH).flatMap(spellingsOf))];
  // Longest first: of two secrets that begin alike the alternation takes the first.
  spellings.sort((a, b) => b.length - a.length);
  const known = spellings.length === 0 ? undefined : new RegExp(spellings.map(escapeRegExp).join('|'), 'g');
  return (text) => {
    let cleaned = known === undefined ? text : text.replace(known, REDACTED);
    for (const [shape, replacement] of SECRET_SHAPES) cleaned = cleaned.replace(shape, replacement);
    const excess = cleaned.length - MAX_TEXT_LENGTH;
    return excess > 0 ? `${cleaned.slice(0, MAX_TEXT_LENGTH)}… (${excess} more characters)` : cleaned;
  };
}

/** RegExp.escape, which Node 22 does not have. */
function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** A secret as it stands in a URL, in JSON, in JSON inside JSON, and in base64 wherever it begins in the encoded text. */
function spellingsOf(secret: string): string[] {
  const wellFormed = secret.toWellFormed();
  const json = (text: string): string => JSON.stringify(text).slice(1, -1);
  const urls = [encodeURIComponent(wellFormed), encodeURI(wellFormed), String(new URLSearchParams([[wellFormed, '']]))];
  const percent = urls.flatMap((url) => {
    const text = url.replace(/=$/, '');
    return [text, text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())];
  });
  return [secret, json(secret), json(json(secret)), ...percent, ...base64Spellings(wellFormed)].filter(
    (text) => text.length >= MIN_SECRET_LENGTH,
  );
}

/**
 * Base64 writes three bytes as four characters, so a secret inside a longer text (`user:secret` in Basic
 * authorization) has one of three spellings; the characters that it shares with its neighbours are left out.
 */
function base64Spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const first = Math.ceil((offset * 8) / 6);
    const core = encoded.slice(first, Math.floor(((offset + bytes.length) * 8) / 6));
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/**
 * JSON leaves C1 controls, line separators, bidi marks and other invisible characters as they are; a terminal obeys
 * them. Every UTF-16 unit of theirs becomes `\uXXXX`. They can only stand inside strings, so the line stays the same JSON.
 */
function escapeInvisible(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
