import { describe, expect, it } from 'vitest';
import { PRESET_NAMES, portsOfPreset, TOP_MAX } from '../../../src/engine/ports/presets.ts';
import { NAMED_PORTS, portsOfService, SERVICE_NAMES, serviceNameOf } from '../../../src/engine/ports/services.ts';

const COMMON = [
  21, 22, 23, 25, 53, 80, 110, 111, 135, 139, 143, 443, 445, 465, 587, 993, 995, 1433, 1521, 2049, 2375, 3000, 3306,
  3389, 5000, 5432, 5601, 5900, 5985, 6379, 6443, 8000, 8080, 8443, 8888, 9000, 9090, 9200, 10250, 11211, 27017,
];

function expectSortedPorts(ports: readonly number[]): void {
  expect(ports).toEqual([...new Set(ports)].sort((a, b) => a - b));
  expect(ports.every((port) => Number.isInteger(port) && port >= 1 && port <= 65_535)).toBe(true);
}

describe('services', () => {
  it.each<[number, string]>([
    [22, 'ssh'],
    [80, 'http'],
    [443, 'https'],
    [3306, 'mysql'],
    [5432, 'postgresql'],
    [6379, 'redis'],
    [27017, 'mongodb'],
    [10250, 'kubelet'],
  ])('%i is %s, both ways', (port, name) => {
    expect(serviceNameOf(port)).toBe(name);
    expect(portsOfService(name)).toContain(port);
    expect(portsOfService(name.toUpperCase())).toContain(port);
  });

  it('knows no name for most ports, and no port for words that objects have', () => {
    expect(serviceNameOf(54_321)).toBeUndefined();
    for (const word of ['', '__proto__', 'constructor', 'toString', 'nonsense'])
      expect(portsOfService(word)).toEqual([]);
  });

  it('is a sound table: sorted, each port once, names that the grammar can read', () => {
    expectSortedPorts(NAMED_PORTS);
    expect(NAMED_PORTS.length).toBeGreaterThanOrEqual(150);
    for (const name of SERVICE_NAMES) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      expectSortedPorts(portsOfService(name));
    }
  });
});

describe('presets', () => {
  it('@common is the first look', () => {
    expect(portsOfPreset('@common')).toEqual(COMMON);
  });

  it.each(PRESET_NAMES)('%s holds sorted ports, each once', (name) => {
    const ports = portsOfPreset(name) ?? [];
    expect(ports.length).toBeGreaterThan(0);
    expectSortedPorts(ports);
    expect(portsOfPreset(name.toUpperCase())).toEqual(ports);
  });

  it('@top<N> holds N ports for every N, and each holds the one before', () => {
    expect(TOP_MAX).toBe(100);
    for (let size = 1; size <= TOP_MAX; size += 1) {
      const ports = portsOfPreset(`@top${size}`) ?? [];
      expect(ports).toHaveLength(size);
      expectSortedPorts(ports);
      const smaller = portsOfPreset(`@top${size - 1}`) ?? [];
      expect(smaller.every((port) => ports.includes(port))).toBe(true);
    }
  });

  it.each(['@top0', '@top101', '@top1000', '@top01', '@top', '@nope', 'web', '', '@__proto__'])(
    '%j is none',
    (name) => {
      expect(portsOfPreset(name)).toBeUndefined();
    },
  );
});
