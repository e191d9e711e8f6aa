import { isIP } from 'node:net';
import { z } from 'zod';
import { classifyRange } from './policy/addressClass.ts';
import { parseLabels } from './policy/hostName.ts';
import { type Cidr, type Pattern, parseCidr, parsePattern } from './policy/pattern.ts';
import { parseDatabaseUrl } from './storage/database.ts';
import { secretsInUrl } from './storage/databaseUrl.ts';

/** Everything the environment decides, parsed and frozen. Durations carry their unit in the name. */
export interface Config {
  readonly discordToken: string;
  /** Register the commands in this server only. */
  readonly discordGuildId: string | undefined;
  /** Base of Discord's REST API, without version and trailing slash. */
  readonly discordApiUrl: string;
  readonly databaseUrl: string;
  readonly privateRanges: readonly Cidr[];
  readonly blocklist: readonly Pattern[];
  /** `ip[:port]`; empty = the system's. */
  readonly dnsServers: readonly string[];
  readonly maxPortsPerScan: number;
  readonly scanPacketsPerSecond: number | undefined;
  readonly scanConcurrency: number;
  readonly logLevel: string;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
/** Three base64url parts: user id, time, signature. */
const TOKEN_SHAPE = /^[\w-]{17,}\.[\w-]{5,}\.[\w-]{20,}$/;

const SCHEMA = z.object({
  DISCORD_TOKEN: z
    .string('is missing. Create an application at https://discord.com/developers/applications, then Bot → Reset Token')
    .regex(
      TOKEN_SHAPE,
      'does not look like a bot token (three parts joined by dots). Copy it again from Bot → Reset Token',
    ),
  DISCORD_GUILD_ID: z
    .string()
    .regex(/^\d{17,20}$/, 'must be a server id: 17 to 20 digits')
    .optional(),
  DISCORD_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL such as https://discord.com/api' })
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://discord.com/api'),
  DATABASE_URL: z.string().superRefine(checkDatabaseUrl).default('sqlite://data/harbormaster.sqlite'),
  SCAN_PRIVATE_RANGES: list(parsePrivateRange),
  SCAN_BLOCKLIST: list(parseBlocked),
  DNS_SERVERS: list(parseDnsServer),
  MAX_PORTS_PER_SCAN: wholeNumber(1, 65_535).default(1_024),
  SCAN_PACKETS_PER_SECOND: wholeNumber(1, 1_000_000).optional(),
  SCAN_CONCURRENCY: wholeNumber(1, 64).default(4),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
});

/**
 * Reads the configuration from environment variables (the caller has merged a `.env` file). Blank counts as unset. Every
 * problem is reported, one sentence each, naming the variable; values of secrets are never part of a sentence.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): ConfigResult {
  const given = Object.keys(SCHEMA.shape).map((name) => [name, env[name]?.trim() || undefined] as const);
  const parsed = SCHEMA.safeParse(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
  if (!parsed.success) {
    return { ok: false, problems: parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}.`) };
  }
  const values = parsed.data;
  const config: Config = {
    discordToken: values.DISCORD_TOKEN,
    discordGuildId: values.DISCORD_GUILD_ID,
    discordApiUrl: values.DISCORD_API_URL,
    databaseUrl: values.DATABASE_URL,
    privateRanges: values.SCAN_PRIVATE_RANGES,
    blocklist: values.SCAN_BLOCKLIST,
    dnsServers: values.DNS_SERVERS,
    maxPortsPerScan: values.MAX_PORTS_PER_SCAN,
    scanPacketsPerSecond: values.SCAN_PACKETS_PER_SECOND,
    scanConcurrency: values.SCAN_CONCURRENCY,
    logLevel: values.LOG_LEVEL,
  };
  return { ok: true, config: Object.freeze(config) };
}

/** The values that must never be printed: the token, and the passwords in the database's URL. */
export function secretsOf(config: Config): readonly string[] {
  return [config.discordToken, ...secretsInUrl(config.databaseUrl)];
}

type Item<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** A list separated by commas or blanks; each bad item is a problem of its own. */
function list<T>(parse: (item: string) => Item<T>) {
  return z
    .string()
    .default('')
    .transform((text, context) => {
      const items = text
        .split(/[,\s]+/)
        .filter((item) => item !== '')
        .map(parse);
      for (const item of items) if (!item.ok) context.addIssue({ code: 'custom', message: item.problem });
      return items.flatMap((item) => (item.ok ? [item.value] : []));
    });
}

function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((n) => n >= min && n <= max, message);
}

function parsePrivateRange(item: string): Item<Cidr> {
  const cidr = parseCidr(item);
  if (!cidr.ok) return { ok: false, problem: `${cidr.problem.message} Try ${cidr.problem.example}` };
  const { tier, rule } = classifyRange(cidr.value.base, cidr.value.prefix);
  if (tier === 'private') return { ok: true, value: cidr.value };
  const why = tier === 'global' ? 'is public and needs no switch' : `can never be scanned: ${rule}`;
  return { ok: false, problem: `takes private ranges only; ${item} ${why}` };
}

function parseBlocked(item: string): Item<Pattern> {
  // A name here may be any part of DNS, also a top-level domain or a public suffix, which no server could allow.
  const name = parseLabels(item.replace(/^\*\./, ''));
  const isName = name.ok && !/(?:^|\.)\d+$/.test(name.value.canonical);
  if (isName && item.startsWith('*.')) {
    const { canonical, display } = name.value;
    return {
      ok: true,
      value: { kind: 'wildcard', base: canonical, canonical: `*.${canonical}`, display: `*.${display}` },
    };
  }
  if (isName) return { ok: true, value: name.value };
  const parsed = item.includes('/') ? parseCidr(item) : parsePattern(item);
  if (parsed.ok) return { ok: true, value: parsed.value };
  return {
    ok: false,
    problem: `takes addresses, CIDR ranges and names: ${parsed.problem.message} Try ${parsed.problem.example}`,
  };
}

function parseDnsServer(item: string): Item<string> {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9a-f.]+|[0-9a-f:]+:[0-9a-f:]*))(?::(\d{1,5}))?$/i.exec(item);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3] ?? 53);
  if (isIP(item) || (isIP(address) && port >= 1 && port <= 65_535)) return { ok: true, value: item };
  return {
    ok: false,
    problem: `takes addresses with an optional port, such as 9.9.9.9 or [2620:fe::fe]:53; not "${item}"`,
  };
}

function checkDatabaseUrl(url: string, context: z.RefinementCtx) {
  const parsed = parseDatabaseUrl(url);
  if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.problem.replace(/\.$/, '') });
}
