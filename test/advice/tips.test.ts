import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareSeverity } from '../../src/advice/guide.ts';
import { guideOf } from '../../src/advice/lookup.ts';
import { hardeningTips, severityOf, type TipList } from '../../src/advice/tips.ts';
import { expectInstruction } from './text.ts';

const somePorts = fc.uniqueArray(
  fc.oneof(
    fc.integer({ min: 1, max: 65_535 }),
    fc.constantFrom(22, 23, 80, 443, 2375, 3306, 6000, 6001, 6379, 6380, 8080, 27_017, 30_001, 31_000),
  ),
  { maxLength: 40 },
);

const textOf = (tip: TipList['tips'][number] | undefined) => (tip?.service === undefined ? undefined : tip.text);

describe('severityOf', () => {
  test.each([
    [23, 'critical'],
    [3306, 'high'],
    [22, 'medium'],
    [80, 'low'],
    [443, 'info'],
    [65_535, 'low'],
    [0, 'low'],
  ] as const)('%i is %s', (port, severity) => {
    expect(severityOf(port)).toBe(severity);
  });
});

describe('hardeningTips', () => {
  test('has nothing to say where nothing is open', () => {
    expect(hardeningTips([])).toEqual({ tips: [], more: 0 });
  });

  test('puts the worst first, then the lowest port', () => {
    const { tips, more } = hardeningTips([443, 3306, 22, 6379, 80, 23], 10);
    expect(tips.map(({ port, severity }) => [port, severity])).toEqual([
      [23, 'critical'],
      [6379, 'critical'],
      [3306, 'high'],
      [22, 'medium'],
      [80, 'low'],
      [443, 'info'],
    ]);
    expect(more).toBe(0);
    expect(textOf(tips[3])).toContain('PasswordAuthentication no');
  });

  test('follows what was seen on an unusual port', () => {
    const { tips } = hardeningTips([10_022, 443], 5, (port) => (port === 10_022 ? 22 : port));
    expect(tips[0]).toMatchObject({ ports: [10_022], severity: 'medium', service: guideOf(22)?.service });
  });

  test('gives one tip for all ports of a service', () => {
    const { tips } = hardeningTips([6380, 6379, 26_379, 6379]);
    expect(tips).toHaveLength(1);
    expect(tips[0]).toMatchObject({ port: 6379, ports: [6379, 6380, 26_379], severity: 'critical' });
  });

  test('gives ports without a guide one tip together', () => {
    expect(hardeningTips([65_535]).tips).toEqual([
      { port: 65_535, ports: [65_535], service: undefined, severity: 'low' },
    ]);
    const unknown = Array.from({ length: 12 }, (_, index) => 60_000 + index);
    const { tips } = hardeningTips([...unknown, 22]);
    expect(tips).toHaveLength(2);
    expect(tips[1]).toMatchObject({ port: 60_000, ports: unknown, severity: 'low' });
  });

  test('counts what the limit leaves out', () => {
    const open = [22, 23, 25, 80, 443, 3306, 6379];
    expect(hardeningTips(open)).toMatchObject({ more: 2 });
    expect(hardeningTips(open).tips).toHaveLength(5);
    expect(hardeningTips(open, 0)).toEqual({ tips: [], more: 7 });
    expect(hardeningTips(open, Number.NaN)).toEqual({ tips: [], more: 7 });
  });

  test('is deterministic, complete and worst first for any ports', () => {
    fc.assert(
      fc.property(somePorts, fc.integer({ min: 0, max: 50 }), (open, limit) => {
        const { tips, more } = hardeningTips(open, limit);
        expect(hardeningTips([...open].reverse(), limit)).toEqual({ tips, more });
        const services = new Set(open.map((port) => guideOf(port)));
        expect(tips.length + more).toBe(services.size);
        expect(tips.length).toBe(Math.min(limit, services.size));
        for (const [index, tip] of tips.entries()) {
          if (tip.service !== undefined) expectInstruction(tip.text, 120);
          expect(tip.port).toBe(Math.min(...tip.ports));
          const next = tips[index + 1];
          if (next !== undefined) {
            const order = compareSeverity(tip.severity, next.severity);
            expect(order < 0 || (order === 0 && tip.port < next.port)).toBe(true);
          }
        }
      }),
    );
  });
});
