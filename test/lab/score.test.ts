import { describe, expect, test } from 'vitest';
import { BEDS } from './beds.ts';
import { OPEN_PORTS, parsePortArgument, portArgument, portSet } from './ports.ts';
import { type Judging, score } from './score.ts';
import type { TruthClass, Verdict } from './truth.ts';
import { parseNmap, parseOurs } from './verdicts.ts';

const PORT = 7;

function judged(truth: TruthClass, verdict: Verdict | undefined, icmpCertain = false) {
  const verdicts = new Map(verdict === undefined ? [] : [[PORT, verdict]]);
  return score(verdicts, { truth: () => truth, ports: [PORT], icmpCertain });
}

describe('the scorer', () => {
  test.for([
    ['open', 'open', 'syn-ack', {}],
    ['open', 'filtered', 'no-response', { wrong: 1, missedOpen: 1 }],
    ['open', 'closed', 'conn-refused', { wrong: 1, missedOpen: 1 }],
    ['rst', 'closed', 'conn-refused', {}],
    ['rst', 'filtered', 'no-response', { wrong: 1, falseFiltered: 1 }],
    ['rst', 'open', 'syn-ack', { wrong: 1, falseOpen: 1 }],
    ['rst', 'error', 'no-descriptor', { wrong: 1, errors: 1 }],
    ['rej-rst', 'closed', 'reset', {}],
    ['drop', 'filtered', 'no-response', {}],
    ['drop', 'closed', 'conn-refused', { wrong: 1, falseClosed: 1 }],
    ['drop', 'filtered', 'host-unreach', { strictWrong: 1 }],
    ['icmp-port', 'closed', 'conn-refused', { strictWrong: 1 }],
    ['icmp-port', 'filtered', 'port-unreach', {}],
    ['icmp-admin', 'filtered', 'no-response', {}],
    ['icmp-admin', 'filtered', 'host-unreach', { strictWrong: 1 }],
    ['full', 'filtered', 'no-response', {}],
    ['full', 'open', 'syn-ack', {}],
    ['flaky', 'open', 'syn-ack', {}],
    ['flaky', 'filtered', 'no-response', { flakyMissed: 1 }],
    ['flaky', 'closed', 'conn-refused', { wrong: 1, missedOpen: 1 }],
    ['once', 'filtered', 'no-response', {}],
    ['synproxy', 'closed', 'syn-proxy', {}],
    ['synproxy', 'open', 'syn-ack', { wrong: 1, falseOpen: 1 }],
    ['nobody', 'filtered', 'host-unreach', {}],
    ['nobody', 'open', 'syn-ack', { wrong: 1, falseOpen: 1 }],
  ] as const)('%s reported %s (%s)', ([truth, state, reason, faults]) => {
    const none = { wrong: 0, missedOpen: 0, falseOpen: 0, falseFiltered: 0, falseClosed: 0, errors: 0, flakyMissed: 0 };
    const expected = { ...none, strictWrong: 'wrong' in faults ? faults.wrong : 0, ...faults };
    expect(judged(truth, { state, reason })).toMatchObject(expected);
  });

  test('no verdict is a wrong one', () => {
    expect(judged('rst', undefined)).toMatchObject({ wrong: 1, missing: 1, strictWrong: 1 });
  });

  test('where every ICMP error arrives, silence is a wrong reason', () => {
    expect(judged('icmp-port', { state: 'filtered', reason: 'no-response' }, true).strictWrong).toBe(1);
  });

  test('judging open ports alone, a closed port may be called filtered but not open', () => {
    const judging: Judging = { truth: () => 'rst', ports: [PORT], icmpCertain: true, openOnly: true };
    expect(score(new Map([[PORT, { state: 'filtered', reason: 'rst-rate-limited' }]]), judging).wrong).toBe(0);
    expect(score(new Map([[PORT, { state: 'open', reason: 'syn-ack' }]]), judging).falseOpen).toBe(1);
  });
});

describe('reading what scanners print', () => {
  test('ours, with the last line cut off', () => {
    const text = [
      '{"address":"10.0.0.1","port":22,"protocol":"tcp","state":"open","reason":"syn-ack"}',
      '{"summary":{"hosts":[{"address":"10.0.0.1","status":"up"}],"transport":"ffi"}}',
      '{"address":"10.0.0.1","por',
    ].join('\n');
    const { hosts, statuses, complete, transport } = parseOurs(text);
    expect(hosts.get('10.0.0.1')?.get(22)).toEqual({ state: 'open', reason: 'syn-ack' });
    expect([statuses.get('10.0.0.1'), complete, transport]).toEqual(['up', true, 'ffi']);
  });

  test('nmap, with ports folded into extraports', () => {
    const xml = `<host starttime="1"><status state="up" reason="user-set" reason_ttl="0"/>
<address addr="10.0.0.1" addrtype="ipv4"/>
<ports><extraports state="closed" count="3">
<extrareasons reason="conn-refused" count="3" proto="tcp" ports="1,3-4"/>
</extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/></port>
</ports></host><runstats><finished exit="success"/></runstats>`;
    const { hosts, complete } = parseNmap(xml);
    const closed = { state: 'closed', reason: 'conn-refused' };
    expect(complete).toBe(true);
    expect(hosts.get('10.0.0.1')).toEqual(
      new Map([
        [1, closed],
        [3, closed],
        [4, closed],
        [22, { state: 'open', reason: 'syn-ack' }],
      ]),
    );
  });
});

describe('port sets', () => {
  test.for([100, 1_000, 65_535])('%i ports hold all that answer, each once', (size) => {
    const ports = portSet(size);
    expect(new Set(ports).size).toBe(size);
    expect(new Set(ports).isSupersetOf(new Set(OPEN_PORTS))).toBe(true);
    expect(parsePortArgument(portArgument(ports))).toEqual(ports);
  });

  test('two of the three answer', () => {
    expect(portSet(3).filter((port) => OPEN_PORTS.includes(port))).toEqual([22, 80]);
  });

  test('every bed with an open port has 21 that may answer', () => {
    for (const { truth, ports } of BEDS.values()) {
      const listening = Object.values(ports).flat();
      if (listening.length === 0) continue;
      expect(listening.toSorted()).toEqual(OPEN_PORTS.toSorted());
      expect(listening.every((port) => ['open', 'flaky', 'full', 'once'].includes(truth(port)))).toBe(true);
    }
  });
});
