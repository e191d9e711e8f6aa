import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { say } from '../../src/engine/phrase.ts';
import {
  covers,
  isLinkOpen,
  isOpen,
  isProven,
  isToken,
  linkCode,
  needsRecheck,
  newClaim,
  parseProvable,
  proves,
  readLinkCode,
  recordFor,
  renewed,
  type Subject,
  subjectsOf,
  withProof,
} from '../../src/policy/ownership.ts';
import { challengeFor } from '../../src/policy/ownershipChallenge.ts';
import { changeClaim, openClaims, settle } from '../../src/policy/ownershipClaims.ts';
import { visitorAddress } from '../../src/policy/ownershipVisit.ts';
import { parsePattern } from '../../src/policy/pattern.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2027-01-01T00:00:00Z');

function provable(text: string) {
  const pattern = parsePattern(text);
  if (!pattern.ok) throw new Error(pattern.problem.message.text);
  const read = parseProvable(pattern.value);
  if (!read.ok) throw new Error(read.problem.code);
  return read.value;
}
const name = (canonical: string): Subject => ({ kind: 'name', canonical });
const address = (canonical: string): Subject => ({ kind: 'address', canonical });

describe('subjects', () => {
  test.each([
    ['www.example.com', ['www.example.com', 'example.com']],
    ['a.b.example.co.uk', ['a.b.example.co.uk', 'example.co.uk']],
    ['example.com', ['example.com']],
    ['user.github.io', ['user.github.io']],
    ['shop.user.github.io', ['shop.user.github.io', 'user.github.io']],
    ['bucket.s3.amazonaws.com', ['bucket.s3.amazonaws.com']],
    ['*.example.com', ['example.com']],
    ['*.dev.example.com', ['dev.example.com', 'example.com']],
    ['8.8.8.8', ['8.8.8.8']],
    ['2606:4700::1111', ['2606:4700::1111']],
  ])('of %s: %j', (text, expected) => {
    expect(subjectsOf(provable(text)).map(({ canonical }) => canonical)).toEqual(expected);
  });

  test('a range is none', () => {
    expect(() => provable('8.8.8.0/24')).toThrow('range');
  });

  test.each([
    ['8.0.8.0/24', '8.0.8.1'],
    ['2606:4700::/120', '2606:4700::1'],
    ['2606:4700::ff00/120', '2606:4700::ff00'],
  ])('the example for %s is an address in it: %s', (text, example) => {
    const pattern = parsePattern(text);
    expect(pattern.ok && parseProvable(pattern.value)).toMatchObject({ ok: false, problem: { example } });
  });
});

describe('a subject covers', () => {
  test.each<[Subject, string, boolean]>([
    [name('example.com'), 'example.com', true],
    [name('example.com'), 'a.b.example.com', true],
    [name('example.com'), '*.example.com', true],
    [name('example.com'), '*.dev.example.com', true],
    [name('www.example.com'), 'example.com', false],
    [name('www.example.com'), '*.example.com', false],
    [name('www.example.com'), 'mail.example.com', false],
    [name('example.com'), 'notexample.com', false],
    [name('example.com'), 'example.com.evil.net', false],
    [name('github.io'), 'user.github.io', false],
    [name('amazonaws.com'), 'bucket.s3.amazonaws.com', false],
    [name('user.github.io'), 'other.github.io', false],
    [address('8.8.8.8'), '8.8.8.8', true],
    [address('8.8.8.8'), '8.8.4.4', false],
    [address('8.8.8.8'), 'dns.google.com', false],
    [name('example.com'), '8.8.8.8', false],
  ])('%j %s: %s', (subject, target, expected) => {
    expect(covers(subject, provable(target))).toBe(expected);
  });

  test('every subject offered for a target covers it', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
    const suffix = fc.constantFrom('com', 'co.uk', 'github.io', 'example', 's3.amazonaws.com');
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), suffix, (labels, end) => {
        const target = provable(`${labels.join('.')}.${end}`);
        for (const subject of subjectsOf(target)) expect(covers(subject, target)).toBe(true);
      }),
    );
  });

  test('a file proves the host alone, a record the names below it too', () => {
    const claim = newClaim(name('example.com'), NOW);
    const byFile = withProof(claim, 'https', NOW);
    const byRecord = withProof(claim, 'dns', NOW);
    expect(proves(claim, provable('example.com'))).toBe(false);
    for (const [target, file] of [
      ['example.com', true],
      ['www.example.com', false],
      ['*.example.com', false],
    ] as const) {
      expect([target, proves(byFile, provable(target))]).toEqual([target, file]);
      expect(proves(byRecord, provable(target))).toBe(true);
    }
  });
});

describe('a claim', () => {
  const claim = newClaim(name('example.com'), NOW);

  test('has a token of its own, of 192 random bits', () => {
    const tokens = new Set(Array.from({ length: 200 }, () => newClaim(name('example.com'), NOW).token));
    expect(tokens.size).toBe(200);
    for (const token of tokens) expect(token).toMatch(/^[\w-]{32}$/);
  });

  test('is open for 7 days, proven by a record for 90, by a visit for 30', () => {
    expect(isOpen(claim, NOW + 7 * DAY_MS - 1)).toBe(true);
    expect(isOpen(claim, NOW + 7 * DAY_MS)).toBe(false);
    const proven = withProof(claim, 'dns', NOW);
    expect(isProven(proven, NOW + 90 * DAY_MS - 1)).toBe(true);
    expect(isProven(proven, NOW + 90 * DAY_MS)).toBe(false);
    expect(isOpen(proven, NOW + 89 * DAY_MS)).toBe(true);
    const visited = withProof(newClaim(address('8.8.8.8'), NOW), 'link', NOW);
    expect(isProven(visited, NOW + 30 * DAY_MS - 1)).toBe(true);
    expect(isProven(visited, NOW + 30 * DAY_MS)).toBe(false);
  });

  test('a proof with a date that cannot be read is none', () => {
    const proven = withProof(claim, 'dns', NOW);
    const broken = proven.proof && { ...proven, proof: { ...proven.proof, expiresAt: 'soon' } };
    expect(broken && isProven(broken, NOW)).toBe(false);
  });

  test.each([
    ['dns', 1, false],
    ['dns', DAY_MS - 1, false],
    ['dns', DAY_MS, true],
    ['dns', -1, true],
    ['https', DAY_MS, true],
    ['link', DAY_MS, false],
  ] as const)('proven by %s, after %i ms a look is due: %s', (method, ageMs, due) => {
    const { proof } = withProof(claim, method, NOW);
    expect(proof && needsRecheck(proof, NOW + ageMs)).toBe(due);
  });

  test('used links are replaced, other tokens kept', () => {
    const visited = withProof(newClaim(address('8.8.8.8'), NOW), 'link', NOW);
    const again = renewed(visited, NOW);
    expect(again.token).not.toBe(visited.token);
    expect(again.proof).toEqual(visited.proof);
    expect([isLinkOpen(visited, NOW), isLinkOpen(again, NOW)]).toEqual([false, true]);
    const proven = withProof(claim, 'dns', NOW);
    expect(renewed(proven, NOW + 30 * DAY_MS)).toEqual({
      ...proven,
      challengeExpiresAt: new Date(NOW + 37 * DAY_MS).toISOString(),
    });
    expect(renewed(claim, NOW + DAY_MS)).toBe(claim);
    expect(isLinkOpen(claim, NOW)).toBe(false);
  });

  test('record names and values; none where DNS has no room, and none for an address', () => {
    expect(recordFor(claim)).toEqual({
      name: '_harbormaster.example.com',
      value: `harbormaster-verification=${claim.token}`,
    });
    expect(recordFor(newClaim(name(`${'a'.repeat(60)}.`.repeat(4).slice(0, 244)), NOW))).toBeUndefined();
    const longest = `${'a'.repeat(60)}.`.repeat(4).slice(0, 239);
    expect(recordFor(newClaim(name(longest), NOW))?.name).toHaveLength(253);
    expect(recordFor(newClaim(name(`${longest}a`), NOW))).toBeUndefined();
    expect(recordFor(newClaim(address('8.8.8.8'), NOW))).toBeUndefined();
  });

  test('tokens are compared whole', () => {
    expect(isToken(claim.token, claim.token)).toBe(true);
    for (const wrong of ['', claim.token.slice(1), `${claim.token}x`, claim.token.toUpperCase(), 'é'.repeat(16)]) {
      expect(isToken(wrong, claim.token)).toBe(false);
    }
    expect(isToken('', '')).toBe(false);
  });

  test('a look changes only what it says', () => {
    const proven = withProof(claim, 'https', NOW);
    const told = say``;
    const looked = (sightings: Parameters<typeof settle>[1]) => settle(proven, sightings, NOW + 5, { renew: false });
    expect(looked([{ result: 'absent', method: 'dns', told }])).toBe(proven);
    expect(looked([{ result: 'unknown', method: 'https', told }])).toBe(proven);
    expect(looked([{ result: 'absent', method: 'http', told }])).toBeUndefined();
    expect(looked([{ result: 'present', method: 'http', told }])?.proof).toMatchObject({
      method: 'http',
      provenAt: proven.proof?.provenAt,
      checkedAt: new Date(NOW + 5).toISOString(),
    });
    const unsure = { result: 'unknown', method: 'dns', told } as const;
    expect(looked([unsure, { result: 'absent', method: 'https', told }])).toBeUndefined();
    const byHttp = withProof(claim, 'http', NOW);
    const gone = settle(byHttp, [{ result: 'absent', method: 'https', told }], NOW + 5, { renew: false });
    expect(gone).toBeUndefined();
    const over = renewed(withProof(claim, 'dns', NOW - 90 * DAY_MS), NOW - 1);
    expect(settle(over, [{ result: 'absent', method: 'dns', told }], NOW, { renew: true })).toBe(over);
    const unproven = settle(claim, [{ result: 'absent', method: 'dns', told }], NOW, { renew: true });
    expect(unproven).toBe(claim);
  });
});

describe('the claims of a server', () => {
  const open = (before: readonly ReturnType<typeof newClaim>[], target: string, nowMs: number) =>
    openClaims(before, provable(target), subjectsOf(provable(target)), nowMs);

  test('the same question keeps the same tokens and writes nothing', () => {
    const first = open([], 'www.example.com', NOW);
    expect(first.claims).toHaveLength(2);
    const second = open(first.claims, 'www.example.com', NOW + DAY_MS);
    expect(second.claims).toBe(first.claims);
    const later = open(first.claims, 'www.example.com', NOW + 8 * DAY_MS);
    expect(later.claims).toHaveLength(2);
    expect(later.claims[0]?.token).not.toBe(first.claims[0]?.token);
  });

  test('another question adds its own, and keeps the others', () => {
    const first = open([], 'www.example.com', NOW).claims;
    const second = open(first, 'mail.example.com', NOW);
    expect(second.claims.map(({ subject }) => subject.canonical).sort()).toEqual([
      'example.com',
      'mail.example.com',
      'www.example.com',
    ]);
    expect(second.claims).toEqual(expect.arrayContaining([...first]));
    const narrow = openClaims(second.claims, provable('www.example.com'), [name('www.example.com')], NOW);
    expect(narrow.result.map(({ subject }) => subject.canonical)).toEqual(['www.example.com', 'example.com']);
    expect(narrow.claims).toBe(second.claims);
  });

  test('what has expired is dropped', () => {
    const [old, own] = [newClaim(name('old.example.net'), NOW - 7 * DAY_MS), newClaim(name('example.com'), NOW)];
    expect(open([old, own], 'example.com', NOW).claims).toEqual([own]);
  });

  test('a change is of one claim alone, and of no claim that was replaced', () => {
    const [a, b] = [newClaim(name('example.com'), NOW), newClaim(name('example.net'), NOW)];
    expect(changeClaim([a, b], a, () => undefined)).toEqual({ claims: [b], result: undefined });
    const proven = withProof(b, 'dns', NOW);
    expect(changeClaim([a, b], b, () => proven)).toEqual({ claims: [a, proven], result: proven });
    const before = [a, b];
    expect(changeClaim(before, a, (claim) => claim).claims).toBe(before);
    for (const gone of [newClaim(a.subject, NOW), { ...a, subject: name('example.org') }]) {
      expect(changeClaim(before, gone, () => undefined)).toEqual({ claims: before, result: undefined });
    }
  });

  test('are bounded: unproven ones give way, proven ones never', () => {
    const many = Array.from({ length: 2_000 }, (_, i) => newClaim(name(`n${i}.example.net`), NOW + i));
    const { claims } = open(many, 'example.com', NOW);
    expect(claims).toHaveLength(2_000);
    expect(claims).not.toContain(many[0]);
    expect(open([...many].reverse(), 'example.com', NOW).claims).not.toContain(many[0]);
    expect(open(many.slice(0, 1_500), 'example.com', NOW).claims).toHaveLength(1_501);
    const proven = many.map((claim) => withProof(claim, 'dns', NOW));
    expect(() => open(proven, 'example.com', NOW)).toThrow('as many as it may');
  });
});

describe('a link code', () => {
  test('leads back to server and token', () => {
    const claim = newClaim(address('8.8.8.8'), NOW);
    for (const guildId of ['1', '123456789012345678', '18446744073709551615']) {
      const code = linkCode(guildId, claim);
      expect(code).toMatch(/^[\w-]{43}$/);
      expect(readLinkCode(code)).toEqual({ guildId, token: claim.token });
    }
  });

  test('anything else is none', () => {
    const code = linkCode('123456789012345678', newClaim(address('8.8.8.8'), NOW));
    for (const wrong of ['', code.slice(1), `${code}A`, `${code.slice(0, -1)}!`, '../../etc', '٢'.repeat(43)]) {
      expect(readLinkCode(wrong)).toBeUndefined();
    }
    // Six bits a character: the last two of 43 characters say nothing, so that other texts mean the same bytes.
    const twin = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
      .map((last) => code.slice(0, -1) + last)
      .filter((text) => text !== code && Buffer.from(text, 'base64url').equals(Buffer.from(code, 'base64url')));
    expect(twin.map(readLinkCode)).toEqual([undefined, undefined, undefined]);
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const read = readLinkCode(text);
        expect(read === undefined || text.length === 43).toBe(true);
      }),
    );
  });

  test('is offered for addresses when the bot can be reached, never for names', () => {
    const methods = (subject: Subject, target: string, url?: string) =>
      challengeFor('1', provable(target), [newClaim(subject, NOW)], url).ways.map(({ method }) => method);
    expect(methods(address('8.8.8.8'), '8.8.8.8', 'https://bot.example')).toEqual(['link', 'file']);
    expect(methods(address('8.8.8.8'), '8.8.8.8')).toEqual(['file']);
    expect(methods(name('example.com'), 'example.com', 'https://bot.example')).toEqual(['dns', 'file']);
    expect(methods(name('example.com'), '*.example.com', 'https://bot.example')).toEqual(['dns']);
  });
});

test.each([
  ['8.8.8.8', '8.8.8.8'],
  ['::ffff:8.8.8.8', '8.8.8.8'],
  ['::FFFF:808:808', '8.8.8.8'],
  ['2606:4700:0:0::1111', '2606:4700::1111'],
  ['::1', '::1'],
  ['fe80::1%eth0', undefined],
  ['8.8.8.8:1234', undefined],
  ['010.8.8.8', undefined],
  ['134744072', undefined],
  ['unknown', undefined],
  ['', undefined],
  [undefined, undefined],
])('a visitor from %s is %s', (text, expected) => expect(visitorAddress(text)).toBe(expected));
