import type { Failure } from '../parsed.ts';
import type { Phrase } from '../phrase.ts';
import type { Family } from './address.ts';

/** One address in its canonical form (RFC 5952). */
export interface HostAddress {
  readonly kind: 'address';
  readonly canonical: string;
  readonly family: Family;
  readonly display: string;
}

/** A DNS name. */
export interface HostName {
  readonly kind: 'name';
  /** Lower-case ASCII (punycode), without trailing dot. */
  readonly canonical: string;
  /** Canonical form, followed by its Unicode spelling where they differ. */
  readonly display: string;
  /** Something a person should know before trusting the name, for example mixed scripts. */
  readonly warning?: Phrase;
}

/** A block of addresses (RFC 4632, RFC 4291 §2.3) by its first address, of any width. */
export interface HostRange {
  readonly kind: 'cidr';
  /** The first address, canonical. */
  readonly base: string;
  readonly prefix: number;
  readonly canonical: string;
  readonly display: string;
}

/** What a text can name: the one canonical form for all spellings of it. */
export type Host = HostAddress | HostName | HostRange;

/** What one place of input takes beyond the grammar, and how it words its examples. */
export interface Dialect {
  /** Whether a range is taken here. */
  readonly ranges: boolean;
  /** Whether labels may hold underscores, as names of services do (RFC 8552). */
  readonly underscores: boolean;
  /** Whether IPv4 addresses are taken in their IPv6 spelling (`::ffff:192.0.2.1`). */
  readonly mapped: boolean;
  /** A sentence for a host and a port in one: `Write the host alone, h, and -p 22 for the port.` */
  readonly apart: (host: string, port: string) => Phrase;
  /** A sentence for a lone number, which may be a port in the wrong place. */
  readonly strayPort: Phrase | undefined;
  /** A host that always works, for when the text gives none. */
  readonly fallback: string;
  /** What there is to know of an address: `loopback`. */
  readonly about: (address: string) => Phrase | undefined;
  /** What to write for a host, as a whole. */
  readonly example: (host: string, port?: string) => string;
  /** Whether a host, once written properly, would be taken: nothing else is offered as an example. */
  readonly usable: (host: Host) => boolean;
}

/** A {@link Dialect} with the means to make sure that an example works. */
export interface Reader extends Dialect {
  /** The canonical form of what is proposed, if it can be read and is usable here. */
  readonly check: (proposal: string) => string | undefined;
}

/** What was wrong, and something that works: the proposal if it does, else the fallback. */
export function fail(reader: Reader, code: string, message: Phrase, proposal?: string, port?: string): Failure {
  const host = proposal === undefined ? undefined : reader.check(proposal);
  return { ok: false, problem: { code, message, example: reader.example(host ?? reader.fallback, host && port) } };
}
