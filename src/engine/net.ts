import { Socket } from 'node:net';
import { descriptorBudget } from './descriptors.ts';
import type { Outcome, TransportFactory } from './transport.ts';

/**
 * What an error number of connect(2) says. `local`: the call itself failed, so nothing left this machine; otherwise the
 * error came back from the network. Linux maps ICMP (RFC 792) host unreachable and prohibited to EHOSTUNREACH, net
 * unreachable to ENETUNREACH, port unreachable to ECONNREFUSED; ICMPv6 (RFC 4443) prohibited and policy to EACCES.
 */
export function outcomeOfError(code: string | undefined, local: boolean): Outcome {
  switch (code) {
    case 'ECONNREFUSED':
      return 'conn-refused';
    // A RST in answer to the SYN is ECONNREFUSED; these two come only after a finished handshake, from a service that
    // hangs up before we looked.
    case 'ECONNRESET':
    case 'EPIPE':
      return 'syn-ack';
    case 'ENOPROTOOPT':
      return 'admin-prohibited';
    case 'EINVAL':
      return 'no-route';
    case 'EHOSTUNREACH':
      return local ? 'no-route' : 'host-unreach';
    case 'ENETUNREACH':
      return local ? 'no-route' : 'net-unreach';
    case 'EACCES':
      return local ? 'local-firewall' : 'admin-prohibited';
    case 'EPERM':
      return 'local-firewall';
    case 'EMFILE':
    case 'ENFILE':
      return 'no-descriptor';
    case 'EADDRNOTAVAIL':
      return 'no-source-port';
    case 'ENOBUFS':
    case 'ENOMEM':
    case 'EAGAIN':
      return 'no-buffer';
    case 'ETIMEDOUT':
      return 'gave-up';
    default:
      return 'unexpected';
  }
}

/** True for a socket that the kernel joined to itself: RFC 9293 §3.5, and common enough when scanning this machine. */
export function isSelfConnected(socket: Socket): boolean {
  return socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;
}

/**
 * TCP connect attempts through `node:net`: needs no privileges and runs everywhere. The kernel sends one SYN a socket,
 * and a second one only after a second (RFC 6298 §2.1), by which time a scan has usually moved on. An established
 * connection is reset, so that neither side keeps it in TIME-WAIT.
 */
export const netTransport: TransportFactory = (address, report, now) => {
  const sockets = new Map<number, Socket>();

  function open(attempt: number, port: number): void {
    const socket = new Socket();
    sockets.set(attempt, socket);
    let sentAtMs = now();
    let local = false;

    function end(outcome: Outcome, rttMs: number): void {
      if (sockets.delete(attempt)) report({ attempt, outcome, rttMs: Math.round(rttMs * 1000) / 1000 });
    }

    socket.once('connect', () => {
      const rttMs = now() - sentAtMs;
      const outcome = isSelfConnected(socket) ? 'self-connect' : 'syn-ack';
      socket.resetAndDestroy();
      end(outcome, rttMs);
    });
    // Stays for good: an error after the end is of no interest, but unheard it would end the process.
    socket.on('error', (error: NodeJS.ErrnoException) => end(outcomeOfError(error.code, local), now() - sentAtMs));

    socket.connect({ host: address, port });
    // The system call is made in the next tick, and this runs straight after it. Two things are known only then: when
    // the SYN left, and whether the call itself failed, since an answer from the network takes a turn of the loop.
    process.nextTick(() => {
      sentAtMs = now();
      local = socket.destroyed;
    });
  }

  return {
    capacity: descriptorBudget(),
    open,
    close(attempt) {
      const socket = sockets.get(attempt);
      sockets.delete(attempt);
      socket?.destroy();
    },
  };
};
