import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/advice/catalogue/index.ts';
import { generalAdvice } from '../../src/advice/general.ts';
import { compareSeverity, portRange, SEVERITIES } from '../../src/advice/guide.ts';
import { ianaPort } from '../../src/advice/iana.ts';
import { wordsOf } from '../../src/advice/portQuery.ts';
import { SOURCES } from '../../src/advice/sources.ts';
import { TOPICS } from '../../src/advice/topics.ts';
import { expectInstruction, expectPlainText, instructionFault } from './text.ts';

/** Ports every ops engineer meets: remote administration, mail, infrastructure, storage, web. */
const ESSENTIAL_PORTS = [
  ...[7, 9, 13, 17, 19, 20, 21, 22, 2222, 23, 69, 512, 513, 514, 873, 902, 903, 2323, 5555, 37777, 3389, 4786],
  ...[5900, 5901, 5902, 5903, 5800, 5985, 5986, ...portRange(6000, 6063), 8291, 8728, 8729, 10000],
  ...[25, 110, 143, 465, 587, 993, 995],
  ...[53, 67, 68, 88, 111, 113, 123, 135, 137, 138, 139, 161, 162, 179, 389, 636, 3268, 3269, 427, 500, 4500, 6514],
  ...[515, 520, 593, 623, 5120, 5121, 5122, 5123, 631, 1080, 1194, 51820, 1723, 1900, 5353, 3128, 8118, 8123],
  ...[5060, 5061, 554, 8554, 80, 443],
];

/** Files, web, databases, brokers, containers. */
const FURTHER_PORTS = [
  ...[445, 548, 2049, 20048, 3260, 3690, 9418, 81, 8000, 8008, 8081, 8088, 2082, 2083, 2086, 2087, 2095, 2096],
  ...[3000, 4200, 5173, 9229, 4444, 5000, 5001, 5601, 7001, 7002, 8009, 8080, 8443, 8888, 9000, 9090, 9091, 9093],
  ...[9100, 9115, 8086, 8200, 8500, 8600, 50000, 50070, 9870, 50075, 8020, 25565, 25575],
  ...[1433, 1434, 1521, 2483, 2484, 1883, 8883, 2181, 2888, 3888, 3306, 33060, 4369, 25672, 9101, 9102, 9103, 9104],
  ...[9105, 4222, 6222, 8222, 5432, 6432, 5671, 5672, 15672, 5984, 6984, 6379, 6380, 16379, 26379, 7199, 9042, 7000],
  ...[9440, 9092, 9094, 9200, 9300, 11211, 27017, 27018, 27019, 28017, 7474, 7687],
  ...[2375, 2376, 2377, 7946, 4789, 2379, 2380, 6443, 8001, 10250, 10255, 10256, 10257, 10259, 30000, 32767],
];

const allPorts = CATALOGUE.flatMap((guide) => guide.ports);

describe.each(CATALOGUE.map((guide) => [guide.service, guide] as const))('%s', (_service, guide) => {
  test('names its ports, protocols and service', () => {
    expect(guide.ports.length).toBeGreaterThan(0);
    for (const port of guide.ports) expect(Number.isInteger(port) && port >= 1 && port <= 65_535, `${port}`).toBe(true);
    expect(guide.protocols.length).toBeGreaterThan(0);
    expect(new Set(guide.protocols).size).toBe(guide.protocols.length);
    for (const [port, protocols] of Object.entries(guide.exceptions ?? {})) {
      expect(guide.ports).toContain(Number(port));
      expect(protocols.length > 0 && protocols.length < guide.protocols.length).toBe(true);
    }
    expectPlainText(guide.service, 40);
    expect(guide.aliases.length).toBeGreaterThan(0);
    for (const alias of guide.aliases) expect(alias).toMatch(/^[a-z0-9][a-z0-9 ._-]*$/);
    for (const alias of guide.aliases) expect(alias, 'a number is a port').not.toMatch(/^[0-9]+$/);
  });

  test('explains itself', () => {
    expectPlainText(guide.purpose, 140);
    expect(guide.purpose.endsWith('.')).toBe(true);
    expect(guide.risks.length).toBeGreaterThanOrEqual(1);
    expect(guide.risks.length).toBeLessThanOrEqual(3);
    for (const risk of guide.risks) {
      expectPlainText(risk, 140);
      expect(risk.endsWith('.'), risk).toBe(true);
    }
  });

  test('has a condition exactly when it faces the internet conditionally', () => {
    expect(SEVERITIES).toContain(guide.severity);
    expect(guide.condition !== undefined).toBe(guide.facing === 'conditional');
    if (guide.condition === undefined) return;
    expectPlainText(guide.condition, 120);
    expect(guide.condition).toMatch(/^only [^.]*$/);
  });

  test('says what to do in the imperative', () => {
    expectInstruction(guide.tip, 120);
    expect(guide.actions.length).toBeGreaterThanOrEqual(2);
    expect(guide.actions.length).toBeLessThanOrEqual(4);
    for (const action of guide.actions) expectInstruction(action, 160);
  });

  test('cites known sources and a day of review', () => {
    expect(guide.sources.length).toBeGreaterThan(0);
    for (const key of guide.sources) expect(Object.hasOwn(SOURCES, key), key).toBe(true);
    expect(new Set(guide.sources).size).toBe(guide.sources.length);
    expect(guide.reviewed).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(new Date(`${guide.reviewed}T00:00:00Z`).toISOString().slice(0, 10)).toBe(guide.reviewed);
    expect(guide.reviewed >= '2026-11-23').toBe(true);
  });
});

describe('the catalogue as a whole', () => {
  test('describes each port once', () => {
    const twice = allPorts.filter((port, index) => allPorts.indexOf(port) !== index);
    expect(twice).toEqual([]);
  });

  test('knows the ports ops engineers meet', () => {
    expect(ESSENTIAL_PORTS.length).toBeGreaterThanOrEqual(60);
    const known = new Set(allPorts);
    expect([...ESSENTIAL_PORTS, ...FURTHER_PORTS].filter((port) => !known.has(port))).toEqual([]);
  });

  test('uses each search word for one service only', () => {
    const words = CATALOGUE.flatMap((guide) => [...new Set(wordsOf(guide))]);
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  });

  test('gives a registered name the port it is registered for, where a guide has that port', () => {
    for (const guide of CATALOGUE) {
      for (const alias of guide.aliases) {
        const registered = ianaPort(alias);
        if (registered !== undefined && guide.ports.includes(registered)) {
          expect(guide.ports[0], alias).toBe(registered);
        }
      }
    }
  });

  test('lets only a handful of services face everyone', () => {
    const facingAll = CATALOGUE.filter((guide) => guide.facing === 'yes').flatMap((guide) => guide.ports);
    expect(facingAll.sort((a, b) => a - b)).toEqual([80, 443, 465, 500, 587, 993, 995, 1194, 4500, 51820]);
    for (const guide of CATALOGUE) {
      if (guide.facing === 'yes')
        expect(compareSeverity(guide.severity, 'low'), guide.service).toBeGreaterThanOrEqual(0);
      if (guide.severity === 'critical') expect(guide.facing, guide.service).toBe('no');
    }
  });

  test.each([3306, 5432, 6379, 27017, 1433, 1521, 9200, 5984, 9042, 8123, 11211, 7687])(
    'database port %i never faces the internet',
    (port) => {
      const guide = CATALOGUE.find(({ ports }) => ports.includes(port));
      expect(guide?.facing).toBe('no');
      expect(['critical', 'high']).toContain(guide?.severity);
    },
  );
});

describe('sources', () => {
  test('are https addresses with a title, each once', () => {
    const urls = Object.values(SOURCES).map(({ url }) => url);
    for (const { title, url } of Object.values(SOURCES)) {
      expect(new URL(url).protocol).toBe('https:');
      expect(url).not.toMatch(/[\s<>()`]/);
      expect(title.length).toBeGreaterThan(0);
      expect(title.length, title).toBeLessThanOrEqual(80);
    }
    expect(new Set(urls).size).toBe(urls.length);
  });

  test('are all cited somewhere', () => {
    const cited = new Set<string>([
      ...CATALOGUE.flatMap((guide) => guide.sources),
      ...TOPICS.flatMap((topic) => topic.sources),
      ...generalAdvice(1).sources,
    ]);
    expect(Object.keys(SOURCES).filter((key) => !cited.has(key))).toEqual([]);
  });
});

test('severities sort worst first', () => {
  expect([...SEVERITIES].reverse().sort(compareSeverity)).toEqual(['critical', 'high', 'medium', 'low', 'info']);
  expect(compareSeverity('medium', 'medium')).toBe(0);
});

describe('what is no instruction', () => {
  test.each([
    'Limits are good.',
    'Limit is 5.',
    'Log files can grow.',
    'Passwords must be long.',
    'You close the port.',
    'Close the port',
    'Close the port?',
    'Close the port. Then scan again.',
    'Consider a VPN.',
    'Check whether it should be open.',
    'Change it, perhaps.',
    '',
  ])('%j', (text) => {
    expect(instructionFault(text)).toBeDefined();
  });

  test.each(['Close port 80.', 'Set `a. B` and `is` to 1.2 or newer.'])('%j is one', (text) => {
    expect(instructionFault(text)).toBeUndefined();
  });
});
