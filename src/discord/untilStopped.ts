/**
 * Waits for `work`, but not much longer once `signal` is aborted: resolves to undefined then, and `work` goes on unwatched.
 * Rejects as `work` does. A request that Discord lets wait for minutes must not hold up the end of the process.
 *
 * @param graceMs from the abort on, in milliseconds
 */
export async function untilStopped<T>(
  work: Promise<T>,
  signal: AbortSignal,
  graceMs: number,
): Promise<{ readonly value: T } | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const begin = () => {
    timer = setTimeout(() => resolve(undefined), graceMs);
  };
  signal.addEventListener('abort', begin, { once: true });
  if (signal.aborted) begin();
  try {
    return await Promise.race([work.then((value) => ({ value })), over]);
  } finally {
    signal.removeEventListener('abort', begin);
    clearTimeout(timer);
  }
}
