/** The system calls of raw sockets beyond the ffi transport's; pointers are addresses, -1 is failure. */
export interface RawCalls {
  /** Sends up to `count` messages; returns how many were, -1 if not even the first. */
  sendmmsg(fd: number, messages: number, count: number, flags: number): number;
  /** Receives up to `count` messages; no timeout. */
  recvmmsg(fd: number, messages: number, count: number, flags: number, timeout: number): number;
  clockGettime(clock: number, timespec: number): number;
}

/**
 * Binds them through koffi.
 *
 * @throws whatever koffi throws where it is not installed
 */
export async function loadRawCalls(): Promise<RawCalls> {
  const { default: koffi } = await import('koffi');
  const library = koffi.load(null);
  return {
    sendmmsg: library.func('int sendmmsg(int, int64, uint, int)'),
    recvmmsg: library.func('int recvmmsg(int, int64, uint, int, int64)'),
    clockGettime: library.func('int clock_gettime(int, int64)'),
  };
}
