import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePorts } from '../../../src/engine/ports/grammar.ts';
import { type PortSuggestion, suggestPorts } from '../../../src/engine/ports/suggest.ts';

function values(partial: string): readonly string[] {
  return suggestPorts(partial).map(({ value }) => value);
}

function labelOf(suggestion: Pick<PortSuggestion, 'label'> | undefined): string {
  const label = suggestion?.label ?? '';
  return typeof label === 'string' ? label : label.text;
}

describe('suggestPorts', () => {
  it.each([
    ['22,ht', '22,http'],
    ['22, ht', '22,http'],
    ['22 ht', '22,http'],
    ['HT', 'http'],
    ['@w', '@web'],
    ['@W', '@web'],
    ['22,@ma', '22,@mail'],
    ['@top3', '@top3'],
    ['post', 'postgresql'],
    ['80', '80'],
    ['1-10', '1-10'],
    ['', '@web'],
    ['22,', '22,@web'],
    ['web', 'webmail'],
  ])('%j completes first to %j', (partial, value) => {
    expect(values(partial)[0]).toBe(value);
  });

  it('offers the presets first when nothing is typed, then usual services', () => {
    const offered = values('');
    expect(offered.slice(0, 6)).toEqual(['@web', '@mail', '@db', '@remote', '@containers', '@common']);
    expect(offered).toContain('ssh');
  });

  it('offers the preset to somebody who forgot the @', () => {
    expect(values('web')).toContain('@web');
  });

  it('offers known ports that begin like the number', () => {
    expect(values('80')).toContain('8080');
  });

  it('labels with the ports meant', () => {
    expect(labelOf(suggestPorts('22,ht')[0])).toBe('22,http: port 80');
    expect(labelOf(suggestPorts('@mai')[0])).toBe('@mail: 25, 110, 143, 465, 587, 993, 995');
    expect(labelOf(suggestPorts('@db')[0])).toMatch(/^@db: 1433, .*, …$/);
  });

  it.each(['22;', 'x,', '443-22,', '2'.repeat(101), 'nonsense', '22/udp', '\ud800', '__proto__'])(
    'has none for %j',
    (partial) => {
      expect(suggestPorts(partial)).toEqual([]);
    },
  );

  it('keeps the chat limits and never offers what the parser refuses', () => {
    const pieces = fc.constantFrom(
      '22',
      ',',
      ' ',
      's',
      'h',
      '@',
      '@web',
      '@top',
      '1-',
      '10',
      'https',
      '8',
      '\u200b',
      '0',
      '\t',
    );
    const typed = fc.oneof(
      fc.string({ maxLength: 120 }),
      fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(typed, (partial) => {
        const offered = suggestPorts(partial);
        expect(offered.length).toBeLessThanOrEqual(25);
        expect(new Set(offered.map(({ value }) => value)).size).toBe(offered.length);
        for (const { label, value } of offered) {
          expect(labelOf({ label }).length).toBeLessThanOrEqual(100);
          expect(value.length).toBeLessThanOrEqual(100);
          expect(parsePorts(value, { maxPorts: 65_535 }).ok).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
