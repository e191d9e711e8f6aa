import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Answer, Task } from './probe.ts';

const PROBE = join(import.meta.dirname, 'probe.ts');
const LIMIT_MS = 15_000;

/** Runs the probe program from a shell script, in which `"$@"` stands for it. */
export async function probeFrom(script: string, task: Task): Promise<Answer & { readonly exitedAtMs: number }> {
  const child = spawn('/bin/sh', ['-ec', script, 'sh', process.execPath, PROBE, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const output = await text(child.stdout);
  const exitedAtMs = Date.now();
  if (output === '') throw new Error('the probe said nothing');
  return { ...(JSON.parse(output) as Answer), exitedAtMs };
}

const NEEDED = 'ip link add here type veth peer name there && nft list tables && sysctl -qw net.ipv4.ip_forward=1';
/** Whether namespaces can be made here, with a pair of interfaces and a firewall in them. */
export const canMakeNamespaces =
  spawnSync('unshare', ['--net', '--', 'sh', '-c', NEEDED], { stdio: 'ignore' }).status === 0;

/** A network namespace (network_namespaces(7)) that dies with the script, loopback up. */
export const inNamespace = (script: string) => `exec unshare --net -- /bin/sh -ec '
  ip link set lo up
  ${script}
' "$0" "$@"`;

/**
 * Two namespaces joined by veth(4): the script's own (10.91.0.1, fd91::1) and a peer (10.91.0.2, fd91::2) that forwards,
 * knows no way beyond, and whose firewall has the rules given (nft(8), chain `input`).
 */
export const withPeer = (rules: string, script = '"$@"') =>
  inNamespace(`
  unshare --net -- sleep 20 &
  peer=$!
  trap "kill $peer" EXIT
  while [ "$(readlink /proc/$peer/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
  there() { nsenter --net=/proc/$peer/ns/net -- "$@"; }
  ip link add here type veth peer name there netns $peer
  ip address add 10.91.0.1/24 dev here
  ip address add fd91::1/64 dev here nodad
  ip link set here up
  there ip address add 10.91.0.2/24 dev there
  there ip address add fd91::2/64 dev there nodad
  there ip link set lo up
  there ip link set there up
  there sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
  there nft "table inet lab { chain input { type filter hook input priority 0; ${rules} }; }"
  until ip -o link show here | grep -q "state UP" && there ip -o link show there | grep -q "state UP"; do sleep 0.02; done
  ip route add 10.92.0.0/24 via 10.91.0.2
  sysctl -qw net.ipv4.neigh.here.retrans_time_ms=60 net.ipv6.neigh.here.retrans_time_ms=60
  ${script}
`);
