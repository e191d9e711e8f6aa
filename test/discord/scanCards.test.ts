import { describe, expect, test } from 'vitest';
import { usualService } from '../../src/advice/usualService.ts';
import type { Card } from '../../src/discord/card.ts';
import { changeLines } from '../../src/discord/cards/scan/changeSections.ts';
import { detailCard } from '../../src/discord/cards/scan/detailCards.ts';
import { scanCard } from '../../src/discord/cards/scan/scanCard.ts';
import { renderCard } from '../../src/discord/render.ts';
import type { Translator } from '../../src/i18n/translator.ts';
import type { Evidence } from '../../src/probes/evidence.ts';
import { compareScans } from '../../src/scans/compare.ts';
import { readResult } from '../../src/scans/result.ts';
import type { ScanRecord } from '../../src/storage/scanRecords.ts';

const BASE: ScanRecord = {
  v: 1,
  id: 'AAAAAAAAAAAAAAAA',
  guildId: '1',
  userId: '2',
  host: '198.51.100.7',
  display: '198.51.100.7',
  requestedPorts: '1-100',
  address: '198.51.100.7',
  otherAddresses: [],
  startedAt: '2026-11-24T10:00:00.000Z',
  durationMs: 1_234,
  unprobed: 0,
  groups: [],
};
const scan = (open: string, rest: Partial<ScanRecord> = {}): ScanRecord => ({
  ...BASE,
  groups: [
    { state: 'open', reason: 'syn-ack', ports: open },
    { state: 'closed', reason: 'conn-refused', ports: '1-20' },
    { state: 'error', reason: 'no-descriptor', ports: '50' },
  ],
  ...rest,
});
const OPEN_22 = { state: 'open', reason: 'syn-ack', ports: '22' } as const;
const textOf = (card: Card, translator?: Translator) => {
  const { embeds, components } = renderCard(card, translator);
  return JSON.stringify([embeds, components]);
};

/** A language in which every letter of ours is another one: what stays Latin was no wording. */
const OTHER: Translator = {
  locale: 'de',
  wording: (key) => key.replace(/\{\d+\}|\p{L}/gu, (found) => (found.startsWith('{') ? found : 'ж')),
  isOne: (count) => count === 1,
};

/** Reasons, kinds of findings and protocols have the same names everywhere. */
const NAMES = /^(?:syn-ack|conn-refused|no-descriptor|closes-at-once|ssh|telnet|SFTP|false|UTC|tcp)$/i;

describe('the reply to a scan', () => {
  test('names open ports without a guide, the first six of them', () => {
    expect(textOf(scanCard(scan('60000'), 'mine'))).toContain(
      '**Other open ports** (60000): Find out who needs port 60000 (`ss -ltnp`); close what nobody claims.',
    );
    const many = textOf(scanCard(scan('60000-60011'), 'mine'));
    expect(many).toContain('**Other open ports** (60000, 60001, 60002…): Find out who needs ports 60000, 60001');
    expect(many).toContain('60005 and 6 more (`ss -ltnp`)');
  });

  test.each<[string, Partial<ScanRecord>, string]>([
    ['22', {}, '1 open port on 198.51.100.7'],
    ['22-23', {}, '2 open ports on 198.51.100.7'],
    ['22', { stopped: 'cancelled', unprobed: 1 }, '1 open port so far on 198.51.100.7'],
    ['22-23', { skippedPorts: '99' }, '2 open ports among the 23 scanned on 198.51.100.7'],
    ['22', { skippedPorts: '99', groups: [OPEN_22] }, '1 open port on 198.51.100.7'],
  ])('says in its title what is known: %s %o', (open, rest, title) => {
    expect(renderCard(scanCard(scan(open, rest), 'mine')).embeds[0]?.title).toBe(title);
  });

  test('says what is known of a port in its line, and advises on what was seen there, not on what is usual', () => {
    const redis: Evidence['facts'] = { protocol: 'redis', tls: false, openToStrangers: false, answer: 'no-auth' };
    const web: Evidence['facts'] = {
      protocol: 'http',
      tls: false,
      status: 200,
      securityHeaders: [],
      redirect: 'none',
      authSchemes: [],
      cookies: [],
      directoryListing: false,
    };
    const evidence: Evidence[] = [
      { port: 22, seen: 'closes-at-once', ms: 1 },
      { port: 3306, seen: 'answered', ms: 1, facts: web },
      { port: 6379, seen: 'answered', ms: 1, facts: redis },
    ];
    const text = textOf(scanCard(scan('22,3306,6379', { evidence }), 'mine'));
    expect(text).toContain('accepts and closes at once: **open** (syn-ack), low');
    expect(text).toContain('Redis: **open** (syn-ack), critical, asks for a login');
    expect(text).not.toMatch(/PasswordAuthentication|MySQL/);
  });

  test('seen from the machine itself, silence is not explained by firewalls elsewhere', () => {
    const groups = [{ state: 'filtered' as const, reason: 'no-response', ports: '1-20' }];
    const inside = textOf(scanCard({ ...BASE, groups, vantage: 'this-host' }, 'mine'));
    expect(inside).toContain('the firewall of this machine drops everything');
    expect(inside).not.toMatch(/host is down|host is up/);
    expect(textOf(scanCard({ ...BASE, groups }, 'mine'))).toContain('or the host is down');
  });

  test('has no word that could not be said in another language', () => {
    const record = scan('22,23,60000', {
      stopped: 'deadline',
      unprobed: 3,
      suspicions: ['syn-proxy'],
      skippedPorts: '7',
      otherAddresses: ['198.51.100.8'],
      vantage: 'same-network',
      evidence: [
        { port: 22, seen: 'silent', ms: 1 },
        { port: 23, seen: 'closes-at-once', ms: 1 },
      ],
    });
    const before = scan('24', { address: '198.51.100.9' });
    const result = readResult(record);
    const services = new Set(result.verdicts.map(({ port }) => usualService(port).text));
    const cards = [scanCard(record, 'mine', before), ...[0, 1, 2].map((page) => detailCard(result, page))];
    for (const card of cards) {
      const said = textOf(card, OTHER)
        .replace(/"(?:custom_id|value)":"[^" ]*"/g, '')
        .replace(/"\w+":/g, '')
        .replace(/`[^`]*`|https?:[^)]*|\\[n"]/g, ' ');
      const words = new Set([...said.matchAll(/[a-z][a-z-]{2,}/gi)].map(([word]) => word));
      expect([...words].filter((word) => !NAMES.test(word) && !services.has(word))).toEqual([]);
    }
  });
});

test('what changed is folded, and counts say one or more', () => {
  const before = readResult(scan('100-130'));
  const changes = compareScans(before, readResult(scan('100-101', { requestedPorts: '1-200' })));
  const lines = changeLines(changes).map(({ text }) => text);
  expect(lines).toContain('• Compared: the 22 ports that both scans have.');
  expect(changeLines(compareScans(before, before)).map(({ text }) => text)).toEqual(['• No change.']);
});
