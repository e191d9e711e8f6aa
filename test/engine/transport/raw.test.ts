import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { AF_INET, SOCKADDR_IN } from '../../../src/engine/transport/ffi/layout.ts';
import { loadLibc } from '../../../src/engine/transport/ffi/libc.ts';
import { createSockaddr } from '../../../src/engine/transport/ffi/sockaddr.ts';
import { IPPROTO_TCP, RAW } from '../../../src/engine/transport/raw/layout.ts';
import { sourcePortRange } from '../../../src/engine/transport/raw/portRange.ts';
import { createRaw } from '../../../src/engine/transport/raw/raw.ts';
import type { TransportFactory } from '../../../src/engine/transport/transport.ts';
import { silentPort } from '../../helpers/silentPort.ts';
import { listen, OWN_HOST, refusingPort } from '../loopback.ts';
import { createBench } from './bench.ts';
import { canMakeNamespaces, inNamespace, withPeer } from './child.ts';
import { createHarness, listenOn, openDescriptors, standStill, type Wanted } from './harness.ts';
import { tcpCases } from './tcpCases.ts';
import { udpCases } from './udpCases.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const QUIET_MS = 60;
const PEER = '10.91.0.2';
const PEER_V6 = 'fd91::2';
const LOCAL_PORTS = '/proc/sys/net/ipv4/ip_local_port_range';

describe('source ports', () => {
  it.each([
    ['32768\t60999\n', 61_000, 65_535],
    ['16384 32767', 49_152, 65_535],
    ['32768 64000', 16_384, 32_767],
    ['4096 65535', 1_024, 4_095],
    ['1024 65535', 49_152, 65_535],
    ['', 49_152, 65_535],
  ])('where the system has %j, from %i to %i', (theirs, low, high) => {
    expect(sourcePortRange(theirs)).toEqual({ low, high });
  });
});

const program = (name: string) => join(import.meta.dirname, name);
const MODULE = program('../../../src/engine/transport/raw/raw.ts');

async function run(script: string, code: string, argument = ''): Promise<string> {
  const args = ['-ec', script, 'sh', process.execPath, '--input-type=module', '-e', code, argument];
  const child = spawn('/bin/sh', args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
  return text(child.stdout);
}

describe('createRaw, where it cannot run', () => {
  const SAY = `
    const { createRaw } = await import('${MODULE}');
    process.stdout.write(await createRaw().then(() => 'works', ({ message }) => message));
  `;

  it.runIf(isRoot)('says that it needs a privilege', async () => {
    const script = 'exec setpriv --bounding-set=-net_raw --inh-caps=-net_raw "$@"';
    expect(await run(script, SAY)).toBe('The raw transport needs root, or the capability CAP_NET_RAW.');
  });

  it('says that it needs koffi, or Linux', async () => {
    const withoutKoffi = `
      import { registerHooks } from 'node:module';
      registerHooks({ resolve(name, context, next) {
        if (name === 'koffi') throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' });
        return next(name, context);
      } });
    `;
    expect(await run('exec "$@"', withoutKoffi + SAY)).toMatch(/^The raw transport needs .*(koffi|Linux)/);
    const elsewhere = `Object.defineProperty(process, 'platform', { value: 'darwin' });`;
    expect(await run('exec "$@"', elsewhere + SAY)).toBe('The raw transport needs Linux.');
  });
});

/** The same transport, asked for real connections. */
async function createConnecting(): Promise<TransportFactory> {
  const raw = await createRaw();
  return (report, now) => {
    const transport = raw(report, now);
    return { ...transport, open: (opening) => transport.open({ ...opening, connect: true }) };
  };
}

/** Connections to the port that have begun and not ended, by proc_net_tcp(5): in state SYN_RECV. */
function halfOpen(port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .filter((line) => new RegExp(`^ *\\d+: [0-9A-F]{8}:${hex} [0-9A-F]{8}:[0-9A-F]{4} 03 `).test(line)).length;
}

/** Sends RSTs from a port to all source ports there are, as one who has not seen the SYN has to. */
async function forgeRefusals(host: string, port: number): Promise<void> {
  const libc = await loadLibc();
  const fd = libc.socket(AF_INET, RAW, IPPROTO_TCP);
  const target = createSockaddr(libc);
  target.write(host, 0);
  expect(libc.connect(fd, target.memory.address, SOCKADDR_IN.size)).toBe(0);
  const segment = libc.allocate(20);
  segment.bytes.writeUInt16BE(port, 0);
  segment.bytes.writeUInt32BE(0x12345678, 8);
  segment.bytes.writeUInt16BE(0x5014, 12);
  const { low, high } = sourcePortRange(readFileSync(LOCAL_PORTS, 'utf8'));
  for (let to = low; to <= high; to += 1) {
    segment.bytes.writeUInt16BE(to, 2);
    expect(libc.send(fd, segment.address, 20, 0)).toBe(20);
  }
  libc.close(fd);
}

describe.runIf(isRoot)('raw (needs root)', () => {
  const bench = createBench(createRaw);

  it('is its name, that it holds nothing, and how much it can do', () => {
    const { transport } = bench.harness();
    expect(transport).toMatchObject({ name: 'raw', holds: false, tellsIcmp: true, batch: 512, capacity: 30_000 });
    expect(transport.resolving('127.0.0.1' as never)).toBe(false);
  });

  it.each([OWN_HOST, '::1', '::ffff:127.0.0.1', '0.0.0.0'])(
    '%s: open and closed, and nobody connected',
    async (host) => {
      const connections: unknown[] = [];
      const server = bench.kept(createServer((socket) => connections.push(socket.destroy())));
      const at = host === OWN_HOST || host === '::1' ? host : '127.0.0.1';
      await new Promise<void>((resolve) => server.listen(0, at, resolve));
      const { port } = server.address() as { port: number };
      const closed = await refusingPort(at);
      for (let times = 0; times < 5; times += 1) {
        const [open, refused] = [port, closed].map((wanted) => bench.harness().open({ address: host, port: wanted }));
        expect(await bench.harness().outcomes(open ?? 0)).toEqual(['syn-ack']);
        expect(await bench.harness().outcomes(refused ?? 0)).toEqual(['conn-refused']);
      }
      await delay(QUIET_MS);
      expect(bench.harness().settlements).toHaveLength(10);
      expect(bench.harness().settlements.every(({ rttMs, sender }) => rttMs > 0 && rttMs < 1_000 && !sender)).toBe(
        true,
      );
      expect(connections).toEqual([]);
      expect(halfOpen(port)).toBe(0);
    },
  );

  it('thousands at once, more than a batch: each has its one answer', async () => {
    const peer = bench.kept(await listenOn(OWN_HOST));
    const closed = await refusingPort();
    const settlements: string[] = [];
    const factory = bench.factory();
    const transport = factory(
      ({ attempt, outcome }) => settlements.push(`${attempt} ${outcome}`),
      () => performance.now(),
    );
    const expected = Array.from({ length: 3_000 }, (_, index) => {
      const open = index % 7 === 0;
      const port = open ? peer.port : closed;
      const attempt = index + 1;
      transport.open({ attempt, address: OWN_HOST as never, port, protocol: 'tcp', connect: false });
      return `${attempt} ${open ? 'syn-ack' : 'conn-refused'}`;
    });
    transport.flush();
    for (let tries = 0; tries < 1_000 && settlements.length < 3_000; tries += 1) await delay(1);
    transport.destroy();
    expect(settlements.sort()).toEqual(expected.sort());
  });

  it('nothing is told of what was closed, before or after it was sent, twice or never opened', async () => {
    const silent = bench.kept(await silentPort(OWN_HOST));
    const closed = await refusingPort();
    const attempts = [silent.port, closed, closed].map((port) => bench.harness().open({ address: OWN_HOST, port }));
    for (const attempt of [...attempts, ...attempts, 999]) bench.harness().close(attempt);
    const { transport } = bench.harness();
    transport.open({ attempt: 50, address: OWN_HOST as never, port: closed, protocol: 'tcp', connect: false });
    transport.close(50);
    transport.flush();
    await delay(QUIET_MS);
    expect(bench.harness().settlements).toEqual([]);
  });

  it('an answer from somebody who has not seen the SYN is none', async () => {
    const silent = bench.kept(await silentPort('127.0.0.1'));
    const attempt = bench.harness().open({ address: '127.0.0.1', port: silent.port });
    await forgeRefusals('127.0.0.1', silent.port);
    await delay(QUIET_MS);
    expect(bench.harness().settlements).toEqual([]);
    bench.harness().close(attempt);
  });

  it('the time an answer waited for us is not the network’s', async () => {
    const closed = await refusingPort();
    // The kernel begins to note times a moment after it was first asked to.
    await bench.harness().outcomes(bench.harness().open({ address: OWN_HOST, port: closed }));
    await delay(QUIET_MS);
    const attempt = bench.harness().open({ address: OWN_HOST, port: closed });
    standStill(QUIET_MS);
    await bench.harness().outcomes(attempt);
    expect(bench.harness().settlements.find((settlement) => settlement.attempt === attempt)?.rttMs).toBeLessThan(
      QUIET_MS / 2,
    );
  });

  it('what cannot be routed is no verdict on the port', async () => {
    for (const address of ['224.0.0.1', 'ff02::1', '255.255.255.255']) {
      const attempt = bench.harness().open({ address, port: 80 });
      expect(await bench.harness().outcomes(attempt)).toEqual(['no-route']);
    }
  });

  it('scans share two descriptors a family, and the last one frees them in the same tick', async () => {
    const closed = [await refusingPort(), await refusingPort('::1')] as const;
    const before = openDescriptors();
    const harnesses = Array.from({ length: 16 }, () => createHarness(bench.factory()));
    for (let times = 0; times < 20; times += 1) {
      for (const { open } of harnesses) open({ address: OWN_HOST, port: closed[0] });
      for (const { open } of harnesses) open({ address: '::1', port: closed[1] });
    }
    for (let tries = 0; tries < 1_000 && harnesses.some((one) => one.settlements.length < 40); tries += 1)
      await delay(1);
    expect(openDescriptors()).toBe(before + 4);
    for (const { settlements, faults, destroy } of harnesses) {
      expect(settlements.map(({ attempt }) => attempt).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 40 }, (_, index) => index + 1),
      );
      expect(faults).toEqual([]);
      destroy();
    }
    bench.harness().destroy();
    expect(openDescriptors()).toBe(before);
  });

  it('a listener that throws is heard of, and costs the others nothing; then the process ends at once', async () => {
    const listener = await listen();
    const code = `
      const { createRaw } = await import('${MODULE}');
      process.on('uncaughtException', ({ message }) => process.stdout.write(message + ' '));
      let heard = 0;
      const transport = (await createRaw())(() => {
        heard += 1;
        if (heard === 1) throw new Error('oops');
      }, () => performance.now());
      for (const attempt of [1, 2, 3, 4, 5]) {
        transport.open({ attempt, address: '${OWN_HOST}', port: ${listener.port}, protocol: 'tcp', connect: false });
      }
      transport.flush();
      setTimeout(() => {
        transport.open({ attempt: 6, address: '240.0.0.1', port: 9, protocol: 'tcp', connect: false });
        transport.open({ attempt: 7, address: '${OWN_HOST}', port: 9, protocol: 'udp', connect: false });
        transport.destroy();
        process.stdout.write(heard + ' ' + Date.now());
      }, 50);
    `;
    const [trouble, heard, endedAtMs] = (await run('exec "$@"', code)).split(' ');
    expect([trouble, heard]).toEqual(['oops', '5']);
    expect(Date.now() - Number(endedAtMs)).toBeLessThan(500);
    await listener.close();
  });
});

describe.runIf(isRoot)('raw, by the connections and datagrams it has made (needs root)', () => {
  tcpCases('raw, connecting', createBench(createConnecting));
  udpCases('raw', createBench(createRaw));
});

const PROBE = `
  import { createRaw } from '${MODULE}';
  import { createHarness } from '${program('harness.ts')}';
  import { setTimeout as delay } from 'node:timers/promises';
  const { openings, waitMs, resolving } = JSON.parse(process.argv[1]);
  const harness = createHarness(await createRaw());
  const attempts = openings.map((opening) =>
    Array.from({ length: opening.times ?? 1 }, () => harness.open(opening)));
  await delay(20);
  const resolves = resolving !== undefined && harness.transport.resolving(resolving);
  await delay(waitMs);
  harness.destroy();
  const heard = attempts.map((numbers) => {
    const mine = new Set(numbers);
    return harness.settlements
      .filter(({ attempt }) => mine.has(attempt))
      .map(({ outcome, sender }) => (sender === null ? outcome : outcome + ' ' + sender));
  });
  process.stdout.write(JSON.stringify({ heard, resolves, faults: harness.faults }));
`;

interface Heard {
  readonly heard: readonly (readonly string[])[];
  readonly resolves: boolean;
  readonly faults: readonly string[];
}

async function probe(
  script: string,
  openings: readonly (Wanted & { readonly times?: number })[],
  options: { readonly waitMs?: number; readonly resolving?: string } = {},
): Promise<Heard> {
  const answer = await run(script, PROBE, JSON.stringify({ openings, waitMs: 150, ...options }));
  return JSON.parse(answer) as Heard;
}

const RUN = '"$@"';
const RULES = `
  tcp dport 80 drop;
  meta nfproto ipv4 tcp dport 1001 reject with icmp type port-unreachable;
  meta nfproto ipv4 tcp dport 1002 reject with icmp type host-unreachable;
  meta nfproto ipv4 tcp dport 1003 reject with icmp type net-unreachable;
  meta nfproto ipv4 tcp dport 1004 reject with icmp type admin-prohibited;
  meta nfproto ipv4 tcp dport 1007 reject with icmp type prot-unreachable;
  meta nfproto ipv6 tcp dport 1001 reject with icmpv6 type port-unreachable;
  meta nfproto ipv6 tcp dport 1002 reject with icmpv6 type addr-unreachable;
  meta nfproto ipv6 tcp dport 1003 reject with icmpv6 type no-route;
  meta nfproto ipv6 tcp dport 1004 reject with icmpv6 type admin-prohibited;
`;
const REFUSALS = [
  [PEER, 80, null],
  [PEER, 1000, 'conn-refused'],
  [PEER, 1001, 'port-unreach'],
  [PEER, 1002, 'host-unreach'],
  [PEER, 1003, 'net-unreach'],
  [PEER, 1004, 'admin-prohibited'],
  [PEER, 1007, 'admin-prohibited'],
  [PEER_V6, 80, null],
  [PEER_V6, 1000, 'conn-refused'],
  [PEER_V6, 1001, 'port-unreach'],
  [PEER_V6, 1002, 'host-unreach'],
  [PEER_V6, 1003, 'net-unreach'],
  [PEER_V6, 1004, 'admin-prohibited'],
] as const;

/** An interface slower than its users, with a short queue: tc-tbf(8). */
const SHAPE = 'tc qdisc add dev here root tbf rate 1mbit burst 2kb limit 4kb';
const canShape =
  canMakeNamespaces &&
  spawnSync('unshare', ['--net', '--', 'sh', '-ec', `ip link add here type veth peer name there; ${SHAPE}`], {
    stdio: 'ignore',
  }).status === 0;

describe.runIf(isRoot && canMakeNamespaces)('raw: in namespaces of its own (needs root, ip, nft)', () => {
  let faults: readonly string[] = [];
  beforeEach(() => {
    faults = [];
  });

  it('tells the refusals of a firewall apart, and who sent them', async () => {
    const openings = REFUSALS.map(([address, port]) => ({ address, port, times: 3 }));
    const answer = await probe(withPeer(RULES), openings);
    faults = answer.faults;
    for (const [index, [address, port, outcome]] of REFUSALS.entries()) {
      const said = outcome === null || outcome === 'conn-refused' ? outcome : `${outcome} ${address}`;
      expect([port, answer.heard[index]]).toEqual([port, said === null ? [] : [said, said, said]]);
    }
    expect(faults).toEqual([]);
  });

  it('names the router that knows no way, and nobody where a neighbour does not answer', async () => {
    const openings = ['10.92.0.1', '10.91.0.77', 'fd91::77'].map((address) => ({ address, port: 80, times: 2 }));
    const { heard, resolves } = await probe(withPeer(''), openings, { waitMs: 900, resolving: '10.91.0.77' });
    const routed = `net-unreach ${PEER}`;
    expect(heard).toEqual([
      [routed, routed],
      ['host-unreach', 'host-unreach'],
      ['host-unreach', 'host-unreach'],
    ]);
    expect(resolves).toBe(true);
  });

  it('an address family that is switched off, and a network without a way there, are no route', async () => {
    const script = inNamespace(`sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ${RUN}`);
    const openings = ['::1', '2001:db8::1', '192.0.2.1'].map((address) => ({ address, port: 80 }));
    expect((await probe(script, openings)).heard).toEqual([['no-route'], ['no-route'], ['no-route']]);
  });

  it('every attempt at a port has a source port of its own, and when there are no more says so', async () => {
    const openings = [{ address: PEER, port: 80, times: 4_600 }];
    const script = withPeer('tcp dport 80 drop;', `sysctl -qw net.ipv4.ip_local_port_range="32768 60999"; ${RUN}`);
    const { heard } = await probe(script, openings);
    expect(heard[0]).toEqual(Array.from({ length: 4_600 - 4_536 }, () => 'no-source-port'));
  });

  it("this machine's own firewall is not the target's", async () => {
    const rule = 'nft "table inet own { chain out { type filter hook output priority 0; tcp dport 80 drop; }; }"';
    const openings = ['127.0.0.1', '::1'].flatMap((address) => [
      { address, port: 80, times: 3 },
      { address, port: 81 },
    ]);
    const blocked = ['local-firewall', 'local-firewall', 'local-firewall'];
    const { heard } = await probe(inNamespace(`${rule}; ${RUN}`), openings);
    expect(heard).toEqual([blocked, ['conn-refused'], blocked, ['conn-refused']]);
  });

  it.runIf(canShape)('packets that the queue has no room for are said not to have left (needs tc)', async () => {
    const script = withPeer('', `${SHAPE}; ${RUN}`);
    const { heard } = await probe(script, [{ address: PEER, port: 1000, times: 600 }]);
    expect(new Set(heard[0])).toEqual(new Set(['conn-refused', 'no-buffer']));
    expect(heard[0]?.filter((outcome) => outcome === 'no-buffer').length).toBeGreaterThan(50);
  });
});
