import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePorts } from '../../src/engine/ports/grammar.ts';
import { formatPorts, MAX_PORT } from '../../src/engine/ports/intervals.ts';
import { parsePortRule } from '../../src/targets/portRule.ts';

const slow = (text: string) => {
  const parsed = parsePorts(text, { maxPorts: MAX_PORT });
  return parsed.ok ? { ok: true, value: formatPorts(parsed.value) } : parsed;
};

describe('ports of an entry', () => {
  test.each([' ALL ', 'all'])('%j lifts the limit', (text) => {
    expect(parsePortRule(text)).toEqual({ ok: true, value: 'all' });
  });

  test.each([
    '22,80,443',
    '443 22, 80',
    '1-65535',
    '80,81',
    '80-82,81,79',
    'ssh,@web,1-3',
    '22/tcp 100-200/TCP',
    '@top100',
    ' 22\t80 ',
  ])('%j means what every command reads in it', (text) => {
    expect(parsePortRule(text)).toEqual(slow(text));
    expect(parsePortRule(text).ok).toBe(true);
  });

  test.each([
    '',
    '22,,80',
    ',22',
    '0',
    '65536',
    '443-22',
    '22;80',
    '080',
    '0x16',
    '1e3',
    '٢٢',
    '22/udp',
    'sshh',
    '-',
    '1-',
  ])('%j is refused in the words of the grammar', (text) => {
    expect(parsePortRule(text)).toEqual(slow(text));
    expect(parsePortRule(text).ok).toBe(false);
  });

  test('any text is read as the grammar reads it', () => {
    const item = fc.oneof(
      fc.nat(70_000).map(String),
      fc.tuple(fc.nat(66_000), fc.nat(66_000)).map(([a, b]) => `${a}-${b}`),
      fc.constantFrom('ssh', '@web', '@top20', '22/tcp', '53/udp', '', 'x', '01'),
    );
    const text = fc.array(fc.tuple(item, fc.constantFrom(',', ' ', ', ', '\t')), { maxLength: 8 });
    fc.assert(
      fc.property(text, (parts) => {
        const list = parts.flat().slice(0, -1).join('');
        expect(parsePortRule(list)).toEqual(slow(list));
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  test('stored text that is longer than what can be typed is read back', () => {
    const text = formatPorts(Array.from({ length: 2_000 }, (_, i) => 2 * i + 1));
    expect(text.length).toBeGreaterThan(4_000);
    expect(parsePortRule(text)).toEqual({ ok: true, value: text });
  });

  test('thousands of the largest lists take no time to speak of', () => {
    const startMs = performance.now();
    for (let i = 0; i < 2_000; i++) parsePortRule(`ssh,1-${MAX_PORT - i}`);
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });
});
