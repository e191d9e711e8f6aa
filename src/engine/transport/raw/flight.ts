import type { Outcome } from '../transport.ts';
import type { Destination } from './destination.ts';

/** One SYN under way. */
export interface Flight {
  /** The attempt's number, unique within its scan. */
  readonly attempt: number;
  readonly destination: Destination;
  readonly port: number;
  /** Its own: no other attempt under way to the same port has it. */
  readonly sourcePort: number;
  /** Random, 32 bits: whoever answers has seen the SYN. */
  readonly sequence: number;
  readonly scan: ScanEnd;
  /** When it left, in milliseconds; set when it does. */
  sentAtMs: number;
  /** False once it is settled or given up. */
  live: boolean;
}

/** The scan's end of a flight. */
export interface ScanEnd {
  /** What came back, and how long it took. The flight is over already. */
  readonly landed: (flight: Flight, outcome: Outcome, rttMs: number, sender: string | null) => void;
  /** It never left; `code` is the error's name. Must not report at once. */
  readonly failed: (flight: Flight, code: string) => void;
}
