import { describe, expect, test } from 'vitest';
import { LIFECYCLES } from '../../src/advice/endOfLife/table.ts';
import { END_OF_LIFE_TABLE_MADE, endOfLifeOf, PRODUCTS_WITH_LIFECYCLES } from '../../src/advice/endOfLife.ts';
import { compareVersions } from '../../src/probes/products/index.ts';

const NOW_MS = Date.parse('2026-11-24T00:00:00Z');

describe('what is known of a version', () => {
  test.each([
    ['PHP', '7.4.33', '7.4', true, '2022-11-28'],
    ['php', '8.3.1', '8.3', false, '2027-12-31'],
    ['OpenSSH', '7.4', '7.4', true, '2024-06-30'],
    ['OpenSSH', '6.6.1p1', '7.0', true, '2024-06-30'],
    ['OpenSSL', '1.0.2k', '1.0.2', true, '2019-12-31'],
    ['MySQL', '8.0.36', '8.0', true, '2026-04-30'],
    ['MySQL', '8.4.2', '8.4', false, '2032-04-30'],
    ['MariaDB', '10.3.39', '10.6', true, '2026-07-06'],
    ['PostgreSQL', '13.1', '13', true, '2025-11-13'],
    ['Redis', '4.0.9', '5.0', true, '2022-04-27'],
    ['Apache httpd', '2.4.57', '2.4', false, undefined],
    ['Apache', '2.2.15', '2.2', true, '2017-07-11'],
    ['Docker', '26.1.3', '26.1', true, '2025-02-17'],
    ['Kubernetes', 'v1.28.4+k3s1', '1.28', true, '2024-10-28'],
    ['Debian', '11', '11', true, '2026-08-31'],
    ['Debian', '12', '12', false, '2028-06-30'],
    ['Ubuntu', '20.04', '20.04', true, '2025-05-31'],
    ['IIS', '8.5', '8.5', true, '2023-10-10'],
    ['BIND', '9.16.50', '9.16', true, '2024-04-30'],
    ['Tomcat', '8.5.93', '8.5', true, '2024-03-31'],
  ])('%s %s', (product, version, cycle, ended, endedOn) => {
    const found = endOfLifeOf(product, version, NOW_MS);
    expect(found).toMatchObject({ ended, endedOn });
    if (compareVersions(version, cycle) >= 0) expect(found?.cycle).toBe(cycle);
    expect(found?.source).toMatch(/^https:\/\//);
  });

  test.each([
    ['Nothing', '1.0'],
    ['nginx', ''],
    ['nginx', 'unknown'],
    ['nginx', '99.1'],
    ['PHP', '8.99'],
    ['OpenSSH', '9.2p1'],
    ['__proto__', '1'],
  ])('nothing of %s %s', (product, version) => {
    expect(endOfLifeOf(product, version, NOW_MS)).toBeUndefined();
  });

  test('a cycle ends after its last day', () => {
    const lastDay = Date.parse('2026-12-31T23:59:59.999Z');
    expect(endOfLifeOf('PHP', '8.2', lastDay)?.ended).toBe(false);
    expect(endOfLifeOf('PHP', '8.2', lastDay + 1)?.ended).toBe(true);
  });
});

describe('the table', () => {
  test('covers at least 20 products, each once, and says when it was made', () => {
    expect(PRODUCTS_WITH_LIFECYCLES.length).toBeGreaterThanOrEqual(20);
    expect(new Set(PRODUCTS_WITH_LIFECYCLES.map((name) => name.toLowerCase())).size).toBe(LIFECYCLES.length);
    expect(END_OF_LIFE_TABLE_MADE).toBe('2026-11-23');
  });

  test.each(LIFECYCLES)('%s: real days, newest cycle first, a source', (_product, source, cycles) => {
    expect(source).toMatch(/^https:\/\/[a-z0-9./-]+$/);
    const rows = cycles.split(',').map((entry) => entry.trim().split(/\s+/));
    for (const [cycle, day, ...rest] of rows) {
      expect(cycle).toMatch(/^\d+(\.\d+){0,3}$/);
      expect(rest).toEqual([]);
      if (day === '-') continue;
      expect(new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10)).toBe(day);
    }
    const names = rows.map(([cycle]) => cycle ?? '');
    expect(names).toEqual([...new Set(names)].sort((a, b) => compareVersions(b, a)));
  });
});
