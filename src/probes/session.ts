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
  /** Closes all links. */
  close(): void;
}

export interface SessionOptions {
  readonly target: ProbeTarget;
  readonly nowMs: number;
  readonly tls: boolean;
  readonly open: () => Promise<Link>;
}

/** A link that remembers its first bytes when it is secured or closed, so that the rest need not be kept. */
function remembering(link: Link): { readonly link: Link; readonly first: () => Buffer } {
  let first = Buffer.alloc(0);
  let isSettled = false;
  function look(): void {
    if (!isSettled) first = Buffer.from(link.received().subarray(0, RAW_BYTES));
  }
  return {
    first() {
      look();
      return first;
    },
    link: {
      ...link,
      secure(options) {
        look();
        isSettled ||= first.length > 0;
        return link.secure(options);
      },
      close() {
        look();
        isSettled = true;
        link.close();
      },
    },
  };
}

export function createSession({ target, nowMs, tls, open }: SessionOptions): Session {
  const records: ReturnType<typeof remembering>[] = [];
  let isOver = false;
  let spare: Link | undefined;

  async function dial(): Promise<Link> {
    const record = remembering(await open());
    records.push(record);
    if (isOver) record.link.close();
    return record.link;
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
    heard: () => records.map((record) => record.first()).filter((first) => first.length > 0),
    close() {
      isOver = true;
      for (const { link } of records) link.close();
    },
  };
}
