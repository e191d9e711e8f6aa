import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AuditEvent,
  type AuditRecord,
  canonicalJson,
  genesis,
  headOf,
  seal,
  verifyChain,
} from '../../src/policy/auditChain.ts';

const GUILD = '100000000000000001';
const event = (i: number, extra: Partial<AuditEvent> = {}): AuditEvent => ({
  at: '2027-01-31T12:00:00.000Z',
  actor: 'abcdefghijklmnop',
  action: 'scan',
  command: '/scan',
  target: `host${i}.example.com`,
  addresses: ['198.51.100.7'],
  ports: '22,80-90',
  decision: 'allowed',
  rule: '*.example.com',
  ...extra,
});

function chain(length: number, guildId = GUILD, extra: (i: number) => Partial<AuditEvent> = () => ({})): AuditRecord[] {
  const records: AuditRecord[] = [];
  let head = genesis(guildId);
  for (let i = 1; i <= length; i++) {
    const record = seal(head, event(i, extra(i)));
    records.push(record);
    head = headOf(record);
  }
  return records;
}
const endOf = (records: readonly AuditRecord[]) => headOf(records.at(-1) as AuditRecord);
const at = (records: readonly AuditRecord[], seq: number) => records[seq - 1] as AuditRecord;
const reseal = (record: AuditRecord): AuditRecord => {
  const { hash, ...content } = record;
  return { ...content, hash: createHash('sha256').update(canonicalJson(content)).digest('hex') };
};

describe('canonical JSON', () => {
  test.each([
    [{ b: 1, a: [2, 'x'] }, '{"a":[2,"x"],"b":1}'],
    [{ é: 1, z: 2, A: 3, 10: 4, 9: 5 }, '{"10":4,"9":5,"A":3,"z":2,"é":1}'],
    [{ a: undefined, b: { d: -0, c: '\u2028"\\' } }, '{"b":{"c":"\u2028\\"\\\\","d":0}}'],
  ])('%j', (value, json) => {
    expect(canonicalJson(value)).toBe(json);
  });

  test.each([[null], [1.5], [Number.NaN], [2 ** 53], [true], [() => 1], [1n]])('refuses %s', (value) => {
    expect(() => canonicalJson({ value })).toThrow(TypeError);
  });

  test('the order in which members were set makes no difference; any other value does', () => {
    const content = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.maxSafeInteger()));
    fc.assert(
      fc.property(content, content, (a, b) => {
        const turned = Object.fromEntries(Object.entries(a).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(a));
        expect(JSON.parse(canonicalJson(a))).toEqual(JSON.parse(JSON.stringify(a)));
        if (JSON.stringify(Object.entries(a).sort()) !== JSON.stringify(Object.entries(b).sort())) {
          expect(canonicalJson(a)).not.toBe(canonicalJson(b));
        }
      }),
    );
  });
});

describe('a sealed record', () => {
  test('is numbered, bound to its server and to the record before it', () => {
    const [first, second] = chain(2) as [AuditRecord, AuditRecord];
    expect(first).toMatchObject({ v: 1, guildId: GUILD, seq: 1, previous: genesis(GUILD).hash });
    expect(second).toMatchObject({ seq: 2, previous: first.hash });
    expect(genesis('1').hash).not.toBe(genesis('10').hash);
  });

  test('its hash can be checked without this program', () => {
    const { hash, ...content } = at(chain(1), 1);
    const sorted = Object.fromEntries(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));
    expect(hash).toBe(createHash('sha256').update(JSON.stringify(sorted)).digest('hex'));
  });

  const texts = ['action', 'command', 'target', 'ports', 'rule', 'scanId', 'detail'] as const;
  test.each([
    ['a forged line', 'x\r\n{"seq":2}', 'x\\u{d}\\u{a}{"seq":2}'],
    ['NUL and other line ends', 'a\0b\u2028c\u0085d', 'a\\u{0}b\\u{2028}c\\u{85}d'],
    ['a terminal sequence', '\x1b]0;t\x07', '\\u{1b}]0;t\\u{7}'],
    ['direction marks', '\u202egnp.exe\u2066', '\\u{202e}gnp.exe\\u{2066}'],
    ['nothing to see', 'e\u200bx\u00adample\u{e0041}', 'e\\u{200b}x\\u{ad}ample\\u{e0041}'],
    ['half a character', '\ud83d!', '\\u{d83d}!'],
    ['what looks like an escape', '\\u{202e}', '\\u{5c}u{202e}'],
    ['other blanks', 'a\u00a0b\u3000c d', 'a\\u{a0}b\\u{3000}c d'],
    ['a formula, markup, a mention', '=1+1 @everyone <@1> [x](y)', '=1+1 @everyone <@1> [x](y)'],
    ['a password in a URL', 'https://kim:pa:ss@example.com', 'https://[redacted]@example.com'],
    ['one with @ and / in it', 'ssh://kim:p@/ss@example.com', 'ssh://[redacted]@example.com'],
    ['a password without a scheme', 'kim:pass@example.com', '[redacted]@example.com'],
    ['ports with a preset', 'ports:22,@web', 'ports:22,@web'],
    ['a token', `${'M'.repeat(24)}.${'G'.repeat(6)}.${'x-'.repeat(14)}`, '[redacted]'],
    ['a longer token', `t=${'M'.repeat(26)}.${'G'.repeat(7)}.${'x'.repeat(27)}`, 't=[redacted]'],
    ['a host that is no token', `${'w'.repeat(22)}.${'e'.repeat(6)}.org`, `${'w'.repeat(22)}.${'e'.repeat(6)}.org`],
  ])('%s, in every text', (_, raw, kept) => {
    for (const field of texts) expect(seal(genesis(GUILD), event(1, { [field]: raw }))[field]).toBe(kept);
    expect(seal(genesis(GUILD), event(1, { addresses: [raw] })).addresses).toEqual([kept]);
  });

  test('whatever the texts are: one line, bounded, well-formed, verifiable', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.string({ unit: 'grapheme' }));
    const fields = fc.record({ action: text, command: text, target: text, ports: text, rule: text, detail: text });
    fc.assert(
      fc.property(fields, (fields) => {
        const record = seal(genesis(GUILD), event(1, { ...fields, action: `a${fields.action}` }));
        for (const value of [record.action, record.command, record.target, record.rule, record.detail]) {
          expect(value).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
          expect((value ?? '').length).toBeLessThanOrEqual(500);
        }
        expect(verifyChain([record], headOf(record)).ok).toBe(true);
      }),
    );
  });

  test('a password that the cut goes through is gone too, and what is cut is marked', () => {
    const kept = (target: string) => seal(genesis(GUILD), event(1, { target })).target;
    expect(kept(`${'a'.repeat(280)} https://kim:${'secret'.repeat(50)}@example.com`)).not.toContain('secret');
    expect(kept(`${'a'.repeat(280)} kim:${'secret'.repeat(50)}@example.com`)).not.toContain('secret');
    expect(kept(`https://kim:${'s'.repeat(282)}@b.org`)).toBe('https://[redacted]@b.org');
    expect(kept(`https://kim:${'s'.repeat(900)}@b.org${' x'.repeat(900)}`)).toMatch(
      /^https:..\[redacted\]@b\.org( x)+ ?…$/,
    );
    expect(kept(`https://kim:${'s'.repeat(1_250)}@b.org${' x'.repeat(200)}`)).toMatch(
      /^https:..\[redacted\]@b\.org[ x]+…$/,
    );
    expect(kept('a'.repeat(299))).toBe('a'.repeat(299));
  });

  test('what is not given is not there', () => {
    const { target, addresses, ports, ...least } = event(1);
    const record = seal(genesis(GUILD), least);
    for (const field of ['target', 'addresses', 'ports', 'scanId', 'detail']) expect(record).not.toHaveProperty(field);
    expect(verifyChain([record], headOf(record)).ok).toBe(true);
  });

  test('a megabyte is cut at once', () => {
    const startedAt = performance.now();
    const record = seal(genesis(GUILD), event(1, { target: 'a'.repeat(1_000_000), detail: '\n'.repeat(100_000) }));
    expect(performance.now() - startedAt).toBeLessThan(200);
    expect(record.target).toMatch(/^a{299}…$/);
    expect(record.detail).toMatch(/^(\\u\{a\})+…$/);
    expect(seal(genesis(GUILD), event(1, { addresses: Array(500).fill('::1') })).addresses).toHaveLength(64);
  });
});

describe('a chain', () => {
  test('of any length and content is whole, also when the clock goes backwards', () => {
    const times = fc.array(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(times, (times) => {
        const records = chain(times.length, GUILD, (i) => ({ at: (times[i - 1] as Date).toISOString() }));
        expect(verifyChain(records, endOf(records))).toEqual({ ok: true, head: endOf(records) });
      }),
    );
    expect(verifyChain([], genesis(GUILD)).ok).toBe(true);
  });

  const LENGTH = 8;
  const records = chain(LENGTH);
  const head = endOf(records);
  const seqs = fc.integer({ min: 1, max: LENGTH });
  const fields = Object.keys(at(records, 1)) as (keyof AuditRecord)[];
  const changes: Partial<Record<keyof AuditRecord, unknown>> = {
    v: 2,
    guildId: '100000000000000002',
    seq: 99,
    at: '2027-01-31T12:00:00.001Z',
    addresses: ['198.51.100.8'],
    decision: 'refused',
    previous: 'f'.repeat(64),
    hash: 'f'.repeat(64),
  };

  test('any single change is found where it is', () => {
    fc.assert(
      fc.property(seqs, fc.constantFrom(...fields), (seq, field) => {
        const changed = records.map((record) =>
          record.seq === seq ? { ...record, [field]: changes[field] ?? `${String(record[field])}x` } : record,
        );
        expect(verifyChain(changed, head)).toEqual({ ok: false, seq, problem: 'changed' });
      }),
    );
  });

  test('also when the record was given a new hash after the change', () => {
    const kept = fields.filter((field) => !['v', 'guildId', 'seq', 'previous', 'hash'].includes(field));
    fc.assert(
      fc.property(seqs, fc.constantFrom(...kept), (seq, field) => {
        const changed = records.map((record) =>
          record.seq === seq
            ? reseal({ ...record, [field]: changes[field] ?? `${String(record[field])}x` } as AuditRecord)
            : record,
        );
        expect(verifyChain(changed, head)).toEqual({ ok: false, seq, problem: 'changed' });
      }),
    );
  });

  test('any removal: in the middle, at the beginning, at the end', () => {
    fc.assert(
      fc.property(seqs, fc.integer({ min: 1, max: LENGTH }), (seq, count) => {
        const removed = records.filter((record) => record.seq < seq || record.seq >= seq + count);
        expect(verifyChain(removed, head)).toEqual({ ok: false, seq, problem: 'missing' });
        const holed = records.map((record) => (record.seq === seq ? undefined : record));
        expect(verifyChain(holed, head)).toEqual({ ok: false, seq, problem: 'missing' });
      }),
    );
  });

  test('any exchange, and any repetition', () => {
    fc.assert(
      fc.property(seqs, seqs, (a, b) => {
        fc.pre(a < b);
        const swapped = [...records];
        [swapped[a - 1], swapped[b - 1]] = [at(records, b), at(records, a)];
        expect(verifyChain(swapped, head)).toEqual({ ok: false, seq: a, problem: 'reordered' });
        const repeated = [...records.slice(0, b), at(records, a), ...records.slice(b)];
        expect(verifyChain(repeated, head)).toMatchObject({ ok: false, seq: b + 1 });
      }),
    );
  });

  test('a record of another server, an invention, something beyond the end', () => {
    const foreign = chain(LENGTH, '100000000000000002');
    const withForeign = records.map((record) => (record.seq === 3 ? at(foreign, 3) : record));
    expect(verifyChain(withForeign, head)).toEqual({ ok: false, seq: 3, problem: 'foreign' });
    expect(verifyChain(foreign, { ...endOf(foreign), guildId: GUILD })).toMatchObject({ seq: 1, problem: 'foreign' });
    const invented = seal(headOf(at(records, 2)), event(3, { target: 'invented.example.com' }));
    const withInvented = records.map((record) => (record.seq === 3 ? invented : record));
    expect(verifyChain(withInvented, head)).toEqual({ ok: false, seq: 3, problem: 'changed' });
    const longer = [...records, seal(head, event(9))];
    expect(verifyChain(longer, head)).toEqual({ ok: false, seq: 9, problem: 'extra' });
    expect(verifyChain(records, { ...head, hash: 'a'.repeat(64) })).toMatchObject({ ok: false, seq: LENGTH });
    expect(verifyChain([{ ...at(records, 1), note: 'x' }], headOf(at(records, 1)))).toMatchObject({
      ok: false,
      seq: 1,
    });
    for (const junk of [null, 'x', 7, [], {}, JSON.parse('{"__proto__":{}}')]) {
      expect(verifyChain([junk], headOf(at(records, 1)))).toEqual({ ok: false, seq: 1, problem: 'changed' });
    }
  });

  test('a rewritten rest gives itself away by the head, of which a copy may be elsewhere', () => {
    const forged = [...records.slice(0, 4)];
    let end = headOf(at(forged, 4));
    for (let i = 5; i <= LENGTH; i++) {
      const record = seal(end, event(i, { target: 'forged.example.com' }));
      forged.push(record);
      end = headOf(record);
    }
    expect(verifyChain(forged, head)).toEqual({ ok: false, seq: LENGTH, problem: 'changed' });
    expect(verifyChain(forged, end).ok).toBe(true);
    expect(end.hash).not.toBe(head.hash);
  });

  test('of a thousand records is quick', () => {
    const long = chain(1_000);
    const startedAt = performance.now();
    expect(verifyChain(long, endOf(long)).ok).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });
});
