import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/advice/catalogue/index.ts';
import { generalAdvice } from '../../src/advice/general.ts';
import { describePort, findPorts, guideOf, resolvePort } from '../../src/advice/lookup.ts';
import { say } from '../../src/engine/phrase.ts';
import { expectInstruction, expectPlainText } from './text.ts';

const anyPort = fc.integer({ min: 1, max: 65_535 });
const hostileWords = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '\u0000',
  '🚢',
  '%',
  '(',
  '\\',
];
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc.constantFrom(...hostileWords),
  fc.stringMatching(/^[0-9]{1,8}$/),
);

describe('describePort', () => {
  test.each([
    [22, 'SSH / SFTP', 'ssh'],
    [3000, 'Grafana / development server', 'remoteware-cl'],
    [514, 'rsh / syslog', 'shell'],
    [15672, 'RabbitMQ management', undefined],
    [32100, 'Kubernetes NodePort range', undefined],
    [6001, 'X11 display', undefined],
  ])('%i is %s', (port, service, ianaName) => {
    const description = describePort(port);
    expect(description.service.text).toBe(service);
    expect(description.guide?.ports).toContain(port);
    if (ianaName !== undefined) expect(description.iana?.name).toBe(ianaName);
  });

  test('falls back to the IANA name, TCP before UDP', () => {
    expect(describePort(5222)).toEqual({
      port: 5222,
      service: say`${'xmpp-client'}`,
      guide: undefined,
      iana: { name: 'xmpp-client', description: 'XMPP Client Connection' },
    });
    expect(describePort(716)).toMatchObject({ guide: undefined, iana: { name: 'pana' } });
  });

  test('says so when nobody has registered the port', () => {
    expect(describePort(65_535)).toEqual({
      port: 65_535,
      service: say`no registered service`,
      guide: undefined,
      iana: undefined,
    });
    // Reserved numbers have an empty name in the registry.
    expect(describePort(1024).iana).toBeUndefined();
  });

  test.each([0, -1, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (port) => {
    expect(() => describePort(port)).toThrow(RangeError);
    expect(() => generalAdvice(port)).toThrow(RangeError);
    expect(guideOf(port)).toBeUndefined();
  });

  test('fits for every port', () => {
    fc.assert(
      fc.property(anyPort, (port) => {
        const { service, guide } = describePort(port);
        expect(service.text.length).toBeGreaterThan(0);
        expect(service.text.length).toBeLessThanOrEqual(60);
        if (guide !== undefined) expect(guide.ports).toContain(port);
      }),
    );
  });
});

describe('generalAdvice', () => {
  test.each([
    [1, 'well-known'],
    [1023, 'well-known'],
    [1024, 'registered'],
    [49_151, 'registered'],
    [49_152, 'dynamic'],
    [65_535, 'dynamic'],
  ] as const)('%i is in the %s range', (port, range) => {
    const advice = generalAdvice(port);
    expect(advice.range).toBe(range);
    expectPlainText(advice.rangeText, 160);
    for (const question of advice.questions) expectPlainText(question, 120);
    for (const action of advice.actions) expectInstruction(action, 160);
    for (const command of Object.values(advice.commands)) expect(command).toMatch(new RegExp(`[: ]${port}\\b`));
  });
});

describe('resolvePort', () => {
  test.each([
    ['22', 22],
    [' 443 ', 443],
    ['65535', 65_535],
    ['ssh', 22],
    ['SSH', 22],
    ['Postgres', 5432],
    ['rdp', 3389],
    ['ldaps', 636],
    ['imaps', 993],
    ['pop3s', 995],
    ['rlogin', 513],
    ['syslog', 514],
    ['http-alt', 8080],
    ['mongodb', 27_017],
    ['remote desktop', 3389],
    ['wireguard', 51_820],
    // IANA names outside the catalogue, or for the second port of a guide.
    ['ftp-data', 20],
    ['sips', 5061],
    ['xmpp-client', 5222],
    ['bolt', 7687],
  ])('%j means %i', (text, port) => {
    expect(resolvePort(text)).toBe(port);
  });

  test.each(
    ['', ' ', '0', '65536', '99999999999', '-22', '+22', '022', '22.0', '1e3', '0x16', '２２', '22,80', '22-80'].concat(
      hostileWords,
    ),
  )('%j means no port', (text) => {
    expect(resolvePort(text)).toBeUndefined();
  });

  test('finds every service name and alias', () => {
    for (const guide of CATALOGUE) {
      for (const word of [guide.service, ...guide.aliases]) expect(resolvePort(word), word).toBe(guide.ports[0]);
    }
  });

  test('gives a port or nothing for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const port = resolvePort(text);
        if (port !== undefined) expect(Number.isInteger(port) && port >= 1 && port <= 65_535).toBe(true);
      }),
    );
  });

  test('reads back every number', () => {
    fc.assert(fc.property(anyPort, (port) => resolvePort(String(port)) === port));
  });
});

describe('findPorts', () => {
  const portsFor = (text: string, limit = 25): number[] => findPorts(text, limit).map(({ port }) => port);

  test('offers everyday ports before anything is typed', () => {
    expect(portsFor('', 3)).toEqual([22, 80, 443]);
  });

  test('puts the exact number first, then the catalogue, then the registry', () => {
    const ports = portsFor('22');
    expect(ports[0]).toBe(22);
    expect(ports[1]).toBe(2222);
    expect(ports).toContain(220);
    expect(ports.every((port) => String(port).startsWith('22'))).toBe(true);
  });

  test('does not let a wide range crowd out the rest, but knows each port of it', () => {
    const ports = portsFor('30', 8);
    expect(ports).toEqual(expect.arrayContaining([30, 3000, 30_000]));
    expect(ports.filter((port) => port > 30_000)).toEqual([]);
    expect(findPorts('31234', 1)).toMatchObject([
      { port: 31_234, label: { text: '31234 · Kubernetes NodePort range' }, value: '31234' },
    ]);
  });

  test('offers a number nobody has registered', () => {
    expect(findPorts('65535', 5)).toEqual([
      { port: 65_535, label: say`${'65535'} · no registered service`, value: '65535' },
    ]);
  });

  test('puts the exact word before the beginning before the middle', () => {
    expect(portsFor('redis')[0]).toBe(6379);
    expect(portsFor('MYSQL', 1)).toEqual([3306]);
    expect(portsFor('postg')[0]).toBe(5432);
    expect(portsFor('sql')).toEqual(expect.arrayContaining([1433, 3306, 5432]));
    expect(portsFor('docker').slice(0, 2)).toEqual([2375, 2376]);
    expect(portsFor('xmpp-client')).toEqual([5222]);
  });

  test.each([0, -1, Number.NaN, 0.5])('gives nothing for the limit %d', (limit) => {
    expect(findPorts('ssh', limit)).toEqual([]);
  });

  test.each(['__proto__', 'no such service', '999999', '022', 'x'.repeat(10_000)])('finds nothing for %j', (text) => {
    expect(findPorts(text, 25)).toEqual([]);
  });

  test('keeps its limits for any text', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 30 }), (text, limit) => {
        const found = findPorts(text, limit);
        expect(found.length).toBeLessThanOrEqual(limit);
        expect(new Set(found.map(({ port }) => port)).size).toBe(found.length);
        for (const { port, label } of found) {
          expect(port >= 1 && port <= 65_535).toBe(true);
          expect(label.text.startsWith(`${port} · `)).toBe(true);
          expect(label.text.length).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
