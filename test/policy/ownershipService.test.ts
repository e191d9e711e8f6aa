import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { judgeAddress, judgeName } from '../../src/policy/judge.ts';
import { type Provable, parseProvable } from '../../src/policy/ownership.ts';
import type { Way } from '../../src/policy/ownershipChallenge.ts';
import { createNeedsProof, createOwnershipCheck } from '../../src/policy/ownershipCheck.ts';
import { createOwnership, type OwnershipService } from '../../src/policy/ownershipService.ts';
import { createOwnershipVisits, type OwnershipVisits } from '../../src/policy/ownershipVisit.ts';
import { parseCidr, parsePattern } from '../../src/policy/pattern.ts';
import { createLookup, resolveAndPin } from '../../src/policy/resolve.ts';
import type { Target } from '../../src/policy/target.ts';
import { lookForRecord } from '../../src/policy/txtProof.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createOwnershipProofs, type OwnershipProofs } from '../../src/storage/ownershipProofs.ts';
import { OWN_HOST } from '../engine/loopback.ts';
import { type DnsServer, startDnsServer } from './dnsServer.ts';
import { startWebServers, type WebServers } from './fileServers.ts';

const GUILD = '111111111111111111';
const OTHER_GUILD = '222222222222222222';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.parse('2027-01-01T00:00:00Z');
const calm = new AbortController().signal;

function provable<T extends Provable = Provable>(text: string): T {
  const pattern = parsePattern(text);
  if (!pattern.ok) throw new Error(pattern.problem.message.text);
  const read = parseProvable(pattern.value);
  if (!read.ok) throw new Error(read.problem.message.text);
  return read.value as T;
}
const target = (text: string) => provable<Target>(text);

let dns: DnsServer;
let web: WebServers;
let nowMs: number;
let proofs: OwnershipProofs;
let ownership: OwnershipService;
let visits: OwnershipVisits;

beforeAll(async () => {
  dns = await startDnsServer({});
  web = await startWebServers(OWN_HOST);
});
beforeEach(async () => {
  dns.zone.clear();
  dns.questions.length = 0;
  web.requests.length = 0;
  web.answer = (_request, response) => response.writeHead(404).end();
  nowMs = START;
  proofs = createOwnershipProofs((await openDatabase('memory://')).store('ownership'));
  const now = () => nowMs;
  const lookup = createLookup([dns.address], 100);
  const loopback = parseCidr('127.0.0.0/8');
  const operator = { privateRanges: loopback.ok ? [loopback.value] : [], blocklist: [] };
  ownership = createOwnership({
    proofs,
    lookup,
    resolve: (_guildId, what, signal) =>
      resolveAndPin(
        what,
        lookup,
        (address) => judgeAddress(address, operator),
        (name) => judgeName({ canonical: name, display: name }, operator),
        signal,
      ),
    publicUrl: 'https://bot.example',
    now,
    fileProof: { httpPort: web.httpPort, httpsPort: web.httpsPort, timeoutMs: 2_000 },
  });
  visits = createOwnershipVisits(proofs, now);
});
afterAll(async () => {
  await dns.close();
  await web.close();
});

async function way<M extends Way['method']>(method: M, text: string, subject = text, guildId = GUILD) {
  const { ways } = await ownership.challenge(guildId, provable(text));
  const found = ways.find((each) => each.method === method && each.subject.canonical === subject);
  if (!found) throw new Error(`no ${method} for ${subject}`);
  return found as Extract<Way, { method: M }>;
}

/** Does what the challenge asks for, in DNS. */
async function publish(text: string, subject = text, guildId = GUILD) {
  const { recordName, recordValue } = await way('dns', text, subject, guildId);
  dns.zone.set(recordName, { TXT: [[recordValue]] });
  return { recordName, recordValue };
}
const serve = (host: string, content: string) => {
  web.answer = (request, response) => {
    const isThere = request.headers.host === host && request.url?.endsWith(content.slice(content.indexOf('=') + 1));
    response.writeHead(isThere ? 200 : 404).end(isThere ? content : '');
  };
};
const check = (text: string, guildId = GUILD) => ownership.check(guildId, provable(text), calm);
const still = (text: string, guildId = GUILD) => ownership.stillProven(guildId, target(text), calm);

describe('a TXT record', () => {
  test('proves its name and the names below it, and no other', async () => {
    await publish('example.com');
    expect(await check('example.com')).toMatchObject({ proven: true, method: 'dns' });
    for (const [text, proven] of [
      ['example.com', true],
      ['a.b.example.com', true],
      ['example.net', false],
      ['notexample.com', false],
      ['8.8.8.8', false],
    ] as const) {
      expect([text, (await still(text)).proven]).toEqual([text, proven]);
    }
  });

  test('of the domain or of the host: both are offered, and either will do', async () => {
    const { ways } = await ownership.challenge(GUILD, provable('www.example.com'));
    expect(ways.map((each) => `${each.method} ${each.subject.canonical}`)).toEqual([
      'dns example.com',
      'dns www.example.com',
      'file www.example.com',
    ]);
    await publish('www.example.com', 'www.example.com');
    expect(await check('www.example.com')).toMatchObject({ proven: true, subject: { canonical: 'www.example.com' } });
    expect((await still('mail.example.com')).proven).toBe(false);
    await publish('www.example.com', 'example.com');
    expect(await check('mail.example.com')).toMatchObject({ proven: true, subject: { canonical: 'example.com' } });
  });

  test('is found split into strings, among others, with blanks', async () => {
    const { recordName, recordValue } = await way('dns', 'example.com');
    const others = Array.from({ length: 63 }, (_, i) => [`v=other${i}`]);
    dns.zone.set(recordName, { TXT: [...others, [recordValue.slice(0, 9), recordValue.slice(9), ' ']] });
    expect((await check('example.com')).proven).toBe(true);
  });

  test('is not looked for without end', async () => {
    const { recordName, recordValue } = await way('dns', 'example.com');
    const long = [' '.repeat(255), ' '.repeat(255), recordValue];
    dns.zone.set(recordName, { TXT: [...Array.from({ length: 64 }, () => ['x']), [recordValue]] });
    expect((await check('example.com')).proven).toBe(false);
    dns.zone.set(recordName, { TXT: [long, [`${recordValue}x`], [recordValue.toUpperCase()], [`"${recordValue}"`]] });
    expect(await check('example.com')).toMatchObject({
      tried: [{ text: expect.stringContaining('4 TXT records') }, { text: expect.any(String) }],
    });
  });

  test('does not reach across a public suffix', async () => {
    const { ways } = await ownership.challenge(GUILD, provable('user.github.io'));
    expect(ways.map(({ subject }) => subject.canonical)).toEqual(['user.github.io', 'user.github.io']);
    for (const each of ways) {
      if (each.method === 'dns') dns.zone.set('_harbormaster.github.io', { TXT: [[each.recordValue]] });
    }
    expect((await check('user.github.io')).proven).toBe(false);
    expect(dns.questions).not.toContain('TXT _harbormaster.github.io');
  });

  test('an alias in its place is followed, so that another zone may hold it', async () => {
    const { recordName, recordValue } = await way('dns', '*.example.com', 'example.com');
    dns.zone.set(recordName, { CNAME: 'proofs.example.net' });
    dns.zone.set('proofs.example.net', { TXT: [[recordValue]] });
    expect((await check('*.example.com')).proven).toBe(true);
  });
});

describe('a look for a record', () => {
  const lookAt = (timeoutMs = 100, signal = calm) => {
    const place = { name: '_x.example.com', value: 'the-value', subject: 'example.com' };
    return lookForRecord(place, createLookup([dns.address], timeoutMs), signal);
  };
  test.each<[string, Parameters<DnsServer['zone']['set']>[1], 'present' | 'absent' | 'unknown', RegExp]>([
    ['the value', { TXT: [['the-value']] }, 'present', /has the verification record of example\.com/],
    ['512 characters', { TXT: [['the-value', ' '.repeat(250), ' '.repeat(253)]] }, 'present', /has the/],
    ['513 characters', { TXT: [['the-value', ' '.repeat(250), ' '.repeat(254)]] }, 'absent', /one TXT record in/],
    ['two others', { TXT: [['a'], ['b']] }, 'absent', /2 TXT records in the place for example\.com/],
    ['no record', {}, 'absent', /no verification record of example\.com/],
    ['failure', { fails: 'SERVFAIL' }, 'unknown', /failed to answer about .*example\.com/],
    ['silence', { fails: 'silent' }, 'unknown', /did not answer in time about .*example\.com/],
  ])('%s', async (_what, records, result, told) => {
    dns.zone.set('_x.example.com', records);
    expect(await lookAt()).toMatchObject({ result, told: { text: expect.stringMatching(told) } });
  });

  test('does not outlast an abort', async () => {
    dns.zone.set('_x.example.com', { fails: 'silent' });
    const controller = new AbortController();
    setTimeout(() => controller.abort('shutdown'), 20);
    const startedAt = performance.now();
    await expect(lookAt(1_500, controller.signal)).rejects.toBe('shutdown');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});

describe('a token proves nothing elsewhere', () => {
  test('not in another server', async () => {
    await ownership.challenge(OTHER_GUILD, provable('example.com'));
    const { recordValue } = await publish('example.com');
    expect((await check('example.com', OTHER_GUILD)).proven).toBe(false);
    expect((await check('example.com')).proven).toBe(true);
    expect((await still('example.com', OTHER_GUILD)).proven).toBe(false);
    expect((await way('dns', 'example.com', 'example.com', OTHER_GUILD)).recordValue).not.toBe(recordValue);
  });

  test('not for another name', async () => {
    const { recordValue } = await way('dns', 'example.com');
    await ownership.challenge(GUILD, provable('example.net'));
    dns.zone.set('_harbormaster.example.net', { TXT: [[recordValue]] });
    expect((await check('example.net')).proven).toBe(false);
    expect((await check('example.com')).proven).toBe(false);
  });

  test('not in another place of the same name', async () => {
    const domain = await way('dns', 'www.example.com', 'example.com');
    dns.zone.set('_harbormaster.www.example.com', { TXT: [[domain.recordValue]] });
    dns.zone.set('example.com', { TXT: [[domain.recordValue]] });
    expect((await check('www.example.com')).proven).toBe(false);
  });

  test('not as a file of another server', async () => {
    dns.zone.set('www.example.com', { A: [OWN_HOST] });
    const theirs = await way('file', 'www.example.com', 'www.example.com', OTHER_GUILD);
    await ownership.challenge(GUILD, provable('www.example.com'));
    web.answer = (_request, response) => response.writeHead(200).end(theirs.content);
    expect((await check('www.example.com')).proven).toBe(false);
  });
});

describe('a file', () => {
  test('proves the host that serves it, not the names below', async () => {
    dns.zone.set('example.com', { A: [OWN_HOST] });
    const { content } = await way('file', 'example.com');
    serve('example.com', content);
    expect(await check('example.com')).toMatchObject({ proven: true, method: 'https' });
    expect((await still('www.example.com')).proven).toBe(false);
    expect((await check('*.example.com')).proven).toBe(false);
  });

  test('at an address', async () => {
    const { content } = await way('file', OWN_HOST);
    serve(OWN_HOST, content);
    expect(await check(OWN_HOST)).toMatchObject({ proven: true, subject: { kind: 'address' } });
  });

  test('is not fetched from an address that must not be scanned', async () => {
    dns.zone.set('example.com', { A: [OWN_HOST, '10.0.0.1'] });
    const { content } = await way('file', 'example.com');
    serve('example.com', content);
    const text = expect.stringMatching(/could not be fetched.*10\.0\.0\.1/);
    const tried = expect.arrayContaining([expect.objectContaining({ text })]);
    expect(await check('example.com')).toMatchObject({ proven: false, tried });
    expect(web.requests).toEqual([]);
  });
});

describe('time', () => {
  test('a challenge ends after 7 days', async () => {
    await publish('example.com');
    nowMs += 7 * DAY_MS;
    const message = { text: expect.stringContaining('expired') };
    expect(await check('example.com')).toMatchObject({ proven: false, message, tried: [] });
    expect(dns.questions).toEqual([]);
  });

  test('a proof is looked at again after 24 hours, and ends after 90 days', async () => {
    await publish('example.com');
    await check('example.com');
    dns.questions.length = 0;
    nowMs += DAY_MS - 1;
    expect((await still('www.example.com')).proven).toBe(true);
    expect(dns.questions).toEqual([]);
    nowMs += 1;
    expect((await still('www.example.com')).proven).toBe(true);
    expect(dns.questions).toEqual(['TXT _harbormaster.example.com']);
    expect((await still('www.example.com')).proven).toBe(true);
    expect(dns.questions).toHaveLength(1);
    nowMs = START + 90 * DAY_MS;
    expect((await still('www.example.com')).proven).toBe(false);
  });

  test('what is published already renews the proof', async () => {
    const { recordValue } = await publish('example.com');
    await check('example.com');
    nowMs += 60 * DAY_MS;
    expect((await way('dns', 'example.com')).recordValue).toBe(recordValue);
    expect(await check('example.com')).toMatchObject({
      proof: { expiresAt: new Date(START + 150 * DAY_MS).toISOString() },
    });
  });

  test.each<[string, () => void]>([
    ['the name is gone', () => dns.zone.clear()],
    ['the records are gone', () => dns.zone.set('_harbormaster.example.com', {})],
    ['another value is there', () => dns.zone.set('_harbormaster.example.com', { TXT: [['x']] })],
  ])('%s: withdrawn for good', async (_what, change) => {
    const { recordValue } = await publish('example.com');
    await check('example.com');
    nowMs += DAY_MS;
    change();
    const message = { text: expect.stringContaining('is gone') };
    expect(await still('example.com')).toMatchObject({ proven: false, refusal: { code: 'unverified', message } });
    dns.zone.set('_harbormaster.example.com', { TXT: [[recordValue]] });
    expect((await still('example.com')).proven).toBe(false);
    expect((await check('example.com')).proven).toBe(false);
  });

  test.each(['SERVFAIL', 'REFUSED', 'silent'] as const)('%s: the proof holds until it ends', async (fails) => {
    await publish('example.com');
    await check('example.com');
    dns.zone.set('_harbormaster.example.com', { fails });
    nowMs += 90 * DAY_MS - 1;
    expect((await still('example.com')).proven).toBe(true);
    nowMs += 1;
    expect((await still('example.com')).proven).toBe(false);
  });

  test('a file that is gone withdraws; a server that is down does not', async () => {
    dns.zone.set('example.com', { A: [OWN_HOST] });
    const { content } = await way('file', 'example.com');
    serve('example.com', content);
    await check('example.com');
    nowMs += DAY_MS;
    web.answer = (_request, response) => response.writeHead(502).end();
    expect((await still('example.com')).proven).toBe(true);
    dns.zone.set('example.com', { fails: 'SERVFAIL' });
    expect((await still('example.com')).proven).toBe(true);
    dns.zone.set('example.com', { A: [OWN_HOST] });
    web.answer = (_request, response) => response.writeHead(404).end();
    expect((await still('example.com')).proven).toBe(false);
  });
});

describe('a visit', () => {
  const codeOf = ({ url }: { url: string }) => url.replace('https://bot.example/verify/', '');

  test('proves its address once', async () => {
    const code = codeOf(await way('link', '8.8.8.8'));
    expect(await visits.find(code)).toEqual({ guildId: GUILD, address: '8.8.8.8' });
    expect(await visits.prove(code, '8.8.4.4')).toEqual({ outcome: 'other-address', address: '8.8.8.8' });
    expect((await still('8.8.8.8')).proven).toBe(false);
    const both = await Promise.all([visits.prove(code, '8.8.8.8'), visits.prove(code, '8.8.8.8')]);
    expect(both.map(({ outcome }) => outcome)).toEqual(['proven', 'no-link']);
    expect(await still('8.8.8.8')).toMatchObject({ proven: true, method: 'link' });
    expect((await still('8.8.4.4')).proven).toBe(false);
    expect((await still('8.8.8.8', OTHER_GUILD)).proven).toBe(false);
    expect(await visits.find(code)).toBeUndefined();
    nowMs += 30 * DAY_MS;
    expect((await still('8.8.8.8')).proven).toBe(false);
  });

  test('is found by a check', async () => {
    await visits.prove(codeOf(await way('link', OWN_HOST)), OWN_HOST);
    expect(await check(OWN_HOST)).toMatchObject({ proven: true, method: 'link' });
  });

  test('by an old or made-up link proves nothing', async () => {
    const code = codeOf(await way('link', '8.8.8.8'));
    const made = code.slice(0, -4) + (code.endsWith('AAAA') ? 'AAAE' : 'AAAA');
    expect((await visits.prove(made, '8.8.8.8')).outcome).toBe('no-link');
    nowMs += 7 * DAY_MS;
    expect((await visits.prove(code, '8.8.8.8')).outcome).toBe('no-link');
  });
});

describe('the service', () => {
  test('looks at the claim that proved the target, and withdraws no other', async () => {
    for (const text of ['example.com', 'example.net', 'example.org']) {
      await publish(text);
      await check(text);
    }
    nowMs += DAY_MS;
    dns.zone.delete('_harbormaster.example.net');
    const message = { text: expect.stringMatching(/is gone\. DNS has no verification record of example\.net\./) };
    expect(await still('example.net')).toMatchObject({ proven: false, refusal: { message } });
    for (const text of ['example.com', 'example.org']) expect(await still(text)).toMatchObject({ proven: true });
  });

  test('offers a way for a domain itself', async () => {
    const ways = [{ method: 'dns' }, { method: 'file' }];
    expect(await still('example.com')).toMatchObject({ proven: false, refusal: { challenge: { ways } } });
  });

  test('refuses with the exact record, the same one each time, and one claim for a whole domain', async () => {
    const first = await still('www.example.com');
    const second = await still('mail.example.com');
    if (first.proven || second.proven) throw new Error('proven');
    expect(first.refusal).toMatchObject({ code: 'unverified', command: '/targets verify target:www.example.com' });
    expect(first.refusal.challenge.ways).toEqual([
      {
        method: 'dns',
        subject: { kind: 'name', canonical: 'example.com' },
        recordName: '_harbormaster.example.com',
        recordValue: expect.stringMatching(/^harbormaster-verification=[\w-]{32}$/),
      },
    ]);
    expect(second.refusal.challenge.ways).toEqual(first.refusal.challenge.ways);
    expect(await proofs.read(GUILD)).toHaveLength(1);
  });

  test('knows where a target stands', async () => {
    const status = (text: string) => ownership.status(GUILD, provable(text), nowMs);
    expect(await status('www.example.com')).toEqual({ state: 'none' });
    await publish('www.example.com', 'example.com');
    expect(await status('www.example.com')).toMatchObject({ state: 'pending' });
    await check('www.example.com');
    expect(await status('www.example.com')).toMatchObject({ state: 'proven', subject: { canonical: 'example.com' } });
    nowMs += 90 * DAY_MS;
    expect(await status('www.example.com')).toEqual({ state: 'none' });
  });

  test('checks at most ten times a minute for a server', async () => {
    const answered = { message: { text: expect.stringContaining('Nothing was started') } };
    for (let i = 0; i < 10; i++) expect(await check('example.com')).toMatchObject(answered);
    expect(await check('example.com')).toMatchObject({ message: { text: expect.stringContaining('Wait a minute') } });
    expect(await check('example.com', OTHER_GUILD)).toMatchObject(answered);
    nowMs += 60_000;
    expect(await check('example.com')).toMatchObject(answered);
  });

  test('ends at once when it is aborted, with the reason', async () => {
    const { recordName } = await publish('example.com');
    await check('example.com');
    dns.zone.set(recordName, { fails: 'silent' });
    nowMs += DAY_MS;
    const controller = new AbortController();
    setTimeout(() => controller.abort('shutdown'), 20);
    const both = [
      ownership.stillProven(GUILD, target('example.com'), controller.signal),
      ownership.check(GUILD, provable('example.com'), controller.signal),
    ];
    expect(await Promise.allSettled(both)).toEqual([
      { status: 'rejected', reason: 'shutdown' },
      { status: 'rejected', reason: 'shutdown' },
    ]);
    expect(await still('example.com')).toMatchObject({ proven: true });
  });

  test('a store that fails proves nothing', async () => {
    const database = await openDatabase('memory://');
    const broken = createOwnershipProofs(database.store('ownership'));
    await database.close();
    const lookup = createLookup([dns.address], 100);
    const resolve = () => Promise.reject(new Error('unused'));
    const service = createOwnership({ proofs: broken, lookup, resolve, publicUrl: undefined, now: () => nowMs });
    await expect(service.stillProven(GUILD, target('example.com'), calm)).rejects.toThrow();
    await expect(service.check(GUILD, target('example.com'), calm)).rejects.toThrow();
  });
});

describe('who needs a proof', () => {
  const PRIVATE = '10.0.0.1';
  const checkAs = (verification: 'off' | 'required', text: string, addresses: string[]) =>
    createOwnershipCheck(verification, ownership)(GUILD, target(text), addresses, calm);

  test.each<['off' | 'required', string, string[], 'unverified' | undefined]>([
    ['required', 'example.com', ['8.8.8.8'], 'unverified'],
    ['required', 'example.com', [PRIVATE], undefined],
    ['required', 'example.com', [PRIVATE, '127.0.0.1'], undefined],
    ['required', 'example.com', [PRIVATE, '8.8.8.8'], 'unverified'],
    ['required', 'example.com', ['8.8.8.8', PRIVATE], 'unverified'],
    ['required', 'example.com', ['169.254.169.254'], 'unverified'],
    ['required', 'example.com', [], 'unverified'],
    ['required', '8.8.8.8', ['8.8.8.8'], 'unverified'],
    ['off', 'example.com', ['8.8.8.8'], undefined],
    ['off', 'example.com', [], undefined],
  ])('%s: to scan %s at %j', async (verification, text, addresses, code) => {
    expect((await checkAs(verification, text, addresses))?.code).toBe(code);
  });

  test('nobody any more who has proven the target', async () => {
    await publish('example.com');
    expect((await checkAs('required', 'example.com', ['8.8.8.8']))?.code).toBe('unverified');
    await check('example.com');
    expect(await checkAs('required', 'www.example.com', ['8.8.8.8'])).toBeUndefined();
    expect((await checkAs('required', 'example.net', ['8.8.8.8']))?.code).toBe('unverified');
  });

  test.each<['off' | 'required', string, boolean]>([
    ['required', 'proven.example.com', false],
    ['required', '*.proven.example.com', false],
    ['required', 'pending.example.com', true],
    ['required', 'new.example.com', true],
    ['required', '8.8.8.8', true],
    ['required', PRIVATE, false],
    ['required', '8.8.8.0/24', true],
    ['required', '10.0.0.0/24', false],
    ['off', 'new.example.com', false],
    ['off', '8.8.8.0/24', false],
  ])('%s: an entry for %s: %s', async (verification, text, expected) => {
    await publish('proven.example.com');
    await check('proven.example.com');
    await ownership.challenge(GUILD, provable('pending.example.com'));
    const pattern = parsePattern(text);
    if (!pattern.ok) throw new Error(pattern.problem.message.text);
    expect(await createNeedsProof(verification, ownership, () => nowMs)(GUILD, pattern.value)).toBe(expected);
    nowMs += 90 * DAY_MS;
    if (text === 'proven.example.com') {
      expect(await createNeedsProof(verification, ownership, () => nowMs)(GUILD, pattern.value)).toBe(true);
    }
  });
});
