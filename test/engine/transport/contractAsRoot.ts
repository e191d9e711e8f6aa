import { describe, expect, it } from 'vitest';
import { canMakeNamespaces, inNamespace, probeFrom, withPeer } from './child.ts';
import type { RealTransport } from './factories.ts';

const RUN = '"$@"';
const PEER = '10.91.0.2';
const PEER_V6 = 'fd91::2';

/** An IPv4 packet filter's ways of saying no, by port; and the same for IPv6. */
const RULES = `
  meta nfproto ipv4 meta l4proto { tcp, udp } th dport 1001 reject with icmp type port-unreachable;
  meta nfproto ipv4 meta l4proto { tcp, udp } th dport 1002 reject with icmp type host-unreachable;
  meta nfproto ipv4 meta l4proto { tcp, udp } th dport 1003 reject with icmp type net-unreachable;
  meta nfproto ipv4 meta l4proto { tcp, udp } th dport 1004 reject with icmp type admin-prohibited;
  meta nfproto ipv4 meta l4proto { tcp, udp } th dport 1005 reject with icmp type net-prohibited;
  meta nfproto ipv4 meta l4proto { tcp, udp } th dport 1006 reject with icmp type host-prohibited;
  meta nfproto ipv4 meta l4proto { tcp, udp } th dport 1007 reject with icmp type prot-unreachable;
  meta nfproto ipv6 meta l4proto { tcp, udp } th dport 1001 reject with icmpv6 type port-unreachable;
  meta nfproto ipv6 meta l4proto { tcp, udp } th dport 1002 reject with icmpv6 type addr-unreachable;
  meta nfproto ipv6 meta l4proto { tcp, udp } th dport 1003 reject with icmpv6 type no-route;
  meta nfproto ipv6 meta l4proto { tcp, udp } th dport 1004 reject with icmpv6 type admin-prohibited;
`;

/** By port: what a transport that tells ICMP says, and what connect(2) alone can tell. */
const REFUSALS = [
  [PEER, 1000, 'conn-refused', 'conn-refused'],
  [PEER, 1001, 'port-unreach', 'conn-refused'],
  [PEER, 1002, 'host-unreach', 'host-unreach'],
  [PEER, 1003, 'net-unreach', 'net-unreach'],
  [PEER, 1004, 'admin-prohibited', 'host-unreach'],
  [PEER, 1005, 'admin-prohibited', 'net-unreach'],
  [PEER, 1006, 'admin-prohibited', 'host-unreach'],
  [PEER, 1007, 'admin-prohibited', 'admin-prohibited'],
  [PEER_V6, 1000, 'conn-refused', 'conn-refused'],
  [PEER_V6, 1001, 'port-unreach', 'conn-refused'],
  [PEER_V6, 1002, 'host-unreach', 'host-unreach'],
  [PEER_V6, 1003, 'net-unreach', 'net-unreach'],
  [PEER_V6, 1004, 'admin-prohibited', 'admin-prohibited'],
] as const;

/** What needs namespaces, routes and firewalls of its own, and so root. */
export function transportContractAsRoot(name: RealTransport): void {
  const detailed = name === 'ffi';

  describe.runIf(canMakeNamespaces)(`${name}: in namespaces of its own (needs root, ip, nft)`, () => {
    it('tells the refusals of a firewall apart as well as it says it can, TCP', async () => {
      const openings = REFUSALS.map(([address, port]) => ({ address, port, times: 3 }));
      const { heard, faults, tellsIcmp } = await probeFrom(withPeer(RULES), { transport: name, openings, waitMs: 500 });
      expect({ faults, tellsIcmp }).toEqual({ faults: [], tellsIcmp: detailed });
      for (const [index, [address, port, full, plain]] of REFUSALS.entries()) {
        const outcome = detailed ? full : plain;
        const said = detailed && outcome !== 'conn-refused' ? `${outcome} ${address}` : outcome;
        const outcomes = heard[index] ?? [];
        expect([port, ...outcomes.filter((other) => other !== said)]).toEqual([port]);
        // The kernel keeps an ICMP error that comes while connect(2) still runs to itself, unless there is a queue.
        if (detailed || port === 1000) expect([port, outcomes.length]).toEqual([port, 3]);
      }
    });

    it('and UDP, where the system keeps most of it to itself unless asked', async () => {
      const openings = REFUSALS.map(([address, port]) => ({ address, port, protocol: 'udp' as const }));
      const { heard } = await probeFrom(withPeer(RULES), { transport: name, openings, waitMs: 200 });
      if (detailed) {
        const said = REFUSALS.map(([address, port, full]) => [`${port === 1000 ? 'port-unreach' : full} ${address}`]);
        expect(heard).toEqual(said);
      } else {
        expect(heard.slice(0, 2)).toEqual([['port-unreach'], ['port-unreach']]);
        expect(heard.slice(8, 10)).toEqual([['port-unreach'], ['port-unreach']]);
      }
    });

    it('names the router that knows no way, and nobody where a neighbour does not answer to ARP', async () => {
      const openings = ['10.92.0.1', '10.91.0.77', 'fd91::77'].flatMap((address) => [
        { address, port: 80 },
        { address, port: 53, protocol: 'udp' as const },
      ]);
      const task = { transport: name, openings, waitMs: 900, resolving: '10.91.0.77' };
      const { heard, resolving } = await probeFrom(withPeer(''), task);
      const [routedTcp, routedUdp, ...neighbours] = heard;
      expect(routedTcp).toEqual([detailed ? `net-unreach ${PEER}` : 'net-unreach']);
      if (detailed) expect(routedUdp).toEqual([`net-unreach ${PEER}`]);
      expect(neighbours.filter((_, index) => detailed || index % 2 === 0)).toEqual(
        Array.from({ length: detailed ? 4 : 2 }, () => ['host-unreach']),
      );
      expect(resolving).toBe(true);
    });

    it('knows a connection with itself', async () => {
      const openings = [40_000, 40_001, 40_002, 40_003].map((port) => ({ address: '127.0.0.1', port, times: 20 }));
      const script = inNamespace(`sysctl -qw net.ipv4.ip_local_port_range="40000 40003"; ${RUN}`);
      const { heard } = await probeFrom(script, { transport: name, openings, waitMs: 200 });
      const outcomes = heard.flat();
      expect(outcomes).toContain('self-connect');
      expect(outcomes).not.toContain('syn-ack');
    });

    it('an address family that is switched off, and a network without a way there, are no route', async () => {
      const script = inNamespace(`sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ${RUN}`);
      const openings = ['::1', '2001:db8::1', '192.0.2.1'].flatMap((address) => [
        { address, port: 80 },
        { address, port: 53, protocol: 'udp' as const },
      ]);
      const { heard, faults } = await probeFrom(script, { transport: name, openings, waitMs: 300 });
      expect(heard).toEqual(Array.from({ length: 6 }, () => ['no-route']));
      expect(faults).toEqual([]);
    });

    it('source ports that have run out are said to have', async () => {
      const script = withPeer('tcp dport 80 drop;', `sysctl -qw net.ipv4.ip_local_port_range="40000 40009"; ${RUN}`);
      const openings = [{ address: PEER, port: 80, times: 30 }];
      const { heard } = await probeFrom(script, { transport: name, openings, waitMs: 100 });
      expect(heard[0]).toEqual(Array.from({ length: 20 }, () => 'no-source-port'));
    });

    it("this machine's own firewall is not the target's", async () => {
      const rule = 'nft "table inet own { chain out { type filter hook output priority 0; udp dport 80 drop; }; }"';
      const openings = [{ address: '127.0.0.1', port: 80, protocol: 'udp' as const }];
      const { heard } = await probeFrom(inNamespace(`${rule}; ${RUN}`), { transport: name, openings, waitMs: 200 });
      expect(heard).toEqual([['local-firewall']]);
    });
  });
}
