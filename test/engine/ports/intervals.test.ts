import { describe, expect, it } from 'vitest';
import { formatPorts } from '../../../src/engine/ports/intervals.ts';
import { portsOfPreset } from '../../../src/engine/ports/presets.ts';

describe('formatPorts', () => {
  it.each<[number[], string]>([
    [[], ''],
    [[22], '22'],
    [[22, 23], '22,23'],
    [[22, 23, 24], '22-24'],
    [[80, 22], '22,80'],
    [[22, 80, 8000, 8001, 8002, 8003], '22,80,8000-8003'],
    [[1, 2, 4, 5, 6], '1,2,4-6'],
  ])('%j → %s', (ports, text) => {
    expect(formatPorts(ports)).toBe(text);
  });

  it('folds a preset', () => {
    expect(formatPorts(portsOfPreset('@mail') ?? [])).toBe('25,110,143,465,587,993,995');
  });
});
