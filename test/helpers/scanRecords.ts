import fc from 'fast-check';
import { formatPorts } from '../../src/engine/ports/intervals.ts';
import { HOST_STATUSES, PORT_STATES, type PortState, SUSPICIONS } from '../../src/engine/types.ts';
import { VANTAGES } from '../../src/policy/vantage.ts';
import { EVIDENCE, type Evidence } from '../../src/probes/evidence.ts';
import type { ScanRecord } from '../../src/storage/scanRecords.ts';
import { fromSchema } from './fromSchema.ts';

/** What a service may say to do harm somewhere on the way to a person or a file. */
const HOSTILE = [
  '@everyone <@1> <#2> </scan:3> <t:0:R>',
  '[click](https://evil.example/?a=b) www.evil.example discord.gg/x',
  '**b** __u__ ~~s~~ ||x|| `c` ```\nblock\n``` # h\n- l\n> q',
  '| a | b |\n|---|---|',
  "=cmd|' /C calc'!A0",
  '+1-1',
  '-2+3',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  'a;=1+1',
  '＝1',
  '"quoted",\r\n"cells"',
  "]]> <![CDATA[ <!-- --> <?php ?> &amp; &#0; <a b='c'>",
  '\u0000\u0001\u0008\u000b\u001f\u007f\u0085\ufffe\uffff',
  '\ud800 lone \udfff',
  '\u202e\u2066\u200b\ufeff\u00ad',
  '👍🏽'.repeat(40),
  'e\u0301'.repeat(80),
  'nginx/1.10.3',
  'OpenSSH_9.2p1 Debian-2+deb12u3',
  '__proto__',
  '{{7*7}} $(id) %s %n',
];

/** Text of a service: anything, with a liking for what is special somewhere. */
export const serviceText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
  fc.array(fc.constantFrom(...HOSTILE), { minLength: 2, maxLength: 5 }).map((parts) => parts.join(' ')),
);

/** What could be seen behind a port, with whatever text. */
export const anyEvidence: fc.Arbitrary<Evidence> = fromSchema(EVIDENCE, serviceText);

const REASONS: Readonly<Record<PortState, readonly string[]>> = {
  open: ['syn-ack', 'udp-response'],
  'open|filtered': ['no-response'],
  closed: ['conn-refused', 'syn-proxy'],
  filtered: ['no-response', 'admin-prohibited', 'host-unreach', 'rst-rate-limited'],
  error: ['no-descriptor', 'no-route', 'unexpected'],
};

const HOSTS = [
  ['example.com', 'example.com'],
  ['198.51.100.7', '198.51.100.7'],
  ['2001:db8::7', '2001:db8::7'],
  ['xn--mnchen-3ya.example', 'münchen.example'],
  [`${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.example`, `${'a'.repeat(60)}.example`],
] as const;

/** Ports: few, a range, scattered ones or all that there are. */
const anyPorts: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 6, arbitrary: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 40 }) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 2_000 })).map(rangeOf),
  },
  { weight: 1, arbitrary: fc.constant(rangeOf([1, 65_535])) },
);

function rangeOf([first, count]: readonly [number, number]): readonly number[] {
  return Array.from({ length: Math.min(count, 65_536 - first) }, (_, i) => first + i);
}

/** Which of these ports gets which verdict: mixed by a stride, so that ranges are long, short or missing. */
function groupsOf(ports: readonly number[], states: readonly { state: PortState; reason: string; stride: number }[]) {
  const left = new Set([...ports].sort((a, b) => a - b));
  const groups = new Map<string, { state: PortState; reason: string; ports: number[] }>();
  for (const [i, { state, reason, stride }] of states.entries()) {
    const isLast = i === states.length - 1;
    const own = [...left].filter((_, index) => isLast || index % stride === 0);
    for (const port of own) left.delete(port);
    const key = `${state} ${reason}`;
    groups.set(key, { state, reason, ports: [...(groups.get(key)?.ports ?? []), ...own] });
  }
  return [...groups.values()]
    .filter((group) => group.ports.length > 0)
    .map((group) => ({ ...group, ports: formatPorts(group.ports) }));
}

const anyVerdict = fc.constantFrom(...PORT_STATES).chain((state) =>
  fc.record({
    state: fc.constant(state),
    reason: fc.constantFrom(...REASONS[state]),
    stride: fc.constantFrom(2, 3, 7, 100),
  }),
);

/**
 * Any finished scan, as the bot could have kept it: every state and reason, from one port to all 65,535, stopped or not,
 * with hostile text of services; evidence only of ports that are open.
 */
export const anyScanRecord: fc.Arbitrary<ScanRecord> = fc
  .record({
    ports: anyPorts,
    verdicts: fc.array(anyVerdict, { minLength: 1, maxLength: 5 }),
    seen: fc.array(anyEvidence, { maxLength: 6 }),
    host: fc.constantFrom(...HOSTS),
    unprobed: fc.constantFrom(0, 0, 3),
    stopped: fc.constantFrom('cancelled', 'revoked', 'shutdown', 'deadline'),
    startedAt: fc
      .date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    durationMs: fc.oneof(fc.integer({ min: 0, max: 900_000 }), fc.double({ min: 0, max: 900_000, noNaN: true })),
    status: fc.option(fc.constantFrom(...HOST_STATUSES), { nil: undefined }),
    suspicions: fc.option(fc.subarray([...SUSPICIONS]), { nil: undefined }),
    vantage: fc.option(fc.constantFrom(...VANTAGES), { nil: undefined }),
    others: fc.subarray(['198.51.100.8', '2001:db8::8']),
    skips: fc.boolean(),
    isOld: fc.boolean(),
  })
  .map(
    ({
      ports,
      verdicts,
      seen,
      host: [host, display],
      unprobed,
      stopped,
      others,
      skips,
      isOld,
      ...rest
    }): ScanRecord => {
      const skipped = skips && ports.length > 2 ? ports.slice(0, 1) : [];
      const groups = groupsOf(ports.slice(skipped.length), verdicts);
      const open = groups
        .filter(({ state }) => state === 'open')
        .flatMap((group) => firstPorts(group.ports, seen.length));
      const evidence = open.slice(0, seen.length).flatMap((port, i) => {
        const each = seen[i];
        return each ? [{ ...each, port }] : [];
      });
      const { status, suspicions, vantage, startedAt, durationMs } = rest;
      return {
        v: 1,
        id: 'scan-1',
        guildId: '1',
        userId: '7',
        host,
        display,
        requestedPorts: formatPorts(ports),
        ...(skipped.length > 0 && { skippedPorts: formatPorts(skipped) }),
        address: host.includes(':') ? host : '198.51.100.7',
        otherAddresses: others,
        startedAt,
        durationMs,
        ...(unprobed > 0 && { stopped }),
        unprobed,
        groups,
        ...(status && { status }),
        ...(suspicions && { suspicions }),
        ...(vantage && { vantage }),
        ...(isOld ? {} : { evidence: evidence.sort((a, b) => a.port - b.port) }),
      };
    },
  );

function firstPorts(text: string, limit: number): number[] {
  return text
    .split(',')
    .slice(0, limit)
    .map((item) => Number(item.split('-')[0]));
}
