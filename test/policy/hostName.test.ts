import { describe, expect, test } from 'vitest';
import { isPublicSuffix, parseLabels, parseName } from '../../src/policy/hostName.ts';

describe('any name in DNS, for the operator', () => {
  test.each([
    ['mil', 'mil'],
    ['CO.UK.', 'co.uk'],
    ['рф', 'xn--p1ai'],
    ['localhost', 'localhost'],
  ])('%s is %s', (text, canonical) => expect(parseLabels(text)).toMatchObject({ ok: true, value: { canonical } }));

  // What is silently not the name that is meant would block nothing.
  test.each([
    '127.0.0.1',
    '127.1',
    'a.0x1',
    'ｅｘａｍｐｌｅ.com',
    'exam\u00adple.com',
    'a b',
    '',
    '*.com',
    'a/24',
    'xn--a',
    '::1',
  ])('%j is refused', (text) => expect(parseLabels(text).ok).toBe(false));
});

describe('names that are no host of anybody on the internet', () => {
  const code = 'special-name';
  test.each([
    'localhost',
    'localdomain',
    'ip6-localhost',
    'ip6-loopback',
    'local',
    'internal',
    'metadata',
    'instance-data',
    'svc',
    'onion',
    'alt',
    'invalid',
    'arpa',
  ])('%s, itself and below', (name) => {
    expect(parseName(name)).toMatchObject({ ok: false, problem: { code } });
    expect(parseName(`a.b.${name}`)).toMatchObject({ ok: false, problem: { code } });
    expect(parseName(`${name}.example.com`).ok).toBe(true);
  });
});

describe('examples', () => {
  test.each([
    ['db', 'db.example.com', /Short names/],
    ['com', 'example.com', /top-level domain/],
    ['ck', 'www.example.com', /top-level domain/],
    ['co.uk', 'name.co.uk', /public suffix/],
    ['EXAMPLE..com', 'example.com', /empty/],
    ['ｅｘａｍｐｌｅ.com', 'example.com', /look-alike/],
    ['127.1', 'www.example.com', /shorthand/],
    ['a b', 'www.example.com', /blank/],
    ['a_b.com', 'www.example.com', /underscore/],
  ])('%s: %s', (text, example, message) => {
    const parsed = parseName(text);
    expect(parsed).toMatchObject({
      ok: false,
      problem: { example, message: { text: expect.stringMatching(message) } },
    });
  });
});

describe('public suffixes', () => {
  test.each(['com', 'co.uk', 'github.io', 's3.amazonaws.com', 'xn--p1ai', 'xn--55qx5d.cn', 'foo.ck'])(
    '%s is one',
    (name) => expect(isPublicSuffix(name)).toBe(true),
  );
  test.each(['db', 'example.com', 'www.ck', 'a.foo.ck', 'example.xn--p1ai', 'a.b.example'])('%s is none', (name) =>
    expect(isPublicSuffix(name)).toBe(false),
  );
  test.each([
    ['рф', 'no-dot'],
    ['公司.cn', 'public-suffix'],
    ['foo.ck', 'public-suffix'],
  ])('%s is refused as %s', (text, code) => expect(parseName(text)).toMatchObject({ ok: false, problem: { code } }));
});
