import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDatabase, parseDatabaseUrl, redactUrl } from '../../src/storage/database.ts';

describe('parseDatabaseUrl', () => {
  it.each([
    ['memory://', { kind: 'memory' }],
    ['sqlite://data/x.sqlite', { kind: 'sqlite', path: 'data/x.sqlite' }],
    ['sqlite:///var/lib/x.sqlite', { kind: 'sqlite', path: '/var/lib/x.sqlite' }],
    ['SQLite://./with blank#1.db', { kind: 'sqlite', path: './with blank#1.db' }],
    ['redis://localhost', { kind: 'redis', url: 'redis://localhost' }],
    ['rediss://user:p%40ss@[::1]:6380/2', { kind: 'redis', url: 'rediss://user:p%40ss@[::1]:6380/2' }],
    ['postgres://u:p@h:5432/d?sslmode=require', { kind: 'postgres', url: 'postgres://u:p@h:5432/d?sslmode=require' }],
    ['postgresql:///d?host=/run/postgresql', { kind: 'postgres', url: 'postgresql:///d?host=/run/postgresql' }],
  ])('takes %s', (url, target) => {
    expect(parseDatabaseUrl(url)).toEqual({ ok: true, target });
  });

  it.each([
    ['', 'scheme'],
    ['data/x.sqlite', 'memory://'],
    ['sqlite:data/x.sqlite', 'sqlite://'],
    ['sqlite://', 'file path'],
    ['sqlite://data/', 'folder'],
    ['sqlite://:memory:', 'memory://'],
    ['sqlite://x.sqlite?mode=ro', 'without ?options'],
    ['sqlite://a\0b', 'NUL'],
    ['memory://x', 'nothing after'],
    ['mysql://root:canary@localhost/x', 'mysql:// is not known; the forms are sqlite://'],
    ['redis://', 'host'],
    ['redis://h/name', 'number'],
    ['redis://user:canary/canary@h', '%2F'],
    ['redis://user:canary%@h', '%25'],
    ['postgres://user:canary#canary@h:x/d', 'not a valid URL'],
  ])('refuses %j and says why', (url, words) => {
    const parsed = parseDatabaseUrl(url);
    expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(words) });
    expect(JSON.stringify(parsed)).not.toContain('canary');
  });

  it('is what openDatabase says, too', async () => {
    await expect(openDatabase('mysql://root:canary@localhost/x')).rejects.toThrow(
      /^the database URL cannot be used: the scheme mysql:.* rediss:.* postgres:/,
    );
  });
});

describe('redactUrl', () => {
  it.each([
    ['redis://user:canary@host:6379/0', 'redis://user:***@host:6379/0'],
    ['redis://:canary@host', 'redis://:***@host'],
    ['redis://host:6379', 'redis://host:6379'],
    ['postgres://h/d?user=u&password=canary&sslmode=require', 'postgres://h/d?user=u&password=***&sslmode=require'],
    ['postgres://h/d?sslpassword=canary#x', 'postgres://h/d?sslpassword=***#x'],
    ['redis://user:can/ary@canary@host', 'redis://user:***@host'],
    ['redis//user:canary@host', 'redis//user:***@host'],
    ['canary@host', '***@host'],
    ['sqlite://data/x.sqlite', 'sqlite://data/x.sqlite'],
  ])('%s → %s', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });

  it('never shows a password, however it is written', () => {
    const canary = 'CANARY-7f3a';
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.constantFrom('redis', 'postgres', 'mysql'), (before, after, scheme) => {
        const shown = redactUrl(`${scheme}://user:${before}${canary}${after}@host:6379/0`);
        expect(shown).not.toContain(canary);
      }),
    );
  });
});
