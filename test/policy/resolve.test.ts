import { Resolver } from 'node:dns/promises';
import { getEventListeners, once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEnvironment } from '../../src/engine/environment.ts';
import { say } from '../../src/engine/phrase.ts';
import { scan } from '../../src/engine/scan.ts';
import type { AllowlistEntry } from '../../src/policy/entry.ts';
import { judgeAddress, judgeName, type OperatorPolicy } from '../../src/policy/judge.ts';
import { parseCidr, parsePattern } from '../../src/policy/pattern.ts';
import type { Refusal } from '../../src/policy/refusal.ts';
import { type AddressLookup, createLookup, dnsErrorCode, resolveAndPin } from '../../src/policy/resolve.ts';
import { createServerResolver } from '../../src/policy/serverResolver.ts';
import { parseTarget } from '../../src/policy/target.ts';
import { type DnsServer, type Records, startDnsServer } from './dnsServer.ts';

const calm = new AbortController().signal;
const PUBLIC: OperatorPolicy = { privateRanges: [], blocklist: [] };
const TIMEOUT_MS = 100;
const anything = () => undefined;

function parsed<T>(result: { ok: true; value: T } | { ok: false; problem: { message: { text: string } } }): T {
  if (!result.ok) throw new Error(result.problem.message.text);
  return result.value;
}
const target = (text: string) => parsed(parseTarget(text));

let dns: DnsServer;
beforeAll(async () => {
  dns = await startDnsServer({});
});
beforeEach(() => {
  dns.zone.clear();
  dns.questions.length = 0;
});
afterAll(() => dns.close());

const judgeBy = (operator: OperatorPolicy) =>
  [
    (address: string) => judgeAddress(address, operator),
    (name: string) => judgeName({ canonical: name, display: name }, operator),
  ] as const;

const resolve = (host: string, operator = PUBLIC, server = dns) =>
  resolveAndPin(target(host), createLookup([server.address], TIMEOUT_MS), ...judgeBy(operator), calm);

/** The outcome in a word or two. */
async function outcome(host: string, operator = PUBLIC, server = dns): Promise<string> {
  const result = await resolve(host, operator, server);
  if (result.ok) return [result.address, ...result.others].join();
  return result.reason === 'refused' ? `refused ${result.refusal.code}` : result.code;
}

describe('a name is resolved once and every address is judged', () => {
  test.each<[string, Records | undefined, string]>([
    ['IPv4 first, the others are told', { AAAA: ['2606:4700::1111'], A: ['8.8.8.8'] }, '8.8.8.8,2606:4700::1111'],
    ['IPv6 alone', { AAAA: ['2606:4700::1111'] }, '2606:4700::1111'],
    ['the same address twice', { A: ['8.8.8.8', '8.8.8.8'] }, '8.8.8.8'],
    ['a private address among public ones', { A: ['8.8.8.8', '10.0.0.5'] }, 'refused private-address'],
    ['loopback', { A: ['127.0.0.1'] }, 'refused private-address'],
    ['a loopback AAAA', { A: ['8.8.8.8'], AAAA: ['::1'] }, 'refused private-address'],
    ['a unique local AAAA', { A: ['8.8.8.8'], AAAA: ['fd00::1'] }, 'refused private-address'],
    ['a NAT64 AAAA', { A: ['8.8.8.8'], AAAA: ['64:ff9b::a00:1'] }, 'refused special-address'],
    ['an IPv4-mapped AAAA', { AAAA: ['::ffff:8.8.8.8'] }, 'refused special-address'],
    ['an IPv4-compatible AAAA', { AAAA: ['::7f00:1'] }, 'refused special-address'],
    ['a metadata address', { A: ['169.254.169.254'] }, 'refused special-address'],
    ['no such name', undefined, 'name-not-found'],
    ['a name without addresses', { TXT: [['x']] }, 'no-address'],
    ['failing servers', { fails: 'SERVFAIL' }, 'dns-failure'],
    ['servers that refuse', { fails: 'REFUSED' }, 'dns-failure'],
    ['silence', { fails: 'silent' }, 'dns-timeout'],
    ['A fails, AAAA has no data', { fails: { A: 'SERVFAIL' } }, 'dns-failure'],
    ['A has no data, AAAA is silent', { fails: { AAAA: 'silent' } }, 'dns-timeout'],
    ['A does not exist, AAAA fails', { fails: { A: 'NXDOMAIN', AAAA: 'SERVFAIL' } }, 'name-not-found'],
    ['A is silent, AAAA fails', { fails: { A: 'silent', AAAA: 'SERVFAIL' } }, 'dns-timeout'],
    ['the aliases cannot be learnt', { A: ['8.8.8.8'], fails: { CNAME: 'SERVFAIL' } }, 'dns-failure'],
    ['the question for aliases is not answered', { A: ['8.8.8.8'], fails: { CNAME: 'silent' } }, 'dns-timeout'],
    ['only the question for aliases finds no name', { A: ['8.8.8.8'], fails: { CNAME: 'NXDOMAIN' } }, '8.8.8.8'],
  ])('%s', async (_what, records, expected) => {
    if (records) dns.zone.set('www.example.com', records);
    expect(await outcome('www.example.com')).toBe(expected);
  });

  test('no such name, no data, failure and silence read differently', async () => {
    const kinds: Records[] = [{ fails: 'NXDOMAIN' }, {}, { fails: 'SERVFAIL' }, { fails: 'silent' }];
    const messages = new Set<string>();
    for (const records of kinds) {
      dns.zone.set('www.example.com', records);
      const result = await resolve('www.example.com');
      messages.add(!result.ok && result.reason === 'unresolved' ? result.message.text : '');
    }
    expect(messages.size).toBe(4);
    for (const message of messages) expect(message).toContain('www.example.com');
  });

  test('the refusal names the name, the address and the record', async () => {
    dns.zone.set('www.example.com', { A: ['8.8.8.8'], AAAA: ['fd00::5'] });
    const message = { text: expect.stringMatching(/www\.example\.com resolves to fd00::5 \(AAAA record\).*RFC 4193/) };
    expect(await resolve('www.example.com')).toMatchObject({ reason: 'refused', refusal: { message } });
  });

  test('one family without an answer: what was answered is pinned, what is missing is told', async () => {
    dns.zone.set('www.example.com', { A: ['8.8.8.8'], fails: { AAAA: 'SERVFAIL' } });
    expect(await resolve('www.example.com')).toEqual({
      ok: true,
      address: '8.8.8.8',
      others: [],
      omitted: 0,
      aliases: [],
      unanswered: ['AAAA'],
    });
  });

  test('a family without data is not missing, and an address has all there is', async () => {
    dns.zone.set('www.example.com', { A: ['8.8.8.8'] });
    const alone = { ok: true, address: '8.8.8.8', others: [], omitted: 0, aliases: [], unanswered: [] };
    expect(await resolve('www.example.com')).toEqual(alone);
    expect(await resolve('8.8.8.8')).toEqual(alone);
  });

  test('an empty list of aliases is no alias', async () => {
    dns.zone.set('www.example.com', { A: ['8.8.8.8'] });
    const real = createLookup([dns.address], TIMEOUT_MS);
    const lookup: AddressLookup = {
      resolve4: (name) => real.resolve4(name),
      resolve6: (name) => real.resolve6(name),
      resolveTxt: (name) => real.resolveTxt(name),
      resolveCname: async () => [],
    };
    const result = await resolveAndPin(target('www.example.com'), lookup, anything, anything, calm);
    expect(result).toMatchObject({ ok: true, aliases: [] });
  });

  test("without servers of its own, the system's are asked", () => {
    expect((createLookup([]) as Resolver).getServers()).toEqual(new Resolver().getServers());
  });

  test('a time limit of ours is a time-out', () => {
    expect(dnsErrorCode(new DOMException('', 'TimeoutError'))).toBe('ETIMEOUT');
    expect(dnsErrorCode({ code: 'ENODATA' })).toBe('ENODATA');
  });

  test("the server's own rules judge too", async () => {
    dns.zone.set('www.example.com', { A: ['8.8.8.8', '8.8.4.4'] });
    const denied: Refusal = { code: 'not-allowed', message: say`Denied here.`, remedy: say`Ask.` };
    const lookup = createLookup([dns.address], TIMEOUT_MS);
    const judge = (address: string) => (address === '8.8.4.4' ? denied : undefined);
    const result = await resolveAndPin(target('www.example.com'), lookup, judge, () => undefined, calm);
    expect(result).toMatchObject({ refusal: { message: { text: expect.stringMatching(/8\.8\.4\.4.*Denied here/) } } });
    const nameJudge = (name: string) => (name === 'www.example.com' ? denied : undefined);
    const byName = await resolveAndPin(target('www.example.com'), lookup, () => undefined, nameJudge, calm);
    expect(byName).toMatchObject({ reason: 'refused', refusal: denied });
  });

  test('500 addresses come by TCP, are all judged, and 16 are kept', async () => {
    const many = Array.from({ length: 500 }, (_, i) => `8.8.${i >> 8}.${i & 255}`);
    dns.zone.set('many.example.com', { A: many });
    const result = await resolve('many.example.com');
    expect(result).toMatchObject({ ok: true, address: '8.8.0.0', omitted: 484 });
    expect(result.ok && result.others).toEqual(many.slice(1, 16));
    expect(dns.tcpQuestions()).toBeGreaterThan(0);
    dns.zone.set('many.example.com', { A: [...many, '10.0.0.1'] });
    expect(await outcome('many.example.com')).toBe('refused private-address');
    const more = many.map((address) => address.replace('8.8', '9.9'));
    dns.zone.set('many.example.com', { A: [...many, ...more.slice(0, 12)] });
    expect(await resolve('many.example.com')).toMatchObject({ ok: true, omitted: 496 });
    dns.zone.set('many.example.com', { A: [...many, ...more.slice(0, 13)] });
    expect(await outcome('many.example.com')).toBe('too-many-addresses');
  });

  test('an address asks nobody', async () => {
    expect(await outcome('8.8.8.8')).toBe('8.8.8.8');
    expect(await outcome('10.0.0.1')).toBe('refused private-address');
    expect(dns.questions).toEqual([]);
  });

  test('the hosts file and search domains are not used', async () => {
    process.env.LOCALDOMAIN = 'corp.example';
    try {
      const lookup = createLookup([dns.address], TIMEOUT_MS);
      dns.zone.set('localhost', { A: ['8.8.8.8'] });
      expect(await lookup.resolve4('localhost')).toEqual(['8.8.8.8']);
      dns.zone.set('www.example.com.corp.example', { A: ['8.8.8.8'] });
      await expect(lookup.resolve4('www.example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
      await expect(lookup.resolve4('db')).rejects.toMatchObject({ code: 'ENOTFOUND' });
      expect(dns.questions).toEqual(['A localhost', 'A www.example.com', 'A db']);
    } finally {
      delete process.env.LOCALDOMAIN;
    }
  });

  test('an aborted wait ends at once, with the reason', async () => {
    dns.zone.set('www.example.com', { fails: 'silent' });
    const controller = new AbortController();
    const pinning = resolveAndPin(
      target('www.example.com'),
      createLookup([dns.address], 5_000),
      anything,
      anything,
      controller.signal,
    );
    setTimeout(() => controller.abort('shutdown'), 20);
    await expect(pinning).rejects.toBe('shutdown');
    await expect(
      resolveAndPin(target('8.8.8.8'), createLookup([]), anything, anything, controller.signal),
    ).rejects.toBe('shutdown');
    dns.zone.set('www.example.com', { A: ['8.8.8.8'] });
    const lookup = createLookup([dns.address], TIMEOUT_MS);
    await expect(resolveAndPin(target('www.example.com'), lookup, anything, anything, controller.signal)).rejects.toBe(
      'shutdown',
    );
  });

  test('nothing of it stays with a signal that lives on', async () => {
    dns.zone.set('www.example.com', { A: ['8.8.8.8'] });
    const { signal } = new AbortController();
    const lookup = createLookup([dns.address], TIMEOUT_MS);
    await resolveAndPin(target('www.example.com'), lookup, anything, anything, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('aliases', () => {
  const chain = (length: number, end: string) => {
    for (let i = 0; i < length; i++) {
      dns.zone.set(i === 0 ? 'www.example.com' : `hop${i}.example.net`, {
        CNAME: i === length - 1 ? end : `hop${i + 1}.example.net`,
      });
    }
  };

  test.each([
    'localhost',
    'db.internal',
    'metadata.google.internal',
    'printer.local',
    'x.svc',
    'router.home.arpa',
    'db_.internal',
    'db',
  ])('of %s: refused, whatever the addresses', async (end) => {
    chain(2, end);
    dns.zone.set(end, { A: ['8.8.8.8'] });
    expect(await outcome('www.example.com')).toBe('refused special-address');
    const message = { text: expect.stringContaining(`www.example.com is an alias (CNAME) of ${end}.`) };
    expect(await resolve('www.example.com')).toMatchObject({ refusal: { message } });
  });

  test('of a name on the blocklist', async () => {
    const operator = { privateRanges: [], blocklist: [parsed(parsePattern('*.bank.example'))] };
    chain(3, 'www.bank.example');
    dns.zone.set('www.bank.example', { A: ['8.8.8.8'] });
    expect(await outcome('www.example.com')).toBe('8.8.8.8');
    expect(await outcome('www.example.com', operator)).toBe('refused blocklisted');
    chain(3, 'WWW.Bank.Example');
    expect(await outcome('www.example.com', operator)).toBe('refused blocklisted');
  });

  test('of a name that is inside by its address', async () => {
    chain(1, 'inside.example.net');
    dns.zone.set('inside.example.net', { A: ['192.168.0.7'] });
    expect(await outcome('www.example.com')).toBe('refused private-address');
  });

  test.each([
    [8, '8.8.8.8'],
    [9, 'alias-chain'],
    [20, 'alias-chain'],
  ])('%i in a row: %s', async (length, expected) => {
    chain(length, 'end.example.net');
    dns.zone.set('end.example.net', { A: ['8.8.8.8'] });
    expect(await outcome('www.example.com')).toBe(expected);
  });

  test.each([1, 3])('a circle of %i', async (length) => {
    chain(length, 'www.example.com');
    expect(await outcome('www.example.com')).toBe('alias-chain');
    expect(dns.questions.filter((question) => question.startsWith('CNAME '))).toHaveLength(length);
  });

  test('a circle beside the name', async () => {
    chain(2, 'hop1.example.net');
    expect(await outcome('www.example.com')).toBe('alias-chain');
    expect(dns.questions.filter((question) => question.startsWith('CNAME '))).toHaveLength(2);
  });

  test('whose addresses came along are not asked for again', async () => {
    chain(1, 'end.example.net');
    dns.zone.set('end.example.net', { A: ['8.8.8.8'] });
    expect(await outcome('www.example.com')).toBe('8.8.8.8');
    expect(dns.questions.sort()).toEqual([
      'A www.example.com',
      'AAAA www.example.com',
      'CNAME end.example.net',
      'CNAME www.example.com',
    ]);
  });

  test('names that are no host names of ours are fine on the way', async () => {
    dns.zone.set('www.example.com', { CNAME: 'r3---sn_x.github.io' });
    dns.zone.set('r3---sn_x.github.io', { CNAME: 'github.io' });
    dns.zone.set('github.io', { A: ['8.8.8.8'] });
    expect(await resolve('www.example.com')).toMatchObject({
      ok: true,
      aliases: ['r3---sn_x.github.io', 'github.io'],
    });
  });

  test('that lead nowhere', async () => {
    chain(2, 'gone.example.net');
    expect(await outcome('www.example.com')).toBe('name-not-found');
  });

  test('told by a server that is no recursive resolver', async () => {
    const plain = await startDnsServer(Object.fromEntries([['end.example.net', { A: ['10.0.0.1'] }]]), {
      recursive: false,
    });
    plain.zone.set('www.example.com', { CNAME: 'end.example.net' });
    expect(await outcome('www.example.com', PUBLIC, plain)).toBe('refused private-address');
    plain.zone.set('end.example.net', { A: ['8.8.8.8'] });
    expect(await outcome('www.example.com', PUBLIC, plain)).toBe('8.8.8.8');
    await plain.close();
  });

  test('a name that is none is asked for once, all three questions together', async () => {
    dns.zone.set('www.example.com', { A: ['8.8.8.8'] });
    await resolve('www.example.com');
    expect(dns.questions.sort()).toEqual(['A www.example.com', 'AAAA www.example.com', 'CNAME www.example.com']);
  });
});

describe('for a server', () => {
  const NOW = Date.parse('2027-01-01T00:00:00Z');
  const entry = (pattern: string, more: Partial<AllowlistEntry> = {}): AllowlistEntry => ({
    pattern,
    addedBy: '1',
    addedAt: '2026-01-01T00:00:00.000Z',
    ...more,
  });
  const deny = (pattern: string, more: Partial<AllowlistEntry> = {}) => entry(pattern, { effect: 'deny', ...more });
  const blocking = (text: string): OperatorPolicy => ({ privateRanges: [], blocklist: [parsed(parsePattern(text))] });
  const refused = (code: string, message: RegExp) => ({
    ok: false,
    reason: 'refused',
    refusal: { code, message: { text: expect.stringMatching(message) } },
  });

  test.each<[string, string, AllowlistEntry, OperatorPolicy, object]>([
    ['a denied address', '8.8.8.8', deny('8.8.8.8'), PUBLIC, refused('denied', /^8\.8\.8\.8 is barred/)],
    ['a name with a denied address', 'www.example.com', deny('8.8.4.0/24'), PUBLIC, refused('denied', /8\.8\.4\.4/)],
    ['a denied name', 'www.example.com', deny('www.example.com'), PUBLIC, refused('denied', /^www\.example\.com is/)],
    [
      'an alias of a denied name',
      'www.example.com',
      deny('*.test.net'),
      PUBLIC,
      refused('denied', /alias.*end\.test\.net/),
    ],
    [
      'a blocked alias',
      'www.example.com',
      entry('x.org'),
      blocking('test.net'),
      refused('blocklisted', /end\.test\.net/),
    ],
    ['a blocked name', 'www.example.com', entry('x.org'), blocking('example.com'), refused('blocklisted', /^www/)],
    ['a blocked address', 'www.example.com', entry('x.org'), blocking('8.8.4.4'), refused('blocklisted', /8\.8\.4\.4/)],
    ['what is denied on some ports', 'www.example.com', deny('8.8.4.4', { ports: '22' }), PUBLIC, { ok: true }],
    [
      'what was denied until now',
      'www.example.com',
      deny('8.8.4.4', { expiresAt: new Date(NOW).toISOString() }),
      PUBLIC,
      { ok: true },
    ],
    ['what is allowed', 'www.example.com', entry('www.example.com'), PUBLIC, { ok: true, aliases: ['end.test.net'] }],
    ['what is not on its list', '8.8.8.8', entry('x.org'), PUBLIC, { ok: true, address: '8.8.8.8' }],
  ])('%s', async (_what, host, only, operator, expected) => {
    dns.zone.set('www.example.com', { CNAME: 'end.test.net' });
    dns.zone.set('end.test.net', { A: ['8.8.8.8', '8.8.4.4'] });
    const resolver = createServerResolver({
      allowlists: { read: async (guildId) => (guildId === '1' ? [only] : [deny('8.8.8.8')]) },
      operator,
      lookup: createLookup([dns.address], TIMEOUT_MS),
      now: () => NOW,
    });
    expect(await resolver('1', target(host), calm)).toMatchObject(expected);
  });
});

describe('a server that changes its answer (DNS rebinding)', () => {
  const open: { close(): void }[] = [];
  afterEach(() => {
    for (const server of open.splice(0)) server.close();
  });
  const listen = async (host: string, port: number) => {
    const peers: string[] = [];
    const server = createServer((socket) => {
      peers.push(socket.localAddress ?? '');
      socket.on('error', () => {}).resume();
    });
    server.listen(port, host);
    await once(server, 'listening');
    open.push(server);
    return { port: (server.address() as AddressInfo).port, peers };
  };

  test('between check and connect: the connection goes to the checked address', async () => {
    const operator = { privateRanges: [parsed(parseCidr('127.0.0.0/8'))], blocklist: [] };
    const checked = await listen('127.0.0.1', 0);
    const rebound = await listen('127.0.0.2', checked.port);
    dns.zone.set('www.example.com', { A: ['127.0.0.1'] });
    const result = await resolve('www.example.com', operator);
    dns.zone.set('www.example.com', { A: ['127.0.0.2'] });
    if (!result.ok) throw new Error('not pinned');

    const environment = await createEnvironment({ transport: 'net' });
    const request = { addresses: [result.address], ports: [checked.port] };
    const [verdict] = await Array.fromAsync(scan(request, {}, environment));
    expect(verdict).toMatchObject({ address: '127.0.0.1', state: 'open' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(checked.peers).toEqual(['127.0.0.1']);
    expect(rebound.peers).toEqual([]);
    expect(await outcome('www.example.com', operator)).toBe('127.0.0.2');
  });

  test('between two runs: the second run is refused', async () => {
    dns.zone.set('www.example.com', { A: ['8.8.8.8'] });
    expect(await outcome('www.example.com')).toBe('8.8.8.8');
    dns.zone.set('www.example.com', { A: ['10.0.0.1'] });
    expect(await outcome('www.example.com')).toBe('refused private-address');
  });
});
