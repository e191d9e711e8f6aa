import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config.ts';

const TOKEN = `MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.${'b'.repeat(38)}`;
const load = (env: Record<string, string>) => loadConfig({ DISCORD_TOKEN: TOKEN, ...env });
const problemsOf = (env: Record<string, string>) => {
  const loaded = load(env);
  return loaded.ok ? [] : loaded.problems;
};

describe('configuration', () => {
  test('a token is enough; defaults for the rest', () => {
    expect(load({})).toEqual({
      ok: true,
      config: {
        discordToken: TOKEN,
        discordGuildId: undefined,
        discordApiUrl: 'https://discord.com/api',
        databaseUrl: 'sqlite://data/harbormaster.sqlite',
        privateRanges: [],
        blocklist: [],
        publicAddresses: [],
        dnsServers: [],
        maxPortsPerScan: 1024,
        scanPacketsPerSecond: undefined,
        scanConcurrency: 4,
        scanConcurrencyPerGuild: 2,
        targetVerification: 'required',
        quotas: { user: 20_000, server: 100_000, network: 50_000, global: 1_000_000 },
        http: undefined,
        logLevel: 'info',
      },
    });
  });

  test('lists, and an API base with a trailing slash', () => {
    const loaded = load({
      SCAN_PRIVATE_RANGES: '10.0.0.0/8, fd00::/8 ,127.0.0.0/8',
      SCAN_BLOCKLIST: 'example.com,*.example.org,8.8.8.8,9.0.0.0/8',
      DNS_SERVERS: '9.9.9.9, 127.0.0.1:5353 [2620:fe::fe]:53,2620:fe::9',
      DISCORD_API_URL: 'http://127.0.0.1:8080/api/',
      PUBLIC_ADDRESSES: '203.0.113.7 2001:DB8::0:7',
    });
    if (!loaded.ok) throw new Error(loaded.problems.join());
    expect(loaded.config.privateRanges.map(({ canonical }) => canonical)).toEqual([
      '10.0.0.0/8',
      'fd00::/8',
      '127.0.0.0/8',
    ]);
    expect(loaded.config.blocklist.map(({ canonical }) => canonical)).toEqual([
      'example.com',
      '*.example.org',
      '8.8.8.8',
      '9.0.0.0/8',
    ]);
    expect(loaded.config.dnsServers).toEqual(['9.9.9.9', '127.0.0.1:5353', '[2620:fe::fe]:53', '2620:fe::9']);
    expect(loaded.config.publicAddresses).toEqual(['203.0.113.7', '2001:db8::7']);
    expect(loaded.config.discordApiUrl).toBe('http://127.0.0.1:8080/api');
  });

  test.each([
    [{}, 'required'],
    [{ DISCORD_GUILD_ID: '123456789012345678' }, 'off'],
    [{ DISCORD_GUILD_ID: '123456789012345678', TARGET_VERIFICATION: 'required' }, 'required'],
    [{ TARGET_VERIFICATION: 'off' }, 'off'],
  ])('a bot that anybody can invite asks for proof of ownership: %j', (env, expected) => {
    const loaded = load(env as Record<string, string>);
    expect(loaded.ok && loaded.config.targetVerification).toBe(expected);
  });

  test('the HTTP endpoint', () => {
    const env = { HTTP_PORT: '8080', PUBLIC_URL: 'https://bot.example.com/', HTTP_TRUSTED_PROXIES: '10.0.0.0/8,::1' };
    const loaded = load(env);
    expect(loaded.ok && loaded.config.http).toEqual({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: 'https://bot.example.com',
      trustedProxies: ['10.0.0.0/8', '::1'],
    });
  });

  test.each([
    ['DISCORD_TOKEN', ''],
    ['DISCORD_TOKEN', 'my token'],
    ['DISCORD_GUILD_ID', '12'],
    ['DISCORD_API_URL', 'discord.com'],
    ['DISCORD_API_URL', 'file:///etc/passwd'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['SCAN_PRIVATE_RANGES', '8.8.8.0/24'],
    ['SCAN_PRIVATE_RANGES', '10.0.0.1/8'],
    ['SCAN_PRIVATE_RANGES', '192.0.2.0/24'],
    ['SCAN_PRIVATE_RANGES', 'everything'],
    ['SCAN_BLOCKLIST', 'not_a_host'],
    ['DNS_SERVERS', 'dns.google'],
    ['PUBLIC_ADDRESSES', 'bot.example.com'],
    ['PUBLIC_ADDRESSES', '203.0.113.0/24'],
    ['DNS_SERVERS', '9.9.9.9:0'],
    ['DNS_SERVERS', '9.9.9.9:99999'],
    ['MAX_PORTS_PER_SCAN', '0'],
    ['MAX_PORTS_PER_SCAN', '65536'],
    ['SCAN_PACKETS_PER_SECOND', '1e3'],
    ['SCAN_CONCURRENCY', '-1'],
    ['SCAN_CONCURRENCY', '0x4'],
    ['SCAN_CONCURRENCY_PER_SERVER', '0'],
    ['TARGET_VERIFICATION', 'maybe'],
    ['QUOTA_PER_USER', '0'],
    ['QUOTA_GLOBAL', 'many'],
    ['HTTP_HOST', 'localhost'],
    ['HTTP_PORT', '70000'],
    ['HTTP_TRUSTED_PROXIES', 'nginx'],
    ['PUBLIC_URL', 'bot.example.com'],
    ['PUBLIC_URL', 'https://bot.example.com'],
    ['LOG_LEVEL', 'loud'],
  ])('%s=%s is one problem that names the variable', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} `));
  });

  test('all problems at once, and no secret in them', () => {
    const problems = problemsOf({
      DISCORD_TOKEN: 'hunter2hunter2',
      DATABASE_URL: 'mysql://u:hunter2@h/d',
      LOG_LEVEL: 'x',
      SCAN_PRIVATE_RANGES: 'a,b',
    });
    expect(problems).toHaveLength(5);
    expect(problems.join()).not.toContain('hunter2');
  });

  test('.env.example names exactly the variables there are, and works as it stands', () => {
    const example = parse(readFileSync(new URL('../.env.example', import.meta.url)));
    const names = readFileSync(new URL('../src/config.ts', import.meta.url), 'utf8').match(/^ {2}[A-Z_]+(?=:)/gm) ?? [];
    expect(Object.keys(example)).toEqual(names.map((name) => name.trim()));
    expect(load(Object.fromEntries(Object.entries(example).filter(([, value]) => value !== ''))).ok).toBe(true);
  });
});
