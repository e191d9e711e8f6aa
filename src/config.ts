import { z } from 'zod';
import {
  checkDatabaseUrl,
  list,
  parseAddress,
  parseBlocked,
  parseDnsServer,
  parsePrivateRange,
  parseProxyRange,
  wholeNumber,
} from './configValues.ts';
import type { Cidr, Pattern } from './policy/pattern.ts';
import { DEFAULT_QUOTAS_PER_HOUR, type HourlyQuotas } from './policy/quota.ts';
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
  /** Under which the internet sees this machine, where its interfaces do not tell. Canonical. */
  readonly publicAddresses: readonly string[];
  /** `ip[:port]`; empty = the system's. */
  readonly dnsServers: readonly string[];
  readonly maxPortsPerScan: number;
  readonly scanPacketsPerSecond: number | undefined;
  readonly scanConcurrency: number;
  /** Of one server at the same time. */
  readonly scanConcurrencyPerGuild: number;
  /** Must somebody prove that a public target is theirs before it is scanned? */
  readonly targetVerification: 'off' | 'required';
  /** Ports × addresses an hour. */
  readonly quotas: HourlyQuotas;
  /** Where the bot's own HTTP endpoint listens; undefined = nowhere. */
  readonly http: HttpConfig | undefined;
  readonly logLevel: string;
}

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  /** How the endpoint is reached from outside, without trailing slash; undefined = no links for visits. */
  readonly publicUrl: string | undefined;
  /** Whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
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
  SCAN_CONCURRENCY_PER_SERVER: wholeNumber(1, 64).default(2),
  TARGET_VERIFICATION: z.enum(['off', 'required'], 'must be off or required').optional(),
  QUOTA_PER_USER: wholeNumber(1, 999_999_999).default(DEFAULT_QUOTAS_PER_HOUR.user),
  QUOTA_PER_SERVER: wholeNumber(1, 999_999_999).default(DEFAULT_QUOTAS_PER_HOUR.server),
  QUOTA_PER_NETWORK: wholeNumber(1, 999_999_999).default(DEFAULT_QUOTAS_PER_HOUR.network),
  QUOTA_GLOBAL: wholeNumber(1, 999_999_999).default(DEFAULT_QUOTAS_PER_HOUR.global),
  HTTP_HOST: z.union([z.ipv4(), z.ipv6()], 'must be an address to listen on, such as 127.0.0.1').default('127.0.0.1'),
  HTTP_PORT: wholeNumber(1, 65_535).optional(),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL such as https://bot.example.com' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  HTTP_TRUSTED_PROXIES: list(parseProxyRange),
  PUBLIC_ADDRESSES: list(parseAddress),
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
  if (values.PUBLIC_URL !== undefined && values.HTTP_PORT === undefined) {
    return { ok: false, problems: ['PUBLIC_URL needs HTTP_PORT: the port on which the bot listens behind that URL.'] };
  }
  const config: Config = {
    discordToken: values.DISCORD_TOKEN,
    discordGuildId: values.DISCORD_GUILD_ID,
    discordApiUrl: values.DISCORD_API_URL,
    databaseUrl: values.DATABASE_URL,
    privateRanges: values.SCAN_PRIVATE_RANGES,
    blocklist: values.SCAN_BLOCKLIST,
    publicAddresses: values.PUBLIC_ADDRESSES,
    dnsServers: values.DNS_SERVERS,
    maxPortsPerScan: values.MAX_PORTS_PER_SCAN,
    scanPacketsPerSecond: values.SCAN_PACKETS_PER_SECOND,
    scanConcurrency: values.SCAN_CONCURRENCY,
    scanConcurrencyPerGuild: values.SCAN_CONCURRENCY_PER_SERVER,
    // A bot for one server belongs to who runs that server; a bot for everybody must not trust everybody.
    targetVerification: values.TARGET_VERIFICATION ?? (values.DISCORD_GUILD_ID ? 'off' : 'required'),
    quotas: {
      user: values.QUOTA_PER_USER,
      server: values.QUOTA_PER_SERVER,
      network: values.QUOTA_PER_NETWORK,
      global: values.QUOTA_GLOBAL,
    },
    http: httpOf(values),
    logLevel: values.LOG_LEVEL,
  };
  return { ok: true, config: Object.freeze(config) };
}

/** The values that must never be printed: the token, and the passwords in the database's URL. */
export function secretsOf(config: Config): readonly string[] {
  return [config.discordToken, ...secretsInUrl(config.databaseUrl)];
}

function httpOf(values: z.output<typeof SCHEMA>): HttpConfig | undefined {
  if (values.HTTP_PORT === undefined) return undefined;
  return {
    host: values.HTTP_HOST,
    port: values.HTTP_PORT,
    publicUrl: values.PUBLIC_URL,
    trustedProxies: values.HTTP_TRUSTED_PROXIES,
  };
}
