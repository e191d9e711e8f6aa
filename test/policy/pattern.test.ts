import fc from 'fast-check';
import { Address4, Address6 } from 'ip-address';
import { describe, expect, test } from 'vitest';
import { canonicalAddress } from '../../src/engine/hosts/address.ts';
import { classifyRange } from '../../src/policy/addressClass.ts';
import { parseExpiry } from '../../src/policy/expiry.ts';
import { cidrContains, matches, parseCidr, parsePattern } from '../../src/policy/pattern.ts';
import { parseTarget } from '../../src/policy/target.ts';

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
    [' *.example.com\t', 'wildcard *.example.com'],
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
    '*..',
    '**.example.com',
    '*a*.example.com',
    '*.example.com evil.org',
    '*.example.com*',
    `*.example.com${' '.repeat(988)}.evil.org`,
    '*. com',
    '*.example.com/24',
    '*.http://example.com',
    '*.127.1',
    '*.xn--a.com',
    '*.ｅｘａｍｐｌｅ.com',
    'www.*.example.com',
    '8.8.8.*',
    '8.8.8.1-9',
    '８.8.8.0/24',
    '8.8.8.0\\24',
    '8.8.8.0/24\u200b',
    '::ffff:8.8.8.8/128',
    '::1%lo/128',
    '*'.repeat(2_000),
    `*.${'a'.repeat(2_000)}.com`,
  ])('%s is refused, with an example that is not', (text) => {
    const parsed = parsePattern(text);
    if (parsed.ok) throw new Error('accepted');
    const typed = parsePattern(parsed.problem.example);
    if (!typed.ok) throw new Error(`${parsed.problem.example}: ${typed.problem.message.text}`);
    const { value } = typed;
    if (value.kind === 'cidr') expect(classifyRange(value.base, value.prefix).tier).not.toBe('forbidden');
  });

  test.each([
    ['*.com', 'public-suffix → *.example.com'],
    ['*.co.uk', 'public-suffix → *.name.co.uk'],
    ['*.github.io', 'public-suffix → *.name.github.io'],
    ['*.localhost', 'special-name → *.example.com'],
    ['*', 'bad-wildcard → *.example.com'],
    ['0.0.0.0/0', 'too-wide → www.example.com'],
    ['::/0', 'too-wide → www.example.com'],
    ['1.2.3.4/0', 'too-wide → 1.2.3.0/24'],
    ['0/0', 'too-wide → www.example.com'],
    ['192.167.0.0/15', 'too-wide → 192.167.0.0/24'],
    ['8.8.8.0/255.255.255.0', 'bad-prefix → 8.8.8.0/24'],
    ['8.8.8.*', 'octet-range → 8.8.8.0/24'],
    ['cafe/8', 'bad-cidr → www.example.com'],
    ['*..', 'bad-wildcard → *.example.com'],
    ['*.http://db.example.org', 'url → *.db.example.org'],
    [`*.example.com${' '.repeat(988)}.evil.org`, 'too-long → www.example.com'],
  ])('%s: %s', (text, expected) => expect(read(text)).toBe(expected));

  test('a range that is closed for good is not the example, but named in the sentence', () => {
    const parsed = parsePattern('198.51.100.7/24');
    expect(parsed).toMatchObject({ ok: false, problem: { code: 'host-bits', example: 'www.example.com' } });
    expect(!parsed.ok && parsed.problem.message.text).toContain('198.51.100.0/24');
  });

  test('a wildcard warns as its name does', () => {
    const warningOf = (text: string) => {
      const parsed = parsePattern(text);
      return parsed.ok && parsed.value.kind === 'wildcard' ? parsed.value.warning?.text : 'refused';
    };
    expect(warningOf('*.раураl.com')).toMatch(/imitate another name/);
    expect(warningOf('*.example.com')).toBeUndefined();
  });

  test('a wrong prefix is refused with the range that would work', () => {
    expect(read('8.8.8.8/33')).toBe('bad-prefix → 8.8.8.0/24');
    expect(read('2606:4700::1/08')).toBe('bad-prefix → 2606:4700::/120');
  });

  test('host bits are refused with the range that was meant', () => {
    expect(read('8.8.8.7/24')).toBe('host-bits → 8.8.8.0/24');
    expect(read('2606:4700::ff01/120')).toBe('host-bits → 2606:4700::ff00/120');
  });
});

describe('one target, one form (G12)', () => {
  test.each([
    [['EXAMPLE.com.', 'example.COM', ' example.com', 'example.com\t']],
    [['bücher.de', 'BU\u0308CHER.de.', 'xn--bcher-kva.de']],
    [['*.bücher.de', '*.XN--BCHER-KVA.de.']],
    [['2001:4860:4860::8888', '2001:4860:4860:0:0:0:0:8888', '2001:4860:4860:0000::8888/128']],
    [['8.8.8.8', '8.8.8.8/32']],
    [['2606:4700::/120', '2606:4700:0:0::0:0/120', '2606:4700::0.0.0.0/120']],
  ])('%j', (spellings) => {
    const forms = spellings.map(read);
    expect(new Set(forms).size).toBe(1);
    expect(forms[0]).not.toContain('→');
  });

  test('the canonical form reads as itself', () => {
    const entry = fc.oneof(
      fc.domain().map((name) => `*.${name}`),
      fc.tuple(fc.ipV4(), fc.integer({ min: 20, max: 32 })).map(([address, prefix]) => `${address}/${prefix}`),
      fc.tuple(fc.ipV6(), fc.integer({ min: 110, max: 128 })).map(([address, prefix]) => `${address}/${prefix}`),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    fc.assert(
      fc.property(entry, (text) => {
        const parsed = parsePattern(text);
        const again = parsePattern(parsed.ok ? parsed.value.canonical : parsed.problem.example);
        expect(again.ok).toBe(true);
        if (parsed.ok && again.ok) expect(again.value.canonical).toBe(parsed.value.canonical);
      }),
      { numRuns: 2_000, seed: 9 },
    );
  });
});

describe('what an entry allows (G1, G2, G10, G11)', () => {
  const allows = (entry: string, host: string) => {
    const pattern = parsePattern(entry);
    const target = parseTarget(host);
    if (!pattern.ok || !target.ok) throw new Error('refused');
    return matches(pattern.value, target.value);
  };
  test.each([
    ['*.example.com', 'www.example.com', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'badexample.com', false],
    ['*.amazonaws.com', 'bucket.s3.amazonaws.com', false],
    ['*.kobe.example.com', 'www.kobe.example.com', true],
    ['example.com', 'exаmple.com', false],
    ['8.8.8.0/24', '8.8.8.1', true],
    ['8.8.8.0/24', '8.8.8.0', false],
    ['8.8.8.0/24', '8.8.8.255', false],
    ['8.8.8.0/31', '8.8.8.0', true],
    ['8.8.8.0/24', '8.8.9.1', false],
    ['8.8.8.0/24', 'dns.google', false],
    ['dns.google', '8.8.8.8', false],
    ['2606:4700::/120', '2606:4700:0::ff', true],
    ['2606:4700::/120', '2606:4700::', true],
    ['2606:4700::/120', '2606:4700::100', false],
  ])('%s, %s: %s', (entry, host, expected) => expect(allows(entry, host)).toBe(expected));
});

describe('ranges of any width, for the operator', () => {
  test.each(['10.0.0.0/8', '0.0.0.0/0', 'fc00::/7', '::/0', '127.0.0.0/8'])('%s', (text) =>
    expect(parseCidr(text)).toMatchObject({ ok: true, value: { canonical: text } }),
  );
  test.each(['10.0.0.1/8', '10/8', 'example.com', '10.0.0.0', '', '10.0.0.0/08', '１0.0.0.0/8', '10.0.0.0 /8'])(
    '%s is refused, with an example that is not',
    (text) => {
      const parsed = parseCidr(text);
      if (parsed.ok) throw new Error('accepted');
      expect(parseCidr(parsed.problem.example).ok).toBe(true);
    },
  );

  test('the example is the range that was meant, where there is one', () => {
    expect(parseCidr('192.168.1.1/16')).toMatchObject({ ok: false, problem: { example: '192.168.0.0/16' } });
    expect(parseCidr('example.com')).toMatchObject({ ok: false, problem: { example: '10.0.0.0/8' } });
    expect(parseCidr('8.8.8.8/x')).toMatchObject({ ok: false, problem: { example: '8.8.8.0/24' } });
  });

  test('hold what another library says they hold', () => {
    const pair = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), fc.boolean()),
      fc.tuple(
        fc.ipV6().map(canonicalAddress),
        fc.integer({ min: 0, max: 128 }),
        fc.ipV6().map(canonicalAddress),
        fc.boolean(),
      ),
    );
    fc.assert(
      fc.property(pair, ([base, prefix, other, own]) => {
        const address = own ? base : other;
        const library = (text: string) => (text.includes(':') ? new Address6(text) : new Address4(text));
        const range = library(`${base}/${prefix}`);
        expect(cidrContains({ base, prefix }, address)).toBe(
          range instanceof Address6 ? new Address6(address).isInSubnet(range) : new Address4(address).isInSubnet(range),
        );
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  test('never hold addresses of the other family', () => {
    expect(cidrContains({ base: '::', prefix: 0 }, '8.8.8.8')).toBe(false);
    expect(cidrContains({ base: '0.0.0.0', prefix: 0 }, '::808:808')).toBe(false);
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
    ['3660d', '2036-11-30T12:00:00.000Z'],
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
    '30days',
    '12h30',
    '3661d',
    '2027',
    '2027-01',
    '2027-01-31T12',
    '2026-11-22',
    '2027-02-31',
    '99999w',
    'tomorrow',
    '٣٠d',
    '1e3d',
  ])('%j is refused', (text) => expect(parseExpiry(text, now).ok).toBe(false));

  test('a day that ends now is past', () => {
    const problem = { code: 'past-expiry' };
    expect(parseExpiry('2026-11-23', Date.parse('2026-11-24T00:00:00Z'))).toMatchObject({ ok: false, problem });
  });
});
