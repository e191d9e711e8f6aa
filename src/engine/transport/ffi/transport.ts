import { createTable } from '../../table.ts';
import { payloadFor } from '../../udp/payloads.ts';
import { createNeighbours } from '../neighbours.ts';
import { isReset, outcomeOfError, outcomeOfLocalError, roundMs } from '../outcomes.ts';
import type { Opening, Outcome, Settlement, Transport } from '../transport.ts';
import { EPOLLERR, EPOLLIN, EPOLLOUT } from './layout.ts';
import type { Listener, Poller } from './poller.ts';
import type { Sockets } from './sockets.ts';
import type { Spares } from './spares.ts';

/** What all transports of a process share. */
export interface Shared {
  readonly sockets: Sockets;
  readonly poller: Poller;
  readonly spares: Spares;
  /** ICMP errors of TCP connections are queued since Linux 5.8. */
  readonly queuesTcpErrors: boolean;
}

interface Attempt extends Listener {
  ready(events: number, self: Attempt): void;
  readonly opening: Opening;
  fd: number;
  family: number;
  sentAtMs: number;
  /** `syn-ack` was reported and the connection is kept. */
  held: boolean;
}

/** At 10 to 25 µs an attempt, about 3 ms. */
const BATCH = 128;

/** One scan's attempts over shared means. `capacity`: how many can be open at once. */
export function createTransport(
  { sockets, poller, spares, queuesTcpErrors }: Shared,
  capacity: number,
  report: (settlement: Settlement) => void,
  now: () => number,
): Transport {
  const live = createTable<Attempt>();
  const failures: { attempt: Attempt; outcome: Outcome }[] = [];
  spares.join();
  let destroyed = false;

  /** Ends the attempt; what becomes of its socket is the caller's business. */
  function forget(attempt: Attempt): void {
    live.delete(attempt.opening.attempt);
    poller.listen(attempt.fd, undefined);
    poller.expect(-1);
  }

  function tell({ opening, sentAtMs }: Attempt, outcome: Outcome, sender: string | null = null): void {
    report({ attempt: opening.attempt, outcome, rttMs: roundMs(now() - sentAtMs), sender });
  }

  function end(attempt: Attempt, outcome: Outcome, sender: string | null = null): void {
    forget(attempt);
    sockets.close(attempt.fd);
    tell(attempt, outcome, sender);
  }

  const isLive = (attempt: Attempt) => live.get(attempt.opening.attempt) === attempt;

  function tellFailures(): void {
    for (const { attempt, outcome } of failures.splice(0)) {
      if (!isLive(attempt)) continue;
      if (attempt.fd < 0) {
        forget(attempt);
        tell(attempt, outcome);
      } else end(attempt, outcome);
    }
  }

  /** Something went wrong before anything could be sent. Told later, since `open` never reports. */
  function fail(attempt: Attempt, code: string): void {
    const outcome = outcomeOfLocalError(code, attempt.opening.address);
    if (failures.push({ attempt, outcome }) === 1) setImmediate(tellFailures);
  }

  function established(attempt: Attempt): void {
    if (sockets.isSelfConnected(attempt.fd)) {
      forget(attempt);
      sockets.reset(attempt.fd);
      tell(attempt, 'self-connect');
      return;
    }
    attempt.held = true;
    tell(attempt, 'syn-ack');
  }

  function failed(attempt: Attempt, code: string): void {
    if (isReset(code)) {
      attempt.held = true;
      tell(attempt, 'syn-ack');
      if (isLive(attempt)) end(attempt, 'reset');
      return;
    }
    if (code === 'ECONNREFUSED') {
      forget(attempt);
      spares.give(attempt.family, attempt.fd);
      tell(attempt, 'conn-refused');
    } else end(attempt, outcomeOfError(code, false));
  }

  /**
   * Connecting again tells how the first time ended, and makes a socket whose connection was refused as good as new: its
   * next connect takes a source port of its own. That saves socket, options and close: half of an attempt's cost. What
   * ICMP said is read before, while the socket still knows its own address.
   */
  function readyTcp(events: number, attempt: Attempt): void {
    const { fd, held, opening } = attempt;
    if (held) {
      if (isReset(sockets.takeError(fd))) end(attempt, 'reset');
      return;
    }
    const icmp = (events & EPOLLERR) === 0 ? undefined : sockets.takeIcmp(fd, opening.address);
    if (icmp !== undefined) {
      end(attempt, icmp.outcome, icmp.sender);
      return;
    }
    sockets.aim(opening.address, opening.port);
    const code = sockets.connect(fd);
    if (code === 'OK' || code === 'EISCONN') established(attempt);
    // How it ended was lost, so it is asked again.
    else if (code === 'EINPROGRESS') attempt.sentAtMs = now();
    // Otherwise epoll spoke of the socket that had this descriptor before.
    else if (code !== 'EALREADY') failed(attempt, code);
  }

  function readyUdp(_events: number, attempt: Attempt): void {
    const icmp = sockets.takeIcmp(attempt.fd, attempt.opening.address);
    const code = sockets.takeError(attempt.fd);
    if (sockets.receive(attempt.fd)) end(attempt, 'udp-response');
    else if (icmp !== undefined) end(attempt, icmp.outcome, icmp.sender);
    else if (code !== 'OK') end(attempt, code === 'ECONNREFUSED' ? 'port-unreach' : outcomeOfError(code, false));
  }

  /** A descriptor for the attempt that epoll watches, or -1. */
  function acquire(protocol: 'tcp' | 'udp'): number {
    const spare = protocol === 'tcp' ? spares.take(sockets.family()) : -1;
    if (spare >= 0) return spare;
    let fd = sockets.create(protocol);
    if (fd < 0 && spares.drain()) fd = sockets.create(protocol);
    if (fd < 0 || poller.add(fd, protocol === 'tcp' ? EPOLLOUT : EPOLLIN)) return fd;
    sockets.close(fd);
    return -1;
  }

  /** Sends the packet; the error's name if that failed. */
  function start(attempt: Attempt): string | undefined {
    const { address, port, protocol } = attempt.opening;
    if (!sockets.aim(address, port)) return 'EINVAL';
    attempt.family = sockets.family();
    attempt.fd = acquire(protocol);
    if (attempt.fd < 0) return sockets.errorName();
    let code = sockets.connect(attempt.fd);
    if (code === 'OK' && protocol === 'udp') code = sockets.sendPayload(attempt.fd, payloadFor(port));
    if (code !== 'OK' && code !== 'EINPROGRESS' && code !== 'EALREADY' && code !== 'EISCONN') return code;
    attempt.sentAtMs = now();
    poller.listen(attempt.fd, attempt);
    return undefined;
  }

  function release(attempt: Attempt): void {
    forget(attempt);
    if (attempt.fd < 0) return;
    if (attempt.opening.protocol === 'tcp') sockets.reset(attempt.fd);
    else sockets.close(attempt.fd);
  }

  return {
    name: 'ffi',
    capacity,
    batch: BATCH,
    holds: true,
    tellsIcmp: queuesTcpErrors,
    open(opening) {
      if (destroyed) return;
      const ready = opening.protocol === 'tcp' ? readyTcp : readyUdp;
      const attempt: Attempt = { opening, fd: -1, family: 0, sentAtMs: now(), held: false, ready };
      live.set(opening.attempt, attempt);
      poller.expect(1);
      const code = start(attempt);
      if (code !== undefined) fail(attempt, code);
    },
    flush() {},
    close(number) {
      const attempt = live.get(number);
      if (attempt !== undefined) release(attempt);
    },
    destroy() {
      if (destroyed) return;
      destroyed = true;
      failures.length = 0;
      for (const attempt of [...live.values()]) release(attempt);
      spares.leave();
    },
    unread: poller.unread,
    resolving: createNeighbours(now),
  };
}
