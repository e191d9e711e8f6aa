import { EPOLL_CTL_ADD, EPOLL_EVENT, EPOLLET, EPOLLIN, POLLFD, SOCK_CLOEXEC } from './layout.ts';
import type { Libc } from './libc.ts';

/** Who hears about a descriptor. `events` are epoll's, and only a hint: see {@link Poller}. */
export interface Listener {
  /** @param self this very listener, so that many can share a function */
  ready(events: number, self: Listener): void;
}

/**
 * One epoll(7) instance for all sockets of the process. Events may be stale (the descriptor was closed and given out
 * again within a batch, or recycled), so a listener asks the kernel how its socket stands before it believes anything.
 */
export interface Poller {
  /** Adds a descriptor, edge triggered; false if the system refuses. Closing the descriptor removes it. */
  add(fd: number, events: number): boolean;
  /** Says who listens for a descriptor from now on; `undefined` for nobody. */
  listen(fd: number, listener: Listener | undefined): void;
  /** Counts what is being waited for: while it is more than nothing, the process stays alive. */
  expect(more: number): void;
  /** True where the last batch was full, and events wait for the next. */
  unread(): boolean;
  close(): void;
}

/** Events handled in one turn of the event loop: at some 25 µs each, with what they set off, about 3 ms. */
const BATCH = 128;

/**
 * The event loop watches the epoll descriptor itself (one is readable by another, epoll(7)), so waiting costs neither
 * a thread nor a poll, and a process with nothing open ends at once.
 *
 * @throws Error if the system has no descriptor left for it
 */
export function createPoller(libc: Libc): Poller {
  const epoll = libc.epollCreate(SOCK_CLOEXEC);
  if (epoll < 0) throw new Error(`epoll_create1: ${libc.errorName()}`);
  const event = libc.allocate(EPOLL_EVENT.size);
  const events = libc.allocate(EPOLL_EVENT.size * BATCH);
  const waiting = libc.allocate(POLLFD.size);
  waiting.bytes.writeInt32LE(epoll, POLLFD.fd);
  waiting.bytes.writeInt16LE(EPOLLIN, POLLFD.events);
  const listeners: (Listener | undefined)[] = [];
  let expected = 0;
  let full = false;

  /** What a listener throws must not cost the others their events, which come only once. */
  function handleBatch(): unknown[] {
    const troubles: unknown[] = [];
    const count = libc.epollWait(epoll, events.address, BATCH, 0);
    full = count === BATCH;
    for (let at = 0; at < count * EPOLL_EVENT.size; at += EPOLL_EVENT.size) {
      const listener = listeners[events.view.getInt32(at + EPOLL_EVENT.data, true)];
      try {
        listener?.ready(events.view.getUint32(at + EPOLL_EVENT.events, true), listener);
      } catch (trouble) {
        troubles.push(trouble);
      }
    }
    return troubles;
  }

  // What a batch leaves over makes the loop call again in its next turn. It calls from outside of Node's callback
  // scopes, where an exception has nowhere to go and promise reactions wait: the immediate, which comes next, has one.
  // The batch itself does not wait for it, so that answers come before the timers and immediates that judge silence.
  const watch = libc.watch(epoll, () => {
    const troubles = handleBatch();
    setImmediate(() => {
      if (troubles.length > 0) throw troubles[0];
    });
  });
  watch.unref();

  return {
    add(fd, wanted) {
      event.bytes.writeUInt32LE((wanted | EPOLLET) >>> 0, EPOLL_EVENT.events);
      event.bytes.writeInt32LE(fd, EPOLL_EVENT.data);
      return libc.epollControl(epoll, EPOLL_CTL_ADD, fd, event.address) === 0;
    },
    listen(fd, listener) {
      listeners[fd] = listener;
    },
    expect(more) {
      const before = expected;
      expected += more;
      if (before === 0 && expected > 0) watch.ref();
      if (before > 0 && expected === 0) watch.unref();
    },
    unread() {
      // A full batch may have been the last, and the loop calls only while there are more.
      if (full) full = libc.poll(waiting.address, 1, 0) > 0;
      return full;
    },
    close() {
      watch.close();
      libc.close(epoll);
    },
  };
}
