import { AF_INET, AF_INET6 } from '../ffi/layout.ts';
import type { Libc } from '../ffi/libc.ts';
import type { Poller } from '../ffi/poller.ts';
import { roundMs } from '../outcomes.ts';
import type { Outcome } from '../transport.ts';
import type { RawCalls } from './calls.ts';
import { type Channel, openChannel } from './channel.ts';
import { createDestinations, type Destination, flightKey, keyAt } from './destination.ts';
import type { Flight, ScanEnd } from './flight.ts';
import { createInbox, type Packet } from './inbox.ts';
import { ACK, RST, SYN, TCP } from './layout.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import type { PortRange } from './portRange.ts';
import { createQuotes, type Quote } from './quotes.ts';

/** What the wire stands on. */
export interface WireMeans {
  readonly libc: Libc;
  readonly calls: RawCalls;
  readonly poller: Poller;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Fills the array with numbers that nobody can foretell. */
  readonly randomize: (words: Uint32Array) => void;
  readonly sourcePorts: PortRange;
}

/** Sends SYNs and hears the answers, for all scans of the process. Sockets are open while there are scans. */
export interface Wire {
  join(): void;
  /** When the last one has left, everything is closed. */
  leave(): void;
  /** The way to a host, or the name of the error why there is none. To be given back. */
  take(address: string): Destination | string;
  give(destination: Destination): void;
  /** Queues a SYN, or says by the name of an error why that cannot be. */
  launch(attempt: number, destination: Destination, port: number, scan: ScanEnd): Flight | string;
  /** Sends what is queued. */
  flush(): void;
  /** Gives a flight up. */
  drop(flight: Flight): void;
}

/** Error messages read before the answers get their turn. */
const QUOTES = 64;
const RANDOM_WORDS = 1_024;
/** An answer cannot come before its question; the times of both are good to some microseconds. */
const LEAST_MS = 0.001;

interface Line {
  readonly family: number;
  readonly outbox: Outbox;
  channel: Channel | undefined;
}

export function createWire({ libc, calls, poller, now, randomize, sourcePorts }: WireMeans): Wire {
  const { low, high } = sourcePorts;
  const count = high - low + 1;
  const destinations = createDestinations(libc);
  const inbox = createInbox(libc, calls, now);
  const readQuote = createQuotes(libc);
  const random = new Uint32Array(RANDOM_WORDS);
  const v4 = createLine(AF_INET);
  const v6 = createLine(AF_INET6);
  let used = RANDOM_WORDS;
  let scans = 0;
  let next = randomWord() % count;

  function createLine(family: number): Line {
    return { family, outbox: createOutbox(libc, calls, family, now), channel: undefined };
  }

  function randomWord(): number {
    if (used === RANDOM_WORDS) {
      randomize(random);
      used = 0;
    }
    used += 1;
    return random[used - 1] ?? 0;
  }

  /** A source port that no other attempt at the port has now, 0 if all are taken. Equal ports look like an attack. */
  function freeSourcePort({ flights }: Destination, port: number): number {
    for (let tries = 0; tries < count; tries += 1) {
      const candidate = low + next;
      next = (next + 1) % count;
      if (candidate !== port && !flights.has(flightKey(port, candidate))) return candidate;
    }
    return 0;
  }

  function forget(flight: Flight): void {
    flight.live = false;
    flight.destination.flights.delete(flightKey(flight.port, flight.sourcePort));
    poller.expect(-1);
  }

  function land(flight: Flight, outcome: Outcome, atMs: number, sender: string | null): void {
    forget(flight);
    flight.scan.landed(flight, outcome, roundMs(Math.max(LEAST_MS, atMs - flight.sentAtMs)), sender);
  }

  /** The SYN that a segment answers: RFC 9293 §3.10.7.3 wants the acknowledgment to be of just that SYN. */
  function hearSegment(at: number, { bytes, view, end, nameAt, arrivedAtMs }: Packet): void {
    if (end - at < TCP.checksum) return;
    const flags = bytes[at + TCP.flags] ?? 0;
    if ((flags & ACK) === 0 || (flags & (RST | SYN)) === 0) return;
    const key = flightKey(view.getUint16(at + TCP.source), view.getUint16(at + TCP.destination));
    const flight = destinations.find(keyAt(bytes, nameAt))?.flights.get(key);
    if (flight === undefined) return;
    if (view.getUint32(at + TCP.acknowledgment) !== (flight.sequence + 1) >>> 0) return;
    land(flight, (flags & RST) === 0 ? 'syn-ack' : 'conn-refused', arrivedAtMs, null);
  }

  /** A raw IPv4 socket's packets begin with the IP header (raw(7)), an IPv6 one's behind it. */
  const hearV4 = (packet: Packet) => hearSegment(packet.at + ((packet.bytes[packet.at] ?? 0) & 0xf) * 4, packet);
  const hearV6 = (packet: Packet) => hearSegment(packet.at, packet);

  function hearQuote({ outcome, offender, destination, port, sourcePort, sequence }: Quote): void {
    const flight = destinations.find(destination)?.flights.get(flightKey(port, sourcePort));
    if (flight === undefined || outcome === undefined || flight.sequence !== sequence) return;
    // Linux tells a failed ARP or neighbour discovery as an ICMP message of its own making: nobody sent it.
    const { name, source } = flight.destination;
    const own = offender === '' || (offender === source && offender !== name);
    land(flight, outcome, now(), own ? null : offender);
  }

  /** True if the error queue may hold more. */
  function hearQuotes(fd: number): boolean {
    for (let read = 0; read < QUOTES; read += 1) {
      const quote = readQuote(fd);
      if (quote === undefined) return false;
      if (quote !== 'other') hearQuote(quote);
    }
    return true;
  }

  /** epoll tells of arrivals once: what is left over after a batch gets its turn when others have had theirs. */
  function hear(line: Line): void {
    const { channel } = line;
    if (channel === undefined) return;
    let more = true;
    try {
      more = hearQuotes(channel.receiver);
      // A report may have ended the scan, and the sockets with it.
      if (line.channel !== channel) return;
      more = inbox.read(channel.receiver, line === v4 ? hearV4 : hearV6) || more;
    } finally {
      if (more && line.channel === channel) setImmediate(hear, line);
    }
  }

  function channelOf(line: Line): Channel | string {
    if (line.channel !== undefined) return line.channel;
    const channel = openChannel(libc, poller, line.family, sourcePorts, () => hear(line));
    if (typeof channel !== 'string') line.channel = channel;
    return channel;
  }

  function send({ outbox, channel }: Line): void {
    if (channel !== undefined) outbox.send(channel.sender);
  }

  function close(line: Line): void {
    line.outbox.clear();
    line.channel?.close();
    line.channel = undefined;
  }

  return {
    join() {
      scans += 1;
    },
    leave() {
      scans -= 1;
      if (scans > 0) return;
      close(v4);
      close(v6);
    },
    take: destinations.take,
    give: destinations.give,
    launch(attempt, destination, port, scan) {
      const line = destination.family === AF_INET6 ? v6 : v4;
      const channel = channelOf(line);
      if (typeof channel === 'string') return channel;
      const sourcePort = freeSourcePort(destination, port);
      if (sourcePort === 0) return 'EADDRNOTAVAIL';
      const sequence = randomWord();
      const flight: Flight = { attempt, destination, port, sourcePort, sequence, scan, sentAtMs: 0, live: true };
      destination.flights.set(flightKey(port, sourcePort), flight);
      poller.expect(1);
      line.outbox.add(flight);
      if (line.outbox.isFull()) send(line);
      return flight;
    },
    flush() {
      send(v4);
      send(v6);
    },
    drop(flight) {
      if (flight.live) forget(flight);
    },
  };
}
