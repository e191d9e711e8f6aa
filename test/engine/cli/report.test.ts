import { describe, expect, it } from 'vitest';
import { jsonReport, type Report } from '../../../src/engine/cli/report.ts';
import { manyHostsReport, oneHostReport } from '../../../src/engine/cli/text.ts';
import { formatDuration } from '../../../src/engine/cli/words.ts';
import type { HostSummary, PortResult, ScanSummary } from '../../../src/engine/types.ts';

const HOST = '192.0.2.1';

function verdict(port: number, changes: Partial<PortResult> = {}): PortResult {
  return {
    address: HOST,
    port,
    protocol: 'tcp',
    state: 'closed',
    reason: 'conn-refused',
    rttMs: 0.42,
    attempts: 1,
    confidence: 1,
    sender: null,
    ...changes,
  };
}

function host(address: string, changes: Partial<HostSummary> = {}): HostSummary {
  return { address, status: 'up', suspicions: [], rttMs: 0.42, loss: 0, ...changes };
}

function summary(changes: Partial<ScanSummary> = {}): ScanSummary {
  return {
    hosts: [host(HOST)],
    total: 3,
    counts: { open: 1, 'open|filtered': 0, closed: 1, filtered: 1, error: 0 },
    complete: true,
    ended: 'complete',
    unprobed: 0,
    attempts: 5,
    durationMs: 12,
    transport: 'net',
    ...changes,
  };
}

function one(portsPerHost: number, deadlineMs?: number): Report {
  return oneHostReport({ addresses: [HOST], portsPerHost, names: new Map(), deadlineMs });
}

function many(addresses: readonly string[], portsPerHost: number, names = new Map<string, string>()): Report {
  return manyHostsReport({ addresses, portsPerHost, names, deadlineMs: undefined });
}

function print(report: Report, results: readonly PortResult[], end: ScanSummary): string {
  return results.map((result) => report.verdict(result)).join('') + report.end(end);
}

const SILENT = { state: 'filtered', reason: 'no-response', rttMs: null } as const;

describe('formatDuration', () => {
  it.each<[number, string]>([
    [0, '0 ms'],
    [3.4, '3 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [1_234, '1.23 s'],
    [59_994, '59.99 s'],
    [59_999, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [3_780_000, '1 h 3 min'],
  ])('%d → %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});

describe('one host', () => {
  it('few ports: a line for each, in order, with doubt and sender only where there are some', () => {
    const results = [
      verdict(80, SILENT),
      verdict(443, { ...SILENT, confidence: 0.938 }),
      verdict(23, { state: 'filtered', reason: 'admin-prohibited', sender: '198.51.100.1' }),
      verdict(53, { protocol: 'udp', state: 'open', reason: 'udp-response' }),
      verdict(69, { protocol: 'udp', reason: 'port-unreach', sender: HOST }),
      verdict(22, { state: 'open', reason: 'syn-ack' }),
    ];
    expect(print(one(6), results, summary()).split('\n')).toEqual([
      '22/tcp open ssh syn-ack 0.4 ms',
      '23/tcp filtered telnet admin-prohibited from 198.51.100.1 0.4 ms',
      '80/tcp filtered http no-response',
      '443/tcp filtered https no-response, confidence 0.93',
      '53/udp open dns udp-response 0.4 ms',
      '69/udp closed tftp port-unreach 0.4 ms',
      `${HOST}: 3 ports in 12 ms by net, 5 attempts: 1 open, 1 closed, 1 filtered, 0 error`,
      '',
    ]);
  });

  it('many ports: open ones at once, the others folded by state, reason and sender', () => {
    const report = one(100);
    expect(report.verdict(verdict(22, { state: 'open', reason: 'syn-ack' }))).toBe('22/tcp open ssh syn-ack 0.4 ms\n');
    const rest = [
      verdict(1),
      verdict(2),
      verdict(3),
      verdict(3, { protocol: 'udp', reason: 'conn-refused' }),
      verdict(9, SILENT),
      verdict(8, { ...SILENT, confidence: 0.9 }),
      verdict(7, { state: 'filtered', reason: 'host-unreach', sender: '198.51.100.1' }),
    ];
    for (const result of rest) expect(report.verdict(result)).toBe('');
    const lines = report.end(summary()).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      '4 closed conn-refused: 1-3,3/udp',
      '1 filtered host-unreach from 198.51.100.1: 7',
      '2 filtered no-response, confidence at least 0.90: 8,9',
    ]);
  });

  it.each<[Partial<HostSummary>, RegExp]>([
    [{ status: 'down' }, /^192\.0\.2\.1 is down: .+\.$/m],
    [{ status: 'silent' }, /^192\.0\.2\.1 is silent: .+\.$/m],
    [{ suspicions: ['answers-everything'] }, /accepts every connection/],
    [{ suspicions: ['syn-proxy'] }, /SYN proxy/],
    [{ suspicions: ['rst-rate-limited'] }, /limits how many refusals/],
    [{ suspicions: ['icmp-rate-limited'] }, /limits how many ICMP/],
    [{ suspicions: ['stopped-answering'] }, /answered at first/],
  ])('explains %j', (changes, sentence) => {
    expect(one(1).end(summary({ hosts: [host(HOST, changes)] }))).toMatch(sentence);
    expect(one(1).end(summary())).not.toMatch(sentence);
  });

  it('counts open|filtered where there are some', () => {
    const counts = { open: 0, 'open|filtered': 2, closed: 1, filtered: 0, error: 0 };
    expect(one(3).end(summary({ counts }))).toContain(': 0 open, 2 open|filtered, 1 closed, 0 filtered, 0 error\n');
  });

  it('says what is missing, and why', () => {
    const partial = { complete: false, unprobed: 2 } as const;
    const interrupted = one(3).end(summary({ ...partial, ended: 'aborted' }));
    expect(interrupted).toMatch(/; interrupted, 2 without a verdict\n$/);
    const late = one(3, 5_000).end(summary({ ...partial, ended: 'deadline' }));
    expect(late).toMatch(/; partial, 2 without a verdict\nStopped at the deadline of 5\.00 s: 2 of 3 ports .+\.\n$/);
    expect(one(3, 5_000).end(summary())).not.toContain('deadline');
  });
});

describe('many hosts', () => {
  const A = '192.0.2.1';
  const B = '192.0.2.2';
  const C = '192.0.2.3';

  it('a block for each as soon as it is finished, in the order asked for', () => {
    const report = many([A, B], 2, new Map([[B, 'db.example.com']]));
    const hosts = [host(B, { loss: 0.031 }), host(A)];
    const results = [verdict(22, { address: B, state: 'open', reason: 'syn-ack' }), verdict(80, { address: A })];
    for (const result of results) report.verdict(result);
    expect(report.due()).toBe(false);
    report.verdict(verdict(80, { address: B }));
    expect(report.due()).toBe(true);
    report.verdict(verdict(22, { address: A }));
    expect(report.settle(summary({ hosts })).split('\n')).toEqual([
      '192.0.2.1: up, round trip 0.4 ms',
      '  22/tcp closed ssh conn-refused 0.4 ms',
      '  80/tcp closed http conn-refused 0.4 ms',
      '',
      'db.example.com (192.0.2.2): up, round trip 0.4 ms, 3 % of packets lost',
      '  22/tcp open ssh syn-ack 0.4 ms',
      '  80/tcp closed http conn-refused 0.4 ms',
      '',
      '',
    ]);
    expect(report.due()).toBe(false);
    expect(report.end(summary({ hosts, total: 4 }))).toMatch(/^2 hosts \(2 up\): 4 ports in 12 ms by net/);
  });

  it('hosts that gave no sign share a line', () => {
    const addresses = [A, B, C, '192.0.2.9', '198.51.100.7'];
    const hosts = [
      ...[A, B, C].map((address) => host(address, { status: 'silent', rttMs: null })),
      host('192.0.2.9', { status: 'down', rttMs: null }),
      host('198.51.100.7', { status: 'down', rttMs: null }),
    ];
    const names = new Map([['198.51.100.7', 'old.example.com']]);
    const results = addresses.map((address) => verdict(22, { ...SILENT, address }));
    expect(
      print(many(addresses, 1, names), results, summary({ hosts, total: 5 }))
        .split('\n')
        .slice(0, 3),
    ).toEqual([
      '2 hosts down: old.example.com (198.51.100.7), 192.0.2.9',
      '3 hosts silent: 192.0.2.1-192.0.2.3',
      '5 hosts (2 down, 3 silent): 5 ports in 12 ms by net, 5 attempts: 1 open, 1 closed, 1 filtered, 0 error',
    ]);
  });

  it('a dead host that could not be tested is not passed over', () => {
    const hosts = [host(A, { status: 'silent' }), host(B)];
    const results = [verdict(22, { address: A, state: 'error', reason: 'no-route', rttMs: null })];
    expect(print(many([A, B], 1), results, summary({ hosts }))).toContain('  22/tcp error ssh no-route\n');
  });

  it('a long list of hosts is cut, with the number of what is left out', () => {
    const addresses = Array.from({ length: 40 }, (_, index) => `192.0.2.${2 * index}`);
    const hosts = addresses.map((address) => host(address, { status: 'silent' }));
    const results = addresses.map((address) => verdict(22, { ...SILENT, address }));
    const [line] = print(many(addresses, 1), results, summary({ hosts })).split('\n');
    expect(line).toMatch(/^40 hosts silent: .+ and 32 more ranges or addresses$/);
  });

  it('interrupted: what was found is printed, hosts without a turn are counted', () => {
    const end = summary({ hosts: [host(A)], complete: false, ended: 'aborted', unprobed: 5, total: 6 });
    const text = print(many([A, B, C], 2), [verdict(22, { state: 'open', reason: 'syn-ack' })], end);
    expect(text).toContain('  22/tcp open ssh syn-ack');
    expect(text).toMatch(/^3 hosts \(1 up, 2 not reached\): .*; interrupted, 5 without a verdict$/m);
  });
});

describe('JSON', () => {
  it('has its keys in the agreed order, the summary last', () => {
    const [line, last] = print(jsonReport(), [verdict(22)], summary()).split('\n');
    expect(line).toBe(
      `{"address":"${HOST}","port":22,"protocol":"tcp","state":"closed","reason":"conn-refused","rttMs":0.42,"attempts":1,"confidence":1,"sender":null}`,
    );
    expect(JSON.parse(last ?? '')).toEqual({ summary: summary() });
  });
});
