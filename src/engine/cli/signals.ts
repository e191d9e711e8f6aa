const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The shell's 128 + SIGINT. */
export const INTERRUPTED = 130;

/**
 * Aborts with {@link INTERRUPTED} at the first SIGINT or SIGTERM. A second one of either kind finds no handler any more
 * and ends the process the hard way.
 */
export function abortOnSignals(leave: AbortController): void {
  function abort(): void {
    for (const name of SIGNALS) process.removeListener(name, abort);
    leave.abort(INTERRUPTED);
  }
  for (const name of SIGNALS) process.on(name, abort);
}

/**
 * Ends the process as an interrupted one; a shell counts that as 130. For when something that cannot be cancelled would
 * hold it up: getaddrinfo(3) may wait for a silent name server, and even a plain exit waits for it (libuv joins its threads).
 */
export function endByInterrupt(): void {
  process.kill(process.pid, 'SIGINT');
}
