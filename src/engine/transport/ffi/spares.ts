import { AF_INET } from './layout.ts';
import type { Sockets } from './sockets.ts';

/** TCP sockets whose connection was refused, kept to be connected again. Shared by all transports of the process. */
export interface Spares {
  /** A socket of that family, or -1. */
  take(family: number): number;
  /** Keeps a refused socket, or closes it if there are enough. */
  give(family: number, fd: number): void;
  /** Closes them all; false if there were none. */
  drain(): boolean;
  /** A transport begins, or ends; when the last one ends nothing is kept. */
  join(): void;
  leave(): void;
}

/** A window's worth: what is refused in one batch is connected again in the next. */
const MOST = 512;

export function createSpares(sockets: Sockets, forget: (fd: number) => void): Spares {
  const v4: number[] = [];
  const v6: number[] = [];
  let users = 0;

  const listFor = (family: number) => (family === AF_INET ? v4 : v6);

  function discard(fd: number): void {
    forget(fd);
    sockets.close(fd);
  }

  function drain(): boolean {
    const all = [...v4.splice(0), ...v6.splice(0)];
    for (const fd of all) discard(fd);
    return all.length > 0;
  }

  return {
    take: (family) => listFor(family).pop() ?? -1,
    give(family, fd) {
      if (users > 0 && v4.length + v6.length < MOST) listFor(family).push(fd);
      else discard(fd);
    },
    drain,
    join() {
      users += 1;
    },
    leave() {
      users -= 1;
      if (users === 0) drain();
    },
  };
}
