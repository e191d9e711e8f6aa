import { describe, expect, test } from 'vitest';
import { challengeCard, checkedCard, unverifiedCard } from '../../src/discord/cards/verifyCards.ts';
import { renderCard } from '../../src/discord/render.ts';
import { say } from '../../src/engine/phrase.ts';
import { newClaim, type Provable, parseProvable, subjectsOf, withProof } from '../../src/policy/ownership.ts';
import { challengeFor, isUnverified, unverifiedRefusal } from '../../src/policy/ownershipChallenge.ts';
import { parsePattern } from '../../src/policy/pattern.ts';
import type { Refusal } from '../../src/policy/refusal.ts';

const NOW = Date.parse('2027-01-01T00:00:00Z');
const GUILD = '111111111111111111';

function provable(text: string): Provable {
  const pattern = parsePattern(text);
  const read = pattern.ok ? parseProvable(pattern.value) : pattern;
  if (!read.ok) throw new Error(read.problem.message.text);
  return read.value;
}
function challengeOf(text: string) {
  const target = provable(text);
  const claims = subjectsOf(target).map((subject) => newClaim(subject, NOW));
  return { claims, challenge: challengeFor(GUILD, target, claims, 'https://bot.example') };
}
const textOf = (card: Parameters<typeof renderCard>[0]) => {
  const [embed] = renderCard(card).embeds;
  const fields = embed?.fields?.map(({ name, value }) => `${name}\n${value}`) ?? [];
  return [embed?.title, embed?.description, ...fields, embed?.footer?.text].join('\n');
};
/** What a long press on a phone copies. */
const copies = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, copied]) => copied);

describe('what to create', () => {
  test('is whole in spans of its own, for a name', () => {
    const { claims, challenge } = challengeOf('www.example.com');
    const text = textOf(challengeCard(challenge));
    const [exact, domain] = claims.map(({ token }) => token);
    expect(copies(text)).toEqual([
      '/targets verify target:www.example.com',
      'TXT',
      '_harbormaster.example.com',
      `harbormaster-verification=${domain}`,
      'TXT',
      '_harbormaster.www.example.com',
      `harbormaster-verification=${exact}`,
      `https://www.example.com/.well-known/harbormaster/${exact}`,
      `harbormaster-verification=${exact}`,
    ]);
    expect(text).toContain('Valid until 2027-01-08 00:00 UTC');
  });

  test('for an address: a link that can be tapped', () => {
    const { challenge } = challengeOf('8.8.8.8');
    const text = textOf(challengeCard(challenge));
    expect(text).toMatch(/<https:\/\/bot\.example\/verify\/[\w-]{43}>/);
    expect(copies(text)).toContainEqual(
      expect.stringMatching(/^curl -X POST https:\/\/bot\.example\/verify\/[\w-]{43}$/),
    );
  });

  test('is not cut for the longest names', () => {
    const { challenge } = challengeOf(`${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(50)}.com`);
    const text = textOf(challengeCard(challenge));
    for (const copied of copies(text)) expect(copied).not.toContain('…');
    for (const way of challenge.ways) if (way.method === 'dns') expect(copies(text)).toContain(way.recordName);
  });

  test('stands in the refusal of a scan too', () => {
    const { challenge } = challengeOf('www.example.com');
    const refusal: Refusal = unverifiedRefusal(challenge);
    expect(isUnverified({ code: 'denied', message: say``, remedy: say`` })).toBe(false);
    if (!isUnverified(refusal)) throw new Error('not recognised');
    const text = textOf(unverifiedCard(refusal));
    expect(text).toContain('not verified');
    expect(text).toContain('Rule: unverified');
    expect(copies(text)).toContain('_harbormaster.example.com');
    expect(copies(text)).toContain('/targets verify target:www.example.com');
    expect(textOf(unverifiedCard(unverifiedRefusal(challenge, [say`DNS has nothing.`])))).toContain('DNS has nothing.');
  });
});

describe('what a check brought', () => {
  test('proven: how, for what, how long', () => {
    const [claim] = challengeOf('example.com').claims;
    const proven = claim && withProof(claim, 'dns', NOW);
    if (!proven?.proof) throw new Error('no proof');
    const result = { proven: true, method: 'dns', subject: proven.subject, proof: proven.proof } as const;
    const text = textOf(checkedCard(provable('www.example.com'), result));
    expect(text).toContain('Verified: www.example.com');
    expect(text).toContain('example.com and all names below it, by a TXT record in DNS');
    expect(text).toContain('until 2027-04-01 00:00 UTC');
  });

  test('not proven: what was looked at, and that DNS takes its time', () => {
    const result = {
      proven: false,
      message: say`Nothing yet.`,
      tried: [say`DNS has no verification record of x.`],
    } as const;
    const text = textOf(checkedCard(provable('example.com'), result));
    expect(text).toContain('• DNS has no verification record of x.');
    expect(text).toContain('some minutes');
    expect(textOf(checkedCard(provable('example.com'), { ...result, tried: [] }))).not.toContain('some minutes');
  });
});
