import * as applications from './applications.ts';
import * as directory from './directory.ts';
import * as naming from './naming.ts';
import * as system from './system.ts';
import * as tunnels from './tunnels.ts';

const RPC_PORTMAPPER = [100_000, 2] as const;
const RPC_NFS = [100_003, 3] as const;
const RPC_MOUNT = [100_005, 3] as const;

/**
 * A question for each service that waits for one. What is not here gets an empty datagram, for one of these reasons:
 * - any datagram is answered: daytime 13 (RFC 867), quote 17 (RFC 865), chargen 19 (RFC 864), time 37 (RFC 868);
 * - none ever is: discard 9, NetBIOS datagrams 138, SNMP traps 162, syslog 514, VXLAN 4789, the heartbeats at 902;
 * - none by a stranger is: WireGuard 51820 (an initiation needs the server's key), LLMNR 5355 (own names only);
 * - the answer goes elsewhere: DHCP 67 and 68 (RFC 2131 §4.1, to the other's well-known port);
 * - the question is large by rule: QUIC 443 and 853 (RFC 9000 §14.1: servers drop initial datagrams under 1200 bytes),
 *   RDP 3389 (MS-RDPEUDP §3.1.5.1.1: the SYN is padded to 1232).
 */
const QUESTIONS: ReadonlyMap<number, Uint8Array> = new Map([
  [7, system.echoByte()],
  [53, naming.dnsVersion()],
  [69, system.tftpRead()],
  [88, directory.kerberosRequest()],
  [111, directory.rpcNull(...RPC_PORTMAPPER)],
  [123, system.ntpClient()],
  [137, naming.netbiosStatus()],
  [161, directory.snmpDiscovery()],
  [177, system.xdmcpQuery()],
  [389, directory.ldapRootDse()],
  [427, directory.slpRequest()],
  [500, tunnels.ikeInit()],
  [520, system.ripRequest()],
  [623, system.rmcpPing()],
  [1194, tunnels.openvpnReset()],
  [1434, applications.sqlBrowserInstances()],
  [1645, directory.radiusStatus()],
  [1701, tunnels.l2tpStart()],
  [1812, directory.radiusStatus()],
  [1813, directory.radiusStatus()],
  [1900, applications.ssdpSearch()],
  [2049, directory.rpcNull(...RPC_NFS)],
  [3478, applications.stunBinding()],
  [4500, tunnels.ikeNatTraversal()],
  [5060, applications.sipOptions()],
  [5349, tunnels.dtlsHello()],
  [5351, system.natPmpAddress()],
  [5353, naming.mdnsServices()],
  [5683, applications.coapPing()],
  [5684, tunnels.dtlsHello()],
  [8600, naming.dnsVersion()],
  [11211, applications.memcachedVersion()],
  [20048, directory.rpcNull(...RPC_MOUNT)],
  [25565, applications.minecraftHandshake()],
]);

const EMPTY = new Uint8Array(0);

/** The ports that {@link payloadFor} has a question for, ascending. */
export const QUESTIONED_PORTS: readonly number[] = [...QUESTIONS.keys()];

/**
 * What to send to a UDP port, at most 512 bytes and mostly under 64: a true question of the protocol usual there, for
 * which its servers have a small answer and which changes nothing, logs nobody in and guesses no secret; elsewhere no
 * bytes at all. An empty datagram still tells closed from the rest: a host without a socket there sends ICMP port
 * unreachable (RFC 1122 §4.1.3.1). Identifiers in it are fixed: each attempt has a socket of its own. The array is
 * shared; it is not to be changed.
 */
export function payloadFor(port: number): Uint8Array {
  return QUESTIONS.get(port) ?? EMPTY;
}
