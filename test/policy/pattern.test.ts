import { describe, expect, test } from 'vitest';
import { parseExpiry } from '../../src/policy/expiry.ts';
import { parsePattern } from '../../src/policy/pattern.ts';

const read = (text: string) => {
  const parsed = parsePattern(text);
  return parsed.ok
    ? `${parsed.value.kind} ${parsed.value.canonical}`
    : `${parsed.problem.code} → ${parsed.problem.example}`;
};

describe('entries', () => {
  test.each([
    ['EXAMPLE.com.', 'name example.com'],
    ['*.Example.com', 'wildcard *.example.com'],
    ['*.bücher.de', 'wildcard *.xn--bcher-kva.de'],
    ['8.8.8.8', 'address 8.8.8.8'],
    ['2606:4700::/120', 'cidr 2606:4700::/120'],
    ['2606:4700:0:0::/120', 'cidr 2606:4700::/120'],
    ['8.8.8.0/24', 'cidr 8.8.8.0/24'],
    ['8.8.8.8/32', 'address 8.8.8.8'],
    ['2606:4700::1/128', 'address 2606:4700::1'],
  ])('%s is %s', (text, expected) => expect(read(text)).toBe(expected));

  test.each([
    '*',
    '*.com',
    '*.co.uk',
    '*.github.io',
    '**',
    '*.*.com',
    'ex*mple.com',
    '*example.com',
    '*.',
    '*.8.8.8.8',
    '*.localhost',
    '0.0.0.0/0',
    '::/0',
    '1.2.3.4/0',
    '0/0',
    '8.8.8.0/23',
    '2606:4700::/119',
    '8.8.8.0/33',
    '8.8.8.0/-1',
    '8.8.8.0/08',
    '8.8.8.0/+8',
    '8.8.8.0/ 8',
    '8.8.8.0/255.255.255.0',
    '8.8.8.0/1e1',
    '8.8.8.0/8.0',
    '8.8.8.0/',
    '8.8.8.0/24/24',
    '1/8',
    '0177.0.0.0/24',
    '127.1/24',
    '2606:4700::/129',
    'example.com/24',
  ])('%s is refused', (text) => expect(parsePattern(text).ok).toBe(false));

  test('a wrong prefix is refused with the range that would work', () => {
    expect(read('8.8.8.8/33')).toBe('bad-prefix → 8.8.8.0/24');
    expect(read('2606:4700::1/08')).toBe('bad-prefix → 2606:4700::/120');
  });

  test('host bits are refused with the range that was meant', () => {
    expect(read('8.8.8.7/24')).toBe('host-bits → 8.8.8.0/24');
    expect(read('2606:4700::ff01/120')).toBe('host-bits → 2606:4700::ff00/120');
  });
});

describe('expiry', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  test.each([
    ['12h', '2026-11-24T00:00:00.000Z'],
    ['30d', '2026-12-23T12:00:00.000Z'],
    [' 2w ', '2026-12-07T12:00:00.000Z'],
    ['2027-01-31', '2027-02-01T00:00:00.000Z'],
    ['2026-11-23', '2026-11-24T00:00:00.000Z'],
  ])('%s ends at %s', (text, end) => expect(parseExpiry(text, now)).toEqual({ ok: true, value: end }));

  test.each([
    '',
    '0d',
    '-1d',
    '1.5d',
    '30',
    'd',
    '30 d',
    '30D',
    '2026-11-22',
    '2027-02-31',
    '99999w',
    'tomorrow',
    '٣٠d',
    '1e3d',
  ])('%j is refused', (text) => expect(parseExpiry(text, now).ok).toBe(false));
});
