import { describe, expect, test } from 'vitest';
import { type AllowlistEntry, decide, judgePattern, type OperatorPolicy } from '../../src/policy/decide.ts';
import { type Pattern, parseCidr, parsePattern } from '../../src/policy/pattern.ts';
import { parseTarget } from '../../src/policy/target.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const entry = (pattern: string, more: Partial<AllowlistEntry> = {}): AllowlistEntry => ({
  pattern,
  addedBy: '1',
  addedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
const must = <T>(parsed: { ok: true; value: T } | { ok: false; problem: { message: string } }): T => {
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.value;
};
const operator = (ranges: string[] = [], blocklist: string[] = []): OperatorPolicy => ({
  privateRanges: ranges.map((range) => must(parseCidr(range))),
  blocklist: blocklist.map((item): Pattern => (item.includes('/') ? must(parseCidr(item)) : must(parsePattern(item)))),
});
const verdict = (host: string, entries: AllowlistEntry[], policy = operator(), ports = [22, 80]) => {
  const decision = decide(must(parseTarget(host)), ports, entries, policy, NOW);
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
    const decision = decide(
      must(parseTarget('8.8.8.8')),
      [22, 80],
      [entry('8.8.8.8', { ports: '22' })],
      operator(),
      NOW,
    );
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
  });
});
