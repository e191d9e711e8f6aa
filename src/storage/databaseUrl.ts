/** What a valid `DATABASE_URL` says. `url` is the text for the driver (it may hold a password: never print it). */
export type DatabaseTarget =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'redis' | 'postgres'; readonly url: string };

export type ParsedDatabaseUrl =
  | { readonly ok: true; readonly target: DatabaseTarget }
  | { readonly ok: false; readonly problem: string };

/** The accepted forms, for messages and documentation. */
export const DATABASE_URL_FORMS =
  'sqlite://data/harbormaster.sqlite (relative to the working directory), sqlite:///var/lib/harbormaster.sqlite ' +
  '(absolute), memory://, redis://host:6379, rediss://host:6379, postgres://user:password@host:5432/name';

/**
 * Reads a database URL without touching anything.
 *
 * `sqlite://` is followed by a file path, taken literally: three slashes make it absolute. `redis`/`rediss` and
 * `postgres`/`postgresql` are URLs of RFC 3986. A problem never quotes a password.
 */
export function parseDatabaseUrl(url: string): ParsedDatabaseUrl {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'memory':
      return url.length === 'memory://'.length
        ? { ok: true, target: { kind: 'memory' } }
        : problem('memory:// takes nothing after it');
    case 'sqlite':
      return parseSqlitePath(url.slice('sqlite://'.length));
    case 'redis':
    case 'rediss':
      return parseServerUrl(url, 'redis');
    case 'postgres':
    case 'postgresql':
      return parseServerUrl(url, 'postgres');
    default:
      return problem(
        scheme === undefined ? 'it does not start with a scheme' : `the scheme ${scheme}:// is not known`,
        true,
      );
  }
}

function parseSqlitePath(path: string): ParsedDatabaseUrl {
  if (path === '') return problem('sqlite:// needs a file path after it', true);
  if (path.includes('\0')) return problem('the file path holds a NUL character');
  if (path.includes('?')) return problem('sqlite:// takes a plain file path, without ?options');
  if (path.endsWith('/')) return problem(`${path} names a folder; add a file name, such as harbormaster.sqlite`);
  if (path === ':memory:') return problem('for a database in memory write memory://');
  return { ok: true, target: { kind: 'sqlite', path } };
}

function parseServerUrl(url: string, kind: 'redis' | 'postgres'): ParsedDatabaseUrl {
  let parsed: URL;
  try {
    parsed = new URL(url);
    decodeURIComponent(parsed.username);
    decodeURIComponent(parsed.password);
    decodeURIComponent(parsed.pathname);
  } catch {
    return problem(
      `${redactUrl(url)} is not a valid URL; in a user name or password write / as %2F, @ as %40, # as %23, % as %25`,
    );
  }
  if (kind === 'redis') {
    if (parsed.hostname === '') return problem('a Redis URL needs a host, such as redis://localhost:6379');
    if (!/^\/?\d{0,5}$/.test(parsed.pathname)) {
      return problem('the path of a Redis URL is the number of its database, such as redis://localhost:6379/0');
    }
  }
  return { ok: true, target: { kind, url } };
}

function problem(reason: string, withForms = false): ParsedDatabaseUrl {
  return { ok: false, problem: withForms ? `${reason}; the forms are ${DATABASE_URL_FORMS}` : reason };
}

/**
 * The URL as it may be printed: `redis://user:***@host:6379/0`. Passwords in the query (libpq's `password=` and
 * `sslpassword=`) go too. What is not a URL keeps only what follows its last `@`, so a misspelt one leaks nothing.
 */
export function redactUrl(url: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(url) ?? [];
  const shown = rest.replace(/([?&][a-z_]*(?:password|secret|token)[a-z_]*=)[^&#]*/gi, '$1***');
  const at = shown.lastIndexOf('@');
  if (at === -1) return scheme + shown;
  const userInfo = shown.slice(0, at);
  const colon = userInfo.indexOf(':');
  if (colon === -1) return `${scheme}${URL.canParse(url) ? userInfo : '***'}${shown.slice(at)}`;
  return `${scheme}${userInfo.slice(0, colon)}:***${shown.slice(at)}`;
}

/** Every spelling of the passwords in a URL, for removing them from a driver's error text. Empty without any. */
export function secretsInUrl(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const parsed = new URL(url);
  const found = [parsed.password, decodeQuietly(parsed.password)];
  for (const [name, value] of parsed.searchParams) if (/password|secret|token/i.test(name)) found.push(value);
  return [...new Set(found)].filter((secret) => secret !== '');
}

function decodeQuietly(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
