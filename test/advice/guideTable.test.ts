import { describe, expect, test } from 'vitest';
import { guideOf } from '../../src/advice/lookup.ts';
import * as table from './guideTable.ts';

describe.each(Object.entries(table))('%s', (_section, rows) => {
  test.each(rows.map((row) => [row.ports.slice(0, 8).join(', '), row] as const))('%s', (_ports, row) => {
    const guides = row.ports.map((port) => guideOf(port));
    const ratings = row.ports.map((port) => {
      const guide = guideOf(port);
      return [port, guide?.facing, guide?.severity];
    });
    expect(ratings).toEqual(row.ports.map((port) => [port, row.facing, row.severity]));
    expect(guides.flatMap((guide) => guide?.sources)).toEqual(expect.arrayContaining([...row.sources]));
  });
});
