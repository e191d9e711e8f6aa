import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeCsv } from '../../src/exports/csv.ts';
import { EXPORT_FORMATS } from '../../src/exports/index.ts';
import { writeJson } from '../../src/exports/json.ts';
import { writeMarkdown } from '../../src/exports/markdown.ts';
import { writeNmapXml } from '../../src/exports/nmapXml.ts';
import { publishedSchema, type ScanResultDocument } from '../../src/exports/schema.ts';
import { element, xmlText } from '../../src/exports/xmlText.ts';
import { portsOf, readResult, type ScanResult } from '../../src/scans/result.ts';
import type { ScanRecord } from '../../src/storage/scanRecords.ts';
import { anyScanRecord, serviceText } from '../helpers/scanRecords.ts';

const SCHEMA_FILE = join(import.meta.dirname, '../../docs/schemas/scan-result.schema.json');
const DTD = '/usr/share/nmap/nmap.dtd';
const RUNS = { numRuns: 40, seed: 20261124 };

const REDIS = {
  protocol: 'redis',
  openToStrangers: true,
  product: { name: 'Redis', version: '7.2.4' },
  tls: false,
  answer: 'pong',
} as const;

const record = (more: Partial<ScanRecord> = {}): ScanRecord => ({
  v: 1,
  id: 'a',
  guildId: '1',
  userId: '7',
  host: 'example.com',
  display: 'example.com',
  requestedPorts: '22,80,443,6379',
  address: '198.51.100.7',
  otherAddresses: [],
  startedAt: '2026-11-24T10:00:00.000Z',
  durationMs: 1_250,
  unprobed: 0,
  status: 'up',
  suspicions: [],
  groups: [
    { state: 'open', reason: 'syn-ack', ports: '80,6379' },
    { state: 'closed', reason: 'conn-refused', ports: '22,443' },
  ],
  evidence: [
    {
      port: 6379,
      seen: 'answered',
      ms: 3,
      facts: REDIS,
    },
  ],
  ...more,
});

const statesOf = ({ verdicts }: ScanResult) => new Map(verdicts.map(({ port, state }) => [port, state]));
/** Every finding on every port of it. */
const foundOf = ({ findings }: ScanResult) => findings.flatMap(({ id, ports }) => ports.map((port) => `${port} ${id}`));

test('every format has an id, a label, a file name and the same text each time', () => {
  const result = readResult(record());
  expect(new Set(EXPORT_FORMATS.map(({ id }) => id)).size).toBe(4);
  for (const { fileName, write, label } of EXPORT_FORMATS) {
    expect(fileName(result)).toMatch(/^scan-example\.com-202611241000\.(?:csv|json|xml|md)$/);
    expect(write(result)).toBe(write(result));
    expect(write(result)).not.toContain('"7"');
    expect(label.length).toBeLessThan(100);
  }
  expect(EXPORT_FORMATS[0]?.fileName(readResult(record({ host: '2001:db8::7' })))).toBe(
    'scan-2001-db8--7-202611241000.csv',
  );
});

describe('JSON', () => {
  const validate = new Ajv2020({ allErrors: true, validateFormats: false }).compile(publishedSchema());

  test('the published schema is that of the code', () => {
    expect(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'))).toEqual(publishedSchema());
  });

  test('any scan is valid by it, and no port and no finding is lost', () => {
    fc.assert(
      fc.property(anyScanRecord, (any) => {
        const result = readResult(any);
        const document = JSON.parse(writeJson(result)) as ScanResultDocument;
        expect(validate(document), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
        expect(new Map(document.ports.map(({ port, state }) => [port, state]))).toEqual(statesOf(result));
        expect(document.findings.flatMap(({ id, ports }) => ports.map((port) => `${port} ${id}`))).toEqual(
          foundOf(result),
        );
      }),
      RUNS,
    );
  });

  test('the schema refuses what it does not know', () => {
    const document = JSON.parse(writeJson(readResult(record()))) as ScanResultDocument;
    expect(validate(document)).toBe(true);
    expect(validate({ ...document, v: 2 })).toBe(false);
    expect(validate({ ...document, extra: 1 })).toBe(false);
    expect(validate({ ...document, ports: [{ ...document.ports[0], port: 0 }] })).toBe(false);
  });
});

describe('CSV', () => {
  const cellsOf = (csv: string) => parse(csv, { bom: true }) as string[][];

  test('any scan: one row a port, nothing lost, and no cell that a spreadsheet would compute', () => {
    fc.assert(
      fc.property(anyScanRecord, (any) => {
        const result = readResult(any);
        const [head, ...rows] = cellsOf(writeCsv(result));
        expect(head?.slice(2, 5)).toEqual(['port', 'protocol', 'state']);
        expect(new Map(rows.map((cells) => [Number(cells[2]), cells[4]]))).toEqual(statesOf(result));
        const found = rows.flatMap((cells) =>
          [...(cells[10] ?? '').matchAll(/\[([a-z0-9-]+)\](?: \/ |$)/g)].map(([, id]) => `${cells[2]} ${id}`),
        );
        expect(new Set(found)).toEqual(new Set(foundOf(result)));
        const cells = rows.flat();
        expect(cells.filter((cell) => /^[ ]*[=+\-@\t\r＝＋－＠]|;[ ]*[=+\-@\t\r＝＋－＠]/.test(cell))).toEqual([]);
      }),
      RUNS,
    );
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', 'x;=1'])('a version that says %j is text', (version) => {
    const evil = record({
      evidence: [
        {
          port: 80,
          seen: 'answered',
          ms: 1,
          facts: { ...REDIS, product: { name: version, version } },
        },
      ],
    });
    const [, , row] = cellsOf(writeCsv(readResult(evil)));
    expect(row?.[2]).toBe('80');
    expect(row?.[8]).toMatch(/^'|^x;'/);
  });
});

describe('Markdown', () => {
  test('any scan: no port and no finding lost, nothing in it but our own formatting', () => {
    fc.assert(
      fc.property(anyScanRecord, (any) => {
        const result = readResult(any);
        const text = writeMarkdown(result);
        const open = [...text.matchAll(/^\| (\d+)\/tcp \| open /gm)].map(([, port]) => Number(port));
        const sections = [...text.matchAll(/^- [a-z|ǀ-]+: (\d[\d, -]*)$/gm)].flatMap(([, ports = '']) =>
          portsOf(ports.replaceAll(', ', ',')),
        );
        expect([...open, ...sections].sort((a, b) => a - b)).toEqual(result.verdicts.map(({ port }) => port));
        expect(text.match(/^- Kind: /gm)?.length ?? 0).toBe(result.findings.length);
        const table = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
        for (const line of table) expect(line.split('|')).toHaveLength(7);
        const links = [...text.matchAll(/\]\((.*?)\)/g)].map(([, url]) => url);
        expect(links).toEqual(result.findings.map(({ source }) => source.url));
        const foreign = text
          .replaceAll(/^- Source: .*$/gm, '')
          .replaceAll(/^ {2}- .*$/gm, '')
          .replaceAll(/^- Why .*$/gm, '');
        expect(foreign.replace('**Partial**', '')).not.toMatch(/[<>[\]*~\\@]|:\/\/|www\.|discord\.gg/i);
        expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cf}|\p{Cc}/u);
      }),
      RUNS,
    );
  });
});

describe("XML in nmap's structure", () => {
  const xmllint = spawnSync('xmllint', ['--version']).error === undefined;
  const lint = (xml: string, ...flags: string[]) =>
    spawnSync('xmllint', ['--noout', '--nonet', '--huge', ...flags, '-'], { input: xml, encoding: 'utf8' });

  test('any text stays what it was, but for what XML cannot hold', () => {
    const readBack = (text: string) =>
      text
        .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&apos;', "'")
        .replaceAll('&amp;', '&');
    fc.assert(
      fc.property(
        fc.oneof(
          serviceText,
          fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
        ),
        (text) => {
          const escaped = xmlText(text);
          expect(escaped).not.toMatch(/[<>"'\t\n\r]|&(?!(?:amp|lt|gt|quot|apos|#9|#10|#13);)/);
          expect(escaped.isWellFormed()).toBe(true);
          const allowed = /^(?:[\t\n\r]|(?![\ufffe\uffff])[\u0020-\u{10ffff}])*$/u;
          expect(escaped).toMatch(allowed);
          if (allowed.test(text) && text.isWellFormed()) expect(readBack(escaped)).toBe(text);
        },
      ),
      { ...RUNS, numRuns: 1_000 },
    );
  });

  test.skipIf(!xmllint)('whatever services say, xmllint takes it (needs libxml2-utils)', () => {
    const texts = fc.sample(
      fc.oneof(
        serviceText,
        fc.string({ unit: 'binary' }),
        fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
      ),
      { numRuns: 500, seed: 1 },
    );
    const xml = element(
      'all',
      {},
      texts.map((text) => element('each', { text })),
    );
    const { status, stderr } = lint(xml);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(lint(xml.replace('</all>', '')).status).not.toBe(0);
  });

  test.skipIf(!xmllint || !existsSync(DTD))("any scan is valid by nmap's DTD (needs libxml2-utils and nmap)", () => {
    const records = fc.sample(anyScanRecord, { numRuns: 12, seed: 7 });
    for (const each of [record(), ...records]) {
      const { status, stderr } = lint(writeNmapXml(readResult(each)), '--dtdvalid', DTD);
      expect(stderr.split('\n').slice(0, 3).join('\n')).toBe('');
      expect(status).toBe(0);
    }
    expect(
      lint(writeNmapXml(readResult(record())).replace('<verbose level="0"/>', ''), '--dtdvalid', DTD).status,
    ).not.toBe(0);
  });

  test('any scan: no port and no finding is lost, folded or not', () => {
    fc.assert(
      fc.property(anyScanRecord, (any) => {
        const result = readResult(any);
        const xml = writeNmapXml(result);
        const single = [...xml.matchAll(/portid="(\d+)">\n<state state="([^"]+)"/g)].map(([, port, state]) => [
          Number(port),
          state,
        ]);
        const folded = [...xml.matchAll(/<extraports state="([^"]+)"[^>]*>([\s\S]*?)<\/extraports>/g)].flatMap(
          ([, state, inner = '']) =>
            [...inner.matchAll(/ ports="([^"]+)"/g)].flatMap(([, ports = '']) =>
              portsOf(ports).map((port) => [port, state]),
            ),
        );
        const named = new Map(
          [...single, ...folded].map(([port, state]) => [port, state === 'unknown' ? 'error' : state]),
        );
        expect([...single, ...folded]).toHaveLength(result.verdicts.length);
        expect(named).toEqual(statesOf(result));
        expect(xml.match(/<script /g)?.length ?? 0).toBe(foundOf(result).length);
      }),
      RUNS,
    );
  });

  test('a scan as nmap would write it', () => {
    const xml = writeNmapXml(readResult(record()));
    expect(xml).toContain('<address addr="198.51.100.7" addrtype="ipv4"/>');
    expect(xml).toContain('<hostname name="example.com" type="user"/>');
    expect(xml).toContain('<service name="redis" product="Redis" version="7.2.4" method="probed" conf="10"/>');
    expect(xml).toMatch(/<script id="redis-open" output="critical: /);
  });
});
