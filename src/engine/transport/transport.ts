import type { Protocol, Reason, ScannableAddress, TransportName } from '../types.ts';

/**
 * What became of an attempt. Most are the {@link Reason} a verdict will carry; the others are no verdict by themselves:
 * `reset` (the handshake was finished, then the far side sent RST), `self-connect` (the kernel chose the tested port as
 * source port and joined the socket to itself, RFC 9293 §3.5 simultaneous open) and `gave-up` (the kernel stopped
 * waiting before we did).
 */
export type Outcome =
  | Exclude<Reason, 'no-response' | 'syn-proxy' | 'rst-rate-limited' | 'icmp-rate-limited'>
  | 'reset'
  | 'self-connect'
  | 'gave-up';

/** What is known only after something has come back. */
export interface Settlement {
  readonly attempt: number;
  readonly outcome: Outcome;
  /** Milliseconds from the packet's leaving to this event. */
  readonly rttMs: number;
  /** Who sent the ICMP message behind this outcome, `null` where there was none or the transport cannot know. */
  readonly sender: string | null;
}

/** One packet to send, and to be answered under the attempt's number. */
export interface Opening {
  /** Unique among all attempts of one transport, ascending from 1. */
  readonly attempt: number;
  readonly address: ScannableAddress;
  readonly port: number;
  readonly protocol: Protocol;
  /** Make this a real connection, also where the transport would only send a SYN by itself. */
  readonly connect: boolean;
}

/**
 * A means of sending one packet at a time and of hearing what comes back; it decides nothing and waits for nothing.
 *
 * An attempt ends with its settlement, and then the transport holds nothing for it any more. The one exception is
 * `syn-ack` from a transport that {@link holds}, or for an attempt with `connect`: the connection stays until `close`,
 * or until a second settlement says `reset`. (A service that hangs up with FIN is not reported: it was there.)
 */
export interface Transport {
  readonly name: TransportName;
  /** How many attempts can be open at once. */
  readonly capacity: number;
  /** How many attempts may be opened in one turn of the event loop without blocking it for more than about 5 ms. */
  readonly batch: number;
  /** True where `syn-ack` means an established connection, kept until closed. */
  readonly holds: boolean;
  /** True where an ICMP port unreachable is told from a RST (otherwise both are `conn-refused`). */
  readonly tellsIcmp: boolean;
  /**
   * Starts an attempt: one packet (SYN, or a UDP datagram), from a source port of its own. Never throws; trouble is
   * reported as an outcome. Never reports from within the call.
   */
  open(opening: Opening): void;
  /** Called once after a series of `open`, for transports that send in batches. */
  flush(): void;
  /** Drops an attempt at once, an established connection with RST, and reports nothing more about it. */
  close(attempt: number): void;
  /** Frees everything in this tick; nothing is reported afterwards. */
  destroy(): void;
  /**
   * True where more may have come from open connections, before the event loop last polled, than was reported. Asked in
   * an immediate, which is after that poll.
   */
  unread(): boolean;
  /** True while the system still looks for the neighbour's link address (ARP), as far as it can be known. */
  resolving(address: ScannableAddress): boolean;
}

/** Makes the transport of one scan. `report` is never called from within a method of the transport. */
export type TransportFactory = (report: (settlement: Settlement) => void, now: () => number) => Transport;
