import type { Facts } from '../../../src/probes/index.ts';
import type { Host } from './host.ts';

/** Where something listens. */
export interface Place {
  /** In 127.0.0.0/8. */
  readonly address: string;
  readonly port: number;
}

/** One port of a service, and what it must be recognised as. */
export interface Case {
  /** Within its service. */
  readonly name: string;
  /** The port where people expect this. */
  readonly usualPort: number;
  /** It cannot listen on other loopback addresses than 127.0.0.1. */
  readonly firstAddressOnly?: true;
  readonly protocol: Facts['protocol'];
  /** How much it tells strangers of what it is: nothing, its product, or the version too. */
  readonly tells: 'nothing' | 'product' | 'version';
  /** What the facts must hold, at least. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** What the TLS facts must hold, at least; false: there must be none. */
  readonly tls?: Readonly<Record<string, unknown>> | false;
  /** Ids of findings that must be there. */
  readonly findings: readonly string[];
  /** Ids that may be there, as the version decides; all others must not. */
  readonly mayFind?: readonly string[];
}

/** A program of Debian that answers on one or several ports. */
export interface Service {
  /** Ours for the product. */
  readonly product: string;
  /** Words by which another scanner may call the same product, in lower case. */
  readonly alsoCalled?: readonly string[];
  /** The Debian package that brings the programs. */
  readonly debianPackage: string;
  /** Why it cannot be started here, in one line; undefined when it can. */
  missing(): string | undefined;
  /** As the program itself says it, without what the package adds. */
  version(): string;
  readonly cases: readonly Case[];
  /** Starts it; each case listens at the place that the host gave for it when this resolves. */
  start(host: Host): Promise<void>;
}
