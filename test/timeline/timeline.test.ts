import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { formatPorts } from '../../src/engine/ports/intervals.ts';
import { PORT_STATES, type PortState } from '../../src/engine/types.ts';
import { readResult, type ScanResult } from '../../src/scans/result.ts';
import { pngOf } from '../../src/timeline/png.ts';
import { timelineSvg, WIDTH } from '../../src/timeline/svg.ts';
import { MAX_COLUMNS, MAX_ROWS, timelineOf } from '../../src/timeline/timeline.ts';
import { altText } from '../../src/timeline/words.ts';

function run(
  hour: number,
  states: Partial<Record<PortState, readonly number[]>>,
  host = 'shop.example.com',
): ScanResult {
  const groups = PORT_STATES.flatMap((state) => {
    const ports = states[state];
    return ports ? [{ state, reason: 'x', ports: formatPorts([...ports].sort((a, b) => a - b)) }] : [];
  });
  return readResult({
    v: 1,
    id: `r${hour}`,
    guildId: '1',
    userId: '7',
    host,
    display: host,
    requestedPorts: '1',
    address: '198.51.100.7',
    otherAddresses: [],
    startedAt: new Date(Date.UTC(2026, 10, 2, hour)).toISOString(),
    durationMs: 1,
    unprobed: 0,
    groups,
  });
}

/** Newest first, as history gives them. */
const RUNS = [
  run(100, { open: [80, 6379], closed: [8080], filtered: [22] }),
  run(80, { open: [80], closed: [6379, 8080], filtered: [22] }),
  run(50, { open: [80, 8080], closed: [6379], filtered: [22] }),
  run(30, { open: [22, 80], closed: [6379], error: [8080] }),
  run(4, { open: [22, 80], closed: [443] }),
];

describe('the timeline of a host', () => {
  test('has a row for each port that was ever open, with its state in each run, oldest first', () => {
    const { host, runs, rows, left } = timelineOf(RUNS);
    expect({ host, left, first: runs[0] }).toEqual({
      host: 'shop.example.com',
      left: [],
      first: '2026-11-02T04:00:00.000Z',
    });
    expect(rows.map(({ port, service, cells }) => [port, service, ...cells])).toEqual([
      [22, 'ssh', 'open', 'open', 'filtered', 'filtered', 'filtered'],
      [80, 'http', 'open', 'open', 'open', 'open', 'open'],
      [6379, 'redis', 'unknown', 'closed', 'closed', 'closed', 'open'],
      [8080, 'http-alt', 'unknown', 'unknown', 'open', 'closed', 'closed'],
    ]);
  });

  test('keeps the ports that changed when there are too many, and counts the rest; so the runs', () => {
    const steady = Array.from({ length: MAX_ROWS + 8 }, (_, i) => 1_000 + i);
    const many = Array.from({ length: MAX_COLUMNS + 3 }, (_, i) =>
      run(100 - i, i === 0 ? { open: [...steady, 9_999] } : { open: steady, closed: [9_999] }),
    );
    const { rows, left, runs } = timelineOf(many);
    expect(runs).toHaveLength(MAX_COLUMNS);
    expect(rows).toHaveLength(MAX_ROWS);
    expect(rows.at(-1)?.port).toBe(9_999);
    expect(left).toHaveLength(9);
    expect(timelineSvg(timelineOf(many))).toContain('9 more ports, open at times: ');
  });
});

describe('the picture', () => {
  test('is the stored one', async () => {
    await expect(timelineSvg(timelineOf(RUNS))).toMatchFileSnapshot('timeline.svg');
    expect(timelineSvg(timelineOf(RUNS))).toBe(timelineSvg(timelineOf(RUNS)));
  });

  test('holds no text of others but as text', () => {
    const evil = {
      ...timelineOf(RUNS),
      host: '"><script>&\u202e\u0000',
      rows: [{ port: 1, service: ']]><image href="x"/>👍語', cells: ['open' as const] }],
    };
    const svg = timelineSvg({ ...evil, runs: evil.runs.slice(0, 1) });
    expect(svg).not.toMatch(/<script|<image|\p{Cf}|👍/u);
    expect(svg).toContain('&quot;&gt;&lt;script&gt;&amp;');
  });

  test('is told in words, within what Discord takes', () => {
    expect(altText(timelineOf(RUNS))).toBe(
      'Ports over time of shop.example.com: 5 scans, 2 Nov to 6 Nov, UTC. Port 22: open, then filtered. Port 80: open. ' +
        'Port 6379: closed, then open. Port 8080: open, then closed.',
    );
    const host = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`;
    const flapping = Array.from({ length: 12 }, (_, i) =>
      run(
        i,
        i % 2 === 0
          ? { open: Array.from({ length: 30 }, (_, p) => 60_000 + p) }
          : { closed: Array.from({ length: 30 }, (_, p) => 60_000 + p) },
        host,
      ),
    );
    expect(altText(timelineOf(flapping)).length).toBeLessThanOrEqual(1_024);
    expect(altText(timelineOf(flapping))).toMatch(/\d+ more ports\.$/);
  });

  test('becomes a PNG of its size, with letters in it', async () => {
    const svg = timelineSvg(timelineOf(RUNS));
    const png = Buffer.from(await pngOf(svg));
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([WIDTH, Number(/height="(\d+)"/.exec(svg)?.[1])]);
    expect(png.length).toBeLessThan(200_000);
    // Without letters fewer pixels differ from their neighbours: the font was found.
    const silent = Buffer.from(await pngOf(svg.replace(/>[^<>]+<\/text>/g, '></text>')));
    expect(edgesOf(png)).toBeGreaterThan(edgesOf(silent) * 1.3);
    expect(edgesOf(silent)).toBeGreaterThan(1_000);
  });

  test('an SVG that cannot be read is an error', async () => {
    await expect(pngOf('<svg')).rejects.toThrow();
  });
});

/** Bytes of the filtered scan lines (PNG, RFC 2083 §6) that are not zero: a blank picture has nearly none. */
function edgesOf(png: Buffer): number {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return inflateSync(Buffer.concat(parts)).filter((byte) => byte !== 0).length;
}
