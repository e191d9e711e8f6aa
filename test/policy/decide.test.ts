import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admit, decide } from '../../src/policy/decide.ts';
import type { AllowlistEntry } from '../../src/policy/entry.ts';
import { judgePattern, type OperatorPolicy } from '../../src/policy/judge.ts';
import { type Pattern, parseCidr, parsePattern } from '../../src/policy/pattern.ts';
import { parseTarget } from '../../src/policy/target.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const entry = (pattern: string, more: Partial<AllowlistEntry> = {}): AllowlistEntry => ({
  pattern,
  addedBy: '1',
  addedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
const must = <T>(parsed: { ok: true; value: T } | { ok: false; problem: { message: { text: string } } }): T => {
  if (!parsed.ok) throw new Error(parsed.problem.message.text);
  return parsed.value;
};
const operator = (ranges: string[] = [], blocklist: string[] = []): OperatorPolicy => ({
  privateRanges: ranges.map((range) => must(parseCidr(range))),
  blocklist: blocklist.map((item): Pattern => (item.includes('/') ? must(parseCidr(item)) : must(parsePattern(item)))),
});
const verdict = (host: string, entries: AllowlistEntry[], policy = operator(), ports = [22, 80]) => {
  const decision = decide(must(parseTarget(host)), ports, { entries, operator: policy, nowMs: NOW });
  return decision.allowed ? `allowed ${decision.ports.join()}` : decision.refusal.code;
};

describe('who is on the list', () => {
  test.each([
    ['an empty list allows nothing', 'example.com', [], 'empty-allowlist'],
    ['the exact name', 'example.com', ['example.com'], 'allowed 22,80'],
    ['another name', 'example.org', ['example.com'], 'not-allowed'],
    ['a name below a name', 'www.example.com', ['example.com'], 'not-allowed'],
    ['a wildcard and a name below', 'www.example.com', ['*.example.com'], 'allowed 22,80'],
    ['a wildcard and a name far below', 'a.b.example.com', ['*.example.com'], 'allowed 22,80'],
    ['a wildcard and its own name', 'example.com', ['*.example.com'], 'not-allowed'],
    ['a wildcard and a name that only ends alike', 'badexample.com', ['*.example.com'], 'not-allowed'],
    ['the exact address', '8.8.8.8', ['8.8.8.8'], 'allowed 22,80'],
    ['an address in a range', '8.8.8.9', ['8.8.8.0/24'], 'allowed 22,80'],
    ['an address outside the range', '8.8.9.9', ['8.8.8.0/24'], 'not-allowed'],
    ['an IPv6 address in any spelling', '2606:4700:0:0:0:0:0:1111', ['2606:4700::1111'], 'allowed 22,80'],
    ['a name entry does not allow an address', '8.8.8.8', ['dns.google.com'], 'not-allowed'],
    ['an address entry does not allow a name', 'dns.google.com', ['8.8.8.8', '8.8.8.0/24'], 'not-allowed'],
    ['look-alike letters', 'exаmple.com', ['example.com'], 'not-allowed'],
    ['an entry that cannot be read allows nothing', 'example.com', ['*'], 'not-allowed'],
  ])('%s', (_what, host, patterns, expected) => {
    expect(
      verdict(
        host,
        patterns.map((pattern) => entry(pattern)),
      ),
    ).toBe(expected);
  });
});

describe('expiry', () => {
  test.each([
    ['2026-11-23T12:00:00.001Z', 'allowed 22,80'],
    ['2026-11-23T12:00:00.000Z', 'expired'],
    ['2020-01-01T00:00:00.000Z', 'expired'],
    ['not a date', 'expired'],
  ])('until %s', (expiresAt, expected) =>
    expect(verdict('example.com', [entry('example.com', { expiresAt })])).toBe(expected),
  );

  test('another entry that still lives allows', () => {
    const expired = entry('8.8.8.8', { expiresAt: '2020-01-01T00:00:00.000Z' });
    expect(verdict('8.8.8.8', [expired, entry('8.8.8.0/24')])).toBe('allowed 22,80');
  });
});

describe('ports', () => {
  test.each([
    ['only the permitted ones', ['22,443'], 'allowed 22'],
    ['none of them', ['443'], 'ports-not-allowed'],
    ['the union of all matching entries', ['22', '80'], 'allowed 22,80'],
    ['an entry without ports permits all', ['22', undefined], 'allowed 22,80'],
    ['unreadable ports permit none', ['22;80'], 'ports-not-allowed'],
  ])('%s', (_what, ports, expected) => {
    const entries = ports.map((p, i) => entry(i === 0 ? '8.8.8.8' : '8.8.8.0/24', { ports: p }));
    expect(verdict('8.8.8.8', entries)).toBe(expected);
  });

  test('what is left out is told', () => {
    const entries = [entry('8.8.8.8', { ports: '22' })];
    const decision = decide(must(parseTarget('8.8.8.8')), [22, 80], { entries, operator: operator(), nowMs: NOW });
    expect(decision).toMatchObject({ allowed: true, ports: [22], skippedPorts: [80] });
  });
});

describe('the operator beats every server', () => {
  test.each([
    ['a private address without a switch', '10.0.0.1', [], [], 'private-address'],
    ['a private address inside the switch', '10.0.0.1', ['10.0.0.0/8'], [], 'allowed 22,80'],
    ['a private address beside the switch', '10.0.0.1', ['10.0.1.0/24'], [], 'private-address'],
    ['a metadata service inside the switch', '169.254.169.254', ['169.254.0.0/16'], [], 'special-address'],
    ['documentation space', '192.0.2.1', [], [], 'special-address'],
    ['a blocked address', '8.8.8.8', [], ['8.8.8.8'], 'blocklisted'],
    ['a blocked range', '8.8.8.8', [], ['8.0.0.0/8'], 'blocklisted'],
    ['a blocked name', 'example.com', [], ['example.com'], 'blocklisted'],
    ['a name below a blocked name', 'a.example.com', [], ['example.com'], 'blocklisted'],
    ['a blocked wildcard leaves the name itself', 'example.com', [], ['*.example.com'], 'allowed 22,80'],
    ['a name below a blocked wildcard', 'a.example.com', [], ['*.example.com'], 'blocklisted'],
    ['a blocked name leaves the others', 'example.org', [], ['example.com'], 'allowed 22,80'],
    ['a blocked name leaves addresses', '8.8.8.8', [], ['example.com', '*.example.com'], 'allowed 22,80'],
    ['a blocked address leaves its neighbour', '8.8.8.9', [], ['8.8.8.8'], 'allowed 22,80'],
    ['a blocked range leaves what is beyond', '9.8.8.8', [], ['8.0.0.0/8'], 'allowed 22,80'],
    ['a blocked address leaves names', 'example.com', [], ['8.8.8.8', '8.0.0.0/8'], 'allowed 22,80'],
  ])('%s', (_what, host, ranges, blocklist, expected) => {
    expect(verdict(host, [entry(host)], operator(ranges, blocklist))).toBe(expected);
  });
});

describe('what may stand on a list', () => {
  test.each([
    ['8.8.8.0/24', undefined],
    ['10.0.0.0/24', 'private-address'],
    ['192.0.2.0/24', 'special-address'],
    ['127.0.0.1', 'private-address'],
    ['169.254.169.254', 'special-address'],
    ['example.com', undefined],
    ['*.example.com', undefined],
  ])('%s: %s', (text, code) => expect(judgePattern(must(parsePattern(text)), operator())?.code).toBe(code));

  test('a private range inside the switch', () => {
    expect(judgePattern(must(parsePattern('10.1.2.0/24')), operator(['10.1.0.0/16']))).toBeUndefined();
    expect(judgePattern(must(parsePattern('10.1.2.0/24')), operator(['10.1.2.0/25']))?.code).toBe('private-address');
    expect(judgePattern(must(parsePattern('10.1.2.0/24')), operator(['10.1.2.0/24']))).toBeUndefined();
  });

  test.each([
    ['8.8.8.0/24', '8.8.0.0/16', 'blocklisted'],
    ['8.8.8.0/24', '8.8.8.0/24', 'blocklisted'],
    ['8.8.8.0/24', '8.8.8.0/25', undefined],
    ['8.8.8.8', '8.8.8.0/24', 'blocklisted'],
    ['*.a.example.com', 'example.com', 'blocklisted'],
    ['*.example.com', 'example.com', 'blocklisted'],
    ['*.example.com', 'a.example.com', undefined],
    ['www.example.com', 'example.com', 'blocklisted'],
  ])('%s, with %s on the blocklist: %s', (text, blocked, code) => {
    expect(judgePattern(must(parsePattern(text)), operator([], [blocked]))?.code).toBe(code);
  });

  test('the refusal of a wildcard shows the wildcard', () => {
    const refusal = judgePattern(must(parsePattern('*.example.com')), operator([], ['example.com']));
    expect(refusal?.message.text).toContain('*.example.com is on');
  });
});

describe('deny entries', () => {
  const deny = (pattern: string, more: Partial<AllowlistEntry> = {}) => entry(pattern, { effect: 'deny', ...more });

  test.each<[string, string, AllowlistEntry[], string]>([
    ['an address inside an allowed range', '8.8.8.9', [entry('8.8.8.0/24'), deny('8.8.8.9')], 'denied'],
    ['its neighbour stays allowed', '8.8.8.8', [entry('8.8.8.0/24'), deny('8.8.8.9')], 'allowed 22,80'],
    ['a range around an allowed address', '8.8.8.9', [entry('8.8.8.9'), deny('8.8.8.0/24')], 'denied'],
    ['the first address of a denied range', '8.8.8.0', [entry('8.8.8.0'), deny('8.8.8.0/24')], 'denied'],
    ['the last address of a denied range', '8.8.8.255', [entry('8.8.8.255'), deny('8.8.8.0/24')], 'denied'],
    ['a name below an allowed wildcard', 'db.example.com', [entry('*.example.com'), deny('db.example.com')], 'denied'],
    [
      'a wildcard below an allowed wildcard',
      'a.b.example.com',
      [entry('*.example.com'), deny('*.b.example.com')],
      'denied',
    ],
    ['across a public suffix', 'a.github.io', [entry('a.github.io'), deny('*.io')], 'denied'],
    [
      'a deny wildcard leaves its own name',
      'example.com',
      [entry('example.com'), deny('*.example.com')],
      'allowed 22,80',
    ],
    ['the order of the entries does not matter', '8.8.8.9', [deny('8.8.8.9'), entry('8.8.8.9')], 'denied'],
    ['only these ports', '8.8.8.9', [entry('8.8.8.0/24'), deny('8.8.8.9', { ports: '22' })], 'allowed 80'],
    [
      'all of the asked ports',
      '8.8.8.9',
      [entry('8.8.8.0/24'), deny('8.8.8.9', { ports: '1-100' })],
      'ports-not-allowed',
    ],
    [
      'unreadable ports deny all',
      '8.8.8.9',
      [entry('8.8.8.9'), deny('8.8.8.0/24', { ports: '22;80' })],
      'ports-not-allowed',
    ],
    ['an unreadable pattern denies everything', '8.8.8.9', [entry('8.8.8.9'), deny('**')], 'denied'],
    ['an unreadable date never ends', '8.8.8.9', [entry('8.8.8.9'), deny('8.8.8.9', { expiresAt: 'soon' })], 'denied'],
    [
      'an expired one denies nothing',
      '8.8.8.9',
      [entry('8.8.8.9'), deny('8.8.8.9', { expiresAt: '2020-01-01T00:00:00.000Z' })],
      'allowed 22,80',
    ],
    ['it allows nothing by itself', '8.8.8.9', [deny('1.1.1.1')], 'empty-allowlist'],
    ['nor with ports', '8.8.8.9', [deny('8.8.8.9', { ports: '443' })], 'empty-allowlist'],
    ['a denied range leaves what is beyond', '8.8.9.9', [entry('8.8.9.9'), deny('8.8.8.0/24')], 'allowed 22,80'],
    ['a denied range leaves names', 'example.com', [entry('example.com'), deny('8.8.8.0/24')], 'allowed 22,80'],
    ['a denied name leaves the others', 'example.org', [entry('example.org'), deny('example.com')], 'allowed 22,80'],
    ['a denied wildcard leaves the others', 'a.test.org', [entry('a.test.org'), deny('*.b.test.org')], 'allowed 22,80'],
  ])('%s', (_what, host, entries, expected) => expect(verdict(host, entries)).toBe(expected));

  test.each<[string, AllowlistEntry, string[], string]>([
    ['an address that the name resolves to', deny('8.8.8.9'), ['8.8.8.8', '8.8.8.9'], 'denied'],
    ['a range that holds one of its addresses', deny('8.8.8.0/30'), ['1.1.1.1', '8.8.8.3'], 'denied'],
    ['another address', deny('8.8.4.4'), ['8.8.8.8'], 'allowed 22,80'],
    ['ports of an address', deny('8.8.8.8', { ports: '22' }), ['8.8.8.8'], 'allowed 80'],
  ])('a name is barred by %s', (_what, denied, addresses, expected) => {
    const rules = { entries: [entry('example.com'), denied], operator: operator(), nowMs: NOW };
    const decision = decide(must(parseTarget('example.com')), [22, 80], rules, addresses);
    expect(decision.allowed ? `allowed ${decision.ports.join()}` : decision.refusal.code).toBe(expected);
  });
});

describe('what a refusal of ports says', () => {
  const deny = (ports: string) => entry('8.8.8.0/24', { effect: 'deny', ports });
  const CHECK = '/targets check target:8.8.8.8';
  test.each<[string, AllowlistEntry[], string, string]>([
    [
      'what is allowed, in order',
      [entry('8.8.8.8', { ports: '443' }), entry('8.8.8.0/24', { ports: '9' })],
      ' It is allowed only on these ports: 9, 443.',
      '/targets add target:8.8.8.8 ports:22,80,443',
    ],
    [
      'ranges folded',
      [entry('8.8.8.8', { ports: '8000-8002,7' })],
      ' It is allowed only on these ports: 7, 8000-8002.',
      '/targets add target:8.8.8.8 ports:7,22,80,8000-8002',
    ],
    [
      'nothing readable',
      [entry('8.8.8.8', { ports: '22;80' })],
      ' It is allowed only on these ports: none.',
      '/targets add target:8.8.8.8 ports:22,80',
    ],
    ['what is denied', [entry('8.8.8.8'), deny('80,22')], ' Never on these: 22, 80.', CHECK],
    [
      'both',
      [entry('8.8.8.8', { ports: '443' }), deny('22')],
      ' It is allowed only on these ports: 443. Never on these: 22.',
      CHECK,
    ],
    ['neither when all are denied', [entry('8.8.8.8'), deny('22;80')], '', CHECK],
  ])('%s', (_what, entries, words, command) => {
    const rules = { entries, operator: operator(), nowMs: NOW };
    expect(decide(must(parseTarget('8.8.8.8')), [22, 80], rules)).toMatchObject({
      refusal: {
        message: { text: `None of these ports of 8.8.8.8 may be scanned.${words}` },
        command,
      },
    });
  });

  test('a name is admitted before its addresses are known', () => {
    const entries = [entry('example.com'), entry('8.8.8.8', { effect: 'deny' })];
    expect(admit(must(parseTarget('example.com')), { entries, operator: operator(), nowMs: NOW }).allowed).toBe(true);
  });
});

describe('properties', () => {
  const pattern = fc.constantFrom(
    '8.8.8.8',
    '8.8.8.9',
    '8.8.8.0/24',
    '8.8.8.8/31',
    'a.example.com',
    '*.example.com',
    '*.b.example.com',
    'b.example.com',
  );
  const host = fc.constantFrom(
    '8.8.8.8',
    '8.8.8.9',
    '8.8.8.77',
    'a.example.com',
    'b.example.com',
    'x.b.example.com',
    'example.com',
  );
  const ports = fc.option(fc.constantFrom('22', '80', '1-100', '443'), { nil: undefined });
  const expiresAt = fc.option(fc.constantFrom('2020-01-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z'), {
    nil: undefined,
  });
  const rule = (effect: 'deny' | undefined) =>
    fc.record({ pattern, ports, expiresAt }).map(({ pattern, ...more }) => entry(pattern, { effect, ...more }));
  const allowing = fc.array(rule(undefined), { maxLength: 6 });
  const denying = fc.array(rule('deny'), { maxLength: 6 });
  const allowedPorts = (name: string, entries: AllowlistEntry[]) => {
    const decision = decide(must(parseTarget(name)), [22, 80, 443], { entries, operator: operator(), nowMs: NOW });
    return new Set(decision.allowed ? decision.ports : []);
  };

  test('a deny entry only ever takes away, whatever it stands beside', () =>
    fc.assert(
      fc.property(host, allowing, denying, rule('deny'), (name, allow, deny, more) => {
        const before = allowedPorts(name, [...allow, ...deny]);
        const after = allowedPorts(name, [...allow, ...deny, more]);
        expect(after.isSubsetOf(before)).toBe(true);
      }),
    ));

  test('an allow entry never brings back what is denied, and without allow entries nothing is allowed', () =>
    fc.assert(
      fc.property(host, allowing, denying, (name, allow, deny) => {
        expect(allowedPorts(name, [...allow, ...deny]).isSubsetOf(allowedPorts(name, allow))).toBe(true);
        expect(allowedPorts(name, deny).size).toBe(0);
      }),
    ));

  test('the order of the entries does not matter', () =>
    fc.assert(
      fc.property(host, allowing, denying, (name, allow, deny) => {
        expect(allowedPorts(name, [...allow, ...deny])).toEqual(allowedPorts(name, [...deny, ...allow].reverse()));
      }),
    ));
});
