import { type Link, LinkError, type ProbeTarget } from './link.ts';
import type { ProbeContext } from './probe.ts';

/** Kept of what each link received, in bytes. */
export const RAW_BYTES = 1_024;

/**
 * `spoke`: the other side sent something before it was asked. `silent`: it waits. `closed`: it accepted, and closed or reset without
 * a byte.
 */
export type FirstWord = 'spoke' | 'silent' | 'closed';

/** All links to one port on one layer (TCP, or TLS): each is remembered by its first bytes and closed in the end. */
export interface Session {
  /**
   * Opens a link and listens for `waitMs` (or three round trips, if longer, but never over `mostMs`). The link is then given
   * to the first probe that opens one, with all that was heard on it. Rejects with LinkError when there is no connection.
   */
  listen(waitMs: number, mostMs: number): Promise<FirstWord>;
  /** For a probe of this layer. */
  readonly context: ProbeContext;
  /** The first bytes of every link that received any, oldest first; of what came before TLS where a link was secured. */
  heard(): readonly Buffer[];
  /** Some link was ended by the other side without a byte, though it had been asked something. */
  hungUp(): boolean;
  /** Closes all links. */
  close(): void;
}

export interface SessionOptions {
  readonly target: ProbeTarget;
  readonly nowMs: number;
  readonly tls: boolean;
  readonly open: () => Promise<Link>;
}

/** What is kept of one link. */
interface Trace {
  /** Undefined once it is closed: whatever else it received is let go. */
  link: Link | undefined;
  first: Buffer;
  isSettled: boolean;
  /** The other side had ended it without a byte. */
  hungUp: boolean;
  /** Our limits have ended it. */
  isCut: boolean;
}

function look(trace: Trace): Buffer {
  if (!trace.isSettled && trace.link) trace.first = Buffer.from(trace.link.received().subarray(0, RAW_BYTES));
  return trace.first;
}

function closeTrace(trace: Trace): void {
  look(trace);
  trace.isSettled = true;
  trace.hungUp ||= trace.link?.ended() === true && !trace.isCut && trace.first.length === 0;
  trace.link?.close();
  trace.link = undefined;
}

/** The link as probes get it: its first bytes are remembered when it is secured or closed. */
function traced(link: Link, trace: Trace): Link {
  return {
    ...link,
    async read(enough, waitMs) {
      try {
        return await link.read(enough, waitMs);
      } catch (error) {
        trace.isCut ||= !(error instanceof LinkError && error.failure === 'reset');
        throw error;
      }
    },
    secure(options) {
      trace.isSettled ||= look(trace).length > 0;
      return link.secure(options);
    },
    close: () => closeTrace(trace),
  };
}

export function createSession({ target, nowMs, tls, open }: SessionOptions): Session {
  const traces: Trace[] = [];
  let isOver = false;
  let spare: Link | undefined;

  async function dial(): Promise<Link> {
    const link = await open();
    const trace: Trace = { link, first: Buffer.alloc(0), isSettled: false, hungUp: false, isCut: false };
    traces.push(trace);
    if (isOver) closeTrace(trace);
    return traced(link, trace);
  }

  async function take(): Promise<Link> {
    const link = spare;
    spare = undefined;
    // Some say why they send one away, and close: that is an answer.
    if (link && (!link.ended() || link.received().length > 0)) return link;
    link?.close();
    return dial();
  }

  return {
    context: { target, nowMs, tls, open: take },
    async listen(waitMs, mostMs) {
      const startedAt = performance.now();
      const link = await dial().catch((error: unknown) => {
        // A refusal would come instead of the handshake; a reset comes after it.
        if (error instanceof LinkError && error.failure === 'reset') return undefined;
        throw error;
      });
      if (!link) return 'closed';
      const roundTripMs = performance.now() - startedAt;
      const patienceMs = Math.min(mostMs, Math.max(waitMs, 3 * roundTripMs));
      const word = await link
        .read((bytes) => bytes.length > 0, patienceMs)
        .then(
          (bytes): FirstWord => {
            if (bytes.length > 0) return 'spoke';
            return link.ended() ? 'closed' : 'silent';
          },
          (): FirstWord => (link.received().length > 0 ? 'spoke' : 'closed'),
        );
      if (word === 'closed') link.close();
      else spare = link;
      return word;
    },
    hungUp: () => traces.some((trace) => trace.hungUp),
    heard: () => traces.map(look).filter((first) => first.length > 0),
    close() {
      isOver = true;
      spare = undefined;
      for (const trace of traces) closeTrace(trace);
    },
  };
}
