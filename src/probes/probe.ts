import type { Link, ProbeTarget } from './link.ts';

/** What a probe may do: open bounded links to the one target that it was given. */
export interface ProbeContext {
  readonly target: ProbeTarget;
  /** A new connection to the target; each has its own limits. Rejects with LinkError. */
  open(): Promise<Link>;
  /** Epoch milliseconds, for what is judged by date. */
  readonly nowMs: number;
  /** True when the links that `open` gives are inside TLS already. */
  readonly tls?: boolean;
}

/**
 * One protocol. `run` asks read-only questions and never sends a credential. It resolves with what was learnt, or undefined
 * when the other side does not speak this protocol. It may reject with LinkError; whoever runs it takes that for undefined.
 */
export interface Probe<Facts extends { readonly protocol: string }> {
  readonly protocol: Facts['protocol'];
  /** The ports where this is asked first. */
  readonly ports: readonly number[];
  run(context: ProbeContext): Promise<Facts | undefined>;
}
