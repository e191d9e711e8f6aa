import { describe, expect, test } from 'vitest';
import { type AddressLookup, pin } from '../../src/policy/resolve.ts';
import { parseTarget } from '../../src/policy/target.ts';

type Answer = string[] | { code: string };
const lookup = (a: Answer, aaaa: Answer): AddressLookup => {
  const answer = async (found: Answer) => {
    if (Array.isArray(found)) return found;
    throw Object.assign(new Error(found.code), found);
  };
  return { resolve4: () => answer(a), resolve6: () => answer(aaaa) };
};
const NO_DATA = { code: 'ENODATA' };
const calm = new AbortController().signal;
const policy = { privateRanges: [], blocklist: [] };
const target = (text: string) => {
  const parsed = parseTarget(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.value;
};
const pinned = async (a: Answer, aaaa: Answer) => {
  const result = await pin(target('example.com'), lookup(a, aaaa), policy, calm);
  if (result.ok) return [result.address, ...result.others].join();
  return result.reason === 'refused' ? `refused ${result.refusal.code}` : result.code;
};

describe('a name is resolved once and every address is judged', () => {
  test.each<[string, Answer, Answer, string]>([
    ['IPv4 first, the others are told', ['8.8.8.8', '8.8.4.4'], ['2606:4700::1111'], '8.8.8.8,8.8.4.4,2606:4700::1111'],
    ['IPv6 alone', NO_DATA, ['2606:4700::1111'], '2606:4700::1111'],
    ['one family may fail', ['8.8.8.8'], { code: 'ESERVFAIL' }, '8.8.8.8'],
    ['a private address among public ones', ['8.8.8.8', '10.0.0.5'], NO_DATA, 'refused private-address'],
    ['a loopback AAAA', ['8.8.8.8'], ['::1'], 'refused private-address'],
    ['a metadata address', ['169.254.169.254'], NO_DATA, 'refused special-address'],
    ['an IPv4-mapped AAAA', NO_DATA, ['::ffff:8.8.8.8'], 'refused special-address'],
    ['no such name', { code: 'ENOTFOUND' }, { code: 'ENOTFOUND' }, 'name-not-found'],
    ['a name without addresses', NO_DATA, NO_DATA, 'no-address'],
    ['failing servers', { code: 'ESERVFAIL' }, { code: 'ESERVFAIL' }, 'dns-failure'],
    ['servers that refuse', { code: 'EREFUSED' }, NO_DATA, 'dns-failure'],
    ['silence', { code: 'ETIMEOUT' }, { code: 'ETIMEOUT' }, 'dns-timeout'],
    ['too many', Array.from({ length: 17 }, (_, i) => `8.8.8.${i}`), NO_DATA, 'too-many-addresses'],
  ])('%s', async (_what, a, aaaa, expected) => expect(await pinned(a, aaaa)).toBe(expected));

  test('the refusal names the name and the offending address', async () => {
    const result = await pin(target('example.com'), lookup(['10.0.0.5'], NO_DATA), policy, calm);
    expect(result).toMatchObject({
      refusal: { message: expect.stringMatching(/example\.com resolves to 10\.0\.0\.5/) },
    });
  });

  test('an address asks nobody', async () => {
    const nobody = lookup({ code: 'asked' }, { code: 'asked' });
    expect(await pin(target('8.8.8.8'), nobody, policy, calm)).toEqual({ ok: true, address: '8.8.8.8', others: [] });
  });
});
