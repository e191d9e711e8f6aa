import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePortList, parsePorts } from '../../../src/engine/ports/grammar.ts';
import { formatPortList } from '../../../src/engine/ports/intervals.ts';
import { portsOfPreset } from '../../../src/engine/ports/presets.ts';
import { portsOfService, serviceNameOf, UDP_SERVICE_NAMES } from '../../../src/engine/ports/services.ts';
import { QUESTIONED_PORTS } from '../../../src/engine/udp/payloads.ts';

const ALL = { maxPorts: 131_070 };

function problemOf(text: string, options = ALL) {
  const parsed = parsePortList(text, options);
  if (parsed.ok) throw new Error(`accepted: ${formatPortList(parsed.value)}`);
  return parsed.problem;
}

describe('what parsePortList accepts', () => {
  it.each<[string, number[], number[]]>([
    ['22', [22], []],
    ['22/tcp', [22], []],
    ['53/udp', [], [53]],
    ['53/UDP', [], [53]],
    ['53,53/udp', [53], [53]],
    ['53/udp 53/tcp 53', [53], [53]],
    ['1-3/udp', [], [1, 2, 3]],
    ['1-3/udp,2-5/udp', [], [1, 2, 3, 4, 5]],
    ['dns/udp', [], [53]],
    ['DNS/udp,dns', [53], [53]],
    ['ntp/udp', [], [123]],
    ['ipsec/udp', [], [500, 4500]],
    ['ldap/udp', [], [389]],
    ['@mail,161/udp', [...(portsOfPreset('@mail') ?? [])], [161]],
    ['443,22,123/udp,53/udp', [22, 443], [53, 123]],
  ])('%j', (text, tcp, udp) => {
    expect(parsePortList(text, ALL)).toEqual({ ok: true, value: { tcp, udp } });
  });

  it('counts both protocols together', () => {
    expect(problemOf('1-600,1-600/udp', { maxPorts: 1_000 }).message.text).toContain('1200');
    expect(parsePortList('1-500,1-500/udp', { maxPorts: 1_000 }).ok).toBe(true);
  });
});

describe('what parsePortList refuses', () => {
  it.each([
    ['U:53', 'other-notation', '53/udp'],
    ['u:53', 'other-notation', '53/udp'],
    ['U:53-60,T:22', 'other-notation', '53-60/udp'],
    ['T:22', 'other-notation', '22/tcp'],
    ['53/sctp', 'unknown-protocol', '53/tcp'],
    ['53/udp/tcp', 'syntax', '22/tcp'],
    ['/udp', 'syntax', '22/tcp'],
    ['53/', 'syntax', '22/tcp'],
    ['*/udp', 'all-ports', '@common'],
    ['all/udp', 'all-ports', '@common'],
    ['0/udp', 'out-of-range', '443/udp'],
    ['65536/udp', 'out-of-range', '443/udp'],
    ['60-50/udp', 'reversed-range', '50-60/udp'],
    ['-50/udp', 'open-range', '1-1024/udp'],
    ['snpm/udp', 'unknown-name', 'snmp/udp'],
    ['ssh/udp', 'other-protocol', '22/udp'],
    ['ntp', 'other-protocol', 'ntp/udp'],
    ['NTP/tcp', 'other-protocol', 'ntp/udp'],
    ['@web/udp', 'unknown-preset', '@web'],
    ['', 'empty', '22,80,8000-8010,https,@mail'],
  ])('%j: %s, and offers %s', (text, code, example) => {
    const problem = problemOf(text);
    expect({ code: problem.code, example: problem.example }).toEqual({ code, example });
    expect(problem.message.text).toMatch(/[.?]$/);
    expect(parsePortList(problem.example, ALL).ok).toBe(true);
  });

  it('says where the protocol belongs', () => {
    expect(problemOf('U:53').message.text).toMatch(/follows each port: 53\/udp\.$/);
    expect(problemOf('ntp').message.text).toMatch(/Write ntp\/udp\.$/);
  });

  it('a UDP name where only TCP is scanned: says so', () => {
    const parsed = parsePorts('ntp', ALL);
    expect(parsed.ok ? undefined : parsed.problem).toMatchObject({ code: 'other-protocol', example: '123' });
    expect(parsed.ok ? '' : parsed.problem.message.text).toContain('only TCP');
  });
});

describe('properties', () => {
  const pieces = ['22', '1-10', '-', ',', ' ', '@web', 'dns', 'ntp', '/tcp', '/udp', '0', 'U:', ':', '/', '\u200b'];
  const messy = fc.array(fc.constantFrom(...pieces)).map((parts) => parts.join(''));

  it('agrees with parsePorts wherever that one reads a text', () => {
    fc.assert(
      fc.property(fc.oneof(messy, fc.string()), (text) => {
        const alone = parsePorts(text, ALL);
        const both = parsePortList(text, ALL);
        if (alone.ok) expect(both).toEqual({ ok: true, value: { tcp: alone.value, udp: [] } });
        if (!both.ok) {
          expect(both.problem.message.text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
          expect(parsePortList(both.problem.example, ALL).ok).toBe(true);
        }
      }),
      { numRuns: 500, seed: 5 },
    );
  });

  it('reads back what formatPortList writes', () => {
    const ports = fc
      .uniqueArray(fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 65_535 })), { maxLength: 100 })
      .map((list) => list.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(ports, ports, (tcp, udp) => {
        fc.pre(tcp.length + udp.length > 0);
        expect(parsePortList(formatPortList({ tcp, udp }), ALL)).toEqual({ ok: true, value: { tcp, udp } });
      }),
      { seed: 5 },
    );
  });
});

describe('UDP names', () => {
  it('tells the protocols apart', () => {
    expect([serviceNameOf(514), serviceNameOf(514, 'udp')]).toEqual(['rsh', 'syslog']);
    expect([serviceNameOf(22, 'udp'), serviceNameOf(123)]).toEqual([undefined, undefined]);
  });

  it('names every port that has a question, and each name leads to ports that have a name', () => {
    for (const port of QUESTIONED_PORTS) expect(serviceNameOf(port, 'udp')).toBeDefined();
    for (const name of UDP_SERVICE_NAMES) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      const ports = portsOfService(name, 'udp');
      expect(ports).toEqual(ports.toSorted((a, b) => a - b));
      expect(ports.map((port) => serviceNameOf(port, 'udp'))).not.toContain(undefined);
    }
  });
});
