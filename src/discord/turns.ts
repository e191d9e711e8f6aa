/** Resolves when it is the caller's turn to work. */
export type Turn = () => Promise<void>;

/**
 * Lets work begin one piece in each round of the event loop, in the order of asking.
 *
 * Acknowledged interactions have time: 15 minutes. New ones have 3 seconds. Without this the work of all that were
 * acknowledged together runs in one go, and whoever comes meanwhile waits for the whole of it, the more the busier the
 * bot is. With it the loop reads its sockets between any two pieces, and an acknowledgement waits for one at most.
 */
export function createTurns(): Turn {
  const waiting: (() => void)[] = [];

  function next(): void {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(next);
  }

  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(next);
    });
}
