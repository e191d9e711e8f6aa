import fc from 'fast-check';
import { formatPorts } from '../../src/engine/ports/intervals.ts';
import type { AllowlistEntry } from '../../src/policy/entry.ts';
import type { OperatorPolicy } from '../../src/policy/judge.ts';
import { parsePattern } from '../../src/policy/pattern.ts';
import { createAllowlists } from '../../src/storage/allowlists.ts';
import { openDatabase } from '../../src/storage/database.ts';
import type { RuleRequest } from '../../src/targets/rule.ts';

export const NOW = Date.parse('2026-11-23T12:00:00Z');
export const OPEN: OperatorPolicy = { privateRanges: [], blocklist: [] };
export const BY = { userId: '7', nowMs: NOW };

export const entry = (pattern: string, more: Partial<AllowlistEntry> = {}): AllowlistEntry => ({
  pattern,
  addedBy: '1',
  addedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});

export function patternOf(text: string) {
  const parsed = parsePattern(text);
  if (!parsed.ok) throw new Error(parsed.problem.message.text);
  return parsed.value;
}

export const rule = (target: string, more: Partial<RuleRequest> = {}): RuleRequest => ({
  pattern: patternOf(target),
  effect: undefined,
  ports: undefined,
  expiresAt: undefined,
  note: undefined,
  ...more,
});

/** An entry without who and when. */
export const said = ({ addedBy: _by, addedAt: _at, ...rest }: AllowlistEntry) => rest;

export const bytes = (text: string) => new TextEncoder().encode(text);

export async function memoryAllowlists() {
  const database = await openDatabase('memory://');
  return { database, allowlists: createAllowlists(database.store('allowlists')) };
}

const pattern = fc.oneof(
  fc.tuple(fc.constantFrom('', '*.'), fc.stringMatching(/^[a-z0-9]{1,8}$/)).map(([w, n]) => `${w}h${n}.example.com`),
  fc.tuple(fc.integer({ min: 1, max: 8 }), fc.nat(255), fc.nat(255)).map(([a, b, c]) => `${a}.${b}.${c}.1`),
  fc.tuple(fc.integer({ min: 24, max: 31 }), fc.nat(255)).map(([prefix, b]) => `8.${b}.4.0/${prefix}`),
  fc.nat(0xffff).map((n) => `2606:4700::${(n + 1).toString(16)}`),
  fc.nat(0xffff).map((n) => `2606:4700:${(n + 1).toString(16)}::/120`),
  fc.constantFrom('xn--bcher-kva.de', 'xn--exmple-4nf.com'),
);
const ports = fc
  .uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 30 })
  .map((list) => formatPorts(list.toSorted((a, b) => a - b)));
const note = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom("'", '=', ' ', ';', '-', '@', '"', ',', '\n', '\t', '＝', '\u200b', 'é', 'e\u0301'),
    }),
  )
  .map((text) => text.slice(0, 200));
const expiresAt = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2036-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Any list that could be stored: every pattern once. */
export const anyAllowlist = fc
  .uniqueArray(
    fc.record({
      pattern,
      effect: maybe(fc.constant('deny' as const)),
      ports: maybe(ports),
      expiresAt: maybe(expiresAt),
      note: maybe(note),
    }),
    { selector: (one) => patternOf(one.pattern).canonical, maxLength: 40 },
  )
  .map((list) => list.map(({ pattern, ...more }) => entry(patternOf(pattern).canonical, more)));
