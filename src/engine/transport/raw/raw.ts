import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createFfi } from '../ffi/ffi.ts';
import { AF_INET } from '../ffi/layout.ts';
import { type Libc, loadLibc } from '../ffi/libc.ts';
import { createPoller } from '../ffi/poller.ts';
import type { TransportFactory } from '../transport.ts';
import { loadRawCalls } from './calls.ts';
import { IPPROTO_TCP, RAW } from './layout.ts';
import { sourcePortRange } from './portRange.ts';
import { createTransport } from './transport.ts';
import { createWire } from './wire.ts';

const LOCAL_PORTS = '/proc/sys/net/ipv4/ip_local_port_range';

/** What the system says; nothing where it does not. */
function localPortRange(): string {
  try {
    return readFileSync(LOCAL_PORTS, 'utf8');
  } catch {
    return '';
  }
}

function checkPrivilege(libc: Libc): void {
  const fd = libc.socket(AF_INET, RAW, IPPROTO_TCP);
  if (fd >= 0) {
    libc.close(fd);
    return;
  }
  const code = libc.errorName();
  if (code === 'EPERM' || code === 'EACCES') {
    throw new Error('The raw transport needs root, or the capability CAP_NET_RAW.');
  }
  throw new Error(`The raw transport cannot run here: the system refuses a raw socket (${code}).`);
}

/**
 * The transport that sends bare SYNs (raw(7)) and never finishes a handshake: the kernel, which knows nothing of the
 * SYN, answers a SYN-ACK with RST (RFC 9293 §3.10.7.1), so nothing is left half open. Datagrams, and attempts that ask
 * for a real connection, go by the ffi transport.
 *
 * @throws Error, with a sentence for a person, where it cannot run: not Linux, koffi not installed, no privilege
 */
export async function createRaw(): Promise<TransportFactory> {
  if (process.platform !== 'linux') throw new Error('The raw transport needs Linux.');
  const ffi = await createFfi();
  if (ffi === undefined) {
    throw new Error(
      'The raw transport needs the ffi transport, which cannot run here: is the package koffi installed?',
    );
  }
  const libc = await loadLibc();
  checkPrivilege(libc);
  const wire = createWire({
    libc,
    calls: await loadRawCalls(),
    poller: createPoller(libc),
    now: () => performance.now(),
    randomize: randomFillSync,
    sourcePorts: sourcePortRange(localPortRange()),
  });
  return (report, now) => createTransport(wire, ffi(report, now), report, now);
}
