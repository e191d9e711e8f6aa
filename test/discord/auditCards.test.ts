import { parse as parseCsv } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  auditLine,
  auditListCard,
  auditVerdictCard,
  EXPORT_FORMATS,
  type ShownEntry,
} from '../../src/discord/cards/auditCards.ts';
import { dataFile } from '../../src/discord/cards/dataCards.ts';
import { renderCard } from '../../src/discord/render.ts';
import { type AuditRecord, type ChainHead, canonicalJson, genesis, headOf, seal } from '../../src/policy/auditChain.ts';

const USER = '200000000000000001';
const HOSTILE = [
  '@everyone @here <@1> <@&1> <#1> </ban:1> <t:0:R> <a:x:1>',
  '＠everyone @\u2060here @\u200beveryone',
  '# BIG\n-# tiny\n> quote\n- item\n1. x ***b*** ||s|| __u__ ~~s~~',
  '` ``` ```ansi\n\u001b[31m ``x` \\',
  '\x1b[2J\x1b]8;;https://evil\x07',
  '\u202egnp.exe \u2066x',
  'NUL\0 \r\n2026-01-01 INFO ok \u2028 \u0085',
  '\ud800 \udfff \ufffe',
  'x'.repeat(100_000),
  '=HYPERLINK("http://e")',
  '+cmd',
  '-1+1',
  '@SUM',
  '\t=1',
  '\r=1',
  ';=1',
  "'=1",
  '＝1+1',
  'a;=1,"b',
  '<script>alert(1)</script> [x](javascript:1) https://evil.example discord.gg/x',
  `\u0024{jndi:ldap://e} {{7*7}} %s%n`,
];

function shown(text: string, seq = 1, previous: ChainHead = { ...genesis('1'), seq: seq - 1 }): ShownEntry {
  const record = seal(previous, {
    at: '2027-01-31T12:00:00.000Z',
    actor: 'abcdefghijklmnop',
    action: text,
    command: text,
    target: text,
    addresses: [text],
    ports: text,
    decision: 'refused',
    rule: text,
    scanId: text,
    detail: text,
  });
  return { seq, record, userId: USER };
}
const ACTIVE =
  /@everyone|@here|<(?!@200000000000000001>|t:\d+:R>)|\]\(|```|:\/\/|discord\.gg|[^\P{C}\n]|[\p{Zl}\p{Zp}]/u;
const record = (over: Partial<AuditRecord> = {}) => ({ ...shown('scan').record, ...over }) as AuditRecord;

describe('a record in chat', () => {
  test('says in words what, where, when, who and why', () => {
    const text = auditLine(record({ seq: 7, target: 'example.com', ports: '22,80', rule: 'not-allowed' }), USER).text;
    expect(text).toMatch(/^\*\*#7\*\* ⛔ \*\*refused\*\* scan `example\.com` ports `22, 80`\n/);
    expect(text).toMatch(/\n<t:1801396800:R>, <@200000000000000001>, rule `not-allowed`\n/);
  });

  test('whoever is forgotten, or is the bot, is no mention; nothing but an id becomes one', () => {
    expect(auditLine(record(), undefined).text).toMatch(/someone no longer known \(`abcdefghijklmnop`\)/);
    expect(auditLine(record({ actor: 'system' }), undefined).text).toMatch(/the bot/);
    for (const odd of ['1>@everyone', '&1', '', '1'.repeat(40)])
      expect(auditLine(record(), odd).text).not.toMatch(/<@/);
  });

  test.each(HOSTILE.map((text) => [text.slice(0, 40), text]))('is harmless with %j in every field', (_, text) => {
    const entry = shown(text);
    const message = renderCard(auditListCard([entry], headOf(entry.record as AuditRecord)));
    const [embed] = message.embeds;
    expect(`${embed?.title}\n${embed?.description}\n${embed?.footer?.text}`).not.toMatch(ACTIVE);
    expect(embed?.description?.split('\n')).toHaveLength(3);
    expect(embed?.description?.match(/`/g)?.length).toBe(8);
  });

  test('fits whatever the records say, and the next page begins where this one ends', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 10 }), (texts) => {
        const entries = texts.map((text, i) => shown(text, 50 - i));
        const card = auditListCard(entries, { guildId: '1', seq: 50, hash: '' });
        const message = renderCard(card);
        expect(message.embeds[0]?.description).not.toMatch(/…and \d+ more/);
        const lowest = 50 - (card.lines?.length ?? 0) + 1;
        expect(message.components[0]?.components[0]).toMatchObject({ custom_id: `audit:page:${lowest}` });
      }),
      { numRuns: 40 },
    );
  });

  test('pages lead to older and newer records, and end', () => {
    const buttons = (newest: number, count: number, last: number) => {
      const entries = Array.from({ length: count }, (_, i) => shown('scan', newest - i));
      return auditListCard(entries, { guildId: '1', seq: last, hash: '' }).buttons?.map(({ customId }) => customId);
    };
    expect(buttons(35, 10, 35)).toEqual(['audit:page:26']);
    expect(buttons(25, 10, 35)).toEqual(['audit:page:16', 'audit:page:36']);
    expect(buttons(5, 5, 35)).toEqual(['audit:page:16']);
    expect(buttons(3, 3, 3)).toEqual([]);
  });

  test('a place without a record says so; an empty log too', () => {
    const missing = { seq: 3, record: undefined, userId: undefined };
    expect(auditListCard([missing], { guildId: '1', seq: 3, hash: '' }).lines?.[0]?.text).toMatch(/#3\*\* missing/);
    expect(auditListCard([], genesis('1')).title.text).toMatch(/empty/);
  });

  test('the verdict is in words', () => {
    const text = (verdict: Parameters<typeof auditVerdictCard>[0]) => {
      const { title, lines = [] } = auditVerdictCard(verdict);
      return [title, ...lines].map(({ text }) => text).join('\n');
    };
    expect(text({ ok: true, count: 12, headHash: 'abcdef'.repeat(11) })).toMatch(
      /intact\n12 records[\s\S]*`abcdefabcdefabcd`/,
    );
    expect(text({ ok: false, seq: 5, problem: 'changed' })).toMatch(
      /altered[\s\S]*#5\*\*: it was changed[\s\S]*The 4 before/,
    );
    expect(text({ ok: false, seq: 0, problem: 'head' })).toMatch(/the end of the log cannot be read/);
    expect(text({ ok: true, count: 0, headHash: '' })).toMatch(/empty/);
  });
});

describe('a record in a file', () => {
  const FORMULA = /(?:^|;)[ ']*?(?<!')[=+\-@\t\r＝＋－＠]/;

  test.each(HOSTILE.map((text) => [text.slice(0, 40), text]))(
    'JSON is exact and CSV is not computed: %j',
    (_, text) => {
      const entry = shown(text);
      const line = EXPORT_FORMATS.json.row(entry);
      expect(line.trimEnd()).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      const { user, ...stored } = JSON.parse(line);
      expect(user).toBe(USER);
      expect(canonicalJson(stored)).toBe(canonicalJson(entry.record));

      const csv = EXPORT_FORMATS.csv.head + EXPORT_FORMATS.csv.row(entry);
      const [names, cells] = parseCsv(csv, { bom: true }) as [string[], string[]];
      expect(cells).toHaveLength(names.length);
      for (const cell of cells) expect(cell).not.toMatch(FORMULA);
      const target = cells[names.indexOf('target')] ?? '';
      expect(target.replaceAll("'", '')).toBe(entry.record?.target?.replaceAll("'", ''));
      expect(cells[names.indexOf('hash')]).toBe(entry.record?.hash);
    },
  );

  test('a place without a record is told', () => {
    const entry = { seq: 3, record: undefined, userId: undefined };
    expect(JSON.parse(EXPORT_FORMATS.json.row(entry))).toEqual({ seq: 3, problem: 'missing or unreadable' });
    expect(EXPORT_FORMATS.csv.row(entry)).toMatch(/^3,+\r\n$/);
  });

  test('all data is one JSON document; what does not fit is left out and named', () => {
    const parts = { small: ['\u202e"', 1], large: ['x'.repeat(5_000)], largest: 'y'.repeat(9_000) };
    const whole = dataFile({ v: 1 }, parts);
    expect(JSON.parse(whole.text)).toEqual({ v: 1, data: parts });
    expect(whole.text).not.toContain('\u202e');
    const cut = dataFile({ v: 1 }, parts, 6_000);
    expect(JSON.parse(cut.text)).toEqual({
      v: 1,
      leftOut: ['largest'],
      data: { small: parts.small, large: parts.large },
    });
    expect(dataFile({ v: 1 }, parts, 10).leftOut).toEqual(['largest', 'large', 'small']);
    expect(JSON.parse(dataFile({ v: 1 }, {}).text)).toEqual({ v: 1, data: {} });
  });
});
