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
