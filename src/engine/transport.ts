import type { Reason, ScannableAddress } from './types.ts';

/**
 * What became of an attempt. Most are the {@link Reason} a verdict will carry; two are not evidence about the port:
 * `self-connect` (the kernel chose the tested port as source port and joined the socket to itself, RFC 9293 §3.5
 * simultaneous open) and `gave-up` (the kernel stopped waiting before we did).
 */
export type Outcome = Exclude<Reason, 'no-response'> | 'self-connect' | 'gave-up';

/** The end of one attempt. When it is reported, the transport holds nothing for that attempt any more. */
export interface Settlement {
  readonly attempt: number;
  readonly outcome: Outcome;
  /** Milliseconds from SYN to this event. */
  readonly rttMs: number;
}

/** A means of sending one SYN at a time to one address and of hearing what comes back. */
export interface Transport {
  /** How many attempts can be open at once. */
  readonly capacity: number;
  /** Starts an attempt: one SYN, from a source port of its own. Never throws; trouble is reported as an outcome. */
  open(attempt: number, port: number): void;
  /** Drops an attempt at once and reports nothing about it. Does nothing for one that has ended. */
  close(attempt: number): void;
}

/** Makes the transport of one scan. `report` is never called from within `open` or `close`. */
export type TransportFactory = (
  address: ScannableAddress,
  report: (settlement: Settlement) => void,
  now: () => number,
) => Transport;
